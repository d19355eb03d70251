"""Triton kernels for the operations of DiffusionGemma, their launchers, and references in plain PyTorch.

The package uses nothing else of the project. Start reading in results.py and linear.py.
"""
