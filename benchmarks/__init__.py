"""End-to-end measurements, each with the command that reproduces it.

The benchmarks may use every package but ``backend.cli``. Start with ``command.py``, which runs `silverprint bench`.
"""

import engine  # noqa: F401 - before torch is loaded: the engine says how torch's threads wait
