"""The model's mathematics: DiffusionGemma in plain PyTorch and on kernels, its attention, sampler and guidance.

The room uses the engine's core and `kernels`. Start reading in diffusion_gemma.py.
"""
