"""Benchmarks of speech: recordings of people, and a synthetic voice that asks for pages.

They may use everything but ``backend.cli``. Start with ``voice.py``.
"""
