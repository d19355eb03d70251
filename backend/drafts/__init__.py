"""Turn the frames of the engine into drafts: HTML that is safe to show while a page is being made.

This package may use `backend.markup`, `backend.prompts` and NumPy. Start with `drafter`.
"""
