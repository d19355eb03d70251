"""The figures of a load test as a table, and as a picture of latency against throughput."""

from pathlib import Path
from typing import Any

HEAD = "visitors  pages/s  first frame p50/p95/p99    page p50/p95/p99  frames/s  overhead p95  cores  KiB a session"
PAPER, INK, RED, GREY = "#faf7f2", "#22201c", "#b3261e", "#8a8378"


def as_table(found: dict[str, Any]) -> str:
    """Return a line for each number of visitors, then memory."""
    lines = [f"{found['model']} on {found['hardware']['cpu']}"]
    if points := found.get("curve"):
        lines += ["", HEAD]
        lines += [row(point) for point in points]
        lines += ["", f"a frame is {percent(points[-1]['delta_of_snapshot'])} of the whole draft"]
    if idle := found.get("idle"):
        lines.append(f"{idle['visitors']} idle visitors: {idle['resident_mib']} MiB, {idle['empty_mib']} MiB without")
    if soak := found.get("soak"):
        grown = f"{soak['growth_mib_per_hour']} MiB an hour"
        lines.append(f"{soak['minutes']} minutes with {soak['visitors']} visitors: memory grew by {grown}")
    return "\n".join(lines)


def row(point: dict[str, Any]) -> str:
    """Return the line of one number of visitors."""
    inside = point["service"] or {}
    overhead = (inside.get("frame_overhead_ms") or {}).get("p95")
    first, page = (triple(point[name]) for name in ("first_frame_ms", "page_ms"))
    return (
        f"{point['visitors']:8}  {point['pages_per_second']:7.2f}  {first:>20} ms  {page:>17} ms"
        f"  {point['frames_per_second']:8.0f}  {'-' if overhead is None else f'{overhead:.2f} ms':>12}"
        f"  {inside.get('cores', '-'):>5}  {inside.get('kib_per_session') or '-':>13}"
    )


def triple(figures: dict[str, float] | None) -> str:
    """Return p50, p95 and p99 as text."""
    return "/".join(f"{value:.0f}" for value in figures.values()) if figures else "-"


def percent(part: float | None) -> str:
    """Return a share as text."""
    return "-" if part is None else f"{100 * part:.1f} %"


def picture(found: dict[str, Any], path: Path) -> None:
    """Write a PNG of the service's own delay, and of that of the first frame, against frames a second."""
    from matplotlib.figure import Figure

    points = found["curve"]
    figure = Figure(figsize=(10, 4), facecolor=PAPER, layout="constrained")
    left, right = figure.subplots(1, 2)
    frames = [point["frames_per_second"] for point in points]
    for part, colour in (("p50", GREY), ("p95", INK), ("p99", RED)):
        overhead = [(point["service"] or {}).get("frame_overhead_ms", {}).get(part) for point in points]
        left.plot(frames, overhead, "o-", color=colour, label=part)
        right.plot(frames, [(point["first_frame_ms"] or {}).get(part) for point in points], "o-", color=colour)
    left.set_title("From a frame to its bytes in the socket, ms", color=INK, loc="left", fontsize=10)
    right.set_title("From a click to the first frame, ms", color=INK, loc="left", fontsize=10)
    for axes in (left, right):
        axes.set(facecolor=PAPER, xlabel="frames a second", yscale="log")
        axes.spines[["top", "right"]].set_visible(False)
        for x, y, point in zip(frames, axes.lines[0].get_ydata(), points, strict=True):
            axes.annotate(f"{point['visitors']}", (x, y), textcoords="offset points", xytext=(0, -12), fontsize=8)
    left.legend(frameon=False, loc="upper left")
    figure.suptitle(f"{found['model']}; numbers are visitors", x=0.01, ha="left", fontsize=9, color=GREY)
    figure.savefig(path, dpi=110)
