"""A model is told whose page it makes, and a cluster only by a hash."""

import asyncio
from pathlib import Path

from backend.models.ray.model import affinity
from backend.observability.audit_log import mark
from backend.protocol.messages import Act, Prompt, Target
from tests.support.clients import Visitor
from tests.support.fakes import FakeEngine, MemoryStore, hub_of, settings_in


def test_a_model_is_told_whose_page_it_makes(tmp_path: Path) -> None:
    async def scene() -> None:
        engine = FakeEngine()
        registry = hub_of(settings_in(tmp_path), engine, MemoryStore())
        one, other = await Visitor(registry).connect(), await Visitor(registry).connect()
        first = await one.page(Prompt("lava"))
        await other.page(Prompt("lava"))
        await one.page(Act(first.page, Target("a", "Lava", "/wiki")))
        assert engine.sessions == [mark(one.key), mark(other.key), mark(one.key)]

    asyncio.run(scene())


def test_a_cluster_knows_sessions_by_a_hash() -> None:
    assert affinity("") == ""
    assert affinity("ann") == affinity("ann") != affinity("bob")
    assert "ann" not in affinity("ann")
