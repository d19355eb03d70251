"""What the service counts, and who may see it."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.errors import SessionMoved, StoreError
from backend.observability.metered_store import AT_ONCE, timed
from backend.observability.metrics import Metrics
from backend.protocol.messages import Cancel, Prompt
from backend.storage.records import SessionRecord, Store
from tests.service.test_app import SHELL, Web, browse
from tests.support.fakes import STEPS, MemoryStore, held
from tests.support.running_service import Service, visit

ADMIN = "Bearer key"


def figures(text: str) -> dict[str, float]:
    """Every sample of an exposition, as `name{label=value}`."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def asked(web: Web) -> dict[str, float]:
    answer = await web.get(f"{SHELL}/metrics", authorization=ADMIN)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return figures(answer.text)


def test_pages_and_steps_are_counted(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        visitor = await web.visitor()
        page = await visitor.page(Prompt("lava"))
        with held(web.engine):
            await visitor.send(Prompt("tides", "app"))
            assert (await asked(web))["silverprint_pages_running"] == 1
            await visitor.send(Cancel())
        await visitor.own.archive.flush()
        found = await asked(web)
        steps = STEPS * page.stats.canvases
        assert found["silverprint_steps_total"] == found["silverprint_frames_made_total"] == steps
        assert found["silverprint_pages_total{outcome=committed,world=web}"] == 1
        assert found["silverprint_pages_total{outcome=cancelled,world=app}"] == 1
        assert found["silverprint_tokens_total"] == page.stats.tokens
        assert found["silverprint_first_frame_seconds_count{world=web}"] == 1
        assert "silverprint_first_frame_seconds_count{world=app}" not in found
        assert found["silverprint_page_seconds_count{world=web}"] == 1
        assert found["silverprint_sessions"] == 1
        assert found["silverprint_pages_running"] == found["silverprint_pages_waiting"] == 0
        assert found["silverprint_gpu_memory_bytes"] == 0
        assert found["silverprint_store_seconds_count{operation=save}"] >= 2
        assert found["process_resident_memory_bytes"] > 0

    browse(tmp_path, scene, token="key")


def test_pages_in_line_are_counted_and_how_long_they_stood_there(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        one, other = await web.visitor(), await web.visitor()
        with held(web.engine):
            await one.send(Prompt("lava"))
            await other.send(Prompt("tides"))
            found = await asked(web)
            assert (found["silverprint_pages_running"], found["silverprint_pages_waiting"]) == (1, 1)
            await asyncio.sleep(0.02)
            assert (await asked(web))["silverprint_queue_seconds_count"] == 1
        await one.until(lambda: bool(one.final))
        await other.until(lambda: bool(other.final))
        found = await asked(web)
        assert found["silverprint_pages_waiting"] == 0
        assert found["silverprint_queue_seconds_count"] == 2
        waited = found["silverprint_queue_seconds_sum"]
        assert 0.02 <= waited <= found["silverprint_first_frame_seconds_sum{world=web}"]

    browse(tmp_path, scene, token="key", max_pages=1)


def test_no_words_of_visitors(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        visitor = await web.visitor()
        await visitor.page(Prompt("quicksilver"))
        text = (await web.get(f"{SHELL}/metrics", authorization=ADMIN)).text
        assert "quicksilver" not in text
        assert visitor.key not in text

    browse(tmp_path, scene, token="key")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer other"}])
def test_metrics_need_an_admin_token(tmp_path: Path, headers: dict[str, str]) -> None:
    async def scene(web: Web) -> None:
        answer = await web.get(f"{SHELL}/metrics", **headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"

    browse(tmp_path, scene, token="key")


def test_messages_are_counted_where_they_are_sent(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            page = await client.page(Prompt("lava"))
            # its commit was received, and counted as soon as the service's own writer went on
            await asyncio.sleep(0.05)
            web = Web(service.app, service.engine, service.store)
            found = await asked_at(web, service.settings.shell_origin)
            frames = [m for m in client.messages if m.type in ("frame", "keyframe")]
            kinds = ("keyframe", "frame")
            sent = sum(found.get(f"silverprint_messages_sent_total{{type={kind}}}", 0) for kind in kinds)
            assert sent == len(frames) == found["silverprint_frame_overhead_seconds_count"]
            made, dropped = (found[f"silverprint_frames_{name}_total"] for name in ("made", "dropped"))
            assert made == sent + dropped
            assert found["silverprint_messages_sent_total{type=page.commit}"] == 1
            assert found["silverprint_sent_bytes_total{type=page.commit}"] > len(page.html)
            assert found["silverprint_connections"] == 1

    visit(tmp_path, scene, token="key")


async def asked_at(web: Web, origin: str) -> dict[str, float]:
    return figures((await web.get(f"{origin}/metrics", authorization=ADMIN)).text)


def test_a_store_is_timed_and_its_failures_are_counted() -> None:
    async def scene() -> None:
        metrics, store = Metrics(), MemoryStore()
        measured = timed(store, metrics)
        record = SessionRecord("s", 0.0)
        await measured.save(record)
        assert await measured.load_session("s") == record
        store.down = True
        with pytest.raises(StoreError):
            await measured.ping()
        found = figures(metrics.exposition().decode())
        assert found["silverprint_store_seconds_count{operation=save}"] == 1
        assert found["silverprint_store_seconds_count{operation=ping}"] == 1
        assert found["silverprint_store_failures_total{operation=ping}"] == 1
        assert "silverprint_store_failures_total{operation=save}" not in found
        await measured.close()
        assert store.closed

    asyncio.run(scene())


def test_everything_a_store_can_do_is_there_and_a_session_elsewhere_is_no_failure() -> None:
    class Taken(MemoryStore):
        async def save(self, *_: object) -> None:  # type: ignore[override]
            raise SessionMoved("another process has taken it")

    async def scene() -> None:
        metrics = Metrics()
        measured = timed(Taken(), metrics)
        assert all(callable(getattr(measured, name)) for name in vars(Store) if not name.startswith("_"))
        await measured.lend("a", b"1", 5)
        assert [await measured.take("a"), await measured.take("a")] == [b"1", None]
        with pytest.raises(SessionMoved):
            await measured.save(SessionRecord("s", 0.0))
        found = figures(metrics.exposition().decode())
        assert found["silverprint_store_seconds_count{operation=take}"] == 2
        assert found["silverprint_store_seconds_count{operation=save}"] == 1
        assert "silverprint_store_failures_total{operation=save}" not in found

    asyncio.run(scene())


def test_two_services_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.dropped()
    assert figures(one.exposition().decode())["silverprint_frames_dropped_total"] == 1
    assert figures(other.exposition().decode())["silverprint_frames_dropped_total"] == 0


def test_a_store_is_asked_only_so_much_at_once() -> None:
    class Slow(MemoryStore):
        now = most = 0

        async def load_session(self, session: str) -> SessionRecord | None:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            self.now -= 1
            return await super().load_session(session)

    async def scene() -> None:
        store = Slow()
        measured = timed(store, Metrics())
        await asyncio.gather(*(measured.load_session(str(number)) for number in range(3 * AT_ONCE)))
        assert store.most == AT_ONCE

    asyncio.run(scene())


def test_who_comes_back_does_not_wait_behind_those_who_write() -> None:
    class Stuck(MemoryStore):
        async def save(self, *_: object) -> None:  # type: ignore[override]
            await asyncio.Event().wait()

    async def scene() -> None:
        measured = timed(Stuck(), Metrics())
        saves = [asyncio.create_task(measured.save(SessionRecord(str(number), 0.0))) for number in range(2 * AT_ONCE)]
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert await measured.load_session("0") is None
        for save in saves:
            save.cancel()

    asyncio.run(scene())
