"""The command `silverprint eval`: held-out prompts are written by the model and judged in Chromium."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from backend.prompts.brief import Brief
from backend.prompts.render import Dialect, messages, plain
from engine.engine import Engine
from training.corpus import FAMILIES, sample
from training.corpus.design import Example
from training.evaluation.browse import Wrap, browser
from training.evaluation.checks.markup import parse
from training.evaluation.judge import Judgement, judge
from training.texts.source import Source

SEED = 2026
LEAST = 300


@dataclass(frozen=True)
class Written:
    """A page as the model wrote it.

    Attributes:
        page: The page.
        finish: Why the model stopped.
        tokens: Number of tokens.
        steps: Denoising steps of each canvas.
        readings: How often each canvas was read.
        seconds: Time from submission to the last commit.
        before: For an edit, the page that the model wrote first.
        others: The page with other seeds.
    """

    page: str
    finish: str
    tokens: int
    steps: tuple[int, ...]
    readings: tuple[int, ...]
    seconds: float
    before: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What was asked for, what the model wrote, and how it was judged."""

    example: Example
    written: Written
    judgement: Judgement


def cases(source: Source, limit: int = LEAST, seed: int = SEED, carries: bool = True) -> list[Example]:
    """Return held-out examples, with equal shares of all families.

    Args:
        source: Texts for the examples.
        limit: Number of examples.
        seed: Seed; the same one gives the same examples.
        carries: Whether the checkpoint is told what the page before leaves for the next; everything else is the same.
    """
    draws = {name: random.Random(f"{seed} {name}") for name in FAMILIES}
    names = itertools.islice(itertools.cycle(FAMILIES), limit)
    drawn = (sample(FAMILIES[name], draws[name], source, "held", carries) for name in names)
    return sorted(drawn, key=lambda example: example.family)


def write(engine: Engine, dialect: Dialect, example: Example, seed: int, others: int = 0) -> Written:
    """Let the model write the page that an example asks for, alone, so that seconds are those of a single visitor.

    An edit is made as a visitor makes it: the model writes the page first, then changes its own page.

    Args:
        engine: The engine.
        dialect: The checkpoint's dialect.
        example: The example.
        seed: Seed of the page.
        others: Number of further seeds with which the page is written.
    """
    before, old = "", original(example)
    params = replace(engine.defaults, seed=seed)
    if old:
        first = engine.submit(messages(old, dialect), params).wait()
        before = plain(engine.decode(first.tokens), dialect)
        params = replace(params, canvas=tuple(map(int, first.tokens)) or None)
    result = engine.submit(messages(example.brief, dialect), params).wait()
    stats = result.stats
    more = tuple(write(engine, dialect, example, seed + 1 + n).page for n in range(others))
    page = plain(engine.decode(result.tokens), dialect)
    steps, readings = tuple(stats.steps), tuple(stats.readings)
    return Written(page, result.finish, stats.tokens, steps, readings, stats.seconds, before, more)


def original(example: Example) -> Brief | None:
    """Return the brief of the page that an edit changes, or None if the example is not an edit."""
    if not example.before:
        return None
    if example.brief.world != "app":
        return replace(example.brief, edit="")
    (title, *_) = parse(example.before).texts("h1")
    words = f"{example.brief.ask} {example.brief.open}".lower()
    return replace(example.brief, edit="", title=title if title.lower() in words else "")


def evaluate(
    engine: Engine,
    dialect: Dialect,
    wrap: Wrap,
    examples: Sequence[Example],
    tick: Callable[[], object] = bool,
    seed: int = SEED,
    others: int = 0,
) -> list[Judged]:
    """Write and judge every example.

    Pages are written first and judged afterwards, so that the browser takes no time from the model.

    Args:
        engine: The engine.
        dialect: The checkpoint's dialect.
        wrap: Makes the live frame's document of a page.
        examples: The examples.
        tick: Called after each page that was written, and after each one that was judged.
        seed: Seed of the pages.
        others: Number of further seeds with which each page is written.

    Returns:
        The judged pages, in the order of the examples.
    """
    written = []
    for example in examples:
        written.append(write(engine, dialect, example, seed, others))
        tick()
    judged = []
    with browser() as running:
        for example, answer in zip(examples, written, strict=True):
            judged.append(Judged(example, answer, judge(running, wrap, example, answer.page, answer.before)))
            tick()
    return judged
