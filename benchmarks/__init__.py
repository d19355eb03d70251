"""End-to-end figures, each with the command that reproduces it."""

import engine  # noqa: F401 - before torch is loaded: the engine says how torch's threads wait
