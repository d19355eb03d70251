"""Pages as documents: how they are addressed, titled, served, selected from, edited in part and saved.

This package may use `backend.kit`, `backend.markup`, `backend.prompts`, `backend.protocol` and the records of
`backend.storage`. Start with `documents`, which builds what browsers load.
"""
