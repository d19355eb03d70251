"""The engine on a GPU: one page alone, many together, where a step's milliseconds go, and transformers beside it.

    silverprint bench --shape diffusiongemma-26b --weights random --precision int4 --steps 16 --json

Steps are fixed unless it says "adaptive". Weights are random where the real ones are not at hand: routing is then
uniform, which is the worst case, and what a step costs does not depend on what the weights are.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from benchmarks.engine_cpu import BUNDLED_SHAPE, random_ids
from engine.config import ModelConfig, RopeConfig
from engine.engine import Engine
from engine.footprint import footprint
from engine.generation import Generation
from engine.graph_runner import GraphRunner
from engine.graphs import CudaGraphs, Direct
from engine.loader import free_memory, load_packed, random_packed, random_tensors
from engine.operations import Operations, operations
from engine.packed import PackedModel
from engine.packed_attention import Span, encode_attend, places
from engine.params import Params
from engine.results import Frame, Stats
from engine.tokenizer import ChatTokenizer

LARGE_SHAPE = ModelConfig(
    vocab_size=262_144, hidden_size=2816, intermediate_size=2112,
    layer_types=(*["sliding_attention"] * 5, "full_attention") * 5,  # type: ignore[arg-type]
    heads=16, kv_heads=8, head_dim=256, full_kv_heads=2, full_head_dim=512, window=1024, experts=128,
    experts_per_token=8, expert_size=704, canvas_length=256, sliding_rope=RopeConfig(1e4),
    full_rope=RopeConfig(1e6, 0.25, True), logit_cap=30.0,
)  # fmt: skip
SHAPES = {"diffusiongemma-26b": LARGE_SHAPE, "silverprint-s": BUNDLED_SHAPE}
COMPANY = (1, 2, 4, 8, 16)
CANVASES = 4
NEVER = 10**6
"""Steps a canvas never stands still for: with this stability every canvas takes all its steps."""


@dataclass(frozen=True)
class Task:
    """What to measure. weights: "random", or a checkpoint folder; prompt: tokens of random ids before each page."""

    shape: str
    weights: str
    precision: str
    steps: int = 16
    prompt: int = 1024
    repeats: int = 5

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape: expected {' or '.join(SHAPES)}, got {self.shape!r}")
        if self.steps < 2 or self.prompt < 1 or self.repeats < 1:
            raise ValueError(f"expected 2 steps or more, a prompt and a repeat, got {self}")


def measure(task: Task, device: torch.device) -> dict[str, Any]:
    """Everything about one model. On a CPU, where it is only tried out, nothing is captured and no ceiling is known."""
    cuda = device.type == "cuda"
    begin = time.perf_counter()
    model = load(task, device)
    loaded = time.perf_counter() - begin
    runner = GraphRunner(model, graphs=CudaGraphs() if cuda else Direct())
    engine = Engine(runner, NoWords(), Params(), runner.seats)
    try:
        step = Params(max_tokens=CANVASES * model.config.canvas_length, max_steps=task.steps, stability=NEVER)
        parts: dict[str, Callable[[], Any]] = {
            "alone": lambda: alone(engine, task, step),
            "adaptive": lambda: alone(engine, task, replace(step, max_steps=48, stability=1)),
            "together": lambda: [together(engine, task, step, count) for count in COMPANY if count <= runner.seats],
        }
        found = {name: part() for name, part in tqdm(parts.items(), desc="measuring", leave=False)}
    finally:
        engine.close()
    found |= {"seconds_to_load": round(loaded, 1), "bytes_a_step": model.nbytes}
    if cuda:
        found |= on_the_chip(model, runner, found["alone"]["step_ms"])
    return asdict(task) | found


def load(task: Task, device: torch.device) -> PackedModel:
    if task.weights == "random":
        return random_packed(SHAPES[task.shape], device, task.precision)
    return load_packed(Path(task.weights), device, task.precision)


class NoWords(ChatTokenizer):
    """Prompts are ids here, and pages are not read."""

    def __init__(self) -> None:
        pass


def prompt_ids(config: ModelConfig, count: int, seed: int) -> list[int]:
    """Random ids, none of which ends a text."""
    return random_ids(config.vocab_size, count, seed, least=config.vocab_size // 2)


def alone(engine: Engine, task: Task, params: Params) -> dict[str, Any]:
    """Pages one after the other: medians. The first page is not counted, as kernels compile in it."""
    runs = []
    for seed in range(task.repeats + 1):
        generation = engine.submit(prompt_ids(engine.config, task.prompt, seed), replace(params, seed=seed))
        runs.append(written(generation, engine.config.canvas_length))
    return {name: round(statistics.median(run[name] for run in runs[1:]), 3) for name in runs[0]}


def written(generation: Generation, canvas: int) -> dict[str, float]:
    """Figures of a page: canvases count whole, as random weights may end a text anywhere."""
    frames: list[Frame] = list(generation.frames())
    stats: Stats = generation.wait().stats
    gaps = [b.elapsed - a.elapsed for a, b in pairwise(frames) if a.block == b.block]
    steps = sum(stats.steps) / stats.canvases
    return {
        "tokens_per_second": stats.canvases * canvas / stats.seconds,
        "step_ms": 1000 * statistics.median(gaps),
        "first_frame_ms": 1000 * stats.first_frame,
        "steps_per_canvas": steps,
    }


def together(engine: Engine, task: Task, params: Params, count: int) -> dict[str, float]:
    """`count` pages begun at once, after as many that are not counted. What all of them get, and what one waits."""
    for _ in range(2):
        begin = time.perf_counter()
        running = [
            engine.submit(prompt_ids(engine.config, task.prompt, seed), replace(params, seed=seed))
            for seed in range(count)
        ]
        pages = [one.wait().stats for one in running]
        seconds = time.perf_counter() - begin
    tokens = sum(page.canvases for page in pages) * engine.config.canvas_length
    return {
        "pages": count,
        "tokens_per_second": round(tokens / seconds, 1),
        "seconds_a_page": round(statistics.median(page.seconds for page in pages), 3),
    }


def on_the_chip(model: PackedModel, runner: GraphRunner, step_ms: float) -> dict[str, Any]:
    """What only a GPU tells: the step's graph alone, its share of the copy bandwidth, its kernels, memory."""
    from kernels.timing import ceilings, replayed

    graph_ms = 1000 * replayed(runner.replayed(1))
    ceiling = ceilings()
    return {
        "graph_ms": round(graph_ms, 3),
        "copy_bytes_per_second": round(ceiling.bytes_per_second),
        "share_of_copy_bandwidth": round(model.nbytes / (graph_ms / 1000) / ceiling.bytes_per_second, 3),
        "host_ms_a_step": round(step_ms - graph_ms, 3),
        "peak_memory_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2),
        "weights_gib": round(footprint(model.config).weights[model.precision] / 2**30, 2),
        "kernels_us": by_kernel(runner),
    }


def by_kernel(runner: GraphRunner, replays: int = 10) -> dict[str, float]:
    """Microseconds of a step by kernel, the longest first."""
    from torch.profiler import ProfilerActivity, profile

    replay = runner.replayed(1)
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        for _ in range(replays):
            replay()
        torch.cuda.synchronize()
    spent = {event.key: event.self_device_time_total / replays for event in seen.key_averages()}
    return {name: round(us, 1) for name, us in sorted(spent.items(), key=lambda item: -item[1]) if us >= 1}


def errors(config: ModelConfig, precision: str, device: torch.device, ops: Operations | None = None) -> dict[str, Any]:
    """Relative RMS error against bf16 on the same random weights: of the stream behind each layer, each precision
    going its own way, and of the logits. One layer of each is in memory at a time."""
    ops = ops or operations(device)
    tensors = random_tensors(config, device)
    ids = torch.tensor(prompt_ids(config, min(256, config.window), 0), device=device)
    span = [Span(0, 0, len(ids))]
    streams: dict[str, Tensor] = {}
    by_layer, logits = [], {}
    with torch.inference_mode():
        for layer in tqdm(range(config.layers), desc=f"error of {precision}", leave=False):
            for name in ("bf16", precision):
                model = PackedModel(config, tensors, name, ops, len(ids), [layer])
                x = streams.get(name, model.embed(ids))
                attend, where = encode_attend(model, span), places(span, device)
                streams[name] = model.run_layer(model.layers[0], x, where, attend, encoded=len(ids))
                if layer == config.layers - 1:
                    logits[name] = model.logits(model.rms(streams[name], model.norm)).float()
            by_layer.append(round(relative(streams[precision], streams["bf16"]), 5))
    return {
        "precision": precision,
        "by_layer": by_layer,
        "logits": round(relative(logits[precision], logits["bf16"]), 5),
    }


def relative(found: Tensor, expected: Tensor) -> float:
    difference = (found.float() - expected.float()).square().mean().sqrt()
    return float(difference / expected.float().square().mean().sqrt())


def peer(task: Task) -> dict[str, Any] | None:
    """transformers' own generate on the same shape, random weights in bf16, same prompt length and steps; None where it
    does not fit. Its first page is not counted."""
    from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion

    from engine.checkpoint import config_json

    config = SHAPES[task.shape]
    if footprint(config).weights["bf16"] * 1.2 > free_memory(torch.device("cuda")):
        return None
    with torch.device("cuda"):
        torch.set_default_dtype(torch.bfloat16)
        made = DiffusionGemmaForBlockDiffusion(DiffusionGemmaConfig(**config_json(config, "bfloat16"))).eval()
        torch.set_default_dtype(torch.float32)
    ids = torch.tensor([prompt_ids(config, task.prompt, 0)], device="cuda")
    seconds = []
    for _ in range(2):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        made.generate(
            ids, max_new_tokens=config.canvas_length, max_denoising_steps=task.steps,
            stability_threshold=task.steps + 1,
        )  # fmt: skip
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
    return {"tokens_per_second": round(config.canvas_length / seconds[-1], 1), "dtype": "bfloat16"}


def whole(task: Task) -> dict[str, Any]:
    """All that one call measures on a GPU."""
    device = torch.device("cuda")
    found: dict[str, Any] = {"engine": measure(task, device)}
    torch.cuda.empty_cache()
    if task.precision != "bf16":
        found["errors"] = errors(SHAPES[task.shape], task.precision, device)
        torch.cuda.empty_cache()
    return found | {"transformers": peer(task)}


def as_table(found: dict[str, Any]) -> str:
    """The figures for people."""
    engine, alone_, adaptive = found["engine"], found["engine"]["alone"], found["engine"]["adaptive"]
    lines = [
        f"{engine['shape']}, {engine['weights']} weights, {engine['precision']}, prompt of {engine['prompt']} tokens",
        "",
        f"{'':16}  steps  tokens/s  ms a step  first frame",
        *(
            f"{name:16}  {run['steps_per_canvas']:5.1f}  {run['tokens_per_second']:8,.0f}  {run['step_ms']:9.2f}"
            f"  {run['first_frame_ms']:8.1f} ms"
            for name, run in (("fixed", alone_), ("adaptive", adaptive))
        ),
        "",
        "pages together  tokens/s of all  seconds a page",
        *(
            f"{run['pages']:14}  {run['tokens_per_second']:15,.0f}  {run['seconds_a_page']:14.2f}"
            for run in engine["together"]
        ),
    ]
    if "graph_ms" in engine:
        lines += [
            "",
            f"a step alone {engine['graph_ms']:.2f} ms, {engine['share_of_copy_bandwidth']:.0%} of the copy bandwidth; "
            f"peak memory {engine['peak_memory_gib']:.1f} GiB",
            *(f"{us:9.1f} us  {name}" for name, us in list(engine["kernels_us"].items())[:12]),
        ]
    if beside := found.get("transformers"):
        ratio = alone_["tokens_per_second"] / beside["tokens_per_second"]
        lines += [
            "",
            f"transformers in {beside['dtype']}: {beside['tokens_per_second']:,.0f} tokens/s; ratio {ratio:.1f}",
        ]
    if wrong := found.get("errors"):
        lines += ["", f"relative error of {wrong['precision']} against bf16: logits {wrong['logits']:.4f}"]
    return "\n".join(lines)
