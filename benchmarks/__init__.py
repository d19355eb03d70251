"""End-to-end figures, each with the command that reproduces it."""
