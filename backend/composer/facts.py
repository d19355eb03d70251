"""Look up what is known about a subject: sentences to use and related titles to offer, from a full-text index."""

import json
import math
import random
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from backend.composer.facts_index import key, open_index, words_of
from backend.composer.facts_named import content, naming, titled
from backend.composer.facts_sources import Encyclopedia, Folder
from backend.composer.seeded_choices import stable
from backend.prompts.fact_text import FACTS_LIMIT
from backend.text.diff import common_prefix

LINKS = 5
KIN = 8
FAR = 16
NAME_WORDS = 4
TITLE_CHARS = 32
RELEVANCE = 0.45  # relative to the score of a word that stands in one entry only
MATCH = "JOIN search ON search.rowid = id WHERE search MATCH ?"


@dataclass(frozen=True)
class Facts:
    """What was found on a subject.

    Attributes:
        title: The title of the entry.
        text: Whole sentences that name the subject.
        links: The titles of related entries, the nearest first.
        exact: Whether the entry is about the subject; otherwise it only mentions it.
    """

    title: str
    text: str
    links: tuple[str, ...]
    exact: bool


@dataclass(frozen=True)
class Entry:
    """A row of the index.

    Attributes:
        id: The id of the row.
        title: The title of the article.
        topic: The field it belongs to.
        sentences: Its sentences.
    """

    id: int
    title: str
    topic: str
    sentences: tuple[str, ...]


class FactsIndex:
    """Looks subjects up, in a few milliseconds each. Only one thread at a time may use it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        (entries,) = database.execute("SELECT count(*) FROM entries").fetchone()
        self._relevant = -RELEVANCE * math.log(max(entries, 2))

    @classmethod
    def open(cls, folder: Path | None, data: Path) -> "FactsIndex | None":
        """Return the index of a user's folder, else of the encyclopedia package; None without either.

        Args:
            folder: The user's folder, if there is one.
            data: The folder where the index is kept.

        Raises:
            FactsError: The user's folder cannot be used.
        """
        source = Folder(folder) if folder else Encyclopedia.find()
        return cls(open_index(source, data)) if source else None

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def lookup(self, subject: str, guess: bool = True, limit: int = FACTS_LIMIT) -> Facts | None:
        """Return facts on a subject, or None.

        The facts name the subject, so that no page on one thing tells of another.

        Args:
            subject: The subject, in any number or case.
            guess: Whether to use an entry that merely mentions the subject.
            limit: The maximum number of characters of the facts.
        """
        words = words_of(subject)[:12]
        if not words:
            return None
        entry = self._same(subject) or self._inflected(words) or self._qualified(words)
        if entry:
            text = titled(entry.sentences, entry.title, limit)
            return Facts(entry.title, text, self._related(entry)[:LINKS], True)
        return self._mentioned(subject, words, limit) if guess else None

    def titles(self, count: int, *draw: str) -> tuple[str, ...]:
        """Return at most `count` different titles that depend on `draw` alone, for a folder of that name."""
        (entries,) = self._database.execute("SELECT count(*) FROM entries").fetchone()
        places = random.Random(stable("titles", *draw)).sample(range(entries), min(count, entries))
        query = "SELECT title FROM entries ORDER BY id LIMIT 1 OFFSET ?"
        found = (self._database.execute(query, (place,)).fetchone() for place in places)
        return tuple(dict.fromkeys(title for (title,) in found if len(title) <= TITLE_CHARS))

    def _same(self, subject: str) -> Entry | None:
        """Return the entry whose title is the subject."""
        return self._first("WHERE key = ? ORDER BY id", key(subject))

    def _inflected(self, words: list[str]) -> Entry | None:
        """Return an entry whose title has the same words in another form: volcanoes, Volcano."""
        clause = f"{MATCH} AND words = ? ORDER BY id LIMIT 50"
        found = self._all(clause, f"title : {phrase(words)}", len(words))
        asked = " ".join(words)
        return max(found, key=lambda e: common_prefix(e.title.casefold(), asked), default=None)

    def _qualified(self, words: list[str]) -> Entry | None:
        """Return an entry whose title adds only a bracket: mercury, Mercury (planet)."""
        query = f"title : ^ {phrase(words)}"
        rows = self._all(f"{MATCH} AND entries.title LIKE '% (%' ORDER BY id", query)
        return next((e for e in rows if len(words_of(e.title.split(" (")[0])) == len(words)), None)

    def _mentioned(self, subject: str, words: list[str], limit: int) -> Facts | None:
        """Return facts from the entry that ranks first for the words, if one of its sentences has them all.

        The facts are the sentences that do.
        """
        telling_words = content(words)
        if not telling_words:
            return None
        query = " AND ".join(map(phrase, ([w] for w in telling_words)))
        rank = "bm25(search, 8, 1)"
        entry = self._first(f"{MATCH} AND {rank} < ? ORDER BY {rank}, id", query, self._relevant)
        if not entry:
            return None
        text = naming(entry.sentences, subject, limit)
        return Facts(entry.title, text, (entry.title, *self._related(entry))[:LINKS], False) if text else None

    def _related(self, entry: Entry) -> tuple[str, ...]:
        """Return titles near an entry; they depend on the entry alone.

        They are named in its text, share words with its title, or belong to its topic.
        """
        near = dict.fromkeys([*self._named_in(entry), *self._kin(entry), *self._far(entry)])
        near.pop(entry.title, None)
        return tuple(near)

    def _named_in(self, entry: Entry) -> list[str]:
        """Return the titles that the entry's sentences name, in order.

        If several begin at the same word, the longest is used.
        """
        words = re.findall(r"[\w'-]+", " ".join(entry.sentences).casefold())
        spans = [[" ".join(words[at : at + n]) for n in range(NAME_WORDS, 0, -1)] for at in range(len(words))]
        known = self._titles_of({form for span in spans for name in span for form in (name, name.removesuffix("s"))})
        found = []
        for span in spans:
            names = (name for name in span if len(name) > 3)
            hit = next((t for name in names if (t := known.get(name) or known.get(name.removesuffix("s")))), None)
            found += [hit] if hit else []
        return found

    def _titles_of(self, names: set[str]) -> dict[str, str]:
        """Return key -> title for those names that are entries, except bland words ("area")."""
        known: dict[str, str] = {}
        ordered = sorted(names)
        for at in range(0, len(ordered), 500):
            part = ordered[at : at + 500]
            marks = ",".join("?" * len(part))
            known |= dict(
                self._database.execute(f"SELECT key, title FROM entries WHERE bland = 0 AND key IN ({marks})", part)
            )
        return known

    def _kin(self, entry: Entry) -> list[str]:
        """Return titles that share words with the title of an entry."""
        telling = content(words_of(entry.title))
        if not telling:
            return []
        query = f"title : ({' OR '.join(phrase([w]) for w in telling)})"
        clause = f"{MATCH} AND id != ? ORDER BY bm25(search, 1, 0), entries.title LIMIT {KIN}"
        rows = self._all(clause, query, entry.id)
        return [row.title for row in rows]

    def _far(self, entry: Entry) -> list[str]:
        """Return titles of the entry's topic."""
        titles = [
            t
            for (t,) in self._database.execute("SELECT title FROM entries WHERE topic = ? ORDER BY id", (entry.topic,))
        ]
        return random.Random(stable("related", entry.title)).sample(titles, min(FAR, len(titles)))

    def _first(self, clause: str, *values: object) -> Entry | None:
        """Return the first entry that the clause selects."""
        return next(iter(self._all(f"{clause} LIMIT 1", *values)), None)

    def _all(self, clause: str, *values: object) -> Iterable[Entry]:
        """Return the entries that the clause selects."""
        rows = self._database.execute(f"SELECT id, entries.title, topic, sentences FROM entries {clause}", values)
        return [Entry(row, title, topic, tuple(json.loads(sentences))) for row, title, topic, sentences in rows]


def phrase(words: list[str]) -> str:
    """Return words as a phrase of a full-text query.

    The words are letters and digits only, so nothing needs escaping.
    """
    return '"' + " ".join(words) + '"'
