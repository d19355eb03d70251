"""Committed text only grows, whatever the canvases, the stops and the markup."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.api.openai.completion import sent, stable
from backend.api.text_stream import Text
from backend.markup.sanitize import sanitise
from engine.core.results import Frame

EOS = 256
MARKUP = st.lists(
    st.sampled_from([
        "<", ">", "a", " é", "<p>", "</p>", "<style>", "</style>", "<script>", "let x=1<2;", "</script>", "<!--", "-->",
        "<link ", "<linkx", "<meta http-equiv=x", "<iframe", "<title>", "</title>", "<textarea>", '"', "&lt;", "<b",
    ]),
    max_size=24,
).map("".join)  # fmt: skip


def frames(data: bytes, size: int) -> list[Frame]:
    """Two steps a canvas: half a canvas of noise, then all of it."""
    ids, found = [*data, EOS], []
    for block, start in enumerate(range(0, len(ids), size)):
        canvas = np.full(size, EOS, np.int32)
        canvas[: len(ids[start : start + size])] = ids[start : start + size]
        noise = np.where(np.arange(size) < size // 2, canvas, np.int32(ord("#")))
        for step, tokens in ((1, noise), (2, canvas)):
            found.append(Frame(block, step, 2, tokens, tokens == canvas, 0.0, 0.0, step == 2))
    return found


@given(st.text(), st.integers(1, 9), st.lists(st.text("ab<é", min_size=1, max_size=3), max_size=2))
def test_what_is_committed_is_what_was_written_up_to_a_stop(written: str, size: int, stops: list[str]) -> None:
    written = written.encode("utf-8", "replace").decode()
    text, before = Text(lambda token: bytes([token]) if token < EOS else b"", (EOS,), stops), ""
    for frame in frames(written.encode(), size):
        text.take(frame)
        assert text.committed.startswith(before)
        before = text.committed
    text.end()
    cut = min((at for stop in stops if (at := written.find(stop)) >= 0), default=len(written))
    assert text.committed.startswith(before)
    assert text.committed == text.current == written[:cut]
    assert text.stopped == (cut < len(written))


@given(st.text("ab"), st.sampled_from(["aba", "bb"]))
def test_a_stop_is_found_across_canvases(written: str, stop: str) -> None:
    text = Text(lambda token: bytes([token]) if token < EOS else b"", (EOS,), (stop,))
    for frame in frames(written.encode(), 1):
        text.take(frame)
        assert stop not in text.committed
    text.end()
    assert text.committed == written.split(stop)[0]


@given(MARKUP, MARKUP)
def test_what_is_sent_of_a_page_stands(written: str, more: str) -> None:
    assert sanitise(written + more).startswith(stable(sanitise(written)))


def test_the_last_page_of_a_conversation_is_the_one_to_change() -> None:
    def said(role: str, text: str) -> dict[str, str]:
        return {"role": role, "content": text}

    talk = [said("user", "<!--silverprint page=no-->"), said("assistant", "<p><!--silverprint page=one-->")]
    assert sent(talk) == ("one", "<p>")  # type: ignore[arg-type]
    assert sent([*talk, said("assistant", "x<!--silverprint page=two-->")]) == ("two", "")  # type: ignore[arg-type]
    assert sent([*talk, said("assistant", "no page")]) == ("one", "<p>")  # type: ignore[arg-type]
    assert sent(talk[:1]) == ("", "")  # type: ignore[arg-type]
