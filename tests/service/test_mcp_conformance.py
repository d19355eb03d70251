"""The MCP face under the protocol's own conformance runner, in both of its ages: with sessions, and without."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.repository import ROOT
from tests.support.running_service import Service, visit

RUNNER = ROOT / "tests" / "protocol_clients" / "conformance.mjs"
STAMP = r"^server-|-\d{4}-\d\d-\d\dT[\d-]+Z$"
LISTS = {"tools-list", "resources-list", "prompts-list", "server-sse-multiple-streams", "dns-rebinding-protection"}
SCENARIOS = {
    "2025-11-25": LISTS | {"server-initialize", "server-session-lifecycle", "ping"},
    "2026-07-28": LISTS
    | {"server-stateless", "caching", "http-header-validation", "sep-2164-resource-not-found"}
    | {"input-required-result-unsupported-methods"},
}
"""By the protocol's version. The others ask for tools, prompts and resources of a fixture server, or for what is not
offered here: logging, completion, subscriptions, streams that are taken up again, headers for a tool's arguments."""

FIXTURES = {
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
}
"""Checks of server-stateless that ask for a fixture server's tools, and say so."""


async def checks(service: Service, version: str, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What the runner found, by scenario. It runs them all: one process for each takes longer."""
    token, url = (service.settings.data / "token").read_text(), f"{service.settings.shell_origin}/mcp"
    options = ("server", "--url", url, "--suite", "all", "--spec-version", version, "--output-dir", str(folder))
    process = await asyncio.create_subprocess_exec("node", str(RUNNER), token, *options, stdout=-1, stderr=-2)
    out, _ = await process.communicate()
    found = list(folder.glob("server-*/checks.json"))
    assert found, out.decode()
    return {re.sub(STAMP, "", file.parent.name): json.loads(file.read_text("utf-8")) for file in found}


@pytest.mark.parametrize("version", SCENARIOS)
def test_scenarios_pass(version: str, tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        found = await checks(service, version, tmp_path / "results")
        assert SCENARIOS[version] <= set(found)
        for name, scenario in found.items():
            told = {check["id"]: check["status"] for check in scenario}
            assert told.get("wire-schema-valid", "SUCCESS") == "SUCCESS", scenario
            if name in SCENARIOS[version]:
                assert "SUCCESS" in told.values(), scenario
                wrong = [check for check in scenario if check["status"] in ("FAILURE", "WARNING")]
                fixtures = [check for check in wrong if check["id"] in FIXTURES]
                assert all(check["errorMessage"].startswith("Not testable:") for check in fixtures), fixtures
                assert wrong == fixtures

    visit(tmp_path, scene)
