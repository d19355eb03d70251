"""Evaluation of pages in a real Chromium: markup, links, features, accessibility and console messages.

Start with ``evaluate.py``; ``judge.py`` judges one page, and ``checks`` holds the checks.
"""
