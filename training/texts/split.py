"""The two halves of everything drawn for training: what is trained on, and what is held back to evaluate on."""

from typing import Literal

Split = Literal["train", "held"]
