"""`silverprint generate` makes one page from a prompt without a server, on the same path as the service does."""

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
    """What page to make.

    Attributes:
        prompt: What the page is asked for with. With `page`, it says how to change that page.
        world: The world of the page, or any.
        then: An instruction to change the page by, once it is made. "" means none.
        seed: The seed of the random draws. None draws one.
        page: A page that the prompt says how to change. With it, no page is made first.
        part: The element of `page` that alone may change.

    Raises:
        ProtocolError: The prompt or the instruction is empty or too long, by the limits of the service.
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
    """A finished page, as the service would store it, and how it came about.

    Attributes:
        title: The page's title.
        html: The sanitized markup.
        tokens: The token ids that the markup was made of.
        stats: Figures of the generation.
        seed: The seed of the random draws.
        origin: The brief, the address and the tokens, from which the page can be changed later.
        world: The world of the page, or any.
        unchanged: Whether an edit left the page as it was.
        doubt: Present if the model was not sure of the page.
    """

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
    """Makes pages without a server.

    Attributes:
        composer: Writes the brief of each page.
        maker: Makes pages with the engine.
    """

    composer: Composer
    maker: PageMaker

    @classmethod
    @contextlib.contextmanager
    def open(cls, settings: Settings, engine: "Model") -> Iterator["PageGenerator"]:
        """Read a checkpoint's model card and the facts, as the service does.

        Args:
            settings: Options of the service.
            engine: The model that makes the pages.

        Yields:
            A generator, whose facts are closed at the end of the block.

        Raises:
            StartupError: The model card or the facts cannot be read.
        """
        card = card_for(settings)
        facts = FactsIndex.open(settings.facts, settings.data)
        try:
            yield cls(Composer(card, facts), PageMaker(engine, card.dialect, settings, judge=card.judge))
        finally:
            if facts:
                facts.close()

    def make(self, order: PageRequest, watch: Watch) -> Page:
        """Make a page.

        Args:
            order: What page to make.
            watch: Called with the frame and its draft after every step.

        Returns:
            The finished page.

        Raises:
            ProtocolError: The model cannot make this page.
        """
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
        """Return where a page came from, with the tokens of the page as it is now."""
        return replace(page.origin, tokens=self.maker.tokens(page.html)) if page.html else page.origin

    def _edit(self, old: Provenance, html: str, instruction: str, seed: int, watch: Watch) -> Page:
        world = page_world(html) if old.brief.world == ANY else old.brief.world
        brief = self.composer.edit(replace(old.brief, world=world), instruction, page=html)
        page = self._write(brief, old.url, seed, old.tokens, watch)
        return replace(page, unchanged=fingerprint(page.html) == fingerprint(html))

    def _change(self, order: PageRequest, seed: int, watch: Watch) -> Page:
        """Make a page of which one element changes while the rest stays byte for byte as it was.

        Raises:
            ProtocolError: The model cannot change this element while it holds the rest.
        """
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
        """Write one page, give every frame to `watch`, and return the finished page."""
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
    """A progress bar on stderr that shows the steps of the current canvas and how much of it has settled.

    It is a context manager, and a callback for PageGenerator.make. An optional callback also gets every step as a line
    of `--frames`.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], None] | None = None) -> None:
        self._tell = tell

    def __enter__(self) -> "Progress":
        self._bar = tqdm(unit="step", file=sys.stderr, leave=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, frame: "Frame", draft: Draft) -> None:
        """Show a step; this is the `watch` of PageGenerator.make."""
        if frame.step == 1 and not frame.reading:
            self._bar.reset(frame.steps)
            self._bar.set_description(f"canvas {frame.block + 1}")
        read = f", read {frame.reading} times" if frame.reading else ""
        self._bar.set_postfix_str(f"{draft.settled}/{len(frame.tokens)} settled{read}", refresh=False)
        self._bar.update(0 if frame.reading else 1)
        if self._tell:
            self._tell(frame_line(frame, draft))


def frame_line(frame: "Frame", draft: Draft) -> dict[str, Any]:
    """Return one step as `--frames` prints it: the draft, and the changed tokens as (position, text, state)."""
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
    """Return the finished page as `--frames` prints it, as the last line."""
    about = {"title": page.title, "world": page.world, "html": page.html, "unchanged": page.unchanged}
    doubt = {"doubt": plain(page.doubt)} if page.doubt else {}
    return {"type": "page", **about, **doubt, "stats": asdict(page.stats), "seed": page.seed}


def summary(page: Page) -> str:
    """Describe in one line for people how a page came about."""
    stats = page.stats
    steps = ", ".join(map(str, stats.steps))
    read = f", readings {', '.join(map(str, stats.readings))}" if any(stats.readings) else ""
    return (
        f"{stats.tokens} tokens in {stats.seconds:.2f} s, first frame after {stats.first_frame:.2f} s, "
        f"steps per canvas {steps}{read}, {stats.corrections} corrections, seed {page.seed}"
    )
