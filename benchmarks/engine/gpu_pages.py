"""Pages that visitors ask for, written with a checkpoint's own prompts, sampling parameters and readings.

Of the service, only the modules that make prompts are imported, and none of the packages that it depends on.
"""

from dataclasses import replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

from backend.composer.compose import Composer
from backend.composer.intent import prompted
from backend.models.model_card import read_card
from backend.prompts.render import messages
from benchmarks.bench_pages import PAGES
from engine.checkpoint.loader import load_defaults
from engine.core.params import Params
from engine.core.results import Stats
from engine.engine import Engine
from engine.tokenizer.tokenizer import ChatTokenizer


def prompts(folder: Path, repeats: int) -> list[tuple[list[int], int]]:
    """Return the token ids and the seed of each page of PAGES, without facts.

    Args:
        folder: Folder of the checkpoint.
        repeats: How often each page is made.

    Raises:
        CheckpointError: The checkpoint has no tokenizer that can be used.
        StartupError: The model card cannot be read.
    """
    card, tokenizer = read_card(folder), ChatTokenizer.load(folder)
    composer, found = Composer(card, None), []
    for world, words in PAGES:
        for seed in range(repeats):
            brief = composer.compose(prompted(words, world), f"seed {seed}")
            chat: Any = messages(brief, card.dialect)
            found.append((tokenizer.encode(chat), seed))
    return found


def pages(engine: Engine, folder: Path, repeats: int) -> dict[str, Any]:
    """Make all pages one after the other; the first is made once more before them.

    Args:
        engine: The engine with the checkpoint.
        folder: Folder of the checkpoint.
        repeats: How often each page is made.

    Returns:
        The figures. Tokens are those of the result, without padding.

    Raises:
        CheckpointError: The checkpoint's parameters or tokenizer cannot be used.
        StartupError: The model card cannot be read.
    """
    defaults, asked = load_defaults(folder), prompts(folder, repeats)
    first, *stats = [page(engine, ids, replace(defaults, seed=seed)) for ids, seed in (asked[0], *asked)]
    tokens, seconds = sum(one.tokens for one in stats), sum(one.seconds for one in stats)
    return {
        "pages": len(stats),
        "tokens_per_second": round(tokens / seconds, 1),
        "tokens": round(median(one.tokens for one in stats)),
        "seconds_a_page": round(median(one.seconds for one in stats), 3),
        "first_page_seconds": round(first.seconds, 3),
        "first_frame_ms": round(1000 * median(one.first_frame for one in stats), 1),
        "steps_per_canvas": round(fmean(count for one in stats for count in one.steps), 2),
        "readings_per_canvas": round(fmean(count for one in stats for count in one.readings), 2),
        "confidence": defaults.confidence,
        "doubt": defaults.doubt,
    }


def page(engine: Engine, ids: list[int], params: Params) -> Stats:
    """Write one page, and return its statistics."""
    return engine.submit(ids, params).wait().stats
