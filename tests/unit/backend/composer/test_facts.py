"""Looking subjects up, in the encyclopedia's form and in folders of all kinds."""

import json
import os
import sqlite3
import sys
from pathlib import Path

import pytest

from backend.composer.facts import FactsIndex
from backend.composer.facts_index import key, open_index
from backend.composer.facts_named import names
from backend.composer.facts_sources import Encyclopedia, Folder
from backend.errors import FactsError

ENTRIES = {
    "Volcano": "A volcano is a vent in the crust of a planet. Hot lava and ash come out of it. Magma waits below.",
    "Lava": "Lava is magma that reached the surface. It is hot (pronounced LAH-va).",
    "Magma": "Magma is molten rock below the surface.",
    "Bread": "Bread is baked from dough. Sourdough bread rises by wild yeast.",
    "Mercury (planet)": "Mercury is the innermost planet.",
    "Computer": "A computer is a machine.",
    "Computing": "Computing is what computers do.",
    "The Hague": "The Hague is a city.",
    "Ring of Fire": "The Ring of Fire is a belt of volcanoes.",
    "火山": "A title that pages cannot spell.",
    "Formula": "where  is a symbol lost",
}
MARKDOWN = """---
# Our *Garden*

The garden has [roses](http://x) and **lilies**.

```
code.
```

- It is big.
"""
HTML = (
    "<title>Roses &amp; co</title><style>p{}</style><script>x.</script><h1>H</h1>"
    "<p>Roses <b>bloom</b>.</p><p>In June.</p>"
)


def encyclopedia(folder: Path) -> Encyclopedia:
    path = folder / "summaries.json"
    records = {t: {"title": t, "extract": x, "description": "", "topic": "Things"} for t, x in ENTRIES.items()}
    path.write_text(json.dumps(records))
    return Encyclopedia(path)


@pytest.fixture
def index(tmp_path: Path) -> FactsIndex:
    return FactsIndex(open_index(encyclopedia(tmp_path), tmp_path / "data"))


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Volcano", "Volcano"),
        ("volcanoes", "Volcano"),
        ("the volcano", "Volcano"),
        ("mercury", "Mercury (planet)"),
        ("computers", "Computer"),
        ("hague", "The Hague"),
        ("rings of fire", "Ring of Fire"),
    ],
)
def test_a_subject_is_found_in_any_form(index: FactsIndex, subject: str, title: str) -> None:
    found = index.lookup(subject)
    assert found
    assert (found.title, found.exact) == (title, True)
    index.close()


def test_what_is_found(index: FactsIndex) -> None:
    found = index.lookup("volcano")
    assert found
    assert (
        found.text
        == "A volcano is a vent in the crust of a planet. Hot lava and ash come out of it. Magma waits below."
    )
    assert found.links[:2] == ("Lava", "Magma")
    assert "Volcano" not in found.links
    lava = index.lookup("lava")
    assert lava
    assert lava.text == "Lava is magma that reached the surface. It is hot."
    index.close()


def test_a_subject_that_is_only_mentioned(index: FactsIndex) -> None:
    found = index.lookup("sourdough")
    assert found
    assert (found.title, found.exact, found.links[0]) == ("Bread", False, "Bread")
    assert found.text == "Sourdough bread rises by wild yeast."
    assert index.lookup("sourdough", guess=False) is None
    index.close()


@pytest.mark.parametrize("subject", ["", "?!", "the", "zzz", '" OR x', "title:volcano NEAR(", "x" * 5_000, "a " * 500])
def test_subjects_without_facts(index: FactsIndex, subject: str) -> None:
    assert index.lookup(subject) is None
    index.close()


def test_what_is_told_of_a_subject_names_it(tmp_path: Path) -> None:
    """An entry that has all the words somewhere tells nothing of what they mean together."""
    files = {f"{at}.txt": f"Number {at} says nothing." for at in range(40)}
    files["x.txt"] = "The lantern was invented twice. Every town had a kind of shop. Snow fell on all."
    with_none = FactsIndex(open_index(Folder(write(tmp_path / "a", files)), tmp_path))
    assert with_none.lookup("lantern shop town") is None
    with_none.close()
    files["x.txt"] += " A lantern shop in a town sells light."
    index = FactsIndex(open_index(Folder(write(tmp_path / "c", files)), tmp_path))
    found = index.lookup("lantern shop town", limit=40)
    assert found
    assert found.text == "A lantern shop in a town sells light."
    index.close()


@pytest.mark.parametrize(
    ("text", "subject", "so"),
    [
        ("A volcano is a vent.", "volcanoes", True),
        ("A volcano is a vent.", "Volcano history", True),
        ("Café au lait is milk.", "cafe", True),
        ("Good bread.", "go", False),
        ("Egypt is a land.", "ancient Egypt", False),
        ("Anything.", "?!", False),
    ],
)
def test_whether_a_text_names_a_subject(text: str, subject: str, so: bool) -> None:
    assert names(text, subject) is so


def test_facts_are_short(index: FactsIndex, tmp_path: Path) -> None:
    folder = write(tmp_path / "own", {"long.txt": "This sentence goes on and on. " * 60})
    own = FactsIndex(open_index(Folder(folder), tmp_path))
    usual, long = own.lookup("long"), own.lookup("long", limit=640)
    assert usual
    assert long
    assert 200 < len(usual.text) <= 280
    assert usual.text.startswith("long: This sentence goes on and on.")
    assert 500 < len(long.text) <= 640
    assert usual.text.endswith("on and on.")
    index.close()


def test_titles_follow_from_what_they_are_drawn_for(index: FactsIndex) -> None:
    drawn = index.titles(3, "session", "Letters")
    assert len(set(drawn)) == len(drawn) == 3
    assert index.titles(3, "session", "Letters") == drawn
    assert len({index.titles(3, "session", str(n)) for n in range(9)}) > 1
    assert len(index.titles(10_000, "session", "Letters")) > 3
    index.close()


def test_the_index_is_built_once_and_again_when_the_source_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    open_index(encyclopedia(tmp_path), data).close()
    assert "indexing facts" in capsys.readouterr().err
    (first,) = data.iterdir()
    open_index(encyclopedia_unchanged(tmp_path), data).close()
    assert capsys.readouterr().err == ""
    os.utime(tmp_path / "summaries.json", ns=(1, 1))
    open_index(encyclopedia_unchanged(tmp_path), data).close()
    (second,) = data.iterdir()
    assert first != second


def encyclopedia_unchanged(folder: Path) -> Encyclopedia:
    return Encyclopedia(folder / "summaries.json")


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"x" * 500])
def test_a_damaged_index_is_built_again(tmp_path: Path, damage: bytes) -> None:
    source = encyclopedia(tmp_path)
    open_index(source, tmp_path / "data").close()
    (path,) = (tmp_path / "data").iterdir()
    path.write_bytes(damage)
    index = FactsIndex(open_index(source, tmp_path / "data"))
    assert index.lookup("lava")
    index.close()


def test_a_folder_of_all_kinds(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "own",
        {
            "a.md": MARKDOWN,
            "sub/b.html": HTML,
            "sub/soft_pretzel.txt": b"\xef\xbb\xbfA pretzel is baked.\r\n\r\nNo stop\r\n",
            "empty.txt": "",
            "binary.txt": b"\0\1",
            "latin.txt": b"caf\xe9 is open.",
            "picture.png": "A picture is no text.",
            ".hidden.md": "Hidden is hidden.",
        },
    )
    (folder / "link.txt").symlink_to("/etc/hostname")
    index = FactsIndex(open_index(Folder(folder), tmp_path / "data"))
    garden, roses, pretzel = index.lookup("our garden"), index.lookup("roses & co"), index.lookup("soft pretzels")
    assert garden
    assert roses
    assert pretzel
    assert (garden.title, garden.text) == ("Our Garden", "The garden has roses and lilies. It is big.")
    assert roses.text == "Roses bloom. In June."
    assert pretzel.text == "A pretzel is baked."
    assert index.lookup("latin") is None
    index.close()


def test_a_folder_in_another_script(tmp_path: Path) -> None:
    folder = write(tmp_path / "own", {"вулкан.txt": "Вулкан извергает лаву."})
    index = FactsIndex(open_index(Folder(folder), tmp_path))
    found = index.lookup("Вулкан")
    assert found
    assert found.text == "Вулкан извергает лаву."
    index.close()


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match=r"expected a folder of .md, .*, got .*nowhere, which is not there"):
        Folder(tmp_path / "nowhere")
    file = write(tmp_path, {"file.txt": "x"}) / "file.txt"
    with pytest.raises(FactsError, match="which is a file"):
        Folder(file)
    with pytest.raises(FactsError, match=r"expected .md, .html or .txt files in .*empty, got none"):
        Folder(write(tmp_path, {"empty/a.png": ""}) / "empty")
    with pytest.raises(FactsError, match="expected facts with at least one article of whole sentences, got none"):
        open_index(Folder(write(tmp_path, {"silent/a.txt": "no sentence"}) / "silent"), tmp_path)
    assert list(tmp_path.glob("facts*")) == []


def test_an_encyclopedia_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(FactsError, match=r"expected the encyclopedia in .*x.json, got Expecting"):
        open_index(Encyclopedia(tmp_path / "x.json"), tmp_path)


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(FactsError, match="expected to write the index of facts to"):
        open_index(encyclopedia(tmp_path), tmp_path / "data")


def test_titles_are_compared_without_case_marks_and_article() -> None:
    assert key("The  Old-Man!") == key("old man") == "old man"
    assert key("The") == "the"


def test_the_index_is_its_owner_s_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        open_index(encyclopedia(tmp_path), tmp_path / "data").close()
    finally:
        os.umask(before)
    (file,) = (tmp_path / "data").glob("facts-*.sqlite")
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_index_is_read_only(tmp_path: Path) -> None:
    database = open_index(encyclopedia(tmp_path), tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.execute("DELETE FROM entries")
    database.close()
