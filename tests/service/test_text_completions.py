"""The older completions: a text to go on with, and one to be filled in before a suffix."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from engine.requests.infill import infill
from tests.service.test_chat_completions import contents, post, talk
from tests.support.fakes import CANVAS, EOS
from tests.support.holding_engine import PAD, HoldingEngine
from tests.support.running_service import Service

BEFORE, AFTER = "<p>Lava is é ", " rock.</p>"


def scene_of(
    tmp_path: Path, writes: str, scene: Callable[[Service, AsyncOpenAI], Awaitable[None]], **options: Any
) -> None:
    talk(tmp_path, scene, fake=HoldingEngine(writes=writes), **options)


def test_what_stands_before_a_suffix_is_filled_in(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        answer = await client.completions.create(model="model", prompt=BEFORE, suffix=AFTER, max_tokens=20, seed=7)
        assert answer.object == "text_completion"
        assert answer.id.startswith("cmpl-")
        choice = answer.choices[0]
        assert (choice.text, choice.finish_reason, choice.index) == ("molten", "stop", 0)
        before, after = (text.encode() for text in (BEFORE, AFTER))
        assert answer.usage
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (len(before) + len(after), 6)
        asked, params = service.engine.submitted[-1]
        wanted = infill(before, after, 20, length=CANVAS, pad=PAD, eos=EOS)
        assert asked == ""
        assert (params.canvas, params.hold, params.max_tokens, params.seed) == (wanted.canvas, wanted.hold, CANVAS, 7)

    scene_of(tmp_path, "molten", scene)


def test_a_filling_that_has_no_more_room_has_its_length(tmp_path: Path) -> None:
    async def scene(_: Service, client: AsyncOpenAI) -> None:
        answer = await client.completions.create(model="model", prompt=BEFORE, suffix=AFTER, max_tokens=3)
        assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("mol", "length")
        answer = await client.completions.create(model="model", prompt="", suffix=AFTER)
        assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("molten", "stop")

    scene_of(tmp_path, "molten", scene)


def test_a_gap_over_the_end_of_a_canvas_comes_in_parts(tmp_path: Path) -> None:
    async def scene(_: Service, client: AsyncOpenAI) -> None:
        stream = await client.completions.create(
            model="model", prompt="x" * (CANVAS - 9), suffix=AFTER, max_tokens=40, stream=True,
            stream_options={"include_usage": True},
        )  # fmt: skip
        chunks = await contents(stream)
        parts = [chunk.choices[0].text for chunk in chunks if chunk.choices]
        assert [part for part in parts if part] == ["0123456789"[:9], "9 and on"]
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].usage.completion_tokens == len("0123456789 and on")
        assert {chunk.object for chunk in chunks} == {"text_completion"}

    scene_of(tmp_path, "0123456789 and on", scene)


def test_a_diffusing_stream_shows_the_filling_as_it_is(tmp_path: Path) -> None:
    async def scene(_: Service, client: AsyncOpenAI) -> None:
        stream = await client.completions.create(
            model="model", prompt="x" * 40, suffix=AFTER, max_tokens=20, stream=True, extra_body={"diffusing": True}
        )
        texts = [chunk.choices[0].text for chunk in await contents(stream)]
        assert texts[0] == "#" * 20
        assert texts[-2] == "molten"
        assert not any("x" in text or "rock" in text for text in texts)

    scene_of(tmp_path, "molten", scene)


def test_without_a_suffix_the_model_goes_on_and_ends(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        answer = await client.completions.create(model="model", prompt=[BEFORE], suffix="")
        assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("molten", "stop")
        params = service.engine.submitted[-1][1]
        assert params.hold == ((0, len(BEFORE.encode())),)
        assert params.canvas == tuple(BEFORE.encode())
        answer = await client.completions.create(model="model", prompt=BEFORE, max_tokens=4)
        assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("molt", "length")
        answer = await client.completions.create(model="model", prompt=BEFORE, stop="lt")
        assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("mo", "stop")

    scene_of(tmp_path, "molten", scene)


@pytest.mark.parametrize(
    ("body", "param", "code", "words"),
    [
        ({"prompt": [1, 2]}, "prompt", "invalid_value", "neither token ids nor several texts are served"),
        ({"prompt": ["a", "b"]}, "prompt", "invalid_value", "neither token ids nor several texts are served"),
        ({"prompt": "a", "suffix": 3}, "suffix", "invalid_value", "expected suffix to be a string, got 3"),
        ({"prompt": "a", "max_tokens": 0}, "max_tokens", "invalid_value", "a whole number of 1 or more"),
        ({"prompt": "a", "n": 2}, "n", "unsupported_value", "expected n to be absent or 1"),
        ({"prompt": "a", "best_of": 3}, "best_of", "unsupported_value", "expected best_of to be absent or 1"),
        ({"prompt": "a", "echo": True}, "echo", "unsupported_value", "expected echo to be absent or False"),
        ({"prompt": "a", "logprobs": 2}, "logprobs", "unknown_parameter", "expected no field 'logprobs'"),
        ({"prompt": "a", "messages": []}, "messages", "unknown_parameter", "expected no field 'messages'"),
        ({"suffix": "a"}, "prompt", "missing_required_parameter", "expected a field prompt"),
        ({"prompt": "a", "model": "silverprint-web"}, "model", "unsupported_value", "chat completions make pages"),
        ({"prompt": "a" * 5_000}, "prompt", "context_length_exceeded", "of prompt and suffix, got 5000"),
        ({"prompt": "a", "suffix": "b" * 5_000}, "prompt", "context_length_exceeded", "of prompt and suffix, got 5001"),
        ({"prompt": "a", "max_steps": 10_000}, "max_steps", "invalid_value", "a number of at most"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_what_is_not_served_is_said(tmp_path: Path, body: dict[str, Any], param: str, code: str, words: str) -> None:
    async def scene(service: Service, _: AsyncOpenAI) -> None:
        answer = await post(service, {"model": "model"} | body, at="completions")
        error = answer.json()["error"]
        assert (answer.status_code, error["type"], error["param"], error["code"]) == (
            400, "invalid_request_error", param, code,
        )  # fmt: skip
        assert words in error["message"]

    scene_of(tmp_path, "molten", scene)


def test_a_model_that_is_elsewhere_fills_nothing_in(tmp_path: Path) -> None:
    """The fake engine says neither how long its canvases are nor how to pad one, as a model behind an address."""

    async def scene(service: Service, client: AsyncOpenAI) -> None:
        with pytest.raises(
            openai.BadRequestError, match="whose model is elsewhere: it serves chat completions"
        ) as error:
            await client.completions.create(model="model", prompt=BEFORE, suffix=AFTER)
        assert error.value.param == "suffix"
        with pytest.raises(openai.NotFoundError, match="expected a model among"):
            await client.completions.create(model="gpt", prompt=BEFORE)
        refused = await post(service, b"[]", at="completions")
        assert refused.status_code == 400
        assert json.loads(refused.content)["error"]["type"] == "invalid_request_error"
        assert not service.engine.submitted

    talk(tmp_path, scene)
