"""The expected embedding under the softmax of the head's logits.

Probabilities are written once, in the table's dtype. Computing them again in each of the product's tiles would take
more instructions than the product itself. The logits' two trips through memory cost an eighth of the table's one.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels import chip, launch
from kernels.checks import FLOATS, KernelError, check
from kernels.linear import sum_splits
from kernels.tile import cast, dot
from kernels.vocab_rows import LOG2E, capped

BLOCK = 2048
"""How many columns a program turns into probabilities."""


@triton.jit
def _probabilities_kernel(
    logits_ptr, temperatures_ptr, log_sum_ptr, out_ptr, width, programs, cap, EVEN: tl.constexpr, BLOCK: tl.constexpr
):
    """One program handles BLOCK columns of one row."""
    row = (tl.program_id(0) // programs).to(tl.int64)
    column = tl.program_id(0) % programs * BLOCK + tl.arange(0, BLOCK)
    inverse = LOG2E / tl.load(temperatures_ptr + row)
    log_sum = tl.load(log_sum_ptr + row) * LOG2E
    at = row * width + column
    if EVEN:
        z = capped(tl.load(logits_ptr + at).to(tl.float32), cap) * inverse - log_sum
        tl.store(out_ptr + at, cast(tl.exp2(z), out_ptr.dtype.element_ty))
    else:
        inside = column < width
        z = capped(tl.load(logits_ptr + at, mask=inside, other=0.0).to(tl.float32), cap) * inverse - log_sum
        tl.store(out_ptr + at, cast(tl.exp2(z), out_ptr.dtype.element_ty), mask=inside)


@triton.jit
def _soft_embedding_kernel(
    probabilities_ptr, table_ptr, out_ptr, rows, width, hidden, scale, per_split,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, STEP: tl.constexpr, SPLIT: tl.constexpr,
):  # fmt: skip
    """One program computes a tile of ROWS canvas rows and COLUMNS of the embedding, over one share of the vocabulary.

    Neighbouring programs are the row tiles of one tile of the table, which the second of them finds in the L2 cache.
    """
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    row_ok, column_ok = row < rows, column < hidden
    at = row.to(tl.int64)
    acc = tl.zeros((ROWS, COLUMNS), tl.float32)
    first = tl.program_id(2) * per_split
    for begin in range(first, tl.minimum(first + per_split, width), STEP):
        word = begin + tl.arange(0, STEP)
        known = word < width
        shares = tl.load(probabilities_ptr + at[:, None] * width + word,
                         mask=row_ok[:, None] & known, other=0.0)  # fmt: skip
        table = tl.load(table_ptr + word.to(tl.int64)[:, None] * hidden + column,
                        mask=known[:, None] & column_ok, other=0.0)  # fmt: skip
        acc = dot(shares, table, acc)
    place = at[:, None] * hidden + column
    if SPLIT:
        place += tl.program_id(2).to(tl.int64) * rows * hidden
    tl.store(out_ptr + place, cast(acc * scale, out_ptr.dtype.element_ty), mask=row_ok[:, None] & column_ok)


def soft_embedding(
    logits: Tensor,
    cap: float,
    temperatures: Tensor,
    log_sum: Tensor,
    table: Tensor,
    scale: float,
    scratch: Tensor | None = None,
) -> Tensor:
    """Return scale * softmax(capped logits / temperature) @ table: [T, hidden] in the table's dtype.

    Args:
        logits: [T, V], before the soft-cap.
        cap: The soft-cap, above 0.
        temperatures: fp32 [T], as `vocab_rows` took them.
        log_sum: fp32 [T], as `vocab_rows` returned it.
        table: [V, hidden], the tied embedding.
        scale: The factor of the result.
        scratch: [T, V] in the table's dtype, which takes the probabilities; None allocates it. It may be the logits,
            which are then overwritten.

    Raises:
        KernelError: An argument is not served.
    """
    check("logits", logits, FLOATS, (None, None))
    rows, width = logits.shape
    check("table", table, FLOATS, (width, None), logits)
    check("temperatures", temperatures, (torch.float32,), (rows,), logits)
    check("log_sum", log_sum, (torch.float32,), (rows,), logits)
    if cap <= 0:
        raise KernelError(f"expected a cap above 0, got {cap}")
    hidden = table.shape[1]
    out = table.new_empty(rows, hidden)
    if not rows:
        return out
    shares = table.new_empty(rows, width) if scratch is None else scratch
    check("scratch", shares, (table.dtype,), (rows, width), logits)
    programs = triton.cdiv(width, BLOCK)
    _probabilities_kernel[(rows * programs,)](
        logits, temperatures, log_sum, shares, width, programs, float(cap), width % BLOCK == 0, BLOCK, num_warps=4,
    )  # fmt: skip
    plan = launch.soft_embedding(rows, hidden, width, table.element_size(), chip.chip_of(logits.device))
    per_split = triton.cdiv(triton.cdiv(width, plan.splits), plan.depth) * plan.depth
    splits = triton.cdiv(width, per_split)
    target = table.new_empty(splits, rows, hidden, dtype=torch.float32) if splits > 1 else out
    _soft_embedding_kernel[(triton.cdiv(rows, plan.rows), triton.cdiv(hidden, plan.columns), splits)](
        shares, table, target, rows, width, hidden, float(scale), per_split,
        plan.rows, plan.columns, plan.depth, splits > 1, num_warps=plan.warps, num_stages=plan.stages,
    )  # fmt: skip
    return sum_splits(target, out) if splits > 1 else out
