"""The figures of benchmarks/engine/gpu.py as a table and as pictures, for whatever was measured."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.charts import bars, curve

Found = Mapping[str, Any]

RUNS = {
    "alone": "fixed steps",
    "adaptive": "adaptive",
    "guided": "guided",
    "one_canvas": "one canvas",
    "short_prompt": "short prompt",
}


PEAKS = ("load", "alone", "together_1", "together_4", "together_16")
"""The measurements whose peak memory is shown in the table."""


def derived(found: Found) -> dict[str, float]:
    """Compute the figures that follow from others.

    Returns:
        The host's milliseconds a step, the relative cost of guidance, and how much faster one canvas is than with
        transformers; each only if its measurements exist.
    """
    told: dict[str, float] = {}
    alone, chip, guided = found.get("alone"), found.get("chip"), found.get("guided")
    if alone and chip:
        told["host_ms_a_step"] = round(alone["step_ms"] - chip["graph_ms"], 3)
    if alone and guided:
        told["guidance_cost"] = round(guided["step_ms"] / alone["step_ms"], 3)
    beside, one = found.get("transformers") or {}, found.get("one_canvas")
    if one and "tokens_per_second" in beside:
        told["times_transformers"] = round(one["tokens_per_second"] / beside["tokens_per_second"], 2)
    return told


def together(found: Found) -> list[Found]:
    """Return the measurements of pages together, by the number of pages."""
    runs = [value for name, value in found.items() if name.startswith("together_")]
    return sorted(runs, key=lambda run: int(run["pages"]))


def pictures(found: Found, file: Path) -> list[str]:
    """Draw the pictures for which there are figures, next to the file of figures.

    Returns:
        The names of the pictures.
    """
    task, drawn = found["task"], {}
    what = f"{task['shape']}, {task['precision']}"
    if broken := found.get("breakdown"):
        drawn["breakdown"] = bars(f"A step of {what}", list(broken["operations"].items()), "us")
    if runs := together(found):
        points = [(run["seconds_a_page"], run["tokens_per_second"], f"{run['pages']}") for run in runs]
        drawn["company"] = curve(f"Pages together, {what}", points, "seconds a page", "tokens a second of all")
    for name, picture in drawn.items():
        file.with_name(f"{file.stem}-{name}.svg").write_text(picture, "utf-8")
    return [f"{file.stem}-{name}.svg" for name in drawn]


def as_table(found: Found) -> str:
    """Return as text what was measured, and what was not and why."""
    task = found["task"]
    head = f"{task['shape']}, {task['weights']} weights, {task['precision']}, prompt of {task['prompt']} tokens"
    if "memory_gib" in found:
        head += f", within {found['memory_gib']:g} GiB"
    sections: tuple[Callable[[Found], Iterator[str]], ...] = (_runs, _pages, _together, _chip, _beside, _errors)
    lines = [line for section in sections for line in section(found)]
    if other := found.get("bundled"):
        lines += ["", as_table({**other, "problems": {}})]
    return "\n".join([head, *lines, *_problems(found)])


def _runs(found: Found) -> Iterator[str]:
    if runs := [(words, found[name]) for name, words in RUNS.items() if name in found]:
        yield ""
        yield f"{'':16}  steps  tokens/s  ms a step  first frame"
    for words, run in runs:
        yield (
            f"{words:16}  {run['steps_per_canvas']:5.1f}  {run['tokens_per_second']:8,.0f}  {run['step_ms']:9.2f}"
            f"  {run['first_frame_ms']:8.1f} ms" + (f"  {run['note']}" if "note" in run else "")
        )


def _pages(found: Found) -> Iterator[str]:
    if pages := found.get("pages"):
        yield f"{pages['pages']} pages as visitors ask for them, with the checkpoint's own parameters:"
        yield (
            f"{pages['tokens_per_second']:,.0f} tokens/s, {pages['seconds_a_page']:.2f} s a page, first frame after "
            f"{pages['first_frame_ms']:.1f} ms, {pages['steps_per_canvas']:.1f} steps and "
            f"{pages['readings_per_canvas']:.1f} readings a canvas"
        )


def _together(found: Found) -> Iterator[str]:
    if runs := together(found):
        yield ""
        yield "pages together  tokens/s of all  seconds a page"
    for run in runs:
        yield f"{run['pages']:14}  {run['tokens_per_second']:15,.0f}  {run['seconds_a_page']:14.2f}"


def _chip(found: Found) -> Iterator[str]:
    if chip := found.get("chip"):
        yield ""
        yield f"a step alone {chip['graph_ms']:.2f} ms, {chip['bytes_a_step'] / 1e9:.1f} GB of weights, " + (
            f"{chip['share_of_copy_bandwidth']:.0%} of the copy bandwidth"
        )
    if memory := found.get("memory"):
        peaks = ", ".join(f"{name} {peak:.1f}" for name, peak in memory["peaks_gib"].items() if name in PEAKS)
        yield (
            f"memory: at most {memory['peak_gib']:.1f} GiB, of them weights {memory['weights_gib']:.1f} GiB ({peaks}); "
            f"{memory['device_gib']:.1f} GiB of the device with what the driver takes"
        )
    for name, us in (found.get("breakdown") or {"operations": {}})["operations"].items():
        yield f"{us:9.1f} us  {name}"


def _beside(found: Found) -> Iterator[str]:
    told = found.get("derived") or {}
    if "guidance_cost" in told:
        yield f"a guided step takes {told['guidance_cost']:.2f} times as long"
    beside = found.get("transformers") or {}
    if "skipped" in beside:
        yield f"transformers was left out: {beside['skipped']}"
    elif beside:
        ratio = f"; the engine {told['times_transformers']:.1f} times" if "times_transformers" in told else ""
        ours = found["task"]["precision"]
        dtype = beside["dtype"] if ours == "bf16" else f"{beside['dtype']} (the engine in {ours})"
        yield f"transformers in {dtype}, one canvas: {beside['tokens_per_second']:,.0f} tokens/s{ratio}"


def _errors(found: Found) -> Iterator[str]:
    if wrong := found.get("errors"):
        most = max(wrong["layer_alone"])
        yield (
            f"relative error of {wrong['precision']} against bf16: a layer alone at most {most:.4f}, "
            f"logits {wrong['logits']:.4f}"
        )


def _problems(found: Found) -> Iterator[str]:
    for name, problem in found["problems"].items():
        yield f"not measured: {name}: {problem}"
