"""The service in the protocols of others: AG-UI, MCP and OpenAI's completions.

It may use the rooms below it, from `http` on down. Start reading in `visit.py`, by which these APIs have a page made.
"""
