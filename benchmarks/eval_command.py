"""The command `silverprint eval`: it shows how good the held-out pages of a model are, as a table or as JSON."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from backend.errors import StartupError
from backend.settings import Settings
from benchmarks.command import Load

if TYPE_CHECKING:
    from training.evaluation.evaluate import Judged
    from training.texts.source import Source


def run(args: argparse.Namespace, settings: Settings, load: Load, write: Callable[[Path, bytes], None]) -> int:
    """Evaluate one or two models, and print the figures.

    Args:
        args: Parsed options of the command.
        settings: Settings, of which the model is used.
        load: Returns the engine for some settings.
        write: Writes bytes to a file; the contact sheet is written with it.

    Returns:
        The exit code: 1 if the first model wrote no good page, otherwise 0.

    Raises:
        StartupError: An option is wrong, or the browser or the corpus' texts are missing.
    """
    from backend.machine import hardware, versions
    from training.evaluation import evaluate, report
    from training.evaluation.browse import NoBrowserError, chromium
    from training.evaluation.contact_sheet import contact_sheet
    from training.texts.source import Source

    for name, value in (("limit", args.limit), ("seeds", args.seeds)):
        if value < 1:
            raise StartupError(f"expected --{name} of 1 or more, got {value}")
    try:
        chromium()
        source = Source.load()
    except (NoBrowserError, FileNotFoundError, ValueError, RuntimeError) as error:
        raise StartupError(str(error)) from error
    models = [settings.model, *([args.beside] if args.beside else [])]
    judged = [
        judged_pages(replace(settings, model=model), source, load, args.limit, args.seeds - 1) for model in models
    ]
    if args.sheet:
        write(args.sheet, contact_sheet([page for pages in judged for page in pages]))
    about = {"command": " ".join(["silverprint eval", *sys.argv[2:]]), "seed": evaluate.SEED}
    about |= {"hardware": hardware(), "versions": versions()}
    told = [report.as_json(pages, {"model": model.name}) for model, pages in zip(models, judged, strict=True)]
    if args.json:
        print(json.dumps({**about, **told[0], **({"beside": told[1]} if args.beside else {})}, indent=1))
    else:
        for model, pages in zip(models, judged, strict=True):
            print(f"{model}\n{report.as_table(pages)}")
    return 0 if any(one.judgement.ok for one in judged[0]) else 1


def judged_pages(settings: Settings, source: "Source", load: Load, limit: int, others: int) -> "list[Judged]":
    """Have one model write pages, and judge them; a progress bar is shown on stderr.

    Args:
        settings: Settings, of which the model is used.
        source: Texts for the corpus.
        load: Returns the engine for some settings.
        limit: Number of examples.
        others: Number of further seeds for each example.

    Returns:
        The judged pages.
    """
    from tqdm import tqdm

    from backend.models.model_card import read_card
    from backend.pages.documents import live_frame
    from training.evaluation import evaluate

    card = read_card(settings.model)
    examples = evaluate.cases(source, limit, carries=card.carries)
    engine = load(settings)
    try:
        with tqdm(total=2 * len(examples), unit="page", desc=f"{settings.model.name}: writing, then judging") as bar:
            return evaluate.evaluate(
                engine, card.dialect, lambda page: live_frame(page, []), examples, bar.update, others=others
            )
    finally:
        engine.close()
