"""The bundled model behind the chat completions face, asked with the openai package."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from backend.settings import BUNDLED_MODEL, Settings
from engine.engine import Engine
from tests.support.fakes import MemoryStore
from tests.support.running_service import free_port, serving

TERSE = "web\nask: an encyclopedia article about volcanoes\nstyle: plain mint\ntitle: Volcano"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine.load(BUNDLED_MODEL)
    yield engine
    engine.close()


def test_a_text_and_a_page(tmp_path: Path, engine: Engine) -> None:
    async def scene() -> None:
        settings = Settings(data=tmp_path, port=free_port(), token="t", page_tokens=256, page_steps=6)
        client = AsyncOpenAI(base_url=f"{settings.shell_origin}/v1", api_key="t", max_retries=0)
        async with serving(settings, engine, MemoryStore()), client:
            await check(client)

    asyncio.run(scene())


async def check(client: AsyncOpenAI) -> None:
    said = {"model": "silverprint-s", "messages": [{"role": "user", "content": TERSE}], "seed": 1}
    text = await client.chat.completions.create(**said)  # type: ignore[call-overload]
    assert text.usage.prompt_tokens > 10
    assert "<h1>" in text.choices[0].message.content
    stream = await client.chat.completions.create(**said, stream=True)  # type: ignore[call-overload]
    deltas = [chunk.choices[0].delta.content or "" async for chunk in stream]
    assert "".join(deltas) == text.choices[0].message.content
    page = await client.chat.completions.create(
        model="silverprint-web", messages=[{"role": "user", "content": "an encyclopedia article about volcanoes"}]
    )
    written = page.choices[0].message.content or ""
    assert "<title>" in written
    assert "Volcano" in written
    assert page.usage
    assert page.usage.prompt_tokens > 10
    assert page.usage.completion_tokens > 50
    middle = await client.completions.create(
        model="silverprint-s", prompt="<h1>Volcano</h1><p>", suffix="</p></body>", max_tokens=24, seed=1
    )
    assert middle.usage
    assert middle.usage.completion_tokens <= 24
    assert middle.choices[0].finish_reason in ("stop", "length")
    again = await client.completions.create(
        model="silverprint-s", prompt="<h1>Volcano</h1><p>", suffix="</p></body>", max_tokens=24, seed=1, stream=True
    )
    assert "".join([chunk.choices[0].text async for chunk in again]) == middle.choices[0].text
