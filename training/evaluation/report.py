"""The figures of an evaluation: shares by family and check, steps and seconds, as a table and as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from statistics import fmean, median
from typing import Any

from training.evaluation.evaluate import Judged

WHOLE = "all"
COMMON = ("html", "title", "facts", "kept", "asked", "site", "windows", "links", "console", "axe", "contrast")
COLUMNS = ("pages", "ok", *COMMON[:8], "features", *COMMON[8:], "seeds", "steps", "readings", "seconds")


def summary(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Return the figures of each family, and of all pages with the key "all" (see ``figures``)."""
    families = dict.fromkeys(one.example.family for one in judged)
    groups = {name: [one for one in judged if one.example.family == name] for name in families}
    return {name: figures(group) for name, group in {**groups, WHOLE: list(judged)}.items()}


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the figures of some pages; a share of no pages is left out.

    Returns:
        "pages" is their number. "ok" is the share on which every check holds. For the names of COMMON it is the share
        of pages that fulfil the check (see ``holds``), of those to which it applies. "features" is the share of
        behavioural checks that hold, over all pages. "seeds" is the mean similarity of pages with different seeds, 1
        for the same. "steps" and "readings" are means over canvases. "seconds" is the median time of a page.
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
    """Return whether a check of COMMON holds.

    An edit did what was asked if the page has the texts, the title and the features.
    """
    if check != "asked":
        return not outcome[check]
    return not any(why for name, why in outcome.items() if name in ("asked", "title") or name not in COMMON)


def alike(judged: Sequence[Judged]) -> float | None:
    """Return the mean similarity (difflib's ratio) of each page with those of other seeds, or None without any."""
    pairs = [(one.written.page, other) for one in judged for other in one.written.others]
    ratios = [SequenceMatcher(None, page, other, autojunk=False).ratio() for page, other in pairs]
    return fmean(ratios) if ratios else None


def share(held: Iterable[bool]) -> float | None:
    """Return the share of true values, or None for no values."""
    values = list(held)
    return sum(values) / len(values) if values else None


def features(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Return for every behavioural check the number of pages to which it applies, and the share on which it holds."""
    tried: dict[str, list[bool]] = {}
    for one in judged:
        for name, why in one.judgement.outcome.items():
            if name not in COMMON:
                tried.setdefault(name, []).append(not why)
    return {name: {"pages": len(held), "share": round(share(held) or 0.0, 3)} for name, held in sorted(tried.items())}


def failures(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return every page on which a check does not hold: its prompt, and why not."""
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
    """Return the words with which a page was asked for."""
    brief = one.example.brief
    return " / ".join(filter(None, (brief.ask or brief.open, brief.edit)))


def as_json(judged: Sequence[Judged], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole report.

    Args:
        judged: The judged pages.
        about: What was used: command, checkpoint, hardware and versions; it is added unchanged.
    """
    return {**about, "shares": summary(judged), "features": features(judged), "failures": failures(judged)}


def as_table(judged: Sequence[Judged]) -> str:
    """Return the figures as text: a row for each family, with shares in per cent."""
    rows: list[tuple[str, ...]] = [("family", *COLUMNS)]
    for name, values in summary(judged).items():
        rows.append((name, *(cell(column, values.get(column)) for column in COLUMNS)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows)


def cell(column: str, value: float | None) -> str:
    """Return a figure as the table shows it; "-" means that the check did not apply."""
    if value is None:
        return "-"
    if column == "pages":
        return str(value)
    if column == "seeds":
        return f"{value:.2f}"
    return f"{value:.1f}" if column in ("steps", "readings", "seconds") else f"{value:.0%}"
