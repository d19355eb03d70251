"""What only a GPU tells of a model: its step's graph alone, the share of copy bandwidth, kernels, memory."""

from typing import Any

import torch

from engine.footprint import footprint
from engine.graph_runner import GraphRunner
from engine.packed import PackedModel

OPERATIONS = {
    "rms_norm": "norms", "qkv": "queries, keys, values", "attention": "attention", "gate_up": "experts",
    "down": "experts", "route": "routing", "group": "routing", "linear": "dense products and head",
    "probabilities": "soft embedding", "soft_embedding": "soft embedding", "runs": "sampling", "vocab_rows": "sampling",
    "accept_renoise": "sampling", "combine": "sums of splits", "sum": "sums of splits",
}  # fmt: skip
"""What a step does, by the names of our kernels between "_" and "_kernel"."""

OTHER = "element by element, copies"


def step(model: PackedModel, runner: GraphRunner, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Milliseconds of the step's graph, of one canvas and of several, and what share of the copy bandwidth one reaches.

    bytes_a_step: weights that a step reads.
    """
    from kernels.timing import ceilings, replayed

    found = {size: 1000 * replayed(runner.replayed(size)) for size in sizes if size <= runner.seats}
    ceiling = ceilings()
    return {
        "graph_ms": round(found[1], 3),
        "graph_ms_by_canvases": {str(size): round(ms, 3) for size, ms in found.items()},
        "bytes_a_step": model.nbytes,
        "copy_bytes_per_second": round(ceiling.bytes_per_second),
        "share_of_copy_bandwidth": round(model.nbytes / (found[1] / 1000) / ceiling.bytes_per_second, 3),
    }


def memory(model: PackedModel) -> dict[str, float]:
    """GiB: the most that was allocated since the model was loaded, what torch holds, and the weights as foretold."""
    return {
        "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2),
        "reserved_gib": round(torch.cuda.memory_reserved() / 2**30, 2),
        "weights_gib": round(footprint(model.config).weights[model.precision] / 2**30, 2),
        "keys_and_values_gib": round(sum(t.nbytes for t in (*model.keys, *model.values)) / 2**30, 2),
    }


def breakdown(runner: GraphRunner, replays: int = 10) -> dict[str, dict[str, float]]:
    """Microseconds of a step by operation and by kernel, the longest first."""
    from torch.profiler import ProfilerActivity, profile

    replay = runner.replayed(1)
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        for _ in range(replays):
            replay()
        torch.cuda.synchronize()
    spent = {event.key: event.self_device_time_total / replays for event in seen.key_averages()}
    return {"operations": by_operation(spent), "kernels": sorted_times(spent)}


def by_operation(kernels: dict[str, float]) -> dict[str, float]:
    """Times of kernels put together by what they do."""
    found: dict[str, float] = {}
    for name, spent in kernels.items():
        operation = OPERATIONS.get(name.removeprefix("_").removesuffix("_kernel"), OTHER)
        found[operation] = found.get(operation, 0.0) + spent
    return sorted_times(found)


def sorted_times(spent: dict[str, float]) -> dict[str, float]:
    """From one microsecond, the longest first."""
    return {name: round(us, 1) for name, us in sorted(spent.items(), key=lambda item: -item[1]) if us >= 1}
