"""The chat completions face: the openai package against the real application, and what a hostile client gets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI

from engine.core.params import Params
from tests.support.fakes import CANVAS, held, page_for
from tests.support.running_service import Service, visit

HI = [{"role": "user", "content": "hello"}]
SITE = "https://site.example"


def talk(folder: Path, scene: Callable[[Service, AsyncOpenAI], Awaitable[None]], **options: Any) -> None:
    """A scene with the openai package as the client."""

    async def whole(service: Service) -> None:
        async with AsyncOpenAI(base_url=f"{root(service)}/v1", api_key=token(service), max_retries=0) as client:
            await scene(service, client)
        assert not await busy(service)

    visit(folder, whole, **options)


def root(service: Service) -> str:
    return service.settings.shell_origin


def token(service: Service) -> str:
    return (service.settings.data / "token").read_text()


async def busy(service: Service) -> bool:
    """Whether anything is still being made a moment after."""
    maker = service.app.state.house.maker
    for _ in range(200):
        if not maker.running:
            return False
        await asyncio.sleep(0.005)
    return True


async def post(service: Service, body: Any, at: str = "chat/completions", **headers: str) -> httpx.Response:
    """A completion asked for by hand."""
    headers = {"authorization": f"Bearer {token(service)}"} | headers
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with httpx.AsyncClient() as client:
        return await client.post(f"{root(service)}/v1/{at}", content=data, headers=headers)


async def contents(stream: AsyncIterator[Any]) -> list[Any]:
    return [chunk async for chunk in stream]


def test_messages_go_to_the_model_as_they_are(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        answer = await client.chat.completions.create(model="model", messages=HI, seed=7, temperature=1)
        assert answer.choices[0].message.content == page_for("hello")
        assert answer.choices[0].finish_reason == "stop"
        length = len(page_for("hello").encode())
        assert answer.usage
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (5, length)
        prompt, params = service.engine.submitted[-1]
        assert (prompt, params.seed, params.temperature) == ("hello", 7, Params().temperature)

    talk(tmp_path, scene)


def test_models_are_listed_and_found(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        names = [model.id async for model in client.models.list()]
        assert names == ["model", "silverprint-any", "silverprint-web", "silverprint-os", "silverprint-app"]
        assert (await client.models.retrieve("silverprint-os")).id == "silverprint-os"
        with pytest.raises(openai.NotFoundError, match="expected a model among model, silverprint-any"):
            await client.models.retrieve("gpt-4o")
        with pytest.raises(openai.NotFoundError, match="expected a model among"):
            await client.chat.completions.create(model="gpt-4o", messages=HI)

    talk(tmp_path, scene)


def test_a_stream_only_grows_canvas_by_canvas(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        options = {"include_usage": True}
        stream = await client.chat.completions.create(model="model", messages=HI, stream=True, stream_options=options)
        chunks = await contents(stream)
        text = page_for("hello")
        deltas = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
        assert "".join(deltas) == text
        assert len(deltas) == -(-(len(text.encode()) + 1) // CANVAS)
        assert chunks[0].choices[0].delta.role == "assistant"
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].choices == []
        assert chunks[-1].usage.completion_tokens == len(text.encode())
        assert {chunk.id for chunk in chunks} == {chunks[0].id}

    talk(tmp_path, scene)


def test_a_diffusing_stream_is_the_whole_text_each_time(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        stream = await client.chat.completions.create(
            model="model", messages=HI, stream=True, extra_body={"diffusing": True}
        )
        chunks = await contents(stream)
        texts = [c.choices[0].delta.content for c in chunks if c.choices[0].delta.content]
        assert texts[-1] == page_for("hello")
        assert "###" in texts[0]
        assert texts[0].startswith("<!doctype html>")
        assert chunks[1].diffusion["settled"] == CANVAS // 6
        assert (chunks[1].diffusion["block"], chunks[1].diffusion["step"]) == (0, 1)

    talk(tmp_path, scene)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("world", ["web", "app"])
def test_a_page_model_makes_a_page_and_then_changes_it(tmp_path: Path, world: str, stream: bool) -> None:
    async def said(client: AsyncOpenAI, messages: list[Any]) -> str:
        model = f"silverprint-{world}"
        if not stream:
            answer = await client.chat.completions.create(model=model, messages=messages)
            assert answer.usage
            assert answer.usage.prompt_tokens > 20
            return answer.choices[0].message.content or ""
        chunks = await contents(await client.chat.completions.create(model=model, messages=messages, stream=True))
        return "".join(c.choices[0].delta.content or "" for c in chunks)

    async def scene(service: Service, client: AsyncOpenAI) -> None:
        ask = {"role": "user", "content": "a page about tides"}
        page = await said(client, [ask])
        assert f"{world}\nask: a page about tides\n" in page
        assert page.startswith("<!doctype html>")
        assert page.count("<!--silverprint page=") == 1
        later = [ask, {"role": "assistant", "content": page}, {"role": "user", "content": "make it dark"}]
        changed = await said(client, later)
        assert "edit: make it dark" in changed
        assert "ask: a page about tides" in changed
        assert service.engine.submitted[-1][1].canvas
        html, _, mark = changed.rpartition("<!--silverprint page=")
        record = await service.app.state.connections.registry.page(mark.removesuffix("-->"))
        assert record
        assert record.html == html

    talk(tmp_path, scene)


def test_a_page_model_shows_drafts_that_are_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.visit.PACE_SECONDS", 0.0)

    async def scene(service: Service, client: AsyncOpenAI) -> None:
        service.engine.pause = 0.002
        stream = await client.chat.completions.create(
            model="silverprint-web", messages=HI, stream=True, extra_body={"diffusing": True}
        )
        texts = [c.choices[0].delta.content or "" for c in await contents(stream)]
        drafts = [text for text in texts if text][:-1]
        assert len(drafts) > 2
        assert not any("<script" in draft for draft in drafts)

    talk(tmp_path, scene)


def test_a_stop_string_ends_the_text_before_it(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        want = page_for("hello").split("</title>")[0]
        answer = await client.chat.completions.create(model="model", messages=HI, stop=["</title>", "</h1>"])
        assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (want, "stop")
        stream = await client.chat.completions.create(model="model", messages=HI, stop="</title>", stream=True)
        assert "".join(c.choices[0].delta.content or "" for c in await contents(stream)) == want

    talk(tmp_path, scene)


def test_sampling_is_as_asked_within_the_limits(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        more = {"max_steps": 5, "entropy_bound": 0.3, "stability": 2, "confidence": 0, "doubt": 1.5, "max_readings": 3}
        await client.chat.completions.create(
            model="model", messages=HI, max_tokens=100_000, temperature=0.5, extra_body=more
        )
        params = service.engine.submitted[-1][1]
        assert {name: getattr(params, name) for name in more} == more
        assert params.max_tokens == service.settings.page_tokens
        assert params.temperature == (0.4, 0.2)
        await client.chat.completions.create(
            model="model", messages=HI, max_completion_tokens=9, extra_body={"temperature": [1.5, 0.5]}
        )
        params = service.engine.submitted[-1][1]
        assert (params.max_tokens, params.temperature) == (9, (1.5, 0.5))

    talk(tmp_path, scene)


TOOL = [{"role": "tool", "content": "x"}]
NUMBER = [{"role": "user", "content": 3}]
PICTURE = [{"role": "user", "content": [{"type": "image_url"}]}]
PAGE, LAST, BLANK = "silverprint-web", [{"role": "assistant", "content": "x"}], [{"role": "user", "content": " "}]
REFUSED: list[tuple[dict[str, Any], str, str | None, str]] = [
    ({"tools": [{"type": "function"}]}, "unsupported_value", "tools", "expected tools to be absent or []"),
    ({"logprobs": True}, "unsupported_value", "logprobs", "expected logprobs to be absent or False"),
    ({"n": 2}, "unsupported_value", "n", "expected n to be absent or 1"),
    ({"top_p": 0.5}, "unsupported_value", "top_p", "expected top_p to be absent or 1"),
    ({"response_format": {"type": "json_object"}}, "unsupported_value", "response_format", "expected response_format"),
    ({"frobnicate": 1}, "unknown_parameter", "frobnicate", "expected no field 'frobnicate'"),
    ({"messages": []}, "invalid_value", "messages", "expected messages to be a list of 1 to 256 messages"),
    ({"messages": None}, "missing_required_parameter", "messages", "expected a field messages"),
    ({"messages": TOOL}, "invalid_value", "messages[0].role", "expected messages[0].role to be one of system"),
    ({"messages": NUMBER}, "invalid_value", "messages[0].content", "expected messages[0].content"),
    ({"messages": PICTURE}, "invalid_value", "messages[0].content[0]", "expected"),
    ({"max_tokens": 0}, "invalid_value", "max_tokens", "expected max_tokens to be a whole number of 1 or more, got 0"),
    ({"max_tokens": True}, "invalid_value", "max_tokens", "expected max_tokens"),
    ({"temperature": 3}, "invalid_value", "temperature", "expected temperature to be a number from 0 to 2"),
    ({"temperature": [0.2, 0.9]}, "invalid_value", "temperature", "temperature: expected (first, last)"),
    ({"seed": 1.5}, "invalid_value", "seed", "expected seed to be a whole number"),
    ({"stop": ["a"] * 5}, "invalid_value", "stop", "expected stop to be a string or a list of at most 4"),
    ({"stop": ""}, "invalid_value", "stop", "expected stop"),
    ({"max_steps": 49}, "invalid_value", "max_steps", "expected max_steps to be a number of at most 48, got 49"),
    ({"max_steps": "x"}, "invalid_value", "max_steps", "max_steps: expected a whole number >= 1, got 'x'"),
    ({"entropy_bound": -1}, "invalid_value", "entropy_bound", "entropy_bound: expected a number >= 0, got -1"),
    ({"stream": "yes"}, "invalid_value", "stream", "expected stream to be true or false, got 'yes'"),
    ({"stream_options": {"x": 1}}, "invalid_value", "stream_options", "expected stream_options"),
    ({"model": PAGE, "stop": "x"}, "unsupported_value", "stop", "expected no stop for silverprint-web"),
    ({"model": PAGE, "messages": LAST}, "invalid_value", "messages", "expected the last"),
    ({"model": PAGE, "messages": BLANK}, "empty_prompt", None, "expected prompt.text"),
]  # fmt: skip


def test_what_cannot_be_done_is_refused_in_openais_shape(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for fields, code, param, message in REFUSED:
            answer = await post(service, {"model": "model", "messages": HI} | fields)
            error = answer.json()["error"]
            assert (answer.status_code, error["code"], error["param"]) == (400, code, param), fields
            assert error["type"] == "invalid_request_error"
            assert error["message"].startswith(message)
        assert service.engine.submitted == []

    visit(tmp_path, scene)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b"\xff", 400, "bad_json"),
        (b"[" * 200_000, 400, "bad_json"),
        (b'{"seed": NaN}', 400, "bad_json"),
        (b'{"model": "' + b"x" * 300_000 + b'"}', 413, "too_large"),
    ],
)
def test_bodies_that_are_none_are_refused(tmp_path: Path, body: bytes, status: int, code: str) -> None:
    async def scene(service: Service) -> None:
        answer = await post(service, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)

    visit(tmp_path, scene)


def test_text_may_be_anything(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        text = b'{"type": "text", "text": "\\ud83c\\udf0b\\u0000 \xf0\x9f\x8c\x8b"}'
        body = b'{"model": "model", "messages": [{"role": "user", "content": [%s]}]}' % text
        assert (await post(service, body)).status_code == 200
        assert service.engine.submitted[-1][0] == "🌋\0 🌋"

    visit(tmp_path, scene)


def test_only_those_who_may_come_in_are_let_in(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        own, site = service.settings.shell_origin, "https://other.example"
        body = {"model": "model", "messages": HI}
        for headers, status in (
            ({"authorization": "Bearer no"}, 401),
            ({"authorization": ""}, 401),
            ({"authorization": "Bearer no", "origin": "null"}, 401),
            ({"origin": site}, 403),
            ({"origin": service.settings.frame_origin}, 403),
            ({"authorization": "", "origin": own}, 200),
            ({"authorization": "", "origin": SITE}, 401),
            ({"origin": SITE}, 403),
            ({"authorization": "Bearer shells", "origin": SITE}, 200),
        ):
            answer = await post(service, body, **headers)
            assert answer.status_code == status, headers
            assert answer.headers.get("access-control-allow-origin") == (
                SITE if headers.get("origin") == SITE else None
            )
            if status != 200:
                assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
        async with httpx.AsyncClient() as client:
            asks = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
            url = f"{own}/v1/chat/completions"
            assert (await client.options(url, headers=asks | {"origin": SITE})).status_code == 200
            assert (await client.options(url, headers=asks | {"origin": site})).status_code == 400
            unknown = await client.get(f"{own}/v1/embeddings", headers={"authorization": f"Bearer {token(service)}"})
            assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_url")

    visit(tmp_path, scene, origins=(SITE,), embed_token="shells")


def test_limits_hold_for_texts_and_pages_alike(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        with held(service.engine):
            first = asyncio.create_task(client.chat.completions.create(model="model", messages=HI))
            while not service.engine.submitted:
                await asyncio.sleep(0.001)
            for model in ("model", "silverprint-web"):
                with pytest.raises(openai.RateLimitError, match="0 pages wait in line already"):
                    await client.chat.completions.create(model=model, messages=HI)
        assert (await first).choices[0].message.content

    talk(tmp_path, scene, max_pages=1, max_queue=0)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["model", "silverprint-web"])
def test_a_client_that_hangs_up_cancels(tmp_path: Path, model: str, stream: bool) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        with held(service.engine):
            asking = asyncio.create_task(post(service, {"model": model, "messages": HI, "stream": stream}))
            while not service.engine.submitted:
                await asyncio.sleep(0.001)
            asking.cancel()
            assert not await busy(service)
        assert service.engine.cancelled

    talk(tmp_path, scene)


@pytest.mark.parametrize("model", ["model", "silverprint-web"])
def test_a_model_that_fails_says_so(tmp_path: Path, model: str) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        service.engine.fail = True
        with pytest.raises(openai.InternalServerError, match="the model failed on this"):
            await client.chat.completions.create(model=model, messages=HI)
        stream = await client.chat.completions.create(model=model, messages=HI, stream=True)
        with pytest.raises(openai.APIError, match="the model failed on this"):
            await contents(stream)

    talk(tmp_path, scene)


def test_a_text_that_takes_too_long_ends_where_it_is(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        service.engine.pause = 0.02
        answer = await client.chat.completions.create(model="model", messages=HI)
        assert page_for("hello").startswith(answer.choices[0].message.content or "")

    talk(tmp_path, scene, page_seconds=0.2)


def test_a_prompt_that_is_too_long_is_the_clients_fault(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        service.engine.longest = 3
        with pytest.raises(openai.BadRequestError, match="expected a prompt of at most 3 tokens, got 5"):
            await client.chat.completions.create(model="model", messages=HI)

    talk(tmp_path, scene)
