"""Texts for drawn pages: an encyclopedia, an almanac, nouns and invented names, split into train and held.

It uses the service's rules for facts and nothing else of it. Start with ``source.py``.
"""
