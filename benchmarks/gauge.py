"""How doubt is told from its signals: a logistic regression on few pages, and the threshold that it is worth. Pure.

Few pages fit many lines, so a fit is never judged by the pages that it was made of: each page's score here comes from a
fit to all the others (leave one out), and the threshold, the precision and the recall are of these scores.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RIDGE = 1.0
"""What weights cost, squared, of signals in standard deviations: it keeps those of signals that say the same apart."""

TURNS = 50
"""Of Newton's method, which needs about eight."""

Rows = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Cut:
    """A threshold and what it is worth. told: pages whose score is no less. precision: the share of these that are
    strange; recall: the share of strange pages that are told."""

    threshold: float
    told: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def fit(rows: Rows, strange: Truth) -> tuple[float, Rows]:
    """Bias and weights [k] of signals as they are. rows [n, k]; strange [n], both of which there must be."""
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
    return (1 + np.tanh(value / 2)) / 2


def left_out(rows: Rows, strange: Truth) -> Rows:
    """The score [n] of each page by a fit to all the others."""
    scores = np.zeros(len(rows))
    for at in range(len(rows)):
        others = np.arange(len(rows)) != at
        bias, weights = fit(rows[others], strange[others])
        scores[at] = logistic(np.array(bias + rows[at] @ weights))
    return scores


def cut(scores: Rows, strange: Truth, precision: float | None = None) -> Cut:
    """The threshold of the best F1, or of the most recall at no less than some precision; where there is none with
    that, the one that comes closest to it."""
    found = [_cut(scores, strange, threshold) for threshold in _between(scores)]
    if precision is None:
        return max(found, key=lambda one: one.f1)
    enough = [one for one in found if one.precision >= precision]
    return max(enough, key=lambda one: one.recall) if enough else max(found, key=lambda one: one.precision)


def _between(scores: Rows) -> list[float]:
    """Thresholds that tell pages apart: halfway between two scores, and the least score of all."""
    known = np.unique(scores)
    return [float(known[0]), *((known[1:] + known[:-1]) / 2).tolist()]


def _cut(scores: Rows, strange: Truth, threshold: float) -> Cut:
    told = scores >= threshold
    right = float((told & strange).sum())
    return Cut(threshold, int(told.sum()), right / told.sum(), right / strange.sum())


def area(values: Rows, strange: Truth) -> float:
    """How well a figure alone tells strange from known: the share of pairs that it puts in order, 0.5 by chance (the
    area under the ROC curve)."""
    pairs = values[strange][:, None] - values[~strange][None]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def table(rows: Rows, strange: Truth, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Of each signal: its medians over known and strange pages, and how well it tells them apart alone."""
    return {
        name: {
            "known": round(float(np.median(column[~strange])), 4),
            "strange": round(float(np.median(column[strange])), 4),
            "area": round(area(column, strange), 3),
        }
        for name, column in zip(names, rows.T, strict=True)
    }
