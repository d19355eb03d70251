"""Pure functions on plain text: cleaning, shortening, differences and log lines.

This package may use the standard library and the modules below it in the import contracts, such as `backend.shape`.
Start with `cleaning`, whose rules apply to every text that enters a prompt, a title or a log line.
"""
