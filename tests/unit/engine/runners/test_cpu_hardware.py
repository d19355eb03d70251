"""Threads by width, and memory kept: both only ever change how fast a page comes."""

import ctypes
import os
import sys
from dataclasses import replace

import pytest

from benchmarks.engine.cpu import BUNDLED_SHAPE
from engine.runners import cpu_hardware


def test_a_narrow_model_gets_one_thread_and_a_wide_one_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert cpu_hardware.threads_for(BUNDLED_SHAPE) == 1
    assert cpu_hardware.threads_for(replace(BUNDLED_SHAPE, hidden_size=2816)) == os.cpu_count()


def test_the_environment_decides_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setattr("torch.get_num_threads", lambda: 3)
    assert cpu_hardware.threads_for(BUNDLED_SHAPE) == 3


def test_memory_is_kept_where_the_allocator_can(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu_hardware.keep_memory.cache_clear()
    assert cpu_hardware.keep_memory() is (sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt"))
    cpu_hardware.keep_memory.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert cpu_hardware.keep_memory() is False
    cpu_hardware.keep_memory.cache_clear()
