"""Read, sanitize and rewrite the HTML and CSS of pages and drafts.

This package may use `backend.text` and the standard library only. Start with `scanner`, on which the other modules
build; `sanitize` handles finished pages, `draft_html` handles drafts.
"""
