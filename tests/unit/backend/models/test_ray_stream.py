"""A page whose replica is lost, fails, or is slower or faster than its reader. Without Ray."""

import asyncio
from dataclasses import replace

import pytest

from backend.models.ray.stream import ReplicaLost
from engine.core.errors import DeviceLost, EngineClosed, EngineError, GenerationFailed, InvalidParams, PromptTooLong
from engine.core.params import Committed
from engine.core.results import Frame
from tests.support.replica_streams import CANVAS, EOS, PAD, Scripts, frame, read, result

LOST = ReplicaLost("gone")
FIRST = (frame(0, 1), frame(0, 2, final=True))


def told(frames: list[Frame]) -> list[tuple[int, int]]:
    return [(one.block, one.step) for one in frames]


def test_frames_come_as_they_are_made() -> None:
    scripts = Scripts([*FIRST, frame(1, 1), frame(1, 2, final=True, token=EOS), result(1, 1, 1, 1)])
    frames, found = read(scripts)
    assert told(frames) == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert (found.tokens, found.finish, found.stats.corrections) == ([1, 1, 1, 1], "eos", 3)
    assert scripts.orders[0].committed is None
    assert not scripts.streams[0].cancelled


@pytest.mark.parametrize("lost", [LOST, DeviceLost("the GPU has failed"), EngineClosed("closed")], ids=type)
def test_another_replica_goes_on_behind_what_is_committed(lost: Exception) -> None:
    scripts = Scripts([*FIRST, frame(1, 1), lost], [frame(1, 1), frame(1, 2, final=True, token=EOS), result(1)])
    frames, found = read(scripts)
    assert told(frames) == [(0, 1), (0, 2), (1, 1), (1, 1), (1, 2)]
    assert scripts.orders[1] == replace(scripts.orders[0], committed=Committed((1,) * CANVAS, (2,), (0,)))
    assert found.tokens == [1]
    assert scripts.streams[0].cancelled


def test_times_are_those_of_the_whole_page() -> None:
    frames, found = read(Scripts([frame(0, 1), LOST], [frame(0, 1), frame(0, 2, final=True, token=EOS), result(1)]))
    assert frames[0].elapsed == found.stats.first_frame == pytest.approx(0.01, abs=0.01)
    assert 0.01 < frames[1].elapsed < frames[2].elapsed
    assert found.stats.tokens_per_second == pytest.approx(found.stats.tokens / found.stats.seconds)


def test_a_page_that_had_all_its_canvases_needs_no_other_replica() -> None:
    last = frame(0, 2, final=True)
    last.tokens[1:] = (PAD, EOS, 5)
    frames, found = read(Scripts([frame(0, 1), last, LOST]))
    assert told(frames) == [(0, 1), (0, 2)]
    assert (found.tokens, found.finish) == ([1, PAD], "eos")
    assert (found.stats.tokens, found.stats.canvases, found.stats.steps) == (1, 1, [2])


def test_a_page_at_its_length_needs_no_other_replica() -> None:
    found = read(Scripts([frame(n, 2, final=True) for n in range(3)] + [LOST]))[1]
    assert (len(found.tokens), found.finish) == (3 * CANVAS, "length")


def test_the_third_replica_is_the_last() -> None:
    with pytest.raises(GenerationFailed, match="3 replicas were lost while they made this page"):
        read(Scripts([LOST], [LOST], [LOST]))


@pytest.mark.parametrize(
    "error", [PromptTooLong(7, 5), InvalidParams("canvas: no"), GenerationFailed("out of luck")], ids=type
)
def test_errors_come_back_as_themselves(error: EngineError) -> None:
    with pytest.raises(type(error)) as caught:
        read(Scripts([frame(0, 1), error]))
    assert caught.value is error


def test_a_stream_that_cannot_be_read_is_a_failed_page() -> None:
    with pytest.raises(GenerationFailed, match="could not be read from its replica: exceptions must derive"):
        read(Scripts([3]))


def test_a_slow_reader_misses_drafts_but_no_final() -> None:
    async def scene() -> list[Frame]:
        writing = Scripts([*FIRST, frame(1, 1), frame(1, 2), frame(1, 3), None]).writing()
        for _ in range(50):
            await asyncio.sleep(0)
        found = [await anext(writing), await anext(writing)]
        writing.cancel()
        return found

    assert told(asyncio.run(scene())) == [(0, 2), (1, 3)]


def test_cancelling_ends_the_stream_and_keeps_what_is_committed() -> None:
    scripts = Scripts([*FIRST, frame(1, 1), None])
    frames, found = read(scripts, lambda writing, one: writing.cancel() if one.final else None)
    assert scripts.streams[0].cancelled
    assert (found.tokens, found.finish) == ([1] * CANVAS, "cancelled")
    assert told(frames)[-1] == (0, 2)


def test_cancelling_before_anything_happened() -> None:
    async def scene() -> None:
        writing = Scripts([None]).writing()
        writing.cancel()
        writing.cancel()
        assert [one async for one in writing] == []
        assert (await writing.result()).finish == "cancelled"

    asyncio.run(scene())
