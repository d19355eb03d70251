"""Compression of drafts: what is in the memory of a connection, and what never is."""

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from backend.protocol.compression import DraftDeflate, DraftDeflateFactory, Drawn
from backend.protocol.messages import Prompt
from tests.support.running_service import JSON, MSGPACK, Service, visit

SECRET = b"the key of a session, which is long enough to be found again"
OFFER = [("client_max_window_bits", None)]


def binary(data: bytes) -> Frame:
    return Frame(Opcode.BINARY, data)


def agreed(*more: tuple[str, str | None]) -> tuple[list[tuple[str, str | None]], PerMessageDeflate]:
    return DraftDeflateFactory().process_request_params([*OFFER, *more], [])


@given(st.lists(st.tuples(st.binary(max_size=300), st.booleans()), max_size=12), st.booleans())
def test_everything_arrives_as_it_was(messages: list[tuple[bytes, bool]], forgetful: bool) -> None:
    ours, theirs = DraftDeflate(True, forgetful), PerMessageDeflate(forgetful, True, 15, 15)
    for data, is_draft in messages:
        sent = ours.encode(binary(Drawn(data) if is_draft else data))
        assert sent.rsv1 is is_draft
        assert bytes(theirs.decode(sent).data) == data


def test_a_draft_behind_its_like_costs_little() -> None:
    ours, text = DraftDeflate(True, False), bytes(range(256)) * 2
    first, second = (Drawn(text + bytes([end])) for end in range(2))
    for draft in (first, second):
        assert len(ours.encode(binary(draft)).data) == draft.sent
    assert first.sent > 256 > 10 * second.sent


def test_nothing_but_the_drafts_of_one_page_is_remembered() -> None:
    def sent(before: list[bytes]) -> bytes:
        ours = DraftDeflate(True, False)
        for data in before:
            ours.encode(binary(data))
        return bytes(ours.encode(binary(Drawn(b"<p>" + SECRET))).data)

    fresh = sent([])
    assert sent([SECRET]) == fresh
    assert sent([Drawn(SECRET), b"the page is committed"]) == fresh
    assert len(sent([Drawn(SECRET)])) < len(fresh) / 2


def test_who_gets_no_drafts_has_no_memory() -> None:
    ours = DraftDeflate(True, False)
    assert not hasattr(ours, "encoder")
    ours.encode(binary(Drawn(b"draft")))
    assert hasattr(ours, "encoder")
    ours.encode(Frame(Opcode.PING, b"alive"))
    assert hasattr(ours, "encoder")
    ours.encode(binary(b"page"))
    assert not hasattr(ours, "encoder")


def test_what_is_agreed_on() -> None:
    answer, ours = agreed()
    assert ("client_no_context_takeover", None) in answer
    assert isinstance(ours, DraftDeflate)
    assert (ours.remote_no_context_takeover, ours.local_no_context_takeover) == (True, False)
    answer, ours = agreed(("server_no_context_takeover", None), ("server_max_window_bits", "9"))
    assert ("server_max_window_bits", "9") in answer
    assert (ours.local_no_context_takeover, ours.local_max_window_bits) == (True, 9)


@pytest.mark.parametrize("protocol", [MSGPACK, JSON])
def test_a_page_comes_the_same_compressed(tmp_path: Path, protocol: str) -> None:
    async def scene(service: Service) -> None:
        service.engine.pause, sizes = 0.005, []
        for compression in (None, "deflate"):
            before = sent(service)
            async with service.client(protocol, compression=compression) as client:
                for words in ("tides", "moon"):
                    page = await client.page(Prompt(words))
                    heading = f"<h1>{words.title()}</h1>"
                    assert (heading in client.draft, heading in page.html) == (True, True)
                kinds = [type(one) for one in client.socket.protocol.extensions]
                assert kinds == [PerMessageDeflate] * (compression is not None)
            sizes.append(sent(service) - before)
        assert (sizes[1] < 0.6 * sizes[0]) is (protocol == MSGPACK)

    def sent(service: Service) -> float:
        value = service.app.state.connections.observer.metrics.registry.get_sample_value
        return sum(value("silverprint_sent_bytes_total", {"type": kind}) or 0.0 for kind in ("frame", "keyframe"))

    visit(tmp_path, scene)


def test_a_message_that_swells(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(compression="deflate", max_size=None) as client:
            assert len(zlib.compress(bytes(10_000_000))) < 10_000
            await client.socket.send(bytes(100_000))
            assert await client.error() == "too_large"
            await client.socket.send(bytes(10_000_000))
            assert await client.closed() == 1009
        async with service.client() as after:
            assert (await after.page(Prompt("tides"))).title == "Tides"

    visit(tmp_path, scene)
