"""The options of every command. Nothing heavy is imported here, so that `silverprint --help` answers at once."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from backend.prompts.brief import ANY, CHOICES
from backend.version import release

Run = Callable[[argparse.Namespace, list[str]], int]


def parser(runs: Mapping[str, Run]) -> argparse.ArgumentParser:
    """Return the parser of all commands and options.

    Args:
        runs: The function of each command, which becomes `run` of the parsed arguments.
    """
    top = argparse.ArgumentParser(prog="silverprint", description="A generative-UI server: pages written as you click.")
    top.add_argument("--version", action="version", version=f"silverprint {release()}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, words, options in (
        ("serve", "serve pages to browsers", serve_options),
        ("generate", "write one page from a prompt", generate_options),
        ("bench", "measure speed on this machine", bench_options),
        ("eval", "measure the quality of held-out pages, in Chromium", eval_options),
        ("doctor", "tell what this machine has and lacks", doctor_options),
        ("engine", "make pages for services elsewhere", engine_options),
    ):
        command = commands.add_parser(name, help=words, description=f"{words.capitalize()}.")
        command.add_argument("--model", type=Path, metavar="DIR", help="checkpoint folder (default: the bundled one)")
        command.add_argument(
            "--precision", help="of the weights: bf16, fp8 or int4 (default: what fits on a GPU; a CPU only rounds)"
        )
        options(command)
        command.set_defaults(run=runs[name])
    token_options(commands.add_parser("token", help="make tokens that let programs and sites in"), runs["token"])
    kit_options(commands.add_parser("kit", help="show the design system that pages are written over"), runs["kit"])
    words = "serve one MCP client on stdin and stdout"
    mcp = commands.add_parser("mcp", help=words, description=f"{words.capitalize()}.")
    mcp.add_argument("--model", type=Path, metavar="DIR", help="checkpoint folder (default: the bundled one)")
    serve_options(mcp)
    mcp.set_defaults(run=runs["mcp"])
    train = commands.add_parser(
        "train", help="train a checkpoint (its options: silverprint train --help)", add_help=False
    )
    train.set_defaults(run=runs["train"])
    return top


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a list with commas or spaces between them."""
    return tuple(text.replace(",", " ").split())


def place_options(command: argparse.ArgumentParser) -> None:
    """Add the options that say where data and facts are kept."""
    command.add_argument("--data", type=Path, metavar="DIR", help="sessions, pages and the facts index (default: data)")
    command.add_argument("--facts", type=Path, metavar="DIR", help="your own Markdown, HTML or text to take facts from")


def serve_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `silverprint serve` and `silverprint mcp`."""
    place_options(command)
    command.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (default: 8017)")
    command.add_argument("--store", metavar="URL", help="Redis server, redis://HOST:PORT/DB (default: its own)")
    command.add_argument("--store-ca", type=Path, metavar="FILE", help="certificates to check a store with TLS by")
    command.add_argument("--shell-origin", metavar="ORIGIN", help="where browsers find the shell")
    command.add_argument("--frame-origin", metavar="ORIGIN", help="where browsers find pages; not the shell's origin")
    command.add_argument(
        "--allow-origin",
        dest="origins",
        action="append",
        metavar="ORIGIN",
        help="another origin that may connect, for shells in other sites (may be repeated)",
    )
    command.add_argument("--embed-token", metavar="TOKEN", help="what shells in other sites must send")
    command.add_argument(
        "--no-prefetch",
        dest="prefetch",
        action="store_false",
        default=None,
        help="begin no page before it is asked for",
    )
    command.add_argument("--voice-model", type=Path, metavar="DIR", help="a Whisper model in CTranslate2's layout")
    command.add_argument("--page-tokens", type=int, metavar="N", help="tokens a page may have (default: 1024)")
    command.add_argument("--page-steps", type=int, metavar="N", help="denoising steps a canvas may take")
    elsewhere_options(command)
    gate_options(command)
    operator_options(command)


def elsewhere_options(command: argparse.ArgumentParser) -> None:
    """Add the options that say where pages are made, if not in this process."""
    where = "where pages are made: ray://auto, ray://HOST:PORT or ray://local?replicas=N for a Ray cluster, "
    where += "https://HOST/v1 for a model behind OpenAI's API (default: in this process)"
    command.add_argument("--engine", metavar="URL", help=where)
    command.add_argument("--engine-model", metavar="NAME", help="of a model behind OpenAI's API")
    command.add_argument(
        "--engine-diffusing",
        action="store_true",
        default=None,
        help="ask it for the whole text at every step, as diffusion models can give it",
    )


def gate_options(command: argparse.ArgumentParser) -> None:
    """Add the options that say who may come in, and how many at once."""
    command.add_argument(
        "--tokens", type=Path, metavar="FILE", help="bearer tokens, TOML or JSON (see silverprint token)"
    )
    command.add_argument(
        "--audit", type=Path, metavar="FILE", help="append connections and pages made, without their contents"
    )
    command.add_argument(
        "--proxy",
        type=listed,
        metavar="ADDRESS[,ADDRESS...]",
        help="proxies whose forwarded addresses are trusted; networks as 10.1.0.0/16 (default: none)",
    )
    command.add_argument("--max-pages", type=int, metavar="N", help="pages made at once (default: 64)")
    command.add_argument("--max-queue", type=int, metavar="N", help="pages that may wait for that (default: 256)")
    command.add_argument("--queue-seconds", type=float, metavar="S", help="how long one may wait (default: 120)")
    command.add_argument(
        "--drain-seconds", type=float, metavar="S", help="how long running pages may go on after SIGTERM (default: 8)"
    )


def token_options(command: argparse.ArgumentParser, run: Run) -> None:
    """Add the options of `silverprint token new NAME`."""
    what = command.add_subparsers(dest="what", required=True, metavar="WHAT")
    new = what.add_parser("new", help="make a token, add its SHA-256 to the file and print it, once")
    new.add_argument("name", help="letters, digits, dots and dashes; for the audit log and limits")
    new.add_argument(
        "--scope",
        dest="scopes",
        action="append",
        choices=("visitor", "embed", "admin"),
        help="visitor: programs; embed: shells in other sites; admin: operators (may be repeated; default: visitor)",
    )
    new.add_argument("--expires", metavar="DATE", help="2027-01-31 or 2027-01-31T12:00:00Z (default: never)")
    new.add_argument("--tokens", type=Path, metavar="FILE", help="default: SILVERPRINT_TOKENS, else tokens.toml")
    new.set_defaults(run=run)


def kit_options(command: argparse.ArgumentParser, run: Run) -> None:
    """Add the options of `silverprint kit`."""
    command.description = "Without options: which version of the kit this is, and what is in it."
    command.add_argument(
        "--gallery", action="store_true", help="every component in every look, beside its markup, as one page (HTML)"
    )
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it to FILE instead of stdout")
    command.set_defaults(run=run)


def operator_options(command: argparse.ArgumentParser) -> None:
    """Add the options for operators; docs/operations.md describes them."""
    command.add_argument("--log", metavar="FORM", help="log lines as text or json (default: text)")
    command.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning or error (default: warning)")
    command.add_argument("--traces", action="store_true", default=None, help="OpenTelemetry, as OTEL_* variables say")
    command.add_argument("--metrics-port", type=int, metavar="N", help="give metrics there without a token")
    command.add_argument("--metrics-host", metavar="HOST", help="address of that port (default: 127.0.0.1)")


def generate_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `silverprint generate`."""
    place_options(command)
    command.add_argument("prompt", help="what to make, or with --edit what to change, in your own words")
    worlds = "web: a page of a site, os: a desktop's screen, app: an application (default: any, the model decides)"
    command.add_argument("--world", choices=CHOICES, default=ANY, help=worlds)
    command.add_argument("--edit", type=Path, metavar="FILE", help="change this page, generated or downloaded")
    select = "with --edit: change this element alone, the rest stays byte for byte, as h1, li.done or 'button \"Add\"'"
    command.add_argument("--select", metavar="SELECTOR", help=select)
    command.add_argument("--then", metavar="INSTRUCTION", default="", help="once the page is made, change it so")
    command.add_argument("--seed", type=int, metavar="N", help="the same seed makes the same page (default: drawn)")
    command.add_argument("--steps", dest="page_steps", type=int, metavar="N", help="denoising steps a canvas may take")
    command.add_argument(
        "--guidance",
        type=float,
        metavar="W",
        help="how far to follow the prompt; 1: no guidance, 2: further than the model does by itself",
    )
    command.add_argument("--frames", action="store_true", help="print a JSON line for every step, and one for the page")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the page to FILE instead of stdout")


def bench_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `silverprint bench`."""
    place_options(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--repeats", type=int, default=3, metavar="N", help="times each page is made (default: 3)")
    command.add_argument(
        "--shape", metavar="NAME", help="measure the engine on a GPU: diffusiongemma-26b or silverprint-s"
    )
    command.add_argument(
        "--weights", default="random", metavar="DIR", help="with --shape: a checkpoint (default: random)"
    )
    command.add_argument(
        "--steps", type=int, default=16, metavar="N", help="with --shape: steps a canvas (default: 16)"
    )
    command.add_argument(
        "--memory", type=float, metavar="GIB", help="with --shape: memory of the GPU to use at most (default: all)"
    )
    file = "with --shape: the figures, with pictures beside it (default: benchmarks/results/engine-SHAPE-....json)"
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help=file)
    what = "pages: how fast they come (the default); voice: from the end of speech to a page that works; "
    what += "shell: how smoothly they develop in a browser; load: many visitors at once"
    command.add_argument("what", nargs="?", choices=("pages", "voice", "shell", "load"), default="pages", help=what)
    load_options(command.add_argument_group("load"))


def load_options(group: "argparse._ArgumentGroup") -> None:
    """Add the options of `silverprint bench load`."""
    group.add_argument("--url", metavar="URL", help="a service that runs already (default: one of its own)")
    group.add_argument("--token", metavar="TOKEN", help="with --url: the service's, to read its metrics")
    group.add_argument(
        "--recorded", action="store_true", help="frames recorded from the bundled model, to measure the service alone"
    )
    group.add_argument(
        "--rate", type=float, default=20.0, metavar="HZ", help="frames a second for each page (default: 20)"
    )
    group.add_argument(
        "--visitors", default="10,50,100,200", metavar="N,N", help="how many at once (default: 10,50,100,200)"
    )
    group.add_argument("--seconds", type=float, default=20.0, metavar="S", help="of each measurement (default: 20)")
    group.add_argument("--think", type=float, default=5.0, metavar="S", help="between pages, mean (default: 5)")
    group.add_argument("--idle", type=int, metavar="N", help="instead: memory with so many idle visitors")
    group.add_argument("--soak", type=float, metavar="MINUTES", help="instead: memory over time, at the most visitors")
    group.add_argument("--picture", type=Path, metavar="FILE", help="write latency against throughput (PNG)")


def eval_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `silverprint eval`."""
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--limit", type=int, default=300, metavar="N", help="how many prompts (default: 300)")
    command.add_argument("--seeds", type=int, default=1, metavar="N", help="seeds to write each page with (default: 1)")
    command.add_argument("--beside", type=Path, metavar="DIR", help="a second checkpoint to compare with, page by page")
    command.add_argument("--sheet", type=Path, metavar="FILE", help="write a picture of all pages (PNG)")


def doctor_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `silverprint doctor`."""
    place_options(command)
    command.add_argument("--store", metavar="URL", help="look at this Redis server")
    command.add_argument("--store-ca", type=Path, metavar="FILE", help="certificates to check a store with TLS by")
    command.add_argument("--json", action="store_true", help="print JSON")


def engine_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `silverprint engine`."""
    add = command.add_argument
    add("--ray", action="store_true", help="as replicas of a Ray Serve deployment (at present the only way)")
    add("--address", default="local", help="of the cluster: auto or HOST:PORT (default: a cluster of its own)")
    add("--app", default="silverprint", metavar="NAME", help="what it is called in the cluster (default: silverprint)")
    add("--replicas", type=int, metavar="N", help="how many engines (default: 1)")
    add("--min-replicas", type=int, metavar="N", help="with --max-replicas: their number follows the pages under way")
    add("--max-replicas", type=int, metavar="N", help="how many at most")
    add("--num-cpus", type=float, default=1.0, metavar="N", help="CPUs of each, and its threads (default: 1)")
    add("--num-gpus", type=float, default=0.0, metavar="N", help="GPUs of each (default: 0)")
    add("--pages", type=int, default=8, metavar="N", help="pages that each makes at once (default: 8)")
