"""Triton kernels for the hot operations of a denoising step, one file an operation.

Nothing is imported here: Triton is needed only where a kernel is launched, and kernels/reference.py, which computes the
same in plain PyTorch, needs torch alone. docs/kernels.md describes every operation and what it reaches.
"""
