"""Build a SQLite full-text index of articles on first use."""

import json
import os
import re
import sqlite3
import sys
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from backend.composer.facts_sources import Article, Source
from backend.errors import FactsError
from backend.private_files import private

FORMAT = 1
BLAND_SHARE = 100
SCHEMA = """
CREATE TABLE meta (fingerprint TEXT);
CREATE TABLE entries
    (id INTEGER PRIMARY KEY, title TEXT, key TEXT, words INTEGER, topic TEXT, sentences TEXT, bland INTEGER);
CREATE VIRTUAL TABLE search USING fts5(title, body, content='', tokenize='porter unicode61 remove_diacritics 2');
"""
INDEXES = "CREATE INDEX by_key ON entries (key); CREATE INDEX by_topic ON entries (topic);"


def key(title: str) -> str:
    """Return a title in the form in which titles are compared.

    The form ignores case, punctuation and a leading article.
    """
    words = words_of(title)
    return " ".join(words[1:] if words[:1] in (["the"], ["a"], ["an"]) and words[1:] else words)


def words_of(text: str) -> list[str]:
    """Return the words of a text, in folded case."""
    return re.findall(r"\w+", text.casefold())


def open_index(source: Source, folder: Path) -> sqlite3.Connection:
    """Return the index of a source, opened read-only.

    The index is built in `folder` unless an up-to-date one is there.

    Raises:
        FactsError: The index cannot be built or written.
    """
    path = folder / f"facts-{FORMAT}-{source.fingerprint}.sqlite"
    try:
        if not is_index(path):
            folder.mkdir(parents=True, exist_ok=True)
            build(source, path)
        return connect(path)
    except (OSError, sqlite3.Error) as error:
        raise FactsError(f"expected to write the index of facts to {path}, got: {error}") from error


def connect(path: Path) -> sqlite3.Connection:
    """Open a database read-only."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)


def is_index(path: Path) -> bool:
    """Return whether `path` holds a whole index; a damaged index is built again."""
    if not path.exists():
        return False
    try:
        database = connect(path)
        try:
            return bool(database.execute("SELECT count(*) FROM meta").fetchone()[0])
        finally:
            database.close()
    except sqlite3.DatabaseError:
        return False


def build(source: Source, path: Path) -> None:
    """Write the index beside `path` and move it there when it is whole.

    Indexes of other states of a source are deleted.
    """
    draft = path.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    os.close(
        private(str(draft), os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    )  # private, since it repeats what a folder of facts says
    try:
        database = sqlite3.connect(draft)
        try:
            fill(database, source)
        finally:
            database.close()
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    for other in path.parent.glob("facts-*.sqlite"):
        if other != path:
            other.unlink(missing_ok=True)


def fill(database: sqlite3.Connection, source: Source) -> None:
    """Write the articles of a source to a new database.

    Raises:
        FactsError: No article has usable text.
    """
    database.executescript(SCHEMA)
    uses: Counter[str] = Counter()
    rows = 0
    for article in tqdm(
        source.articles(), "indexing facts", len(source), unit=" articles", file=sys.stderr, leave=False, disable=None
    ):
        if article:
            rows += 1
            add(database, rows, article)
            uses.update(set(words_of(" ".join(article.sentences))))
    if not rows:
        raise FactsError("expected facts with at least one article of whole sentences, got none")
    bland = [(word,) for word, count in uses.items() if count > max(10, rows / BLAND_SHARE)]
    database.executescript(INDEXES)
    database.executemany("UPDATE entries SET bland = 1 WHERE key = ?", bland)
    database.execute("INSERT INTO meta VALUES (?)", (source.fingerprint,))
    database.commit()


def add(database: sqlite3.Connection, row: int, article: Article) -> None:
    """Insert one article."""
    text = json.dumps(article.sentences, ensure_ascii=False)
    named = (article.title, key(article.title), len(words_of(article.title)))
    database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, 0)", (row, *named, article.topic, text))
    body = " ".join(article.sentences)
    database.execute("INSERT INTO search (rowid, title, body) VALUES (?, ?, ?)", (row, article.title, body))
