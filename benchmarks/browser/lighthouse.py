"""Measure Lighthouse's scores of the shell's start page, and print them as JSON.

Run it as `python -m benchmarks.browser.lighthouse`. Lighthouse is not a dependency of the project: npm installs it once
into the cache, or it is found in the folder that --installed names.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from backend.errors import StartupError
from backend.machine import hardware, versions
from backend.settings import Settings
from benchmarks.service import service
from training.evaluation.browse import chromium
from training.texts.source import default_cache

VERSION = "12.8.2"
TARGETS = {"accessibility": 95, "best-practices": 95}
FORMS: dict[str, list[str]] = {"phone": [], "desktop": ["--preset=desktop"]}


def install(folder: Path) -> Path:
    """Have npm install Lighthouse into a folder, unless it is already there.

    Args:
        folder: The folder.

    Returns:
        Path of Lighthouse's script.

    Raises:
        StartupError: npm failed.
    """
    script = folder / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not script.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]
        try:
            subprocess.run([*command, str(folder), f"lighthouse@{VERSION}"], check=True, stdout=sys.stderr)
        except (OSError, subprocess.CalledProcessError) as error:
            raise StartupError(f"expected npm to install lighthouse@{VERSION} into {folder}, got: {error}") from error
    return script


def audit(script: Path, address: str, options: list[str]) -> dict[str, Any]:
    """Return Lighthouse's report on an address."""
    command = ["node", str(script), address, "--output=json", "--quiet", "--chrome-flags=--headless=new --no-sandbox"]
    command.append(f"--only-categories={','.join(TARGETS)}")
    done = subprocess.run(
        [*command, *options], check=True, stdout=subprocess.PIPE, env={**os.environ, "CHROME_PATH": chromium()}
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def figures(report: dict[str, Any]) -> dict[str, Any]:
    """Return the scores, from 0 to 100, and the names of the audits that failed."""
    failed = [name for name, one in report["audits"].items() if one["score"] is not None and one["score"] < 1]
    scores = {name: round(100 * report["categories"][name]["score"]) for name in TARGETS}
    return {**scores, "failed": failed}


def main() -> int:
    """Print the scores; return 1 if one is below its target, otherwise 0."""
    options = argparse.ArgumentParser(description=__doc__)
    kept = default_cache() / f"lighthouse-{VERSION}"
    text = "where Lighthouse is, or is to be kept (%(default)s)"
    options.add_argument("--installed", type=Path, metavar="DIR", default=kept, help=text)
    script = install(options.parse_args().installed)
    with tempfile.TemporaryDirectory() as folder, service(Settings(), Path(folder)) as address:
        reports = {form: audit(script, address, preset) for form, preset in FORMS.items()}
    found = {form: figures(report) for form, report in reports.items()}
    one = reports["phone"]
    used = {
        "lighthouse": one["lighthouseVersion"],
        "chromium": one["environment"]["hostUserAgent"].split("Chrome/")[1].split()[0],
    }
    about = {"command": "python -m benchmarks.browser.lighthouse", "page": "/", "hardware": hardware()}
    print(json.dumps({**about, "versions": {**versions(), **used}, "targets": TARGETS, "forms": found}, indent=1))
    return int(any(form[name] < target for form in found.values() for name, target in TARGETS.items()))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StartupError as error:
        sys.exit(f"lighthouse: {error}")
