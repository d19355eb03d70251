"""The sessions of clients: their history and pages, what each action does, and what the client is told.

It may use the rooms below it, from `handover` on down. Start reading in `registry.py`, then `session.py`.
"""
