"""What --engine may name, what a plan may be, and the sentences for everything else. Without Ray."""

import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend.errors import SettingsError, StartupError
from backend.models.model_card import read_card
from backend.models.ray.calls import reach
from backend.models.ray.deploy import Plan, reason
from backend.models.ray.model import agreed
from backend.models.ray.replica import PROTOCOL, About
from backend.models.ray.url import ClusterUrl
from backend.settings import BUNDLED_MODEL, Settings
from engine.core.params import Params

ABOUT = About(read_card(BUNDLED_MODEL), Params(), (1,), (b"a",), 64, 0)


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("ray://auto", ClusterUrl("auto")),
        ("ray://local", ClusterUrl("local")),
        ("ray://local?replicas=3", ClusterUrl("local", replicas=3)),
        ("ray://head:6379", ClusterUrl("head:6379")),
        ("ray://10.0.0.7:6379/blue", ClusterUrl("10.0.0.7:6379", "blue")),
        ("ray://[::1]:6379", ClusterUrl("[::1]:6379")),
    ],
)
def test_addresses(url: str, where: ClusterUrl) -> None:
    assert ClusterUrl.parse(url) == where


@pytest.mark.parametrize(
    "url",
    ["ray://", "ray://head", "http://head:1", "ray://auto?replicas=2", "ray://local?replicas=0", "ray://local?x=2",
     "ray://auto/a/b", "ray://auto#x", "ray://head:6379/a b"],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(SettingsError, match=r"expected engine to be ray://auto, ray://local\?replicas=2 or ray://HOST"):
        ClusterUrl.parse(url)


def test_the_setting_wants_a_cluster() -> None:
    with pytest.raises(SettingsError, match=r"expected engine to be ray://\.\.\. or http\(s\)://.*, got 'auto'"):
        Settings(engine="auto")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"least": 0}, "expected at least one replica .* got 0 to 1"),
        ({"least": 3, "most": 2}, "got 3 to 2"),
        ({"cpus": -1.0}, "expected CPUs and GPUs from 0 and pages from 1, got -1, 0 and 8"),
        ({"pages": 0}, "got 1, 0 and 0"),
        ({"model": Path("nowhere")}, "expected a model folder, got nowhere"),
    ],
    ids=["none", "crossed", "cpus", "pages", "model"],
)
def test_plans_that_cannot_be(options: dict[str, object], words: str) -> None:
    with pytest.raises(StartupError, match=words):
        Plan(**{"model": BUNDLED_MODEL} | options)  # type: ignore[arg-type]


def test_a_plan_with_room_follows_the_pages_under_way() -> None:
    options = Plan(BUNDLED_MODEL, least=1, most=4, pages=8).options
    assert "num_replicas" not in options
    scaling = options["autoscaling_config"]
    assert (scaling["min_replicas"], scaling["max_replicas"], scaling["target_ongoing_requests"]) == (1, 4, 4)


FAILED = """The deployment failed to start 3 times in a row. See controller logs for details. Error:
ray::ServeReplica:broken:engine.initialize_and_get_metadata() (pid=7, ip=10.0.0.7)
  File "engine/checkpoint/loader.py", line 3, in load_model
    raise CheckpointError(words)
engine.core.errors.CheckpointError: expected a model folder with config.json, got /tmp/none
"""


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (FAILED, "engine.core.errors.CheckpointError: expected a model folder with config.json, got /tmp/none"),
        ("Waiting for 2 CPUs.", "Waiting for 2 CPUs."),
        ("", "DEPLOYING"),
    ],
    ids=["failed", "waiting", "silent"],
)
def test_what_serve_says_in_one_line(message: str, words: str) -> None:
    found = SimpleNamespace(status="DEPLOYING", message="", deployments={"engine": SimpleNamespace(message=message)})
    assert reason(found) == words


def test_service_and_replicas_must_agree(tmp_path: Path) -> None:
    where = ClusterUrl("auto")
    assert agreed(ABOUT, BUNDLED_MODEL, where) is ABOUT
    with pytest.raises(StartupError, match=f"expected replicas of silverprint that speak protocol {PROTOCOL}, got 1"):
        agreed(1, BUNDLED_MODEL, where)
    with pytest.raises(StartupError, match="give both sides the same --model"):
        agreed(ABOUT, tmp_path, where)


def test_a_cluster_that_is_not_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(StartupError, match=f"expected a Ray cluster at {address}, got: .*refused"):
            reach(address)
