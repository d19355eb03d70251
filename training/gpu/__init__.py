"""Training on a GPU for a few minutes: what travels to the machine, the run, and what comes back.

It uses training, the engine and the kernels. Start with ``run.py``, which training/on_gpu.py calls.
"""
