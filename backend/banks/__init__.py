"""Content banks: true and useful text on many subjects, which prompts pass to small models.

This package may use `backend.prompts` and the standard library. Start with `bank`, which reads the files; `lookup`
finds the subject that a request names.
"""
