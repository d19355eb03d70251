"""Benchmarks and pictures that need a real Chromium.

They may use everything but ``backend.cli``. Start with ``shell.py``, which measures pages in the shell.
"""
