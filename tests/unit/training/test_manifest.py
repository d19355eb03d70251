"""What manifests tell of the kinds that their checkpoints know."""

import json
from pathlib import Path

from backend.models.model_card import read_card
from backend.prompts.nearest_kinds import Nearest
from backend.settings import BUNDLED_MODEL
from training import manifest, manifest_kinds
from training.corpus import FAMILIES
from training.kinds.kind import kinds


def test_every_family_has_a_request_that_asks_for_it(tmp_path: Path) -> None:
    manifest.write_manifest(tmp_path)
    told = read_card(tmp_path).kinds
    assert {kind.name for kind in told} == FAMILIES.keys()
    assert len({kind.ask for kind in told}) == len(told)
    worlds = {kind.name: kind.world for kind in told}
    assert (worlds["article"], worlds["desktop-mail"], worlds["todo"]) == ("web", "os", "app")


def test_every_kind_has_a_request_without_places_to_fill(tmp_path: Path) -> None:
    manifest_kinds.write_manifest(tmp_path)
    told = read_card(tmp_path).kinds
    assert {(kind.name, kind.world) for kind in told} == {(kind.name, kind.world) for kind in kinds().values()}
    assert not [text for kind in told for text in kind.texts if set("{}~=") & set(text)]
    assert max(len(kind.ask) for kind in told) < 80
    assert read_card(tmp_path).hints
    nearest = Nearest(told)
    assert [kind.name for kind in nearest.find("my morgage", 1)] == ["mortgage"]
    assert [kind.name for kind in nearest.find("a game of snake", 1)] == ["snake"]
    assert nearest.hints("how to tie a tie")[0] == "howto"


def test_the_bundled_checkpoint_tells_what_the_training_would(tmp_path: Path) -> None:
    manifest.write_manifest(tmp_path)
    told, bundled = (json.loads((folder / "silverprint.json").read_text()) for folder in (tmp_path, BUNDLED_MODEL))
    bundled.pop("doubt", None)  # measured, once it was trained
    assert bundled == told
