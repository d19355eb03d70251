"""What an evaluation found, as figures: shares per family and check, steps, seconds; as a table and as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from statistics import fmean, median
from typing import Any

from training.evaluation.evaluate import Judged

WHOLE = "all"
COMMON = ("html", "title", "facts", "kept", "asked", "site", "windows", "links", "console", "axe", "contrast")
COLUMNS = ("pages", "ok", *COMMON[:8], "features", *COMMON[8:], "seeds", "steps", "readings", "seconds")


def summary(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Figures of each family and of all pages (key "all"): see ``figures``."""
    families = dict.fromkeys(one.example.family for one in judged)
    groups = {name: [one for one in judged if one.example.family == name] for name in families}
    return {name: figures(group) for name, group in {**groups, WHOLE: list(judged)}.items()}


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Figures of some pages.

    pages: how many. ok: share of those on which every check holds. Names of COMMON: share of those that fulfil the
    check (see ``holds``), of those it was asked of. features: share of behavioural checks that hold, over all pages.
    seeds: how alike the pages of different seeds are, 1 for the same, mean. steps: denoising steps of a canvas, mean.
    readings: of a canvas, mean. seconds: a page takes, median. A share of nothing is left out.
    """
    outcomes = [one.judgement.outcome for one in judged]
    found = {
        "ok": share(one.judgement.ok for one in judged),
        **{name: share(holds(name, outcome) for outcome in outcomes if name in outcome) for name in COMMON},
        "features": share(not why for outcome in outcomes for name, why in outcome.items() if name not in COMMON),
        "seeds": alike(judged),
        "steps": fmean(steps for one in judged for steps in one.written.steps),
        "readings": fmean(count for one in judged for count in one.written.readings),
        "seconds": median(one.written.seconds for one in judged),
    }
    return {"pages": len(judged), **{name: round(value, 3) for name, value in found.items() if value is not None}}


def holds(check: str, outcome: Mapping[str, str]) -> bool:
    """Whether a check of COMMON holds; an edit did what was asked if the page has its texts, title and features."""
    if check != "asked":
        return not outcome[check]
    return not any(why for name, why in outcome.items() if name in ("asked", "title") or name not in COMMON)


def alike(judged: Sequence[Judged]) -> float | None:
    """Mean likeness (difflib's ratio) of each page with those of other seeds; None without any."""
    pairs = [(one.written.page, other) for one in judged for other in one.written.others]
    ratios = [SequenceMatcher(None, page, other, autojunk=False).ratio() for page, other in pairs]
    return fmean(ratios) if ratios else None


def share(held: Iterable[bool]) -> float | None:
    """The share of true values; None of no values."""
    values = list(held)
    return sum(values) / len(values) if values else None


def features(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """For every behavioural check: how many pages it was asked of, and on which share it holds."""
    tried: dict[str, list[bool]] = {}
    for one in judged:
        for name, why in one.judgement.outcome.items():
            if name not in COMMON:
                tried.setdefault(name, []).append(not why)
    return {name: {"pages": len(held), "share": round(share(held) or 0.0, 3)} for name, held in sorted(tried.items())}


def failures(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Every page on which a check does not hold: its prompt, and why not."""
    return [
        {
            "family": one.example.family,
            "prompt": prompt(one),
            "finish": one.written.finish,
            "unmet": {name: why for name, why in one.judgement.outcome.items() if why},
        }
        for one in judged
        if not one.judgement.ok
    ]


def prompt(one: Judged) -> str:
    """The words a page was asked with."""
    brief = one.example.brief
    return " / ".join(filter(None, (brief.ask or brief.open, brief.edit)))


def as_json(judged: Sequence[Judged], about: Mapping[str, Any]) -> dict[str, Any]:
    """The whole report. about: what it was measured with (command, checkpoint, hardware, versions), kept as given."""
    return {**about, "shares": summary(judged), "features": features(judged), "failures": failures(judged)}


def as_table(judged: Sequence[Judged]) -> str:
    """Figures for people: a row a family, shares in per cent."""
    rows: list[tuple[str, ...]] = [("family", *COLUMNS)]
    for name, values in summary(judged).items():
        rows.append((name, *(cell(column, values.get(column)) for column in COLUMNS)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows)


def cell(column: str, value: float | None) -> str:
    """A figure as the table shows it; "-" for one that was not asked."""
    if value is None:
        return "-"
    if column == "pages":
        return str(value)
    if column == "seeds":
        return f"{value:.2f}"
    return f"{value:.1f}" if column in ("steps", "readings", "seconds") else f"{value:.0%}"
