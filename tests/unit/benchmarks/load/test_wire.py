"""What drafts cost on the wire, on pages whose canvases settle from the left."""

import numpy as np
import pytest

from backend.drafts.drafter import Drafter
from benchmarks.load.wire import STEPS, Cost, cost
from engine.core.results import Frame

CANVAS, EOS = 256, 256


def frames(canvases: int) -> list[Frame]:
    words = b"<p>Tides are the rise and fall of sea levels, twice a day.</p>"
    page = np.frombuffer((words * 40)[: canvases * CANVAS], np.uint8).astype(np.int32)
    found = []
    for block in range(canvases):
        canvas = page[block * CANVAS : (block + 1) * CANVAS]
        for step in range(1, STEPS + 1):
            settled = np.arange(CANVAS) < CANVAS * step / STEPS
            tokens = np.where(settled, canvas, np.int32(ord("#")))
            found.append(Frame(block, step, STEPS, tokens, settled, 1.5, 0.0, step == STEPS, 0))
    return found


def drafter() -> Drafter:
    return Drafter(lambda token: bytes([token]) if token < EOS else b"", (EOS,))


@pytest.mark.parametrize(("canvases", "most"), [(1, 0.17), (4, 0.15)])
def test_changes_cost_a_fraction_of_whole_drafts(canvases: int, most: float) -> None:
    found = cost(frames(canvases), drafter())
    assert found.frames == canvases * STEPS
    assert found.changes > found.markup + found.tokens
    assert found.share < most
    assert found.sent_share < found.share / 2
    assert 0 < found.last <= found.markup < found.drafts


def test_no_frames_cost_nothing() -> None:
    assert cost([], drafter()) == Cost()
