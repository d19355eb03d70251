"""Tokenizers for pages: one whose tokens are whole tags and rules, and one with short tokens for kinds.

Start with ``tokenizer.py``.
"""
