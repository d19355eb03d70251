"""Which clients are let in and how much they may use: bearer tokens, tickets, Origins, quotas and rate limits.

It may use the rooms below it, from `observability` on down. Start reading in `admission.py`.
"""
