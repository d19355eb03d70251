"""The command line, and the composition root: the one module that may import everything, each part when it is needed.

A wrong use ends with one sentence on stderr and exit code 2.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import SilverprintError, StartupError
from backend.options import Run, parser
from backend.settings import Settings

if TYPE_CHECKING:
    from backend.model import Model
    from engine.engine import Engine
    from training.evaluate import Judged
    from training.source import Source

WRONG_USE, INTERRUPTED = 2, 130
SETTINGS = (
    "host", "port", "model", "data", "store", "facts", "embed_token", "prefetch", "voice_model", "shell_origin",
    "frame_origin", "page_tokens", "page_steps", "guidance", "precision", "store_ca", "tokens", "audit", "max_pages",
    "max_queue", "queue_seconds", "drain_seconds", "engine", "log", "log_level", "traces", "metrics_port",
    "metrics_host",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 (an evaluation without a single good page), 2 (a wrong use) or 130."""
    from engine.errors import EngineError

    commands = parser(RUNS)
    args, rest = commands.parse_known_args(argv)
    if rest and args.command != "train":
        commands.error(f"unrecognized arguments: {' '.join(rest)}")
    run: Run = args.run
    try:
        return run(args, rest)
    except (SilverprintError, EngineError) as error:
        print(f"silverprint: {error}", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        return INTERRUPTED


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings that a command's options and the environment give. Raises SettingsError."""
    options: dict[str, Any] = {name: getattr(args, name, None) for name in SETTINGS}
    origins = getattr(args, "origins", None)
    return Settings.from_env(os.environ, **options, origins=tuple(origins) if origins else None)


def load(settings: Settings) -> "Engine":
    """The engine with the checkpoint that settings name. Raises CheckpointError."""
    from engine.engine import Engine

    return Engine.load(settings.model, precision=settings.precision)


def model(settings: Settings) -> "Model":
    """Where the service's pages are made: in this process or in a cluster. Raises StartupError, CheckpointError."""
    if settings.engine is None:
        return load(settings)
    from backend.cluster.deploy import local
    from backend.cluster.model import RayModel
    from backend.cluster.where import Where

    where = Where.parse(settings.engine)
    if where.local:
        return local(where, settings.model, settings.precision)
    return RayModel.connect(where, settings.model)


def serve(args: argparse.Namespace, _: list[str]) -> int:
    from backend import logs
    from backend.serve import serve as run
    from engine.errors import DeviceLost

    settings = settings_of(args)
    logs.begin(settings.log, settings.log_level)
    try:
        run(settings, lambda: model(settings), lambda: print(f"Silverprint is at {settings.shell_origin}/", flush=True))
    except DeviceLost as error:
        print(f"silverprint: {error}; starting again", file=sys.stderr, flush=True)
        os.execv(sys.executable, [sys.executable, "-m", "backend.cli", *sys.argv[1:]])
    return 0


def generate(args: argparse.Namespace, _: list[str]) -> int:
    from backend.generate import Order, Progress, Studio, page_line, summary
    from backend.origin import read_origin, signed

    origin = read_origin(args.edit) if args.edit else None
    order, settings = Order(args.prompt, args.world, args.then, args.seed, origin), settings_of(args)
    engine = load(settings)
    try:
        with Studio.open(settings, engine) as studio, Progress(print_line if args.frames else None) as progress:
            page = studio.make(order, progress)
    finally:
        engine.close()
    print(summary(page), file=sys.stderr)
    if args.output:
        write(args.output, signed(page.html, page.origin).encode())
    if args.frames:
        print_line(page_line(page))
    elif not args.output:
        print(signed(page.html, page.origin), end="")
    return 0


def print_line(value: dict[str, Any]) -> None:
    """One JSON line on stdout, at once."""
    print(json.dumps(value), flush=True)


def bench(args: argparse.Namespace, _: list[str]) -> int:
    from benchmarks.command import run

    return run(args, settings_of(args), load)


def evaluate(args: argparse.Namespace, _: list[str]) -> int:
    from backend.machine import hardware, versions
    from training import evaluate, report
    from training.browse import NoBrowserError, chromium
    from training.sheet import contact_sheet
    from training.source import Source

    settings = settings_of(args)
    for name, value in (("limit", args.limit), ("seeds", args.seeds)):
        if value < 1:
            raise StartupError(f"expected --{name} of 1 or more, got {value}")
    try:
        chromium()
        source = Source.load()
    except (NoBrowserError, FileNotFoundError, ValueError, RuntimeError) as error:
        raise StartupError(str(error)) from error
    models = [settings.model, *([args.beside] if args.beside else [])]
    judged = [judged_pages(replace(settings, model=model), source, args.limit, args.seeds - 1) for model in models]
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


def judged_pages(settings: Settings, source: "Source", limit: int, others: int) -> "list[Judged]":
    """The pages that one model writes, with as many other seeds, judged; with a progress bar on stderr."""
    from tqdm import tqdm

    from backend.card import read_card
    from backend.frames import live_frame
    from training import evaluate

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


def doctor(args: argparse.Namespace, _: list[str]) -> int:
    from backend.doctor import as_json, as_table, examine, ready

    findings = examine(settings_of(args))
    print(json.dumps(as_json(findings), indent=1) if args.json else as_table(findings))
    return 0 if ready(findings) else WRONG_USE


def token(args: argparse.Namespace, _: list[str]) -> int:
    from backend.tokens import add_token

    file = args.tokens or Path(os.environ.get("SILVERPRINT_TOKENS") or "tokens.toml")
    made = add_token(file, args.name, args.scopes or ["visitor"], args.expires)
    print(f"{args.name} is in {file}; its token is shown this once:", file=sys.stderr)
    print(made)
    return 0


def train(_: argparse.Namespace, rest: list[str]) -> int:
    from engine.errors import CheckpointError
    from training import train

    options = vars(train.parser().parse_args(rest))
    try:
        config = train.TrainConfig(**options)
    except ValueError as error:
        raise StartupError(str(error)) from error
    try:
        train.main(config)
    except CheckpointError as error:
        raise StartupError(str(error)) from error
    return 0


def engine(args: argparse.Namespace, _: list[str]) -> int:
    """Replicas until SIGINT or SIGTERM, for services that are started with --engine ray://..."""
    from backend.cluster.deploy import plan_of, run

    if not args.ray:
        raise StartupError("expected --ray: a Ray cluster is at present the only place where engines run by themselves")
    plan = plan_of(args, settings_of(args))

    def ready(address: str) -> None:
        app = "" if args.app == "silverprint" else f"/{args.app}"
        print(f"Silverprint's engines are at ray://{address}{app}", flush=True)

    run(plan, args.address, ready, lambda words: print(f"silverprint: {words}", file=sys.stderr, flush=True))
    return 0


def write(path: Path, data: bytes) -> None:
    """Write a file. Raises StartupError if it cannot be written."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StartupError(f"expected a file that can be written, got {path}: {error.strerror}") from error


RUNS: dict[str, Run] = {
    "serve": serve,
    "generate": generate,
    "bench": bench,
    "eval": evaluate,
    "doctor": doctor,
    "engine": engine,
    "train": train,
    "token": token,
}

if __name__ == "__main__":
    sys.exit(main())
