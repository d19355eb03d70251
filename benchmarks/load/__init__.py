"""A load test of the service: simulated visitors, a recorded model for it, and the figures of both sides.

It may use everything but ``backend.cli``. Start with ``run.py``.
"""
