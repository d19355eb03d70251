"""What a caller may ask, and what it is told otherwise."""

import re
from typing import Any

import pytest

from engine.core.errors import EngineError, InvalidParams
from engine.core.params import Params


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_tokens": 0}, "max_tokens: expected a whole number >= 1, got 0"),
        ({"max_tokens": 1.5}, "max_tokens: expected a whole number >= 1, got 1.5"),
        ({"max_steps": True}, "max_steps: expected a whole number >= 1, got True"),
        ({"stability": -1}, "stability: expected a whole number >= 0, got -1"),
        ({"entropy_bound": -0.1}, "entropy_bound: expected a number >= 0, got -0.1"),
        ({"entropy_bound": float("nan")}, "entropy_bound: expected a number >= 0, got nan"),
        ({"confidence": "low"}, "confidence: expected a number >= 0, got 'low'"),
        ({"entropy_bound": 10**400}, f"entropy_bound: expected a number >= 0, got 1{'0' * 56}..."),
        (
            {"temperature": (10**400, 1)},
            f"temperature: expected (first, last) with first >= last > 0, got (1{'0' * 55}...",
        ),
        ({"max_steps": "x" * 200_000}, f"max_steps: expected a whole number >= 1, got '{'x' * 56}..."),
        ({"doubt": -1.0}, "doubt: expected a number >= 0, got -1.0"),
        ({"max_readings": 0}, "max_readings: expected a whole number >= 1, got 0"),
        ({"guidance": -1.0}, "guidance: expected a number >= 0, got -1.0"),
        ({"guidance": float("inf")}, "guidance: expected a number >= 0, got inf"),
        ({"guidance": "2"}, "guidance: expected a number >= 0, got '2'"),
        ({"unconditional": "x"}, "unconditional: expected guidance beside it, got none"),
        ({"temperature": (0.4, 0.8)}, "temperature: expected (first, last) with first >= last > 0, got (0.4, 0.8)"),
        ({"temperature": (0.4, 0)}, "temperature: expected (first, last) with first >= last > 0, got (0.4, 0)"),
        ({"temperature": 0.7}, "temperature: expected (first, last) with first >= last > 0, got 0.7"),
        ({"seed": -3}, "seed: expected a whole number >= 0, got -3"),
        ({"canvas": []}, "canvas: expected at least one token id, got none"),
        ({"canvas": [5, -1]}, "canvas: expected token ids >= 0, got -1"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_out_of_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidParams, match=f"^{re.escape(message)}$"):
        Params(**options)


def test_invalid_params_is_a_value_error_of_the_engine() -> None:
    assert issubclass(InvalidParams, ValueError)
    assert issubclass(InvalidParams, EngineError)


def test_edges_are_allowed() -> None:
    Params(max_tokens=1, max_steps=1, temperature=(0.5, 0.5), entropy_bound=0, stability=0, confidence=0, seed=0)
    Params(canvas=[0])
    assert not Params(guidance=1).guided
    assert Params(guidance=0, unconditional="x").guided
