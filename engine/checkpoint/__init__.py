"""Model folders: reading them into a model, writing them, and computing how much memory they take.

The room uses the engine's core and model, and `kernels`. Start reading in loader.py.
"""
