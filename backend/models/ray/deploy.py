"""Keeps replicas running, for `silverprint engine --ray` and for a service with `--engine ray://local`."""

import argparse
import contextlib
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.errors import StartupError
from backend.models.model_card import read_card
from backend.models.ray.calls import join, ray_module
from backend.models.ray.model import RayModel
from backend.models.ray.replica import Replica
from backend.models.ray.url import APP, ClusterUrl
from backend.settings import Settings

ROUTER = "ray.serve.experimental.consistent_hash_router.ConsistentHashRouter"
"""Ray Serve's own router: a session goes to the replica of its hash, or to the next two if that is full or gone."""

PAGES = 8
"""How many pages a replica makes at once: the slots of an engine on a CPU."""

HEALTH_SECONDS = 2.0
DRAIN_SECONDS = 20.0
POLL_SECONDS = 0.2
TELL_SECONDS = 20.0
WORSE_SECONDS, BETTER_SECONDS = 5.0, 300.0
"""How long there must be too many pages before replicas start, and too few before they end."""


@dataclass(frozen=True)
class Plan:
    """Which replicas to run.

    Attributes:
        model: The checkpoint folder.
        precision: The precision of the weights on a GPU. None chooses.
        app: The name of the Ray Serve application.
        least: The fewest replicas.
        most: The most replicas. If it is more than `least`, their number follows the pages being made.
        cpus: The CPUs of one replica.
        gpus: The GPUs of one replica.
        pages: How many pages a replica makes at once. Further pages wait or go to another replica.

    Raises:
        StartupError: The numbers make no sense, or the folder holds no model.
    """

    model: Path
    precision: str | None = None
    app: str = APP
    least: int = 1
    most: int = 1
    cpus: float = 1.0
    gpus: float = 0.0
    pages: int = PAGES

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most:
            raise StartupError(f"expected at least one replica and no fewer at most, got {self.least} to {self.most}")
        if self.cpus < 0 or self.gpus < 0 or self.pages < 1:
            raise StartupError(
                f"expected CPUs and GPUs from 0 and pages from 1, got {self.cpus:g}, {self.gpus:g} and {self.pages}"
            )
        if not self.model.is_dir():
            raise StartupError(f"expected a model folder, got {self.model}")
        read_card(self.model)

    @property
    def options(self) -> dict[str, Any]:
        """The options of the Ray Serve deployment."""
        cores: dict[str, Any] = {"num_replicas": self.least}
        if self.least != self.most:
            cores = {
                "autoscaling_config": {
                    "min_replicas": self.least,
                    "max_replicas": self.most,
                    "target_ongoing_requests": max(1, self.pages / 2),
                    "upscale_delay_s": WORSE_SECONDS,
                    "downscale_delay_s": BETTER_SECONDS,
                }
            }
        return cores | {
            "max_ongoing_requests": self.pages,
            "ray_actor_options": {"num_cpus": self.cpus, "num_gpus": self.gpus},
            "request_router_config": {"request_router_class": ROUTER},
            "health_check_period_s": HEALTH_SECONDS,
            "graceful_shutdown_timeout_s": DRAIN_SECONDS,
        }


def plan_of(args: argparse.Namespace, settings: Settings) -> Plan:
    """Return the plan that the options of `silverprint engine` ask for.

    Raises:
        StartupError: The options contradict each other or cannot be met.
    """
    if args.replicas is not None and (args.min_replicas, args.max_replicas) != (None, None):
        raise StartupError("expected --replicas or --min-replicas and --max-replicas, got both")
    least = args.replicas if args.replicas is not None else args.min_replicas or 1
    most = args.max_replicas if args.max_replicas is not None else least
    return Plan(settings.model, settings.precision, args.app, least, most, args.num_cpus, args.num_gpus, args.pages)


def deploy(plan: Plan, tell: Callable[[str], None] = lambda _: None, stop: threading.Event | None = None) -> None:
    """Have the joined cluster run a plan, and wait until it does.

    Args:
        plan: The replicas to run.
        tell: Called with what is waited for, when that takes long.
        stop: Ends the waiting when it is set.

    Raises:
        StartupError: The replicas cannot start.
    """
    serve = ray_module().serve
    deployment = serve.deployment(Replica, name="engine").options(**plan.options)
    application = deployment.bind(str(plan.model.resolve()), plan.precision)
    serve.start(proxy_location="Disabled")
    target = serve.RunTarget(application, name=plan.app, route_prefix=None)
    serve.run_many([target], wait_for_applications_running=False)
    began = told = time.monotonic()
    while not (stop and stop.is_set()):
        found = serve.status().applications.get(plan.app)
        if found and found.status == "RUNNING":
            return
        if found and found.status in ("DEPLOY_FAILED", "UNHEALTHY"):
            take_down(plan.app)
            raise StartupError(f"expected replicas that start, got: {reason(found)}")
        if found and time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            tell(f"waiting for replicas for {told - began:.0f} s: {reason(found)}")
        time.sleep(POLL_SECONDS)


def reason(found: Any) -> str:
    """Summarize in one line what Ray Serve says of an application: the error that its replicas end with, if any."""
    words = [deployment.message for deployment in found.deployments.values()] + [found.message]
    lines = [line.strip() for text in words for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(\w+\.)*[A-Z]\w*: ", line)]
    return next(reversed(errors), lines[0] if lines else str(found.status))


def take_down(app: str) -> None:
    """End an application's replicas; the cluster goes on, and so does Ray Serve if others use it."""
    serve = ray_module().serve
    with contextlib.suppress(Exception):  # The cluster may be gone.
        serve.delete(app)
        if not serve.status().applications:
            serve.shutdown()


def local(where: ClusterUrl, model: Path, precision: str | None) -> RayModel:
    """Start a cluster of this process's own with its replicas; the model's `close` ends it.

    Args:
        where: The address, of the form ray://local.
        model: The checkpoint folder.
        precision: The precision of the weights on a GPU. None chooses.

    Raises:
        StartupError: The cluster or its replicas cannot start.
    """
    plan = Plan(model, precision, where.app, where.replicas, where.replicas)
    leave = join("local", plan.most * plan.cpus)

    def end() -> None:
        take_down(where.app)
        leave()

    try:
        deploy(plan)
    except BaseException:
        leave()
        raise
    return RayModel.connect(where, model, end)


def run(plan: Plan, address: str, ready: Callable[[str], None], tell: Callable[[str], None]) -> None:
    """Run a plan until SIGINT or SIGTERM.

    Args:
        plan: The replicas to run.
        address: The address of the cluster, as for `join`.
        ready: Called with the address that services may name.
        tell: Called with what is waited for, when that takes long.

    Raises:
        StartupError: The cluster cannot be joined, or the replicas cannot start.
    """
    leave = join(address, plan.most * plan.cpus, plan.most * plan.gpus)
    try:
        with stopping() as stop:  # After `join`, because Ray installs handlers of its own.
            deploy(plan, tell, stop)
            if not stop.is_set():
                ready(ray_module().get_runtime_context().gcs_address)
            stop.wait()
            take_down(plan.app)
    finally:
        leave()


@contextlib.contextmanager
def stopping() -> Iterator[threading.Event]:
    """Provide an event that SIGINT and SIGTERM set while the block runs."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
