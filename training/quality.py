"""How good pages are while a model trains: a few held-out requests, written by the sampler, beside the true pages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from statistics import fmean
from threading import TIMEOUT_MAX, Timer

from tqdm import tqdm

from engine.core.params import Params
from engine.core.results import Result
from engine.engine import Engine
from engine.model.diffusion_gemma import DiffusionGemma
from engine.requests.generation import Generation
from engine.runners.eager import EagerRunner
from engine.tokenizer.tokenizer import ChatTokenizer
from training.dataset import Corpus

SAMPLING = Params(max_steps=16, entropy_bound=0.5, confidence=0.1, doubt=0.3)
"""How pages of a model trained here are written (docs/log.md): its encoder has learned to read them."""


MOST_READINGS = 48
"""Of a probe's canvas: a model that is young disagrees with itself about every token, and would read for minutes."""


def quality(model: DiffusionGemma, folder: Path, probe: Corpus) -> dict[str, float]:
    """likeness: difflib's ratio of written to true pages, in tokens without padding, mean (1: the same); steps: of
    denoising a canvas took, readings: how often it was read, means. folder: of the tokenizer."""
    results = written(model, folder, probe, range(len(probe)))
    pad = model.config.pad_id
    pairs = zip((shown(result.tokens, pad) for result in results), range(len(probe)), strict=True)
    likeness = fmean(ratio(page, shown(probe.page(number).tolist(), pad)) for page, number in pairs)
    steps = fmean(count for result in results for count in result.stats.steps)
    readings = fmean(count for result in results for count in result.stats.readings)
    return {"likeness": round(likeness, 4), "steps": round(steps, 2), "readings": round(readings, 2)}


def written(
    model: DiffusionGemma, folder: Path, probe: Corpus, numbers: Sequence[int], params: Params = SAMPLING,
    seconds: float | None = None,
) -> list[Result]:  # fmt: skip
    """What the sampler writes for these examples of a probe, together. folder: of the tokenizer. seconds: after which
    pages that are not done are cancelled."""
    engine = Engine(EagerRunner(model), ChatTokenizer.load(folder), params)
    try:
        short = replace(engine.defaults, max_readings=MOST_READINGS)
        asked = [(probe.prompt(number).tolist(), replace(short, seed=number)) for number in numbers]
        pages = [engine.submit(prompt, params) for prompt, params in asked]
        with limited(pages, seconds):
            return [one.wait() for one in tqdm(pages, desc="writing pages to judge", unit="page", leave=False)]
    finally:
        engine.close()


@contextmanager
def limited(pages: Sequence[Generation], seconds: float | None) -> Iterator[None]:
    """Within, pages that take longer than so many seconds are cancelled."""

    def cancel() -> None:
        for page in pages:
            page.cancel()

    timer = Timer(TIMEOUT_MAX if seconds is None else max(0.0, seconds), cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def shown(tokens: Sequence[int], pad: int) -> list[int]:
    """The tokens that show something."""
    return [int(token) for token in tokens if token != pad]


def ratio(page: Sequence[int], wanted: Sequence[int]) -> float:
    return SequenceMatcher(None, page, wanted, autojunk=False).ratio()
