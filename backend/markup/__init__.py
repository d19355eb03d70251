"""Read, sanitize and rewrite the HTML and CSS of pages and drafts.

This package may use `backend.text` and what is below it in the import contracts. Start with `scanner`, on which the
other modules build. `sanitize` handles finished pages, and `draft_html` handles drafts.
"""
