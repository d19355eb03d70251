"""Search launch parameters: one field of a launch after the other is raised or lowered as long as that is faster.

The results are written to launches.json; nothing is searched while a service runs.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, replace
from pathlib import Path
from unittest import mock

from kernels import launch
from kernels.launch import Launch

FIELDS = {
    "attention": ("rows", "columns", "splits", "warps", "stages"),
    "product": ("rows", "columns", "depth", "splits", "warps", "stages"),
    "gate_up": ("rows", "depth", "warps", "stages"),
    "down": ("rows", "depth", "warps", "stages"),
    "runs": ("rows", "warps"),
    "soft_embedding": ("rows", "columns", "depth", "splits", "warps", "stages"),
}
"""The fields that the kernel of each rule reads."""

RANGES = {
    "rows": (1, 256), "columns": (16, 256), "depth": (32, 256), "splits": (1, 64), "warps": (1, 8), "stages": (1, 6),
}  # fmt: skip
GAIN = 0.98
"""A launch is accepted if it takes less than this share of the best one's time; smaller gains are noise."""

Key = tuple[str, str]
"""Name of a chip, and a rule with its shape."""


@contextmanager
def using(plans: Mapping[Key, Launch]) -> Iterator[dict[Key, Launch]]:
    """Use these launches inside the block, instead of those of the rules and the table.

    Args:
        plans: The launches.

    Yields:
        The launches that are asked for, filled as they are.
    """
    asked: dict[Key, Launch] = {}
    real = launch.chosen

    def chosen(chip: str, key: str, otherwise: Launch) -> Launch:
        asked[chip, key] = plans.get((chip, key)) or real(chip, key, otherwise)
        return asked[chip, key]

    with mock.patch.object(launch, "chosen", chosen):
        yield asked


def moved(plan: Launch, field: str, up: bool) -> Launch | None:
    """Return the launch with one field's next value, or None at the end of its range.

    Stages change by one, and other fields by a factor of two.

    Args:
        plan: The launch.
        field: Name of the field.
        up: Whether the value rises.
    """
    value = getattr(plan, field)
    other = value + (1 if up else -1) if field == "stages" else value * 2 if up else value // 2
    low, high = RANGES[field]
    return replace(plan, **{field: other}) if low <= other <= high else None


def search(seconds: Callable[[], float | None], deadline: float) -> dict[Key, Launch]:
    """Search better launches for one operation.

    Args:
        seconds: Runs the operation and returns how long it took, or None if it cannot run with these launches.
        deadline: Time of time.monotonic after which the best launches so far are returned.

    Returns:
        The launches with which the operation is faster; empty if the first ones are the best.
    """
    with using({}) as asked:
        best = seconds()
    plans, found = dict(asked), dict[Key, Launch]()
    if best is None:
        return found
    for key in plans:
        rule = key[1].split()[0]
        for field, up in ((field, up) for field in FIELDS[rule] for up in (True, False)):
            while time.monotonic() < deadline and (plan := moved(plans[key], field, up)):
                with using({**plans, key: plan}):
                    took = seconds()
                if took is None or took > GAIN * best:
                    break
                best, plans[key], found[key] = took, plan, plan
    return found


def record(found: Mapping[Key, Launch], file: Path) -> None:
    """Add launches to a table, one a line."""
    table = json.loads(file.read_text()) if file.is_file() else {}
    for (chip, key), plan in found.items():
        table.setdefault(chip, {})[key] = list(astuple(plan))
    chips = []
    for chip, rows in sorted(table.items()):
        lines = [f"  {json.dumps(key)}: {json.dumps(row)}" for key, row in sorted(rows.items())]
        chips.append(f" {json.dumps(chip)}: {{\n" + ",\n".join(lines) + "\n }")
    file.write_text("{\n" + ",\n".join(chips) + "\n}\n")
