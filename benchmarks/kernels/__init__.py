"""Measurements of the Triton kernels: ahead-of-time compilation, times on a GPU, and the search for launch parameters.

They may use ``kernels`` alone. Start with ``bench.py``; ``shapes.py`` holds the calls that are measured.
"""
