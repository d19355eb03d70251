"""Two engines as `silverprint engine` runs them, in a process that tests start; this process joins their cluster."""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

from backend.models.model_card import read_card
from backend.models.ray.model import RayModel, affinity
from backend.models.ray.replica import Opened
from backend.models.ray.stream import RayWriting
from backend.models.ray.url import ClusterUrl
from backend.prompts.brief import Brief
from backend.prompts.render import Message, messages
from backend.settings import BUNDLED_MODEL
from engine.core.params import Params
from engine.core.results import Frame

COMMAND = [sys.executable, "-m", "backend.cli"]
ENGINE = [*COMMAND, "engine", "--ray", "--replicas", "2", "--pages", "4"]
BRIEF = Brief(
    "web",
    "a long forum thread about volcanoes",
    style="forum slate",
    title="Volcano",
    facts="A volcano is a rupture in the crust of a planet. Hot lava escapes from a magma chamber below the surface.",
    links=("Magma", "Lava", "Crater"),
    names=("miro", "tess_k", "juno"),
)
SECONDS = 60.0

os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(16))  # else Ray would keep one in the home of who runs tests


@dataclass(frozen=True)
class Cluster:
    """address: as services name it. model: reaches it from this process."""

    address: str
    model: RayModel

    @property
    def prompt(self) -> list[Message]:
        return messages(BRIEF, read_card(BUNDLED_MODEL).dialect)

    def params(self, seed: int = 1, **others: object) -> Params:
        """Of a page that takes some seconds: every canvas has all its steps."""
        return replace(self.model.defaults, **{"seed": seed, "max_steps": 12, "confidence": 0.0} | others)  # type: ignore[arg-type]

    def write(self, session: str = "ann", seed: int = 1, **others: object) -> RayWriting:
        return self.model.submit(self.prompt, self.params(seed, **others), session=session)

    async def state(self, session: str) -> tuple[Opened, int]:
        """The replica that a session is routed to, and how many pages it makes."""
        handle = self.model._handle.options(method_name="state", session_id=affinity(session))
        name, process, pages = await handle.remote()
        return Opened(name, process), pages

    async def replicas(self, sessions: int = 12) -> set[Opened]:
        """Those that so many sessions are routed to."""
        return {(await self.state(f"session {n}"))[0] for n in range(sessions)}


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Started by a command that says where, and ended by SIGINT, in order."""
    process = subprocess.Popen(ENGINE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert "ray://" in line, process.communicate()
        address = line.split()[-1]
        model = RayModel.connect(ClusterUrl.parse(address), BUNDLED_MODEL)
        try:
            yield Cluster(address, model)
        finally:
            model.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
        assert "Traceback" not in process.communicate()[1]
    finally:
        process.kill()
        process.communicate()


def scene(play: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(SECONDS):
            await play()

    asyncio.run(whole())


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    while not await holds():
        await asyncio.sleep(0.1)


async def frames_of(writing: RayWriting) -> list[Frame]:
    return [frame async for frame in writing]


def kill(replica: Opened) -> None:
    os.kill(replica.process, signal.SIGKILL)
