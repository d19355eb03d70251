"""Whether a page is far from all that its checkpoint knows, told by what the encoder made of it while it read. Pure.

A checkpoint that is asked for something strange writes the nearest thing that it knows, and is less sure of each token
while it does. How much less differs from one checkpoint to the next; so each says in its card how it is measured
(`"doubt"` in silverprint.json, written by `python -m benchmarks.doubt`): a logistic regression on the signals below,
and the threshold from which on people are told. One that says nothing is never in doubt, nor are models elsewhere.

Measured were pages that somebody asked for in words; of a change, and of a page that was opened, nothing is said.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from backend.prompts.brief import ANY, Brief, WorldOrAny
from backend.prompts.nearest_kinds import KnownKind, Nearest
from backend.prompts.world_guess import guessed
from backend.protocol.messages import Doubt, Kind

if TYPE_CHECKING:
    from engine.core.results import Stats

OPENING, PEAKS = 64, 16
"""Tokens at the beginning of a page, where its title and first heading stand; tokens that were the least likely."""

SIGNALS = ("opening", "peaks", "surprisal", "replaced", "readings", "steps")
SUGGESTED = 3
"""Kinds that people are told of, instead of what they asked for."""


def signals(stats: "Stats") -> dict[str, float]:
    """What tells of doubt; nothing for a page that was not read from its beginning.

    opening, peaks, surprisal: mean surprisal in nats of the page's first tokens, of its least likely ones, of all.
    replaced: tokens that readings replaced, as a share of all. readings, steps: of a canvas, mean.
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
    """How a checkpoint's doubt is measured. bias, weights: of the logistic regression, on signals as they are.

    threshold: people are told of a page whose score is no less, above 0 and at most 1.
    """

    bias: float
    weights: tuple[tuple[str, float], ...]
    threshold: float

    @classmethod
    def parse(cls, data: Any) -> "Gauge":
        """What a card says. Raises ValueError for anything else."""
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
        """From 0, as sure as of what it knows, to 1. found: all signals."""
        sum_of = self.bias + sum(weight * found[name] for name, weight in self.weights)
        return (1 + math.tanh(sum_of / 2)) / 2  # the logistic function, which never overflows so


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"doubt with {value!r} where a number belongs")
    return float(value)


class Judge:
    """Says of pages whether they are in doubt. gauge: None for a checkpoint that never is. chooses: whether it finds
    the world of a page itself; for others it is guessed."""

    def __init__(self, gauge: Gauge | None = None, kinds: Sequence[KnownKind] = (), chooses: bool = False) -> None:
        self._gauge, self._nearest, self._chooses = gauge, Nearest(kinds), chooses

    def doubt(self, brief: Brief, stats: "Stats") -> Doubt | None:
        """The doubt of a page that was made from a brief, with the nearest kinds; None where there is none."""
        if self._gauge is None or not brief.ask or brief.edit or not (found := signals(stats)):
            return None
        score = self._gauge.score(found)
        if score < self._gauge.threshold:
            return None
        near = self._nearest.find(brief.ask, SUGGESTED, self._world(brief))
        return Doubt(round(score, 3), tuple(Kind(kind.name, kind.ask, kind.world) for kind in near))

    def _world(self, brief: Brief) -> WorldOrAny:
        """The world that the visitor wants; any, if it may have been guessed: a wrong guess is what often leads into
        doubt."""
        return ANY if not self._chooses and guessed(brief.ask) == brief.world else brief.world
