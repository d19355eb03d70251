"""Content banks: true and useful text on many subjects, which prompts pass to small models.

This package may use `backend.prompts` and what is below it in the import contracts. Start with `bank`, which reads the
files; `lookup` finds the subject that a request names.
"""
