"""Checks of pages: their markup, and how they behave in a browser.

A module covers the pages of one group of families. Start with ``base.py``.
"""
