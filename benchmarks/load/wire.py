"""Measure what drafts cost on the wire: python -m benchmarks.load.wire [PROMPT ...].

Each page is made with the bundled model in 24 steps a canvas, and every step is sent. It is sent as the service does
it, as changes to the draft before, compressed and not. For comparison, the whole draft is encoded each time.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgpack
import websockets.frames as websocket

from backend.drafts.drafter import Drafter
from backend.protocol.codec import MsgpackCodec, encode
from backend.protocol.compression import DraftDeflate, Drawn
from backend.protocol.messages import Keyframe
from backend.protocol.outbox import Live, Outbox

if TYPE_CHECKING:
    from engine.core.results import Frame

STEPS = 24
PAGE = "p" * 22  # as long as a page's id
SEQ = 1_000_000
PROMPTS = ("an encyclopedia article about volcanoes", "a to-do list", "a forum thread about tides")
CODEC = MsgpackCodec()


@dataclass
class Cost:
    """Bytes of a page's drafts.

    Attributes:
        frames: Number of messages.
        whole: All drafts as keyframes.
        changes: All messages before compression.
        sent: All messages after compression.
        markup: Markup in the messages, which are the fields `text` and `html`.
        tokens: Tokens in the messages.
        drafts: Markup of all whole drafts.
        last: Markup of the last draft.
    """

    frames: int = 0
    whole: int = 0
    changes: int = 0
    sent: int = 0
    markup: int = 0
    tokens: int = 0
    drafts: int = 0
    last: int = 0

    @property
    def share(self) -> float:
        """Bytes of the changes as a share of the whole drafts."""
        return self.changes / self.whole

    @property
    def sent_share(self) -> float:
        """Compressed bytes as a share of the whole drafts."""
        return self.sent / self.whole


def cost(frames: "Iterable[Frame]", drafter: Drafter) -> Cost:
    """Return what the frames of a page cost when each of them is sent."""
    found, live, outbox, deflate = Cost(), Live(PAGE), Outbox(), DraftDeflate(True, False)
    for frame in frames:
        draft = drafter.update(frame)
        live.step_to(frame)
        live.fill(draft.html, draft.settled, draft.tokens)
        outbox.draft(live)
        message = outbox.pop()
        assert message
        place, progress = (PAGE, live.block, live.step, live.steps), (live.settled, live.entropy)
        whole = Keyframe(*place, live.html, *progress, live.tokens({}), live.reading)
        found.frames += 1
        found.whole += len(encode(whole, CODEC, SEQ))
        found.last = len(live.html.encode())
        found.drafts += found.last
        data = encode(message, CODEC, SEQ)
        assert isinstance(data, bytes)
        found.changes += len(data)
        found.sent += len(deflate.encode(websocket.Frame(websocket.Opcode.BINARY, Drawn(data))).data)
        found.markup += len((message.html if isinstance(message, Keyframe) else message.text).encode())  # type: ignore[union-attr]
        found.tokens += len(msgpack.packb(message.tokens))  # type: ignore[union-attr]
    return found


def main(prompts: tuple[str, ...]) -> None:
    """Make a page for each prompt, and print its cost."""
    from backend.composer import intent
    from backend.composer.compose import Composer
    from backend.models.model_card import read_card
    from backend.prompts.render import messages
    from backend.settings import BUNDLED_MODEL
    from engine.engine import Engine

    engine, card = Engine.load(BUNDLED_MODEL), read_card(BUNDLED_MODEL)
    params = replace(engine.defaults, max_steps=STEPS, confidence=0.0, seed=1)
    for prompt in prompts:
        brief = Composer(card).compose(intent.prompted(prompt, "web"), "bench")
        generation = engine.submit(messages(brief, card.dialect), params)
        found = cost(generation.frames(), Drafter(engine.piece, engine.eos_ids, card.dialect))
        parts = f"markup {found.markup:,}, tokens {found.tokens:,}, the rest {rest(found):,}"
        said = f"{found.frames} drafts, whole {found.whole:,} bytes, as changes {found.changes:,} = {found.share:.1%}, "
        said += f"compressed {found.sent:,} = {found.sent_share:.1%}"
        print(f"{prompt}: {said} ({parts})")
        least = f"the page alone would be {found.last / found.drafts:.1%}"
        print(f"    of the markup: {found.markup / found.drafts:.1%} of {found.drafts:,} bytes; {least}")
    engine.close()


def rest(found: Cost) -> int:
    """Return the bytes of the messages that are neither markup nor tokens."""
    return found.changes - found.markup - found.tokens


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or PROMPTS)
