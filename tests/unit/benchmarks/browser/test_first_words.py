"""What the benchmark of first words shows, and the models that it and the browser's tests ask."""

import asyncio
import json
from dataclasses import replace

import pytest

from backend.models.openai_client import OpenAIClient
from backend.pages.page_look import look_of
from backend.prompts.brief import Brief, NavLink, Site, Window
from backend.prompts.render import messages
from benchmarks.browser import obedient_model
from benchmarks.browser.chat import TOKEN, Chat, Talk, chatting
from benchmarks.browser.first_words import forms, sizes
from engine.core.params import Params

LAVA = Brief("web", open="/wiki Lava", style="cards forest dark --accent:#c40", title="Lava & ash")
SITE = Site("Ember", (NavLink("wiki", "Rocks"), NavLink("shop", "Hammers")))


def asked(brief: Brief) -> Chat:
    return [{**message} for message in messages(brief, "full")]  # type: ignore[dict-item]


def test_all_forms_say_the_same() -> None:
    own, usual, kit = forms()
    assert own.body == usual.body == kit.body
    assert look_of(own.page) == ""
    assert look_of(usual.page) == look_of(kit.page) == "cards sky"
    assert sizes(own)["head_bytes"] > 2_000 > sizes(usual)["head_bytes"] > sizes(kit)["head_bytes"]


def test_tokens_are_the_text() -> None:
    page = forms()[0].page + " é 🌋\n\n  12345;"
    assert "".join(TOKEN.findall(page)) == page


def test_the_model_says_what_it_is_to_say_and_remembers_what_it_was_asked() -> None:
    async def scene(url: str) -> str:
        model = OpenAIClient(url, "m")
        drafts = model.submit([{"role": "user", "content": "hello"}], Params())
        result = await drafts.result()
        return model.spelled(result.tokens)

    talk = Talk(lambda chat: f"<p>{json.dumps(chat)}", rate=2_000)
    with chatting(talk) as url:
        assert asyncio.run(scene(url)) == '<p>[{"role": "user", "content": "hello"}]'
    assert len(talk.chats) == len(talk.began) == 1


def test_the_obedient_model_follows_its_prompt() -> None:
    page = obedient_model.page(asked(replace(LAVA, site=SITE)))
    assert look_of(page) == LAVA.style
    assert "<h1>Lava &amp; ash</h1>" in page
    assert ">Ember</a><nav><a href=/wiki>Rocks</a><a href=/wiki>Hammers</a></nav>" in page
    assert (
        look_of(obedient_model.page(asked(replace(LAVA, edit="use a serif font"))))
        == "cards forest dark serif --accent:#c40"
    )
    screen = obedient_model.page(asked(Brief("os", open="Mail", style="retro sun", windows=(Window("Notes", "a"),))))
    assert "<h2>Notes</h2>" in screen
    assert look_of(screen) == "retro sun"
    assert "class=app" in obedient_model.page(asked(Brief("app", "a list", style="paper ink")))


def test_it_wants_a_request() -> None:
    with pytest.raises(ValueError, match="expected a request between its tags, got none"):
        obedient_model.page([{"role": "user", "content": "hello"}])
