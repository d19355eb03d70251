"""Drafts over the steps of a canvas: what appears when, what stays, what counts as corrected."""

import random

import html5lib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.drafts.drafter import Draft, Drafter
from backend.markup.draft_html import FIGURE_SPACE, LATENT
from backend.models import text_tokens
from backend.models.text_frames import Growing
from backend.models.text_tokens import spell
from engine.core.results import Frame

VOCABULARY = (
    "", "<p>", "</p>", "<b>", "Lava", " flows", "<style>", "</style>", "a{b:c}", "<script>", "</script>", "x()",
    "<p", ">", "&am", "p;", "<title>", "</title>", "<", " class=x", "\0", "é", "<h1>", "</h1>", "cool",
)  # fmt: skip
PIECES = [text.encode() for text in VOCABULARY] + [b"\xc3", b"\xa9"]
EOS = 0
IDS = {text: index for index, text in enumerate(VOCABULARY)}


def frame_of(block: int, step: int, steps: int, tokens: list[int], settled: list[bool], final: bool = False) -> Frame:
    return Frame(block, step, steps, np.array(tokens, np.int32), np.array(settled, np.bool_), 0.0, 0.0, final)


class Steps:
    """Feeds a drafter; a step is a list of token texts, those that are not settled with a leading "?"."""

    def __init__(self) -> None:
        self.drafter = Drafter(PIECES.__getitem__, {EOS})
        self.step = 0

    def __call__(self, *texts: str, block: int = 0, final: bool = False) -> Draft:
        self.step += 1
        tokens = [IDS[text.removeprefix("?")] for text in texts]
        settled = [final or not text.startswith("?") for text in texts]
        return self.drafter.update(frame_of(block, self.step, 24, tokens, settled, final=final))

    def html(self, *texts: str, block: int = 0, final: bool = False) -> str:
        """The draft with placeholders written as underscores."""
        draft = self(*texts, block=block, final=final).html.replace(FIGURE_SPACE, "_")
        return draft.replace(f"<span class={LATENT} aria-hidden=true>", "").replace("</span>", "")


def test_a_tag_appears_after_two_settled_steps_and_text_after_one() -> None:
    steps = Steps()
    assert steps.html("<p>", "Lava", "? flows") == ""
    assert steps.html("<p>", "Lava", "? flows") == "<p>Lava _____"
    assert steps.html("<p>", "Lava", " flows") == "<p>Lava flows"


def test_in_a_text_that_only_grows_a_tag_appears_at_once() -> None:
    drafter, canvases = Drafter(spell, (text_tokens.EOS,), lasting=True), Growing()
    texts = ("<html class=pap", "<html class=paper>", "<html class=paper><title>A", "<html class=paper><title>A b")
    shown = [drafter.update(canvases.take(text)[-1]).html for text in texts]
    root = '<html class="paper">'
    assert shown == ["", root, f"{root}<title></title>", f"{root}<title>A b</title>"]


def test_doubt_of_one_step_hides_nothing() -> None:
    steps = Steps()
    steps("<p>", "Lava", "<b>", "cool")
    shown = steps.html("<p>", "Lava", "<b>", "cool")
    assert shown == "<p>Lava<b>cool"
    assert steps.html("?<p>", "?cool", "?Lava", "?cool") == shown
    assert steps.html("<p>", "?cool", "?Lava", "?cool") == "<p>________cool"


def test_a_token_the_model_still_guesses_stays() -> None:
    steps = Steps()
    steps("<p>", "Lava")
    for _ in range(5):
        assert steps.html("<p>", "?Lava") == "<p>Lava"


def test_a_placeholder_whose_guess_turns_to_markup_keeps_what_follows_for_a_step() -> None:
    steps = Steps()
    steps("<p>", "?Lava", "<b>")
    assert steps.html("<p>", "?Lava", "<b>") == "<p>____<b>"
    assert steps.html("<p>", "?</p>", "<b>") == "<p>____<b>"
    assert steps.html("<p>", "?</p>", "<b>") == "<p>"


def test_a_correction_replaces_text_at_once_and_is_marked() -> None:
    steps = Steps()
    steps("<p>", "Lava")
    assert steps("<p>", "cool").tokens == [(1, "cool", 2)]
    assert steps.html("<p>", "cool") == "<p>cool"
    assert steps("<p>", "?Lava").tokens == [(1, "Lava", 0)]
    assert steps("<p>", "cool").tokens == [(1, "cool", 2)]


def test_tokens_are_those_that_changed() -> None:
    steps = Steps()
    assert steps("?<p>", "Lava").tokens == [(0, "<p>", 0), (1, "Lava", 1)]
    assert steps("<p>", "Lava").tokens == [(0, "<p>", 1)]
    draft = steps("<p>", "?Lava")
    assert (draft.tokens, draft.settled) == ([(1, "Lava", 0)], 1)


def test_a_final_frame_shows_everything_and_commits() -> None:
    steps = Steps()
    steps("?<p>", "?Lava")
    assert steps.drafter.page() == ""
    assert steps.html("<h1>", "cool", final=True) == "<h1>cool"
    assert steps.drafter.page() == "<h1>cool"
    assert steps.html("?</h1>", "? flows", block=1) == "<h1>cool"
    assert steps.drafter.page() == "<h1>cool"


def test_a_page_ends_at_eos() -> None:
    steps = Steps()
    steps("<p>", "Lava", "", "cool")
    assert steps.html("<p>", "Lava", "", "cool") == "<p>Lava"
    steps("<p>", "Lava", "", "cool", final=True)
    assert steps.drafter.page() == "<p>Lava"
    steps("cool", block=1, final=True)
    assert steps.drafter.page() == "<p>Lava"


def test_an_unsettled_eos_ends_nothing() -> None:
    steps = Steps()
    steps("<p>", "?", "cool")
    assert steps.html("<p>", "?", "cool") == "<p> cool"


def test_characters_split_over_tokens_and_canvases() -> None:
    drafter = Drafter(PIECES.__getitem__, {EOS})
    head, tail = len(VOCABULARY), len(VOCABULARY) + 1
    assert "\ufffd" not in drafter.update(frame_of(0, 1, 1, [head], [True], final=True)).html
    assert drafter.update(frame_of(1, 1, 1, [tail], [True], final=True)).html == "é"
    assert drafter.page() == "é"


def test_a_block_without_its_final_frame_is_an_error() -> None:
    steps = Steps()
    steps("<p>")
    with pytest.raises(ValueError, match=r"^expected the final frame of block 0, got block 1$"):
        steps("<p>", block=1)


CANVAS = st.lists(st.tuples(st.integers(0, len(PIECES) - 1), st.booleans()), min_size=8, max_size=8)


@given(st.lists(st.lists(CANVAS, min_size=1, max_size=4), max_size=3))
def test_any_frames_give_safe_drafts(blocks: list[list[list[tuple[int, bool]]]]) -> None:
    drafter, twin = (Drafter(PIECES.__getitem__, {EOS}) for _ in range(2))
    for block, canvases in enumerate(blocks):
        for step, canvas in enumerate(canvases, 1):
            final = step == len(canvases)
            frame = frame_of(block, step, 4, [t for t, _ in canvas], [f or final for _, f in canvas], final=final)
            draft = drafter.update(frame)
            assert draft == twin.update(frame)
            assert "<script" not in draft.html
            assert draft.html.count("<") == draft.html.count(">")
            html5lib.parse(draft.html)


@given(st.lists(st.lists(st.tuples(CANVAS, st.booleans()), min_size=1, max_size=4), max_size=3))
def test_frames_that_nobody_sees_need_no_drafts(blocks: list[list[tuple[list[tuple[int, bool]], bool]]]) -> None:
    every, some = (Drafter(PIECES.__getitem__, {EOS}, "anchored") for _ in range(2))
    for block, canvases in enumerate(blocks):
        known: list[dict[int, tuple[str, int]]] = [{}, {}]
        for step, (canvas, seen) in enumerate(canvases, 1):
            final = step == len(canvases)
            frame = frame_of(block, step, 4, [t for t, _ in canvas], [f or final for _, f in canvas], final=final)
            draft = every.update(frame)
            known[0] |= {at: (text, state) for at, text, state in draft.tokens}
            some.observe(frame)
            if seen:
                late = some.draft()
                known[1] |= {at: (text, state) for at, text, state in late.tokens}
                assert (late.html, late.settled, known[1]) == (draft.html, draft.settled, known[0])
    assert some.page() == every.page()


def test_there_is_no_draft_before_the_first_frame() -> None:
    with pytest.raises(ValueError, match=r"^expected a frame before a draft, got none$"):
        Drafter(PIECES.__getitem__, {EOS}).draft()


def test_a_noisy_page_of_three_canvases_shows_many_drafts() -> None:
    rng = random.Random(7)
    page = [
        "<style>",
        *["a{b:c}"] * 30,
        "</style>",
        "<h1>",
        "Lava",
        "</h1>",
        *["<p>", "Lava", " flows", "cool", "</p>"] * 150,
    ][:768]
    truth = [IDS[text] for text in page] + [EOS] * (768 - len(page))
    drafter = Drafter(PIECES.__getitem__, {EOS})
    for block in (0, 1):
        drafter.update(frame_of(block, 1, 1, truth[256 * block : 256 * (block + 1)], [True] * 256, final=True))
    canvas = truth[512:]
    settles = [rng.randrange(20) if PIECES[t].startswith(b"<") else rng.randrange(24) for t in canvas]
    drafts = []
    for step in range(24):
        tokens = [t if step >= at else rng.choice(canvas) for t, at in zip(canvas, settles, strict=True)]
        frame = frame_of(2, step + 1, 24, tokens, [step > at for at in settles], final=step == 23)
        drafts.append(drafter.update(frame).html)
    assert len(set(drafts)) >= 5


def test_a_blank_before_a_listed_thing_is_the_dialects_own() -> None:
    pieces = [b"<span>", b" throw", b" it", b"<i>", b""]
    canvas = [0, 1, 2, 3, 1, 4]
    for dialect, expected in (("anchored", "<span>throw it<i> throw"), ("full", "<span> throw it<i> throw")):
        drafter = Drafter(pieces.__getitem__, {4}, dialect)
        draft = drafter.update(frame_of(0, 1, 1, canvas, [True] * 6, final=True))
        assert draft.html.startswith(expected)
        assert drafter.page() == expected
