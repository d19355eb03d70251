"""Turn the frames of the engine into drafts: HTML that is safe to show while a page is being made.

This package may use `backend.prompts`, `backend.markup` and what else is below it in the import contracts. Start with
`drafter`.
"""
