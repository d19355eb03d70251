"""Sessions and running pages that move between processes on one store.

It may use the rooms below it, from `jobs` on down. Start reading in `relay.py`, which says what processes ask of each
other.
"""
