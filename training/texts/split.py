"""The two parts of everything that is drawn for training: one to train on, and one held back for evaluation."""

from typing import Literal

Split = Literal["train", "held"]
