"""What the model card says the checkpoint knows is what the checkpoint says."""

import json
from pathlib import Path

import pytest

from backend.prompts.nearest_kinds import KnownKind
from training.model_card_docs import BEGIN, CARD, END, kinds_of, listed, main, updated

KINDS = (
    KnownKind("todo", "app", ("a to-do app",)),
    KnownKind("counter", "app", ("a counter",)),
    KnownKind("faq", "web", ("faq",)),
)


def test_the_card_is_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_kinds_are_listed_by_world_and_request() -> None:
    assert listed(KINDS) == "**Apps** (2): a counter; a to-do app.\n\n**Pages of the web** (1): faq."


def test_only_what_stands_between_the_comments_changes() -> None:
    card = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert updated(card, KINDS) == f"before\n{BEGIN}\n{listed(KINDS)}\n{END}\nafter\n"


@pytest.mark.parametrize("card", ["", BEGIN, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_card_without_a_place_for_the_list_is_refused(card: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        updated(card, KINDS)


def test_a_checkpoint_that_says_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "silverprint.json").write_text(json.dumps({"dialect": "terse"}))
    with pytest.raises(ValueError, match="expected kinds"):
        kinds_of(tmp_path)


def test_a_card_that_is_out_of_date_is_told_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = tmp_path / "card.md"
    card.write_text(f"{BEGIN}\n{END}\n")
    assert main(["--card", str(card), "--check"]) == 1
    assert "run python -m training.model_card_docs" in capsys.readouterr().out
    assert main(["--card", str(card)]) == 0
    assert main(["--card", str(card), "--check"]) == 0
    assert "a to-do app" in card.read_text()
    assert CARD.is_file()
