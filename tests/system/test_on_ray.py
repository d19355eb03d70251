"""Two engines with the bundled model on a Ray cluster of their own: streams, sessions that stay, replicas that die."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.errors import StartupError
from backend.models.ray.model import RayModel
from backend.models.ray.url import ClusterUrl
from backend.protocol.messages import PageCommit, Prompt
from backend.settings import BUNDLED_MODEL
from engine.core.errors import InvalidParams, PromptTooLong
from engine.engine import Engine
from tests.support.fakes import settings_in
from tests.support.running_service import Service, free_port
from tests.system.ray_cluster import COMMAND, SECONDS, Cluster, frames_of, kill, running, scene, until

pytestmark = [
    pytest.mark.ray,
    pytest.mark.filterwarnings("ignore:Using extra keyword arguments on `Field`"),  # Ray 2.60 with pydantic 2.14
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running() as found:
        yield found


def test_a_page_streams_and_is_the_one_of_an_engine_here(cluster: Cluster) -> None:
    async def play() -> None:
        writing = cluster.write(max_tokens=256)
        assert [(frame.block, frame.step, frame.final) for frame in await frames_of(writing)] == [
            (frame.block, frame.step, frame.final) for frame in expected
        ]
        assert (await writing.result()).tokens == page.tokens

    engine = Engine.load(BUNDLED_MODEL)
    try:
        generation = engine.submit(cluster.prompt, cluster.params(max_tokens=256))
        expected, page = list(generation.frames()), generation.wait()
        assert [cluster.model.piece(token) for token in page.tokens] == [engine.piece(token) for token in page.tokens]
        assert (cluster.model.eos_ids, cluster.model.defaults) == (engine.eos_ids, engine.defaults)
    finally:
        engine.close()
    scene(play)


def test_a_session_stays_at_its_replica_and_leaves_when_that_is_full(cluster: Cluster) -> None:
    async def play() -> None:
        places = {n: {(await cluster.state(f"session {n}"))[0] for _ in range(3)} for n in range(12)}
        assert all(len(found) == 1 for found in places.values())
        assert len(set.union(*places.values())) == 2
        many = [cluster.write("ann", max_tokens=256) for _ in range(6)]
        for writing in many:
            await anext(writing)
        counts = Counter(writing.replica for writing in many)
        assert sorted(counts.values()) == [2, 4]
        for writing in many:
            writing.cancel()

    scene(play)


def test_cancelling_frees_the_replica(cluster: Cluster) -> None:
    async def play() -> None:
        async def idle() -> bool:
            return (await cluster.state("bob"))[1] == 0

        await until(idle)
        writing = cluster.write("bob", max_steps=10_000, max_tokens=256)
        await anext(writing)
        assert (await cluster.state("bob"))[1] == 1
        writing.cancel()
        assert (await writing.result()).finish == "cancelled"
        await until(idle)

    scene(play)


def test_what_a_replica_has_against_a_request_comes_back(cluster: Cluster) -> None:
    async def play() -> None:
        with pytest.raises(PromptTooLong) as caught:
            await cluster.model.submit("lava " * 5000).result()
        assert caught.value.limit < caught.value.tokens
        with pytest.raises(InvalidParams, match="canvas: expected token ids below 6144, got 9999"):
            await frames_of(cluster.write(canvas=(9999,)))

    scene(play)


def test_a_replica_killed_in_the_middle_of_a_page(cluster: Cluster) -> None:
    async def play() -> None:
        whole = cluster.write("eve")
        assert (await whole.result()).stats.canvases > 1
        before = await cluster.replicas()
        writing, seen = cluster.write("eve"), []
        async for frame in writing:
            seen.append((frame.block, frame.step, frame.final))
            if (frame.block, frame.step) == (1, 2) and writing.replica == whole.replica:
                assert writing.replica
                kill(writing.replica)
        result = await writing.result()
        assert writing.replica != whole.replica
        assert (result.tokens, result.finish) == ((await whole.result()).tokens, (await whole.result()).finish)
        assert result.stats.steps == (await whole.result()).stats.steps
        assert [block for block, _, final in seen if final] == list(range(result.stats.canvases))

        async def replaced() -> bool:
            now = await cluster.replicas()
            return len(now) == 2 and now != before

        await until(replaced)

    scene(play)


def test_the_service_makes_a_page_in_the_cluster(cluster: Cluster, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, port=free_port(), model=BUNDLED_MODEL)
    options = ["--port", str(settings.port), "--data", str(settings.data), "--facts", str(settings.facts)]
    command = [*COMMAND, "serve", "--engine", cluster.address, "--page-tokens", "256", *options]

    async def play() -> None:
        async with Service(settings, None, None).client() as client:  # type: ignore[arg-type]
            page = await client.page(Prompt("an encyclopedia article about volcanoes"))
            assert isinstance(page, PageCommit)
            assert "<h1>" in page.html
            assert len(client.drafts) > 3

    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert "Silverprint is at" in process.stdout.readline(), process.communicate()
        scene(play)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0, process.communicate()
    finally:
        process.kill()
        process.communicate()


def test_startup_errors_of_a_service(cluster: Cluster) -> None:
    address = ClusterUrl.parse(cluster.address).address
    with pytest.raises(StartupError, match=f"expected an engine called blue in the Ray cluster at {address}, got none"):
        RayModel.connect(ClusterUrl(address, "blue"), BUNDLED_MODEL)
