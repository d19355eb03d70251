"""Launch parameters are pure functions of shape and chip, so a running service never searches for them.

Each function is a rule. `python -m benchmarks.kernels.bench --search` searches for better parameters of given shapes on
a chip. Its findings are in launches.json by chip, then by rule and shape, as the fields of Launch in order.
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
"""The file of searched launch parameters."""
P = ParamSpec("P")


@dataclass(frozen=True)
class Launch:
    """The parameters of one launch.

    Attributes:
        rows: The rows of the result's tile.
        columns: The columns of the result's tile.
        depth: The tile's size along the axis that is summed over.
        splits: How many programs share that axis.
        warps: The warps of a program.
        stages: The stages of its software pipeline.
    """

    rows: int
    columns: int
    depth: int
    splits: int
    warps: int
    stages: int


@cache
def table() -> Mapping[str, Mapping[str, list[int]]]:
    """Return the recorded parameters, by chip and then by rule and shape."""
    found: dict[str, dict[str, list[int]]] = json.loads(RECORDED.read_text())
    return found


def chosen(chip: str, key: str, otherwise: Launch) -> Launch:
    """Return the recorded parameters of a rule and shape on a chip, or `otherwise` if there are none."""
    found = table().get(chip, {}).get(key)
    return Launch(*found) if found else otherwise


def recorded(rule: Callable[P, Launch]) -> Callable[P, Launch]:
    """Make a rule return the recorded parameters for exactly its shape and chip, if there are any.

    The chip must be the rule's last argument.
    """

    @wraps(rule)
    def plan(*args: P.args, **kwargs: P.kwargs) -> Launch:
        *shape, chip = args
        assert isinstance(chip, Chip)
        return chosen(chip.name, " ".join(map(str, (rule.__name__, *shape))), rule(*args, **kwargs))

    return plan


def splits_for(programs: int, parts: int, chip: Chip) -> int:
    """Return how many splits of the summed axis make `programs` programs fill the chip about once.

    Args:
        programs: The number of programs without splits.
        parts: The most splits that the axis allows; 16 is the limit anyway.
        chip: The chip to fill.
    """
    return max(1, min(parts, 16, chip.multiprocessors // max(programs, 1)))


@recorded
def attention(head_size: int, group: int, count: int, pairs: int, keys: int, bytes_each: int, chip: Chip) -> Launch:
    """Return the launch of attention; shared memory holds the queries and `stages` tiles of keys and values.

    Args:
        head_size: The head size.
        group: How many query heads share a key head.
        count: Queries of the longest request.
        pairs: Requests times key heads.
        keys: An upper bound of a request's keys.
        bytes_each: The bytes of one element.
        chip: The chip.
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
    """Return the launch of a product y [tokens, outputs]: weights are the tile's rows, tokens its columns.

    Up to 256 tokens all go into one tile, so that each weight is read once.

    Args:
        outputs: The number of outputs.
        tokens: The number of tokens.
        depth: The size of the axis that is summed over.
        grouped: Whether the weights are int4.
        chip: The chip.
    """
    columns = min(256, max(16, triton.next_power_of_2(tokens)))
    # An int4 product accumulates two sums, the group's and the whole one; a smaller tile keeps both in registers.
    rows = 128 if columns <= 64 else 32 if grouped and columns > 128 else 64
    programs = triton.cdiv(outputs, rows) * triton.cdiv(tokens, columns)
    step = 64 if columns > 128 else 128
    splits = splits_for(programs, triton.cdiv(depth, 4 * step), chip)
    return Launch(rows, columns, step, splits, 8 if rows * columns >= 8192 else 4, 3 if columns > 128 else 4)


@recorded
def gate_up(inner: int, hidden: int, format: int, chip: Chip) -> Launch:
    """Return the launch for a tile of one expert: `rows` of gate and as many of up, for 16 of its pairs."""
    return Launch(64, 16, 128, 1, 4, 4)


@recorded
def down(hidden: int, inner: int, format: int, chip: Chip) -> Launch:
    """Return the launch for a tile of one expert: `rows` of its outputs, for 16 of its pairs."""
    return Launch(64 if hidden % 128 else 128, 16, 128, 1, 4, 4)


@recorded
def runs(count: int, chip: Chip) -> Launch:
    """Return the launch for the runs of a row; one program takes `rows` of its `count` runs.

    All loads of these runs are in flight at once.
    """
    return Launch(min(4, count), 0, 0, 1, 1, 1)


@recorded
def soft_embedding(rows: int, hidden: int, width: int, bytes_each: int, chip: Chip) -> Launch:
    """Return the launch for a tile of canvas rows by embedding columns.

    The probabilities of a tile are read once for `columns` columns.
    """
    tall = min(128, max(16, triton.next_power_of_2(rows)))
    columns = min(256 if bytes_each == 2 else 64, max(16, triton.next_power_of_2(hidden)))
    step = 64 if bytes_each == 2 else 32
    programs = triton.cdiv(rows, tall) * triton.cdiv(hidden, columns)
    return Launch(tall, columns, step, splits_for(programs, triton.cdiv(width, 4 * step), chip), 8, 3)
