"""The load bench: a recording that is given back as it was, visitors against a service, what is made of it."""

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tqdm import tqdm

from backend.cli import main
from backend.drafts.drafter import Drafter
from backend.errors import StartupError
from backend.settings import Settings
from backend.text.diff import change
from benchmarks.load.command import plan_of, target_of
from benchmarks.load.replay_model import Recorded, Recording, Take
from benchmarks.load.report import as_table, picture
from benchmarks.load.run import Crowd, advance, bar_of, growth, inside
from benchmarks.load.target import Scrape, Target, environment, remote
from benchmarks.load.totals import Tally, quantiles
from benchmarks.load.visitors import Door, Draft, Manner
from engine.core.errors import EngineClosed
from engine.core.params import Params
from engine.core.results import Frame, Result, Stats
from tests.support.fakes import MemoryStore, settings_in
from tests.support.running_service import free_port, serving

PAGE = b"<h1>Lava</h1><p>flows</p><a href=/wiki>Rock</a>"
CANVAS, STEPS = 64, 4


def recording() -> Recording:
    """One page of bytes as tokens, settled in four steps."""
    canvas = np.full(CANVAS, 256, np.int16)
    canvas[: len(PAGE)] = np.frombuffer(PAGE, np.uint8)
    frames = tuple(
        Frame(0, step, STEPS, canvas, np.arange(CANVAS) < CANVAS * step / STEPS, 0.5, step / 7, step == STEPS)
        for step in range(1, STEPS + 1)
    )
    stats = Stats(len(PAGE), 1, [STEPS], 9.0, 0.1, 4 / 7, 0, [0])
    pieces = {token: bytes([token]) if token < 256 else b"" for token in map(int, np.unique(canvas))}
    return Recording({"model": "none"}, (Take(frames, Result(list(PAGE), "eos", stats)),), pieces, (256,))


def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    path, before = tmp_path / "some.npz", recording()
    before.save(path)
    after = Recording.load(path)
    assert after.about["model"] == "none"
    assert (after.pieces, after.eos_ids) == (before.pieces, (256,))
    (take,), (old,) = after.takes, before.takes
    assert take.result == old.result
    for one, other in zip(take.frames, old.frames, strict=True):
        assert vars(one) | {"tokens": 0, "settled": 0} == vars(other) | {"tokens": 0, "settled": 0}
        assert np.array_equal(one.tokens, other.tokens)
        assert np.array_equal(one.settled, other.settled)


@pytest.mark.parametrize("content", [None, b"nothing"])
def test_a_file_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "some.npz"
    if content:
        path.write_bytes(content)
    with pytest.raises(StartupError, match=r"expected a recording in .*; benchmarks\.load\.record_replay makes one"):
        Recording.load(path)


def test_the_bundled_recording_makes_pages() -> None:
    found = Recording.load()
    assert found.takes
    for take in found.takes:
        drafter = Drafter(found.pieces.__getitem__, found.eos_ids, "anchored")
        for frame in take.frames:
            drafter.update(frame)
        assert "<h1" in drafter.page()


def test_a_closed_recording_takes_no_more() -> None:
    engine = Recorded(recording(), rate=100.0)
    assert engine.submit("", Params(seed=3))
    engine.close()
    with pytest.raises(EngineClosed):
        engine.submit("")


Enough = Callable[[Tally], bool]


def visited(folder: Path, count: int, manner: Manner, enough: Enough, acts: bool = True) -> dict[str, Any]:
    """What visitors report of a service in this process once they have seen enough, and what it says itself."""

    async def whole() -> dict[str, Any]:
        settings = settings_in(folder, port=free_port(), token="key", prefetch=False)
        engine: Any = Recorded(recording(), rate=100.0)
        origin = settings.shell_origin
        admission = Door(f"ws://127.0.0.1:{settings.port}/ws", origin, None, loopback=True)
        target = Target(admission, f"{origin}/", "key")
        async with serving(settings, engine, MemoryStore()):
            crowd = Crowd(target, manner, acts)
            before = await asyncio.to_thread(target.scrape)
            await crowd.grow(count)
            async with asyncio.timeout(60):
                while not enough(crowd.tally):
                    await crowd.watched(0.1, tqdm(disable=True))
            after = await asyncio.to_thread(target.scrape)
            await crowd.leave()
        return crowd.tally.report(1.0) | {"service": inside(before, after, 1.0, before)}

    return asyncio.run(whole())


def test_visitors_click_and_are_counted(tmp_path: Path) -> None:
    def enough(tally: Tally) -> bool:
        done = all(tally.actions[kind] for kind in ("act", "prompt", "reconnect"))
        return done and tally.came == 11 and tally.snapshot > 0

    found = visited(tmp_path, 11, Manner(think=0.0, cancels=0.0, drops=1.0), enough)
    assert found["pages"] > 1
    assert (found["disorder"], found["connections_lost"]) == (0, 0)
    assert set(found["errors"]) <= {"rate_limited"}
    assert found["first_frame_ms"]["p50"] > 0
    assert 0 < found["delta_of_snapshot"] < 2
    service = found["service"]
    assert service["sessions"] == 11  # who comes back has the session of before
    assert service["frame_overhead_ms"]["p95"] > 0
    assert service["frames"]["made"] >= service["frames"]["sent"] > 0
    assert service["resident_mib"] > 1


def test_idle_visitors_ask_for_nothing(tmp_path: Path) -> None:
    found = visited(tmp_path, 3, Manner(), lambda tally: tally.messages["welcome"] == 3, acts=False)
    assert (found["pages"], found["actions"], found["errors"]) == (0, {}, {})
    assert found["service"]["sessions"] == 3


def test_the_draft_of_a_sampled_visitor_is_the_services() -> None:
    draft, html = Draft(), ""
    for number, new in enumerate(("<p>a", "<p>\u2007🌋b", "<p>🌋bc", "")):
        if number == 0:
            draft.take({"type": "keyframe", "html": new, "tokens": [[0, "a", 0]]})
        else:
            made = change(html, new)
            draft.take({"type": "frame", "at": made.at, "cut": made.cut, "text": made.text, "tokens": [[0, "b", 1]]})
        html = new
        assert draft.html == new
    assert draft.tokens == {0: [0, "b", 1]}


def test_figures_of_a_stretch() -> None:
    tally = Tally(first=[0.1, 0.2, 0.3], page=[1.0], snapshot=1000, delta=30)
    for kind, size in (("keyframe", 500), ("frame", 20), ("frame", 40), ("page.commit", 140)):
        tally.message(kind, size)
    found = tally.report(2.0)
    assert (found["pages_per_second"], found["frames_per_second"]) == (0.5, 1.5)
    assert (found["bytes_per_page"], found["bytes_per_frame"], found["bytes_per_keyframe"]) == (700, 30, 500)
    assert found["delta_of_snapshot"] == 0.03
    assert found["first_frame_ms"] == {"p50": 200.0, "p95": 300.0, "p99": 300.0}
    assert Tally().report(1.0)["page_ms"] is None
    assert quantiles([0.001 * n for n in range(1, 101)]) == {"p50": 51.0, "p95": 96.0, "p99": 100.0}


def exposition(counts: tuple[int, int, int], requests: int) -> Scrape:
    low, high, every = counts
    return Scrape.read(
        "# TYPE some_seconds histogram\n"
        f'some_seconds_bucket{{le="0.001"}} {low}\nsome_seconds_bucket{{le="0.003"}} {high}\n'
        f'some_seconds_bucket{{le="+Inf"}} {every}\nsome_seconds_count {every}\nsome_seconds_sum 1\n'
        f'# TYPE asked counter\nasked_total{{a="b"}} {requests}\nasked_total{{a="c"}} 1\n'
    )


def test_quantiles_are_of_what_came_since() -> None:
    before, after = exposition((100, 100, 100), 5), exposition((110, 130, 130), 25)
    assert after.since(before, "asked_total") == 20
    assert after.quantile(before, "some_seconds", 0.5) == pytest.approx(0.001 + 0.002 * 5 / 20)
    assert after.quantile(before, "some_seconds", 1.0) == pytest.approx(0.003)
    assert after.quantile(after, "some_seconds", 0.5) is None
    assert after.quantile(before, "other", 0.5) is None
    assert exposition((0, 0, 9), 0).quantile(exposition((0, 0, 0), 0), "some_seconds", 0.5) == 0.003
    assert inside(None, after, 1.0) is None


def memory(mib: int, sessions: int) -> Scrape:
    size = f"# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {mib * 2**20}\n"
    return Scrape.read(f"{size}# TYPE silverprint_sessions gauge\nsilverprint_sessions {sessions}\n")


@pytest.mark.parametrize(
    ("empty", "sessions", "each"), [(memory(90, 0), 64, 160.0), (memory(90, 0), 0, None), (None, 64, None)]
)
def test_memory_of_a_session(empty: Scrape | None, sessions: int, each: float | None) -> None:
    found = inside(memory(95, 10), memory(100, sessions), 1.0, empty)
    assert found
    assert (found["resident_mib"], found["kib_per_session"]) == (100.0, each)


def test_growth_is_that_of_the_second_half() -> None:
    mib = 2**20
    samples = [(60.0 * n, (100 + 50 * (n < 5) + n) * mib) for n in range(10)]
    assert growth(samples)["growth_mib_per_hour"] == pytest.approx(60.0)
    assert growth(samples)["resident_mib"][0] == [0, 150.0]


def options(*words: str) -> argparse.Namespace:
    return main.parser(main.RUNS).parse_args(["bench", "load", *words])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--visitors", "1,x"], "expected --visitors to be numbers such as 10,50, got '1,x'"),
        (["--visitors", "0"], "expected --visitors above 0, got 0"),
        (["--seconds", "-1"], "expected --seconds above 0, got -1"),
        (["--soak", "0"], "expected --soak above 0, got 0"),
        (["--think", "-1"], "expected --think of 0 or more, got -1"),
        (["--url", "http://x", "--recorded"], "expected --url or --recorded, got both"),
    ],
)
def test_options_that_make_no_sense(words: list[str], message: str) -> None:
    with pytest.raises(StartupError, match=message):
        plan_of(options(*words))


def test_a_service_elsewhere(tmp_path: Path) -> None:
    with target_of(options("--url", "https://pages.example.org"), settings_in(tmp_path)) as target:
        assert target.admission == Door("wss://pages.example.org/ws", "https://pages.example.org")
        assert target.scrape() is None
    assert remote("http://127.0.0.1:8017/", "key").admission == Door("ws://127.0.0.1:8017/ws", None, "key", True)
    with pytest.raises(StartupError, match="expected --url to be http://HOST:PORT, got 'x'"):
        remote("x", None)


def test_a_service_of_its_own_keeps_away_from_what_is_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILVERPRINT_STORE", "redis://production:6379")
    monkeypatch.setenv("SILVERPRINT_TENANT", "main")
    told = environment(settings_in(tmp_path), "key")
    assert "PATH" in told
    assert {name for name in told if name.startswith("SILVERPRINT_")}.isdisjoint(
        {"SILVERPRINT_STORE", "SILVERPRINT_TENANT", "SILVERPRINT_PRECISION"}
    )
    assert told["SILVERPRINT_TOKEN"] == "key"
    made = Settings.from_env(told)
    assert (made.store, made.prefetch, made.facts) == (None, False, tmp_path / "facts")


def test_a_table_and_a_picture(tmp_path: Path) -> None:
    overhead = {"p50": 1.0, "p95": 2.5, "p99": 4.0}
    latency = {"p50": 50.0, "p95": 90.0, "p99": 99.0}
    points = [
        {
            "visitors": count, "pages_per_second": 2.0, "frames_per_second": 20.0 * count, "delta_of_snapshot": 0.05,
            "first_frame_ms": latency, "page_ms": None, "service":
            {"frame_overhead_ms": overhead, "cores": 0.5, "kib_per_session": 161.5},
        }
        for count in (10, 20)
    ]  # fmt: skip
    found = {"model": "recorded", "hardware": {"cpu": "some"}, "curve": points}
    assert "50/90/99 ms" in as_table(found)
    assert "2.50 ms" in as_table(found)
    assert "161.5" in as_table(found)
    assert "a frame is 5.0 % of the whole draft" in as_table(found)
    picture(found, tmp_path / "load.png")
    assert (tmp_path / "load.png").read_bytes().startswith(b"\x89PNG")
    idle = {"idle": {"visitors": 1000, "resident_mib": 130.0, "empty_mib": 80.0}}
    assert "1000 idle visitors: 130.0 MiB, 80.0 MiB without" in as_table(found | idle)


def test_a_bar_that_is_full_stays_so() -> None:
    bar = bar_of(1.0)
    for _ in range(3):
        advance(bar, 0.6)
    bar.refresh()
    assert (bar.n, bar.total) == (1.0, 1.0)
    bar.close()
