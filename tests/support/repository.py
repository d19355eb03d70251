"""Where the repository is, for tests that read what is in it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
