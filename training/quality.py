"""The quality of pages during training: the sampler writes a few held-out requests, compared with the true pages."""

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
"""Parameters for pages of a model trained here (docs/log.md); its encoder has learned to read them."""


MOST_READINGS = 48
"""Most readings of a probe's canvas; an untrained model doubts every token and would read for minutes."""


def quality(model: DiffusionGemma, folder: Path, probe: Corpus) -> dict[str, float]:
    """Measure how good written pages are.

    Args:
        model: The model.
        folder: Folder of the tokenizer.
        probe: Held-out examples.

    Returns:
        "likeness" is the mean of difflib's ratio of written to true pages, in tokens without padding (1: the same).
        "steps" are the mean denoising steps of a canvas, and "readings" is how often it was read on average.
    """
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
    """Let the sampler write some examples of a probe together.

    Args:
        model: The model.
        folder: Folder of the tokenizer.
        probe: Held-out examples.
        numbers: The examples to write.
        params: Parameters of the sampler.
        seconds: Time after which unfinished pages are cancelled; None sets no limit.

    Returns:
        The pages.
    """
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
    """Cancel pages that take longer than so many seconds inside the block."""

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
    """Return the tokens without padding, which shows nothing."""
    return [int(token) for token in tokens if token != pad]


def ratio(page: Sequence[int], wanted: Sequence[int]) -> float:
    """Return difflib's similarity of two pages, from 0 to 1."""
    return SequenceMatcher(None, page, wanted, autojunk=False).ratio()
