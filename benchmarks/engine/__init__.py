"""Measurements of the engine alone, on a CPU and on a GPU, and of transformers for comparison.

They may use ``engine`` and ``kernels``; of the service, only what makes prompts. Start with ``cpu.py`` or ``gpu.py``.
"""
