"""What operators learn of the service: log lines, the audit log, metrics and traces.

It may use the rooms below it, from `storage` on down, and never records what visitors say or pages hold. Start reading
in `observer.py`.
"""
