"""An animated picture of a page while it is generated."""

import io
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image

SIZE = (800, 500)
LAST_MS = 2500
"""How long the last frame is shown before the animation starts again."""

SHORTEST_MS = 20
QUALITIES = (80, 65, 50, 35)


def animated(shots: Sequence[tuple[float, bytes]], limit: int) -> bytes:
    """Return an animated WebP of screenshots, each shown for as long as it lasted.

    Args:
        shots: Time in seconds and PNG of each screenshot.
        limit: Most bytes of the animation.

    Returns:
        The WebP file.

    Raises:
        ValueError: The animation exceeds the limit at every quality.
    """
    frames = [Image.open(io.BytesIO(png)).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS) for _, png in shots]
    lasting = [max(SHORTEST_MS, round(1000 * (after - before))) for (before, _), (after, _) in pairwise(shots)]
    size = 0
    for quality in QUALITIES:
        into = io.BytesIO()
        frames[0].save(
            into, "WEBP", save_all=True, append_images=frames[1:], duration=[*lasting, LAST_MS], loop=0,
            quality=quality, method=4,
        )  # fmt: skip
        if (size := into.tell()) <= limit:
            return into.getvalue()
    raise ValueError(f"expected an animation of {limit:,} bytes at most, got {size:,}")


def small(png: bytes) -> bytes:
    """Return a screenshot as WebP, which takes a third of a PNG's bytes for pictures with scenes in them."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(file, "WEBP", quality=86, method=6)
    return file.getvalue()
