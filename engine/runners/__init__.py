"""The runners execute requests on hardware: EagerRunner in plain PyTorch, CudaGraphRunner with kernels and CUDA graphs.

They use the engine's model, requests, checkpoint and core rooms, and `kernels`. Start reading in eager.py.
"""
