"""Whole functions on the worst texts, some of 200,000 characters: their time stays in proportion to the text, too.

What is quadratic without any pattern is found here: looking for an end again from every beginning, adding to a text
piece by piece, reading what stands inside from everything that it stands in.
"""

import contextlib
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
import pytest

from backend.api.ag_ui import generative_ui
from backend.api.openai import completion
from backend.api.text_stream import Text
from backend.composer import continuity, facts_sources, subject
from backend.composer.facts_named import names
from backend.drafts.drafter import Drafter
from backend.errors import StartupError
from backend.kit.content_only import without_classes
from backend.kit.strip import undressed
from backend.markup.draft_html import Exposer
from backend.markup.sanitize import sanitise, title
from backend.markup.tree import parse
from backend.models import openai_client, text_tokens
from backend.models.text_frames import Growing
from backend.observability import logs
from backend.pages.css_selector import choose
from backend.pages.edit_region import Words, gap_in
from backend.pages.page_world import page_world
from backend.pages.selection import closed, selected, stretches
from backend.prompts import anchors, fact_text, render
from backend.prompts.brief import Brief, Window
from backend.prompts.world_guess import guessed
from backend.protocol.messages import Target
from backend.text import diff
from backend.text.cleaning import clean, one_line
from backend.text.log_line import cut_line
from engine.core.results import Frame
from engine.tokenizer.chat_template import _mark, _unmark
from tests.support.adversary import Attack, complaint

MOST, SHORT, EACH = 200_000, 12_000, 2e-5
"""Characters of the worst texts and of all others; and seconds that one may take: a page of nothing but tags takes some
microseconds for each of its own."""

A = Attack
PAGES = [
    A("/* ", "<style>"), A("/*", "<style>a{}"), A('"', "<style>"), A("'\n", "<style>"), A("a{", "<style>"),
    A("}", "<style>"), A("a{}", "<style>"), A("\\", "<style>"), A("<style>"), A("<style>a</style>"),
    A("<style>/*</style>"),
    A("<title>"), A("<title>a</title>"), A("</title", "<title>"), A("</style>", "<title>"), A("<textarea>&"),
    A("<script>"), A("<script>a</script>"), A("<plaintext>"), A("<!--"), A("<!-- -->"), A("<!-- --", ""), A("<!"),
    A("</ "), A("<"), A("<a"), A("<a "), A("<a>"), A("</a>"), A("<a href=x>a"), A(" a=", "<a"), A(' a="', "<a"),
    A(" ", "<a"), A("&"), A("&#"), A("&amp"), A(" "), A("\n"), A("\xe9"), A("\U0001f30b"), A("<p>x</p>"),
    A("<nav>"), A("<nav><a href=/x>"), A("<nav>", "<script></script><input>", "<a href=#>"),
    A("<header>", "<header class=brand>"),
    A("<a>", "<title>T - Site</title><h1>T</h1>"),
    A("<dialog open>"), A("<dialog open><h1>"), A("<dialog open>x</dialog>"),
    A("<b class=brand>"), A(" brand", "<b class='"),
    A("<section>", "<section><h1>x"), A("<meta name=application-name>"), A(";left:1", "<dialog open style='", "'>x"),
    A("<svg>"), A("<p hidden>"), A("<h1>"), A("<a><b>", "", "</a>"), A("<a><b></a>"),
    A("<style data-kit=v1>@layer kit{}a{}</style>"), A("{", "<style data-kit=v1>@layer kit{"),
]  # fmt: skip
WORST_PAGES = [A("/* ", "<style>"), A("<a>", "<title>T - Site</title><h1>T</h1>"), A("<style>a</style>")]


def exposed(page: str) -> str:
    data = page.encode()
    return Exposer().html(data, b"\1" * len(data))


def half_exposed(page: str) -> str:
    data = page.encode()
    return Exposer().html(data, (b"\1" * 97 + b"\0" * 3) * (len(data) // 100) + b"\1" * (len(data) % 100))


def read(page: str) -> None:
    parse(page).text()


def site(page: str) -> None:
    continuity.site_of.__wrapped__(page)


def windows(page: str) -> None:
    continuity.windows_of.__wrapped__(page)


def links(page: str) -> None:
    continuity.listed.__wrapped__(page, ("a", "b"))


def edited(page: str) -> None:
    """The prompt of a model that reads the page it changes."""
    render.messages(Brief("web", ask="a", edit="b"), "full", page)


def bare(page: str) -> None:
    """The kit of a draft whose reader takes what stands in its body."""
    without_classes(page, page)


def picked(page: str) -> None:
    """An element that someone selected, by its number and words."""
    selected(page, Target("a", "x", nth=0))


def worded(page: str) -> None:
    """One that has words alone."""
    selected(page, Target("section", "x"))


def chosen(page: str) -> None:
    """One on a command line."""
    with contextlib.suppress(StartupError):
        choose(page, "a.b[c]")


def gapped(page: str) -> None:
    """The element that lies in the middle of the page changes, in a model of bytes."""
    words = Words(lambda token: bytes([token]), "full", 0, 0, 256, 2 * MOST, lambda text: list(text.encode()))
    if found := stretches(page):
        one = found[len(found) // 2]
        gap = gap_in(page, list(page.encode()), (one.start, one.end), words)
        assert gap is None or gap.filled(gap.infill.canvas)


ON_PAGES: list[Callable[[str], Any]] = [
    exposed, half_exposed, sanitise, title, read, site, windows, links, generative_ui.parted, completion.stable,
    openai_client.unfenced, edited, text_tokens.split, anchors.unanchored, undressed, bare, page_world,
    picked, worded, chosen, closed, gapped,
]  # fmt: skip


@pytest.mark.parametrize("work", ON_PAGES, ids=lambda work: work.__name__)
def test_pages(work: Callable[[str], object]) -> None:
    for attack, most in (*((page, SHORT) for page in PAGES), *((page, MOST) for page in WORST_PAGES)):
        found = complaint(work, attack, most, EACH, 9)
        assert not found, f"{attack}: {found}"


TEXTS = [
    A(" "), A("a"), A("a "), A(";"), A("&"), A("A. "), A("Mr. A"), A("x ."), A("("), A(" ("), A("["),
    A("[a]("), A("![]("),
    A("#"), A("\n"), A("\n\n"), A("```\n"), A("*"), A("- "), A("“"), A("\u4e00"), A('a." A'), A("quick facts "),
    A("long "), A("please "), A("put "), A("called "), A("<a>", ends="x"), A("\ufdd0"), A("<!--1-->"), A("<p>a. ",),
]  # fmt: skip
WORST_TEXTS = [A(" ", ends="x"), A("Mr. A"), A("![](")]


def framed(text: str) -> None:
    render.terse(Brief("web", ask=text, facts=text, windows=(Window(text, text),)), anchors=True)


def grown(text: str) -> None:
    """A text that comes as it is, in sixteen pieces."""
    growing = Growing()
    for at in range(1, 17):
        growing.take(text[: at * len(text) // 16])
    growing.end(text)


def asked(text: str) -> None:
    subject.subject(text)
    subject.app_name(text)
    subject.renamed(text)
    subject.is_long(text)
    guessed(text)
    names(text, "volcano")


def cut(text: str) -> None:
    cut_line(text, 4_000)
    logs.told(text, 4_000)


ON_TEXTS: list[Callable[[str], Any]] = [
    render.line, anchors.chunks, anchors.anchored, framed, grown, asked, one_line, clean, cut,
    fact_text.clean_sentences,
    fact_text.clean_line, fact_text.split_sentences, facts_sources.from_markdown, facts_sources.from_html,
    facts_sources.from_text, text_tokens.split, lambda text: _unmark(_mark(text)),
    lambda text: diff.change(text, f"{text[: len(text) // 2]}!{text[len(text) // 2 :]}"),
]  # fmt: skip


@pytest.mark.parametrize("work", ON_TEXTS, ids=lambda work: work.__name__)
def test_texts(work: Callable[[str], object]) -> None:
    for attack, most in (*((text, SHORT) for text in TEXTS), *((text, MOST) for text in WORST_TEXTS)):
        found = complaint(work, attack, most, EACH, 9)
        assert not found, f"{attack}: {found}"


def frames(text: str) -> Iterator[Frame]:
    """The final frames of canvases that spell a text, a byte a token."""
    for block, at in zip(count(), range(0, len(text), 256), strict=False):
        tokens = np.frombuffer(text[at : at + 256].ljust(256).encode("latin-1"), np.uint8).astype(np.int32)
        yield Frame(block, 1, 1, tokens, np.ones(256, np.bool_), 0.0, 0.0, True)


def committed(text: str) -> None:
    drafter = Drafter(lambda token: bytes([token]), (256,), "anchored")
    for frame in frames(text):
        drafter.observe(frame)
    drafter.page()


def written(text: str) -> None:
    whole = Text(lambda token: bytes([token]), (256,), ("stop",))
    for frame in frames(text[:20_000]):
        whole.take(frame)


@pytest.mark.parametrize("work", [committed, written])
def test_what_is_committed_canvas_by_canvas(work: Callable[[str], object]) -> None:
    found = complaint(work, A("<p>a stop"), MOST, EACH, 9)
    assert not found


def test_a_page_of_a_million_characters_is_taken_apart() -> None:
    """Copies are quick: it takes as much to see that all that was found is copied again for each part."""
    found = complaint(generative_ui.parted, A("<a>"), 1_000_000, EACH, 8)
    assert not found
