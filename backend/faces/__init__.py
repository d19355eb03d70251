"""Other protocols that the same service speaks, for clients that people already have."""
