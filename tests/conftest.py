"""What all tests share: one thread of arithmetic, no model hubs, one Chromium a module, no deadlines for Hypothesis."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["HF_HUB_OFFLINE"] = "1"
if not Path("/proc/driver/nvidia").exists():
    os.environ["TRITON_INTERPRET"] = "1"  # before anything imports Triton, whose own functions are wrapped then

from collections.abc import Iterator

import hypothesis
import pytest
from playwright.sync_api import Browser

from training.evaluation.browse import browser

hypothesis.settings.register_profile("silverprint", deadline=None)  # machines are shared, and time is no test
hypothesis.settings.load_profile("silverprint")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real Chromium. Closed with the module: while it is open, asyncio.run cannot be used in this thread."""
    with browser() as running:
        yield running
