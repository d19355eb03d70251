"""Two kinds of chart as SVG, drawn without a library: horizontal bars, and a line through points."""

from collections.abc import Sequence
from html import escape

WIDTH, ROW, LEFT, RIGHT, TOP = 760, 26, 190, 110, 44
INK, FILL, PALE = "#222", "#4a6fa5", "#ddd"


def bars(title: str, values: Sequence[tuple[str, float]], unit: str) -> str:
    """Draw horizontal bars from the top, each with its value and its share of the sum.

    Args:
        title: Title above the bars.
        values: Name and value of each bar.
        unit: Unit that is written after each value.

    Returns:
        The SVG document.
    """
    whole, most = sum(value for _, value in values) or 1.0, max((value for _, value in values), default=1.0) or 1.0
    parts = [_text(16, 26, title, size=16)]
    for number, (name, value) in enumerate(values):
        y, long = TOP + number * ROW, (WIDTH - LEFT - RIGHT) * value / most
        parts += [
            _text(LEFT - 8, y + 15, name, anchor="end"),
            f'<rect x="{LEFT}" y="{y}" width="{long:.1f}" height="{ROW - 8}" fill="{FILL}"/>',
            _text(LEFT + long + 6, y + 15, f"{value:,.0f} {unit}, {value / whole:.0%}"),
        ]
    return _picture(TOP + len(values) * ROW + 12, parts)


def curve(title: str, points: Sequence[tuple[float, float, str]], across: str, up: str) -> str:
    """Draw a line through points; both axes begin at zero.

    Args:
        title: Title above the chart.
        points: x, y and label of each point.
        across: Name of the x axis.
        up: Name of the y axis.

    Returns:
        The SVG document.
    """
    height, bottom, left = 420, 56, 70
    most_x, most_y = (max(axis, default=0.0) or 1.0 for axis in ([x for x, _, _ in points], [y for _, y, _ in points]))
    wide, high = WIDTH - left - 60, height - bottom - TOP - 10

    def place(x: float, y: float) -> tuple[float, float]:
        return left + wide * x / most_x, height - bottom - high * y / most_y

    at = [place(x, y) for x, y, _ in points]
    parts = [
        _text(16, 26, title, size=16),
        f'<path d="M{left} {TOP}V{height - bottom}H{WIDTH - 40}" fill="none" stroke="{PALE}"/>',
        _text(left + wide / 2, height - 14, f"{across} (to {most_x:,.2f})", anchor="middle"),
        _text(left, TOP - 4, f"{up} (to {most_y:,.0f})"),
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in at)}" fill="none" stroke="{FILL}"/>',
    ]
    for (x, y), (_, _, label) in zip(at, points, strict=True):
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{FILL}"/>', _text(x + 7, y - 6, label)]
    return _picture(height, parts)


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 13) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{INK}">{escape(words)}</text>'
    )


def _picture(height: float, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>', *parts, "</svg>", ""])
