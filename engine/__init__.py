"""Block-diffusion inference: a checkpoint folder in, frames of a developing text out. Start at engine/engine.py."""

import os

# Threads of a parallel loop that spin while they wait burn the core its last worker needs: on two cores shared with
# one busy process a denoising step took 900 to 1,500 ms spinning and 110 ms sleeping. Read once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
