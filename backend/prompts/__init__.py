"""Turn what a visitor asked for into the prompt of a model.

This package may use `backend.kit` and what is below it in the import contracts; the training corpus uses it, too. Start
with `brief`, which holds what a prompt says, and `render`, which words it.
"""
