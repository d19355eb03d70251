"""Common nouns and their glosses from WordNet, as Debian's package wordnet-base installs it."""

import re
from dataclasses import dataclass
from pathlib import Path

from backend.prompts.fact_text import fold, is_western

FOLDER = Path("/usr/share/wordnet")
# Lexicographer files: animals, artifacts, food, natural objects, plants, substances (things that one can list or sell).
THINGS = frozenset({"05", "06", "13", "17", "20", "27"})
LEMMA = re.compile(r"[a-z]{3,14}(?:_[a-z]{3,14})?")
UNFIT = re.compile(
    r"obscene|slang|slur|offensive|vulgar|disparag|derogat|sexual|genital|penis|vagina|excrement|abus|drug|"
    r"tortur|execut|kill|contracept"
)


@dataclass(frozen=True)
class Noun:
    """A noun for a thing.

    Attributes:
        word: A word or two-word phrase in lower case.
        gloss: Its meaning as one clause.
        common: Whether texts use it often.
    """

    word: str
    gloss: str
    common: bool


def clean_gloss(raw: str) -> str:
    """Return a gloss without examples, brackets and second clauses, e.g. "a pot for brewing tea"."""
    clause = re.split(r'[;:"]', raw.strip())[0]
    clause = re.sub(r"\([^)]*\) ?", "", fold(clause))
    return " ".join(clause.split()).strip(" ,-")


def fit_gloss(gloss: str) -> bool:
    """Return whether a gloss can be used."""
    return 8 <= len(gloss) <= 120 and is_western(gloss) and "(" not in gloss


def read_nouns(folder: Path = FOLDER) -> list[Noun]:
    """Return nouns for things in order of the data file, each with its first gloss.

    Args:
        folder: Folder of WordNet.

    Raises:
        FileNotFoundError: WordNet is not installed.
    """
    path = folder / "data.noun"
    if not path.is_file():
        raise FileNotFoundError(f"expected WordNet at {path}, got nothing; install it: apt-get install wordnet-base")
    common = read_common(folder)
    nouns: dict[str, Noun] = {}
    with path.open(encoding="latin-1") as lines:
        for line in lines:
            if line[0] != " ":
                add_synset(line, common, nouns)
    return list(nouns.values())


def add_synset(line: str, common: frozenset[str], nouns: dict[str, Noun]) -> None:
    """Add the nouns of one line of data.noun (wndb(5WN))."""
    head, _, raw = line.partition(" | ")
    fields = head.split(" ")
    if fields[1] not in THINGS or UNFIT.search(raw) or not fit_gloss(gloss := clean_gloss(raw)):
        return
    for lemma in fields[4 : 4 + 2 * int(fields[3], 16) : 2]:
        word = lemma.replace("_", " ")
        if LEMMA.fullmatch(lemma) and word not in nouns:
            nouns[word] = Noun(word, gloss, word in common)


def read_common(folder: Path) -> frozenset[str]:
    """Return the words that WordNet's own tagged texts use for a thing (cntlist.rev: "teapot%1:06:00:: 1 3")."""
    keys = (folder / "cntlist.rev").read_text(encoding="latin-1").splitlines()
    parts = (key.split(" ")[0].partition("%") for key in keys)
    return frozenset(word.replace("_", " ") for word, _, sense in parts if sense[0] == "1" and sense[2:4] in THINGS)
