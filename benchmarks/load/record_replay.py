"""Record pages of the bundled model for benchmarks/load/replay_model.py.

Run it as `python -m benchmarks.load.record_replay`. Prompts are made from words in the same way as in the service.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from backend.composer.compose import Composer
from backend.composer.facts import FactsIndex
from backend.composer.intent import prompted
from backend.machine import hardware, versions
from backend.models.model_card import read_card
from backend.prompts.brief import World
from backend.prompts.render import messages
from backend.settings import Settings
from benchmarks import bench_pages
from benchmarks.load.replay_model import RECORDING, Recording, Take
from engine.core.params import Params
from engine.core.results import Frame
from engine.engine import Engine

PAGES: tuple[tuple[World, str], ...] = (
    *bench_pages.PAGES,
    ("web", "an encyclopedia article about lighthouses"),
    ("web", "a forum thread about sourdough bread"),
    ("web", "a blog post about the history of glass"),
    ("app", "a timer app"),
    ("os", "a file manager"),
    ("web", "a shop that sells bicycles"),
    ("web", "an encyclopedia article about the Moon"),
)


def record(settings: Settings, engine: Engine, pages: tuple[tuple[World, str], ...]) -> Recording:
    """Make every page once, with its index as the seed.

    Args:
        settings: Settings with the model and the facts.
        engine: The engine.
        pages: World and words of each page.

    Returns:
        The recording.
    """
    card = read_card(settings.model)
    facts = FactsIndex.open(settings.facts, settings.data)
    composer = Composer(card, facts)
    takes = []
    for seed, (world, words) in enumerate(tqdm(pages, unit="page")):
        brief = composer.compose(prompted(words, world), f"seed {seed}")
        params = Params(**{**vars(engine.defaults), "seed": seed, "max_tokens": settings.page_tokens})
        chat: Any = messages(brief, card.dialect)
        writing = engine.submit(chat, params)
        takes.append(Take(tuple(map(small, writing.frames())), writing.wait()))
    if facts:
        facts.close()
    known = {int(token) for take in takes for frame in take.frames for token in np.unique(frame.tokens)}
    about: dict[str, Any] = {"model": card.name, "pages": [list(page) for page in pages]}
    about |= {"hardware": hardware(), "versions": versions()}
    pieces = {token: engine.piece(token) for token in known}
    return Recording(about, tuple(takes), pieces, tuple(engine.eos_ids))


def small(frame: Frame) -> Frame:
    """Return the frame with 16-bit tokens, in which the bundled model's vocabulary fits."""
    return Frame(**{**vars(frame), "tokens": frame.tokens.astype(np.int16)})


def main() -> None:
    """Record the pages and save them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=RECORDING)
    parser.add_argument("--limit", type=int, default=len(PAGES), metavar="N", help="pages (default: all)")
    args = parser.parse_args()
    settings = Settings()
    engine = Engine.load(settings.model)
    try:
        record(settings, engine, PAGES[: args.limit]).save(args.output)
    finally:
        engine.close()


if __name__ == "__main__":
    main()
