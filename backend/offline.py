"""`silverprint generate`: one page from a prompt, on the path that a page of the service takes, without its server."""

import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from backend.composer.compose import Composer
from backend.composer.facts import FactsIndex
from backend.composer.intent import prompted
from backend.drafts.drafter import Draft
from backend.errors import ProtocolError
from backend.jobs.page_job import stats_of
from backend.jobs.page_maker import PageMaker
from backend.kit.strip import undressed
from backend.markup.sanitize import sanitise, title
from backend.models.model_card import card_for
from backend.pages.css_selector import Chosen
from backend.pages.edit_region import EditRegion, Filled
from backend.pages.finished_page import fingerprint, settled
from backend.pages.page_world import page_world
from backend.pages.provenance import PageSource, Provenance
from backend.prompts.brief import ANY, Brief, WorldOrAny
from backend.protocol.codec import plain
from backend.protocol.messages import Doubt, Prompt, Stats
from backend.settings import Settings
from backend.shape import build
from backend.storage.records import PageRecord

if TYPE_CHECKING:
    from backend.models.base import Model
    from engine.core.results import Frame

NO_GAP = "expected an element that this model can change while it holds the rest of the page"
Watch = Callable[["Frame", Draft], None]


@dataclass(frozen=True)
class PageRequest:
    """What to make. then: an instruction to change the page by, once it is made. seed: None draws one.

    page: one that the prompt says how to change; then none is made first. part: the element of it that alone changes.
    Raises ProtocolError for an empty or overlong prompt or instruction, as the service does.
    """

    prompt: str
    world: WorldOrAny = ANY
    then: str = ""
    seed: int | None = None
    page: PageSource | None = None
    part: Chosen | None = None

    def __post_init__(self) -> None:
        for text in (self.prompt, *([self.then] if self.then else [])):
            build(Prompt, {"text": text, "world": self.world}, "prompt")


@dataclass(frozen=True)
class Page:
    """A finished page, as the service would store it, and how it came about. unchanged: an edit that came to the page
    as it was. doubt: of one that the model was not sure of."""

    title: str
    html: str
    tokens: tuple[int, ...]
    stats: Stats
    seed: int
    origin: Provenance
    world: WorldOrAny = ANY
    unchanged: bool = False
    doubt: Doubt | None = None


@dataclass(frozen=True)
class PageGenerator:
    """What pages are made with."""

    composer: Composer
    maker: PageMaker

    @classmethod
    @contextlib.contextmanager
    def open(cls, settings: Settings, engine: "Model") -> Iterator["PageGenerator"]:
        """A checkpoint's card and the facts, as the service reads them. Raises StartupError."""
        card = card_for(settings)
        facts = FactsIndex.open(settings.facts, settings.data)
        try:
            yield cls(Composer(card, facts), PageMaker(engine, card.dialect, settings, judge=card.judge))
        finally:
            if facts:
                facts.close()

    def make(self, order: PageRequest, watch: Watch) -> Page:
        """Make a page, calling ``watch`` after every step. Raises ProtocolError if the model cannot."""
        seed = secrets.randbelow(2**31) if order.seed is None else order.seed
        if order.part:
            page = self._change(order, seed, watch)
        elif order.page:
            old = self._begun(order.page)
            page = self._edit(old, order.page.page, order.prompt, seed, watch)
        else:
            intent = self.composer.decided(prompted(order.prompt, order.world))
            page = self._write(self.composer.compose(intent, f"seed {seed}"), intent.url, seed, (), watch)
        return self._edit(page.origin, page.html, order.then, seed, watch) if order.then else page

    def _begun(self, page: PageSource) -> Provenance:
        """Where a page came from, with the tokens of what it is now."""
        return replace(page.origin, tokens=self.maker.tokens(page.html)) if page.html else page.origin

    def _edit(self, old: Provenance, html: str, instruction: str, seed: int, watch: Watch) -> Page:
        world = page_world(html) if old.brief.world == ANY else old.brief.world
        brief = self.composer.edit(replace(old.brief, world=world), instruction, page=html)
        page = self._write(brief, old.url, seed, old.tokens, watch)
        return replace(page, unchanged=fingerprint(page.html) == fingerprint(html))

    def _change(self, order: PageRequest, seed: int, watch: Watch) -> Page:
        """A page of which one element changes, the rest byte for byte as it was. Raises ProtocolError."""
        source, part = order.page, order.part
        assert source
        assert part
        brief = self.composer.edit(source.origin.brief, order.prompt, part.target, source.page)
        gap = self.maker.gap(source.page, source.origin.tokens, (part.start, part.end))
        if gap is None:
            raise ProtocolError("page_failed", f"{NO_GAP}, got {part.target.tag}")
        return self._write(brief, source.origin.url, seed, gap.infill.canvas, watch, gap)

    def _write(
        self, brief: Brief, url: str, seed: int, canvas: tuple[int, ...], watch: Watch, gap: EditRegion | None = None
    ) -> Page:
        return asyncio.run(self._written(brief, url, seed, canvas, watch, gap))

    async def _written(
        self, brief: Brief, url: str, seed: int, canvas: tuple[int, ...], watch: Watch, gap: EditRegion | None
    ) -> Page:
        record = PageRecord("page", url, brief.world, brief, "", seed, time.time())
        writing = self.maker.submit(record, canvas, gap=gap)
        drafter = self.maker.drafter()
        try:
            async for frame in writing:
                watch(frame, drafter.update(frame))
        finally:
            writing.cancel()
        result = await writing.result()
        tokens = tuple(map(int, result.tokens))
        filled = gap.filled(tokens) if gap else Filled(sanitise(undressed(drafter.page())), tokens)
        html = filled.html
        world = page_world(html) if brief.world == ANY else brief.world
        made = settled(replace(record, html=html, title=title(html), world=world))
        origin = Provenance(brief, made.url, filled.tokens)
        doubt = self.maker.judge.doubt(brief, result.stats)
        return Page(made.title, html, filled.tokens, stats_of(result), seed, origin, world, doubt=doubt)


class Progress:
    """A progress bar on stderr: the steps of the canvas at work, and how much of it has settled.

    tell: also gets every step as a line of ``--frames``.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], None] | None = None) -> None:
        self._tell = tell

    def __enter__(self) -> "Progress":
        self._bar = tqdm(unit="step", file=sys.stderr, leave=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, frame: "Frame", draft: Draft) -> None:
        if frame.step == 1 and not frame.reading:
            self._bar.reset(frame.steps)
            self._bar.set_description(f"canvas {frame.block + 1}")
        read = f", read {frame.reading} times" if frame.reading else ""
        self._bar.set_postfix_str(f"{draft.settled}/{len(frame.tokens)} settled{read}", refresh=False)
        self._bar.update(0 if frame.reading else 1)
        if self._tell:
            self._tell(frame_line(frame, draft))


def frame_line(frame: "Frame", draft: Draft) -> dict[str, Any]:
    """One step as `--frames` prints it: the draft, and the tokens that changed as (position, text, state)."""
    return {
        "type": "frame",
        "block": frame.block,
        "step": frame.step,
        "steps": frame.steps,
        "reading": frame.reading,
        "entropy": round(frame.entropy, 4),
        "elapsed": round(frame.elapsed, 4),
        "settled": draft.settled,
        "final": frame.final,
        "html": draft.html,
        "tokens": draft.tokens,
    }


def page_line(page: Page) -> dict[str, Any]:
    """The finished page as `--frames` prints it, last."""
    about = {"title": page.title, "world": page.world, "html": page.html, "unchanged": page.unchanged}
    doubt = {"doubt": plain(page.doubt)} if page.doubt else {}
    return {"type": "page", **about, **doubt, "stats": asdict(page.stats), "seed": page.seed}


def summary(page: Page) -> str:
    """How a page came about, in one line for people."""
    stats = page.stats
    steps = ", ".join(map(str, stats.steps))
    read = f", readings {', '.join(map(str, stats.readings))}" if any(stats.readings) else ""
    return (
        f"{stats.tokens} tokens in {stats.seconds:.2f} s, first frame after {stats.first_frame:.2f} s, "
        f"steps per canvas {steps}{read}, {stats.corrections} corrections, seed {page.seed}"
    )
