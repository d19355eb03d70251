"""Behaviour of pages of world `os`, in a browser."""

from training.checks import Check
from training.checks_web import links

FEATURES: dict[str, Check] = {}
__all__ = ["FEATURES", "links"]
