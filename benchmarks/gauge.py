"""Fit a logistic regression to the signals of doubt, and choose its threshold. This module has no side effects.

A fit to few pages can follow them too closely, so it is never judged by the pages that it was fitted to. Each page's
score here comes from a fit to all other pages (leave one out). The threshold, the precision and the recall are computed
from these scores.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RIDGE = 1.0
"""Penalty for squared weights, with signals in standard deviations; it keeps the weights of similar signals stable."""

TURNS = 50
"""Iterations of Newton's method, which needs about eight."""

Rows = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Cut:
    """A threshold and its quality.

    Attributes:
        threshold: Pages with at least this score count as strange.
        told: Number of pages whose score is no less than the threshold.
        precision: Share of these pages that are strange.
        recall: Share of all strange pages that are found.
    """

    threshold: float
    told: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, or 0 if both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def fit(rows: Rows, strange: Truth) -> tuple[float, Rows]:
    """Fit a logistic regression to signals, which need not be scaled.

    Args:
        rows: Signals of each page [n, k].
        strange: Whether each page is strange [n]; both values have to occur.

    Returns:
        The bias and the weights [k].
    """
    middle, spread = rows.mean(0), rows.std(0)
    spread = np.where(spread > 0, spread, 1.0)
    inputs = np.column_stack([np.ones(len(rows)), (rows - middle) / spread])
    costs = RIDGE * np.diag([0.0, *[1.0] * rows.shape[1]])
    found = np.zeros(inputs.shape[1])
    for _ in range(TURNS):
        likely = logistic(inputs @ found)
        slope = inputs.T @ (strange - likely) - costs @ found
        bend = (inputs.T * (likely * (1 - likely))) @ inputs + costs
        found += np.linalg.solve(bend + 1e-9 * np.eye(len(bend)), slope)
    weights = found[1:] / spread
    return float(found[0] - weights @ middle), weights


def logistic(value: Rows) -> Rows:
    """Return the logistic function of each value; it does not overflow."""
    return (1 + np.tanh(value / 2)) / 2


def left_out(rows: Rows, strange: Truth) -> Rows:
    """Return the score [n] of each page by a fit to all other pages."""
    scores = np.zeros(len(rows))
    for at in range(len(rows)):
        others = np.arange(len(rows)) != at
        bias, weights = fit(rows[others], strange[others])
        scores[at] = logistic(np.array(bias + rows[at] @ weights))
    return scores


def cut(scores: Rows, strange: Truth, precision: float | None = None) -> Cut:
    """Choose the threshold with the best F1, or with the best recall at some precision.

    Args:
        scores: Score of each page [n].
        strange: Whether each page is strange [n].
        precision: Least precision, for which the best recall is chosen; None chooses the best F1.

    Returns:
        The threshold. If none reaches the precision, it is the one that comes closest.
    """
    found = [_cut(scores, strange, threshold) for threshold in _between(scores)]
    if precision is None:
        return max(found, key=lambda one: one.f1)
    enough = [one for one in found if one.precision >= precision]
    return max(enough, key=lambda one: one.recall) if enough else max(found, key=lambda one: one.precision)


def _between(scores: Rows) -> list[float]:
    """Return the thresholds that separate pages: halfway between two scores, and the lowest score."""
    known = np.unique(scores)
    return [float(known[0]), *((known[1:] + known[:-1]) / 2).tolist()]


def _cut(scores: Rows, strange: Truth, threshold: float) -> Cut:
    told = scores >= threshold
    right = float((told & strange).sum())
    return Cut(threshold, int(told.sum()), right / told.sum(), right / strange.sum())


def area(values: Rows, strange: Truth) -> float:
    """Return the area under the ROC curve: how well one signal alone separates strange pages from known ones.

    It is the share of pairs that the signal puts in order, which is 0.5 by chance.
    """
    pairs = values[strange][:, None] - values[~strange][None]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def table(rows: Rows, strange: Truth, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the medians of each signal over known and over strange pages, and its area under the ROC curve."""
    return {
        name: {
            "known": round(float(np.median(column[~strange])), 4),
            "strange": round(float(np.median(column[strange])), 4),
            "area": round(area(column, strange), 3),
        }
        for name, column in zip(names, rows.T, strict=True)
    }
