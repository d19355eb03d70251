"""Write what the bench measured into docs/kernels.md, as a table and as a picture of the roofline.

    python -m benchmarks.kernels.report RESULT.json        of a bench's JSON
    python -m benchmarks.kernels.report --data-sheet       floors alone, by the data sheet of an H100 SXM

The command writes docs/roofline.png and the part of docs/kernels.md between its two marks.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.kernels.shapes import LARGE, Maker, cases
from benchmarks.kernels.timing import Ceilings

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
H100 = Ceilings(3.35e12, 989e12)
"""Memory bandwidth and dense bf16 rate of an H100 SXM, from NVIDIA's data sheet."""

COLUMNS = ("floor", "achieved", "share of the floor", "PyTorch's best")


def sheet() -> dict[str, Any]:
    """Return what a bench would write, but without times: one canvas of the 26B model on an H100."""
    found: list[dict[str, Any]] = [
        {"model": LARGE.name, "operation": case.operation, "label": case.label, "moved": case.moved,
         "flops": case.flops, "floor": H100.floor(case), "seconds": None, "peers": {}}
        for case in cases(LARGE, Maker("meta"))
    ]  # fmt: skip
    ceilings = {"bytes_per_second": H100.bytes_per_second, "flops_per_second": H100.flops_per_second}
    return {"machine": {"gpu": "H100 SXM (data sheet)"}, "ceilings": ceilings, "operations": found}


def microseconds(value: float | None) -> str:
    """Return seconds as text in microseconds."""
    return "not measured" if value is None else f"{1e6 * value:,.1f} us"


def as_markdown(result: dict[str, Any]) -> str:
    """Return the table: operation, floor, achieved time, share of the floor, and PyTorch's best time."""
    lines = [f"On {result['machine']['gpu']}:", "", "| model | operation | at | " + " | ".join(COLUMNS) + " |"]
    lines.append("|" + "---|" * 7)
    for one in result["operations"]:
        seconds, floor = one["seconds"], one["floor"]
        best = min((value for value in one["peers"].values() if isinstance(value, float)), default=None)
        share = "" if seconds is None else f"{floor / seconds:.0%}"
        cells = (one["model"], f"`{one['operation']}`", one["label"], microseconds(floor), microseconds(seconds), share)
        lines.append("| " + " | ".join((*cells, microseconds(best))) + " |")
    return "\n".join(lines)


def draw(result: dict[str, Any], target: Path) -> None:
    """Draw operations by their arithmetic intensity: a ring at the roof, and a dot at what the kernel reaches."""
    import matplotlib.pyplot as plt  # a package of an extra, needed only for this picture

    roof, peak = result["ceilings"]["bytes_per_second"], result["ceilings"]["flops_per_second"]
    figure, axes = plt.subplots(figsize=(10, 6), layout="constrained")
    ridge = peak / roof
    axes.plot([1, ridge, 1e4], [roof / 1e12, peak / 1e12, peak / 1e12], color="0.4", linewidth=1.5)
    names = list(dict.fromkeys(one["operation"] for one in result["operations"] if one["flops"]))
    for one in result["operations"]:
        if not one["flops"]:
            continue
        at, color = one["flops"] / one["moved"], f"C{names.index(one['operation'])}"
        axes.scatter(at, one["flops"] / one["floor"] / 1e12, s=60, facecolors="none", edgecolors=color)
        if one["seconds"]:
            axes.scatter(at, one["flops"] / one["seconds"] / 1e12, s=40, color=color)
    for name in names:
        axes.scatter([], [], color=f"C{names.index(name)}", label=name)
    axes.set(
        xscale="log", yscale="log", xlabel="operations a byte", ylabel="TFLOP/s",
        title=f"{result['machine']['gpu']}: {roof / 1e12:.2f} TB/s, {peak / 1e12:.0f} TFLOP/s in bf16"
        + ("" if any(one["seconds"] for one in result["operations"]) else "; floors, nothing measured"),
    )  # fmt: skip
    axes.grid(visible=True, which="major", color="0.9")
    axes.legend(loc="lower right")
    figure.savefig(target, dpi=110)
    plt.close(figure)


def insert(table: str, page: Path) -> None:
    """Put the table between the marks of a page.

    Raises:
        ValueError: The page lacks a mark.
    """
    text = page.read_text()
    if BEGIN not in text or END not in text:
        raise ValueError(f"{page}: expected {BEGIN} and {END}, got neither or one")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the table and the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, nargs="?", help="JSON of benchmarks.kernels.bench")
    parser.add_argument("--data-sheet", action="store_true")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of kernels.md and roofline.png (%(default)s)")
    given = parser.parse_args(arguments)
    if given.data_sheet == bool(given.result):
        parser.error("expected a result or --data-sheet, and not both")
    result = sheet() if given.data_sheet else json.loads(given.result.read_text())
    insert(as_markdown(result), given.docs / "kernels.md")
    draw(result, given.docs / "roofline.png")


if __name__ == "__main__":
    main()
