"""Sessions and pages in Redis or Valkey: records, their keys, the leases on sessions, and an embedded server.

It may use the rooms below it, from `protocol` on down. Start reading in `records.py`, which defines the records and the
Store protocol.
"""
