"""The command `silverprint bench load`, from its options to its figures."""

import argparse
import contextlib
import sys
from typing import Any

from backend.errors import StartupError
from backend.settings import Settings
from benchmarks.load.run import Plan, curve, idle, soak
from benchmarks.load.target import Target, own, remote
from benchmarks.load.visitors import Manner


def measure(args: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Measure what the options ask for, and add what the figures depend on.

    Args:
        args: Parsed options of the command.
        settings: Settings of the service.

    Returns:
        The figures as JSON takes them.

    Raises:
        StartupError: An option is wrong, or the service cannot be reached.
    """
    plan = plan_of(args)
    with target_of(args, settings) as target:
        found = figures(args, plan, target)
    from backend.machine import hardware, versions  # loads torch, which must not happen while clients run

    about = {
        "command": " ".join(["silverprint", *sys.argv[1:]]),
        "model": target.model,
        "engine": "recorded" if args.recorded else "real" if args.url is None else "unknown",
        "think_seconds": plan.manner.think,
        "hardware": hardware(),
        "versions": versions(),
    }
    return about | found


def plan_of(args: argparse.Namespace) -> Plan:
    """Return the plan that the options describe.

    Raises:
        StartupError: A number makes no sense, or options contradict each other.
    """
    try:
        visitors = tuple(int(part) for part in args.visitors.split(","))
    except ValueError:
        raise StartupError(f"expected --visitors to be numbers such as 10,50, got {args.visitors!r}") from None
    positive = {"--visitors": min(visitors), "--seconds": args.seconds, "--rate": args.rate}
    positive |= {"--idle": args.idle, "--soak": args.soak}
    for name, value in positive.items():
        if value is not None and value <= 0:
            raise StartupError(f"expected {name} above 0, got {value:g}")
    if args.think < 0:
        raise StartupError(f"expected --think of 0 or more, got {args.think:g}")
    if args.url and args.recorded:
        raise StartupError("expected --url or --recorded, got both: a service that runs has its own model")
    return Plan(visitors, args.seconds, Manner(think=args.think))


def target_of(args: argparse.Namespace, settings: Settings) -> "contextlib.AbstractContextManager[Target]":
    """Return the service that the options name, or one that is started for the test."""
    if args.url:
        return contextlib.nullcontext(remote(args.url, args.token))
    return own(settings, args.rate if args.recorded else None)


def figures(args: argparse.Namespace, plan: Plan, target: Target) -> dict[str, Any]:
    """Run the test that the options choose: idle visitors, a soak test, or a curve over numbers of visitors."""
    if args.idle:
        return {"idle": idle(target, args.idle)}
    if args.soak:
        return {"soak": soak(target, max(plan.visitors), args.soak, plan.manner)}
    return {"curve": curve(target, plan)}
