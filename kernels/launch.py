"""Launch parameters: pure functions of shape and chip, so that no running service searches for them.

Each is a rule, and for shapes that the bench has searched on a chip (`python -m benchmarks.kernels.bench --search`)
what it found, in launches.json: by chip, then by rule and shape, the fields of Launch in order.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec

import triton

from kernels.chip import Chip

RECORDED = Path(__file__).with_name("launches.json")
P = ParamSpec("P")


@dataclass(frozen=True)
class Launch:
    """rows, columns: the tile of the result; depth: of the axis summed over; splits: programs that share that axis."""

    rows: int
    columns: int
    depth: int
    splits: int
    warps: int
    stages: int


@cache
def table() -> Mapping[str, Mapping[str, list[int]]]:
    """What searches have found, by chip and by rule and shape."""
    found: dict[str, dict[str, list[int]]] = json.loads(RECORDED.read_text())
    return found


def chosen(chip: str, key: str, otherwise: Launch) -> Launch:
    """What the table says of a rule and shape on a chip."""
    found = table().get(chip, {}).get(key)
    return Launch(*found) if found else otherwise


def recorded(rule: Callable[P, Launch]) -> Callable[P, Launch]:
    """The rule, unless the table has a better answer for exactly this shape and chip. The chip is the last argument."""

    @wraps(rule)
    def plan(*args: P.args, **kwargs: P.kwargs) -> Launch:
        *shape, chip = args
        assert isinstance(chip, Chip)
        return chosen(chip.name, " ".join(map(str, (rule.__name__, *shape))), rule(*args, **kwargs))

    return plan


def splits_for(programs: int, parts: int, chip: Chip) -> int:
    """Over how many programs to split the summed axis, so that `programs` of them fill the chip about once."""
    return max(1, min(parts, 16, chip.multiprocessors // max(programs, 1)))


@recorded
def attention(head_size: int, group: int, count: int, pairs: int, keys: int, bytes_each: int, chip: Chip) -> Launch:
    """count: queries of the longest request; group: heads that share keys; pairs: requests times key heads.

    Shared memory holds the queries and `stages` tiles of keys and values.
    """
    rows = min(64, max(16, triton.next_power_of_2(group * count)))
    columns = 64 if head_size <= 256 else 16
    stages = 2
    while bytes_each * head_size * (rows + 2 * stages * columns) > chip.shared - 8192 and columns > 16:
        columns //= 2
    while bytes_each * head_size * (rows + 2 * stages * columns) > chip.shared - 8192 and stages > 1:
        stages -= 1
    programs = pairs * triton.cdiv(group * count, rows)
    splits = splits_for(programs, triton.cdiv(keys, 4 * columns), chip)
    return Launch(rows, columns, head_size, splits, 8 if head_size >= 256 else 4, stages)


@recorded
def product(outputs: int, tokens: int, depth: int, grouped: bool, chip: Chip) -> Launch:
    """y [tokens, outputs] over `depth`: weights are the tile's rows, tokens its columns.

    All tokens up to 256 go into one tile, so that every weight is read once. grouped: int4 weights.
    """
    columns = min(256, max(16, triton.next_power_of_2(tokens)))
    # Two sums are alive in an int4 product, the group's and the whole one: a smaller tile keeps both in registers.
    rows = 128 if columns <= 64 else 32 if grouped and columns > 128 else 64
    programs = triton.cdiv(outputs, rows) * triton.cdiv(tokens, columns)
    step = 64 if columns > 128 else 128
    splits = splits_for(programs, triton.cdiv(depth, 4 * step), chip)
    return Launch(rows, columns, step, splits, 8 if rows * columns >= 8192 else 4, 3 if columns > 128 else 4)


@recorded
def gate_up(inner: int, hidden: int, format: int, chip: Chip) -> Launch:
    """A tile of one expert: `rows` of gate and as many of up, for 16 of its pairs."""
    return Launch(64, 16, 128, 1, 4, 4)


@recorded
def down(hidden: int, inner: int, format: int, chip: Chip) -> Launch:
    """A tile of one expert: `rows` of its outputs for 16 of its pairs."""
    return Launch(64 if hidden % 128 else 128, 16, 128, 1, 4, 4)


@recorded
def runs(count: int, chip: Chip) -> Launch:
    """rows: how many of a row's `count` runs one program goes through, all loads of which are under way at once."""
    return Launch(min(4, count), 0, 0, 1, 1, 1)


@recorded
def soft_embedding(rows: int, hidden: int, width: int, bytes_each: int, chip: Chip) -> Launch:
    """Canvas rows by embedding columns; the probabilities of a tile are read once for `columns` of them."""
    tall = min(128, max(16, triton.next_power_of_2(rows)))
    columns = min(256 if bytes_each == 2 else 64, max(16, triton.next_power_of_2(hidden)))
    step = 64 if bytes_each == 2 else 32
    programs = triton.cdiv(rows, tall) * triton.cdiv(hidden, columns)
    return Launch(tall, columns, step, splits_for(programs, triton.cdiv(width, 4 * step), chip), 8, 3)
