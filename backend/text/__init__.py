"""Pure functions on plain text: cleaning, shortening, differences and log lines.

This package may use only the standard library and `backend.shape`. Start with `cleaning`, whose rules apply to every
text that enters a prompt, a title or a log line.
"""
