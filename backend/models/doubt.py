"""Measure whether a page is far from all that its checkpoint knows, by what the encoder made of it while it read.

A checkpoint that is asked for something strange writes the nearest thing that it knows. It is less sure of each token
while it does. How much less differs between checkpoints, so each card says how it is measured (`"doubt"` in
silverprint.json, written by `python -m benchmarks.doubt`). That is a logistic regression on the signals below, and the
threshold from which on people are told. A checkpoint whose card says nothing is never in doubt, nor is an upstream
model.

The measurements were made on pages that somebody asked for in words. So a change, and a page that was opened, have no
doubt. The module is pure.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from backend.prompts.brief import ANY, Brief, WorldOrAny
from backend.prompts.nearest_kinds import Nearest
from backend.prompts.world_guess import guessed
from backend.protocol.messages import Doubt, Kind

if TYPE_CHECKING:
    from engine.core.results import Stats

OPENING, PEAKS = 64, 16
"""The number of tokens at the beginning of a page, where its title and first heading stand.

PEAKS is the number of the least likely tokens.
"""

SIGNALS = ("opening", "peaks", "surprisal", "replaced", "readings", "steps")
SUGGESTED = 3
"""How many kinds people are told of, instead of what they asked for."""


def signals(stats: "Stats") -> dict[str, float]:
    """Return the signals of doubt; none for a page that was not read from its beginning.

    Returns:
        opening, peaks, surprisal: The mean surprisal, in nats, of the page's first tokens, of its least likely ones,
            and of all.
        replaced: The tokens that readings replaced, as a share of all.
        readings, steps: The mean per canvas.
    """
    read = stats.surprisal
    if not read or not stats.steps:
        return {}
    return {
        "opening": fmean(read[:OPENING]),
        "peaks": fmean(sorted(read)[-PEAKS:]),
        "surprisal": fmean(read),
        "replaced": stats.replaced / len(read),
        "readings": fmean(stats.readings),
        "steps": fmean(stats.steps),
    }


@dataclass(frozen=True)
class Gauge:
    """How a checkpoint's doubt is measured.

    Attributes:
        bias: The bias of the logistic regression.
        weights: The weights of the logistic regression, for signals that are not normalized.
        threshold: People are told of a page whose score is no less than this, above 0 and at most 1.
    """

    bias: float
    weights: tuple[tuple[str, float], ...]
    threshold: float

    @classmethod
    def parse(cls, data: Any) -> "Gauge":
        """Parse what a card says.

        Raises:
            ValueError: The data have another form.
        """
        names = {"bias", "weights", "threshold"}
        if not isinstance(data, Mapping) or set(data) != names or not isinstance(data["weights"], Mapping):
            raise ValueError(f"doubt {data!r}, not bias, weights by signal and threshold")
        if unknown := set(data["weights"]) - set(SIGNALS):
            raise ValueError(f"doubt with weights of {', '.join(sorted(unknown))}, not among {', '.join(SIGNALS)}")
        weights = tuple((name, _finite(data["weights"][name])) for name in SIGNALS if name in data["weights"])
        threshold = _finite(data["threshold"])
        if not 0 < threshold <= 1:
            raise ValueError(f"doubt with the threshold {threshold:g}, not above 0 and at most 1")
        return cls(_finite(data["bias"]), weights, threshold)

    def score(self, found: Mapping[str, float]) -> float:
        """Return the score of a page, from 0 (as sure as for what the checkpoint knows) to 1.

        Args:
            found: All signals.
        """
        sum_of = self.bias + sum(weight * found[name] for name, weight in self.weights)
        return (1 + math.tanh(sum_of / 2)) / 2  # the logistic function, in a form that never overflows


def _finite(value: Any) -> float:
    """Return a value as a float.

    Raises:
        ValueError: The value is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"doubt with {value!r} where a number belongs")
    return float(value)


class Judge:
    """Decides which pages are in doubt."""

    def __init__(self, gauge: Gauge | None = None, nearest: Nearest | None = None, chooses: bool = False) -> None:
        """Prepare for the pages of one checkpoint.

        Args:
            gauge: How doubt is measured; None for a checkpoint that is never in doubt.
            nearest: Finds the nearest of the kinds of page that the checkpoint knows; None for no kinds.
            chooses: Whether the checkpoint chooses the world of a page itself; for others it is guessed.
        """
        self._gauge, self._nearest, self._chooses = gauge, nearest or Nearest(()), chooses

    def doubt(self, brief: Brief, stats: "Stats") -> Doubt | None:
        """Return the doubt of a page that was made from a brief, with the nearest kinds; None if there is no doubt."""
        if self._gauge is None or not brief.ask or brief.edit or not (found := signals(stats)):
            return None
        score = self._gauge.score(found)
        if score < self._gauge.threshold:
            return None
        near = self._nearest.find(brief.ask, SUGGESTED, self._world(brief))
        return Doubt(round(score, 3), tuple(Kind(kind.name, kind.ask, kind.world) for kind in near))

    def _world(self, brief: Brief) -> WorldOrAny:
        """Return the world that the visitor wants.

        The result is "any" if the world may have been guessed, since a wrong guess often causes the doubt.
        """
        return ANY if not self._chooses and guessed(brief.ask) == brief.world else brief.world
