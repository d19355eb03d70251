"""Which models can hold parts of a page, and what the others are asked."""

import pytest

from backend.models.base import holds
from backend.models.model_card import read_card
from backend.models.openai_client import OpenAIClient
from backend.models.ray.model import RayModel
from backend.models.ray.replica import PROTOCOL, About, Replica
from backend.settings import BUNDLED_MODEL
from engine.core.errors import InvalidParams
from engine.core.params import Params
from tests.support.fakes import FakeEngine
from tests.support.holding_engine import PAD, HoldingEngine


def test_a_model_that_pads_with_its_end_holds_nothing() -> None:
    assert holds(HoldingEngine())  # type: ignore[arg-type]
    assert not holds(HoldingEngine(eos_ids=(PAD,)))  # type: ignore[arg-type]
    assert not holds(FakeEngine())  # type: ignore[arg-type]


def test_replicas_of_a_cluster_hold() -> None:
    model = RayModel(None, About(read_card(BUNDLED_MODEL), Params(), (1,), (b"a", b"", b""), 64, 2))
    assert (model.canvas_length, model.pad_id) == (64, 2)
    assert holds(model)


def test_a_replica_of_before_that_is_not_asked() -> None:
    """It would leave out what is to be held, and say nothing."""
    assert PROTOCOL > 1
    assert Replica.__new__(Replica).about(1) == PROTOCOL


def test_a_model_behind_an_api_holds_nothing_and_says_so() -> None:
    model = OpenAIClient("http://127.0.0.1:9/v1", "m")
    assert not holds(model)
    with pytest.raises(InvalidParams, match=r"^hold: expected a model that starts from a canvas, got one"):
        model.submit("x", Params(canvas=[1, 2], hold=[(0, 1)]))
