"""What only a GPU tells of a model: the time of its step's graph, its share of the copy bandwidth, kernels, memory."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch

from benchmarks.engine.incremental_results import Doubtful
from engine.checkpoint.memory import GIB, footprint
from engine.model.fused_model import FusedModel
from engine.runners.cuda_graph import CudaGraphRunner

OPERATIONS = {
    "rms_norm": "norms", "qkv": "queries, keys, values", "attention": "attention", "gate_up": "experts",
    "down": "experts", "route": "routing", "group": "routing", "linear": "dense products and head",
    "probabilities": "soft embedding", "soft_embedding": "soft embedding", "runs": "sampling", "vocab_rows": "sampling",
    "accept_renoise": "sampling", "combine": "sums of splits", "sum": "sums of splits",
}  # fmt: skip
"""What a step does, by the part of our kernels' names between "_" and "_kernel"."""

OTHER = "element by element, copies"
NOT_FINITE = "entropy is not finite: what was timed is not a step as pages take it"


def ceilings() -> dict[str, float]:
    """Return what the chip reaches a second in one large copy and in one large product.

    This takes 2 GiB of memory, so it runs first.
    """
    from benchmarks.kernels.timing import ceilings

    found = asdict(ceilings())
    torch.cuda.empty_cache()
    return found


def step(model: FusedModel, runner: CudaGraphRunner, sizes: tuple[int, ...], copied: float) -> dict[str, Any]:
    """Time the step's graph with different numbers of canvases.

    Args:
        model: The model.
        runner: The runner of its steps.
        sizes: Numbers of canvases.
        copied: Copy bandwidth in bytes a second.

    Returns:
        Milliseconds by number of canvases, and the share of the copy bandwidth that one canvas reaches. "bytes_a_step"
        are the weights that a step reads. "prefix_tokens" are the tokens before each canvas, by number of canvases.

    Raises:
        Doubtful: The entropy is not finite.
    """
    from benchmarks.kernels.timing import replayed

    found: dict[str, float] = {}
    prefixes: dict[str, int] = {}
    wrong: list[str] = []
    for size in (size for size in sizes if size <= runner.seats):
        with runner.rehearsed(size) as (work, shown, prefix):
            found[str(size)], prefixes[str(size)] = round(1000 * replayed(work), 3), prefix
            if not shown.entropy[:size].isfinite().all():
                wrong.append(str(size))
    result = {
        "graph_ms": found["1"],
        "graph_ms_by_canvases": found,
        "prefix_tokens": prefixes,
        "bytes_a_step": model.nbytes,
        "copy_bytes_per_second": round(copied),
        "share_of_copy_bandwidth": round(model.nbytes / (found["1"] / 1000) / copied, 3),
    }
    if wrong:
        raise Doubtful(f"{NOT_FINITE} with {' and '.join(wrong)} canvases", result)
    return result


def memory(model: FusedModel, peaks: Mapping[str, float]) -> dict[str, Any]:
    """Return the use of memory in GiB.

    Args:
        model: The model.
        peaks: Most GiB that were allocated in each measurement.

    Returns:
        The peaks, what torch reserves, what the device has given out in all, and the weights as computed beforehand.
    """
    free, total = torch.cuda.mem_get_info()
    return {
        "peak_gib": max(peaks.values(), default=0.0),
        "peaks_gib": dict(peaks),
        "reserved_gib": gib(torch.cuda.memory_reserved()),
        "device_gib": gib(total - free),
        "weights_gib": gib(footprint(model.config).weights[model.precision]),
        "keys_and_values_gib": gib(sum(t.nbytes for t in (*model.keys, *model.values))),
    }


def gib(count: int) -> float:
    """Return bytes as GiB, to two places."""
    return round(count / GIB, 2)


def capped(most: float) -> None:
    """Limit this process to so many GiB of the GPU; the engine's computation of free memory takes it into account."""
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, most * GIB / total))


def breakdown(runner: CudaGraphRunner, replays: int = 10) -> dict[str, dict[str, float]]:
    """Return the microseconds of a step by operation and by kernel, the longest first.

    Args:
        runner: The runner of the steps.
        replays: How often the step is run.

    Raises:
        Doubtful: The entropy is not finite.
    """
    from torch.profiler import ProfilerActivity, profile

    with runner.rehearsed(1) as (replay, shown, _):
        replay()
        with profile(activities=[ProfilerActivity.CUDA]) as seen:
            for _ in range(replays):
                replay()
            torch.cuda.synchronize()
        finite = bool(shown.entropy[0].isfinite())
    spent = {event.key: event.self_device_time_total / replays for event in seen.key_averages()}
    result = {"operations": by_operation(spent), "kernels": sorted_times(spent)}
    if not finite:
        raise Doubtful(NOT_FINITE, result)
    return result


def by_operation(kernels: dict[str, float]) -> dict[str, float]:
    """Return the times of kernels, added up by what they do."""
    found: dict[str, float] = {}
    for name, spent in kernels.items():
        operation = OPERATIONS.get(name.removeprefix("_").removesuffix("_kernel"), OTHER)
        found[operation] = found.get(operation, 0.0) + spent
    return sorted_times(found)


def sorted_times(spent: dict[str, float]) -> dict[str, float]:
    """Return the times of at least one microsecond, the longest first."""
    return {name: round(us, 1) for name, us in sorted(spent.items(), key=lambda item: -item[1]) if us >= 1}
