"""The embedding expected under the softmax of the head's logits, which is never written to memory."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels import chip, launch
from kernels.checks import FLOATS, KernelError, check
from kernels.linear import sum_splits
from kernels.tile import cast, dot
from kernels.vocab_rows import capped


@triton.jit
def _soft_embedding_kernel(
    logits_ptr, temperatures_ptr, log_sum_ptr, table_ptr, out_ptr, rows, width, hidden, cap, scale, per_split,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, STEP: tl.constexpr, SPLIT: tl.constexpr,
):  # fmt: skip
    """A tile of ROWS canvas rows and COLUMNS of the embedding, over one share of the vocabulary."""
    row = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    column = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    row_ok, column_ok = row < rows, column < hidden
    inverse = 1.0 / tl.load(temperatures_ptr + row, mask=row_ok, other=1.0)
    log_sum = tl.load(log_sum_ptr + row, mask=row_ok, other=0.0)
    at = row.to(tl.int64)
    acc = tl.zeros((ROWS, COLUMNS), tl.float32)
    first = tl.program_id(2) * per_split
    for begin in range(first, tl.minimum(first + per_split, width), STEP):
        word = begin + tl.arange(0, STEP)
        known = word < width
        raw = tl.load(logits_ptr + at[:, None] * width + word, mask=row_ok[:, None] & known, other=float("-inf"))
        z = capped(raw.to(tl.float32), cap) * inverse[:, None] - log_sum[:, None]
        probability = tl.where(row_ok[:, None] & known[None, :], tl.exp(z), 0.0)
        table = tl.load(table_ptr + word.to(tl.int64)[:, None] * hidden + column,
                        mask=known[:, None] & column_ok, other=0.0)  # fmt: skip
        acc = dot(cast(probability, table.dtype), table, acc)
    place = at[:, None] * hidden + column
    if SPLIT:
        place += tl.program_id(2).to(tl.int64) * rows * hidden
    tl.store(out_ptr + place, cast(acc * scale, out_ptr.dtype.element_ty), mask=row_ok[:, None] & column_ok)


def soft_embedding(
    logits: Tensor, cap: float, temperatures: Tensor, log_sum: Tensor, table: Tensor, scale: float
) -> Tensor:
    """scale * softmax(capped logits / temperature) @ table -> [T, hidden] in the table's dtype.

    logits [T, V] before the soft-cap, temperatures and log_sum fp32 [T] as `vocab_rows` took and gave them; table
    [V, hidden]: the tied embedding. Raises KernelError.
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
    plan = launch.soft_embedding(rows, hidden, width, chip.chip_of(logits.device), table.element_size())
    per_split = triton.cdiv(triton.cdiv(width, plan.splits), plan.depth) * plan.depth
    splits = triton.cdiv(width, per_split)
    target = table.new_empty(splits, rows, hidden, dtype=torch.float32) if splits > 1 else out
    _soft_embedding_kernel[(triton.cdiv(hidden, plan.columns), triton.cdiv(rows, plan.rows), splits)](
        logits, temperatures, log_sum, table, target, rows, width, hidden, float(cap), float(scale), per_split,
        plan.rows, plan.columns, plan.depth, splits > 1, num_warps=plan.warps, num_stages=plan.stages,
    )  # fmt: skip
    return sum_splits(target, out) if splits > 1 else out
