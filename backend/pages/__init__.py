"""Pages as documents: how they are addressed, titled, served, selected from, edited in part and saved.

This package may use `backend.kit`, `backend.markup`, the records of `backend.storage` and what else is below it in the
import contracts. Start with `documents`, which builds what browsers load.
"""
