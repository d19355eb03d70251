"""What operators are given to start with holds the service: compose, image, unit, dashboard, alerts, a page."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections import Counter
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from prometheus_client.parser import text_string_to_metric_families

from backend.cli import main
from backend.http.health import watch
from backend.observability.metrics import Metrics
from backend.settings import Settings
from tests.support.repository import ROOT

DEPLOY = ROOT / "deploy"
VARIABLES = {f"SILVERPRINT_{field.name.upper()}" for field in fields(Settings)}
DOCS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def metrics() -> set[str]:
    """The name of every sample that a service can give, and what Prometheus adds."""
    figures: Any = Metrics()
    registry = SimpleNamespace(count=0)
    watch(figures, SimpleNamespace(open=Counter(), registry=registry), SimpleNamespace(running=[], waiting=0))  # type: ignore[arg-type]
    given = text_string_to_metric_families(figures.exposition().decode())
    families = [one for one in given if not one.name.endswith("_created")]
    counted = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    return {f"{one.name}{end}" for one in families for end in counted.get(one.type, ("",))} | {"up"}


NAMES = metrics()


def named(expression: str) -> set[str]:
    """The metrics that a PromQL expression asks for: words that begin as ours and Prometheus' own do."""
    return set(re.findall(r"\b(?:silverprint_\w+|process_\w+|python_\w+|up)\b", re.sub(r'"[^"]*"', "", expression)))


def test_every_metric_is_known_by_its_name() -> None:
    assert {"silverprint_steps_total", "silverprint_frame_overhead_seconds_bucket", "silverprint_sessions"} <= NAMES
    assert named('sum(rate(silverprint_x_total{job="up"}[5m])) > up') == {"silverprint_x_total", "up"}


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana" / "silverprint.json").read_text("utf-8"))
    return found


def expressions() -> list[str]:
    shown = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]
    chosen = [one["query"]["query"] for one in dashboard()["templating"]["list"] if one["type"] == "query"]
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    return [*shown, *chosen, *(rule["expr"] for group in groups for rule in group["rules"])]


@pytest.mark.parametrize("expression", expressions())
def test_what_is_shown_and_what_alarms_exists(expression: str) -> None:
    assert named(expression)
    assert named(expression) <= NAMES
    assert Counter(expression)["("] == Counter(expression)[")"]


def test_every_figure_of_ours_is_shown() -> None:
    shown = {re.sub(r"_(bucket|total)$", "", name) for text in expressions() for name in named(text)}
    ours = {re.sub(r"_(bucket|total|sum|count)$", "", name) for name in NAMES if name.startswith("silverprint_")}
    assert ours <= shown


def test_the_dashboard_can_be_imported() -> None:
    board = dashboard()
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    assert board["uid"] == "silverprint"
    assert {one["name"] for one in board["templating"]["list"]} == {"datasource", "instance"}
    cells = [
        (x, y)
        for panel in board["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
DIGESTS = dict.fromkeys(re.findall(r"\$\{(\w+):\?", COMPOSE), f"sha256:{0:064d}")
"""The variables without which nothing is built or started, as deploy/images.sh would set them."""


def compose() -> dict[str, Any]:
    text = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: DIGESTS[match[1]], COMPOSE)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_compose_file_is_one() -> None:
    PyCompose.from_json(json.dumps(compose())).validate()


def has_compose() -> bool:
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="no docker with the compose plugin")
def test_docker_reads_the_compose_file_with_all_profiles() -> None:
    profiles = {profile for one in compose()["services"].values() for profile in one.get("profiles", ())}
    chosen = [f"--profile={profile}" for profile in profiles]
    command = ["docker", "compose", "--project-directory", str(ROOT), *chosen, "config", "--format", "json"]
    said = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **DIGESTS})
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["services"].keys() == compose()["services"].keys()


@pytest.mark.parametrize("name", ["silverprint", "silverprint-gpu"])
def test_compose_starts_the_service_as_it_wants_to_be_started(name: str) -> None:
    service = compose()["services"][name]
    assert main.parser(main.RUNS).parse_args(service["command"]).command == "serve"
    assert set(service["environment"]) <= VARIABLES
    port = service["environment"]["SILVERPRINT_METRICS_PORT"]
    scrape = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    assert scrape["scrape_configs"][0]["static_configs"][0]["targets"] == [f"silverprint:{port}"]
    assert all((DEPLOY / "prometheus" / rules).is_file() for rules in scrape["rule_files"])


def test_what_compose_mounts_exists() -> None:
    mounted = [volume for one in compose()["services"].values() for volume in one.get("volumes", ())]
    local = [volume.split(":")[0] for volume in mounted if volume.startswith(".")]
    assert local
    assert all((ROOT / path).exists() for path in local)
    assert all(port.startswith("127.0.0.1:") for one in compose()["services"].values() for port in one.get("ports", ()))


def test_the_image_is_made_of_what_there_is() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    copied = [path for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for path in line.split()[:-1]]
    assert all((ROOT / path).exists() for path in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = [name for line in re.findall(r"sh deploy/install\.sh ([a-z ]+)", text) for name in line.split()]
    assert layers == ["torch", "build", "service", "traces", "node", "project"]
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) <= set(copied)


UNIT = (DEPLOY / "silverprint.service").read_text("utf-8")
STARTS = re.findall(r"^ExecStart=(.+)$", UNIT, re.MULTILINE)


def test_the_unit_starts_the_service() -> None:
    (command,) = STARTS
    assert main.parser(main.RUNS).parse_args(shlex.split(command)[1:]).command == "serve"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "silverprint.service"
    unit.write_text(UNIT.replace(STARTS[0], "/bin/true"))
    said = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")


def test_the_environment_file_names_settings() -> None:
    text = (DEPLOY / "silverprint.env.example").read_text("utf-8")
    lines = re.findall(r"^(?:# )?([A-Z_]+)=(\S*)", text, re.MULTILINE)
    assert {name for name, _ in lines if name.startswith("SILVERPRINT_")} <= VARIABLES
    Settings.from_env({name: value for name, value in lines if value})


def test_the_operations_page_speaks_of_what_there_is() -> None:
    assert set(re.findall(r"SILVERPRINT_[A-Z_]+", DOCS)) <= VARIABLES
    plain = {re.sub(r"_(bucket|sum|count)$", "", name) for name in NAMES}
    assert set(re.findall(r"\bsilverprint_\w+", DOCS)) <= plain
    for line in re.findall(r"^ {4}(silverprint \S.*)$", DOCS, re.MULTILINE):
        assert main.parser(main.RUNS).parse_args(shlex.split(line)[1:]).command == shlex.split(line)[1]
    paths = re.findall(r"\b(?:deploy|docs|benchmarks)/[\w./-]*\w", DOCS)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_setting_without_an_option_is_in_the_table() -> None:
    given = vars(main.parser(main.RUNS).parse_args(["serve"]))
    assert sorted(VARIABLES - {f"SILVERPRINT_{name.upper()}" for name in given} - set(re.findall(r"\w+", DOCS))) == []


def test_every_alert_has_its_paragraph() -> None:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    names = [rule["alert"] for group in groups for rule in group["rules"]]
    assert [name for name in names if f"`{name}`" not in DOCS] == []
