"""The tokenizer for pages of kinds: byte-level BPE in which no token is longer than a short tag.

Text is cut at boundaries of markup, script and prose, and BPE joins nothing across a cut. Units are tags with adjacent
tags, an attribute up to its value, words of prose, and names in scripts without the punctuation after them. So a name
has the same tokens wherever it occurs. The model writes markup and scripts instead of looking them up: a longer piece
would be a template.
"""

from collections.abc import Iterable, Iterator

from tokenizers import Tokenizer

from backend.banks.bank import SHAPES
from backend.banks.lookup import COLUMN
from training.tokenizers.pieces import ENTITIES, SEPARATOR
from training.tokenizers.tokenizer import bpe

CHARACTERS = 24
SLOTS = ("page", "edit", "ask", "open", "style", "site", "nav", "title", "facts", "links", "names", "screen", "window")
"""The slots of prompts, besides the fields of subjects."""

TAG = r"</?[a-z][a-z0-9]*"
KEYWORDS = "const|let|if|for|while|return|else|function|new|of|in"
CUTS = (
    r"<!doctype html>(?:<html lang=)?",
    rf"(?:{TAG}>)+(?:{TAG}(?=[ >]))?|{TAG}",  # tags side by side, and the name of one that has attributes
    r'"?[=-]?>\{?(?<=[=-]>|>\{)\(*',  # an arrow
    rf'"?>(?:{TAG}>)*(?:{TAG}(?= ))?(?=[^=\d\s(])',  # the end of a tag with attributes, and what follows it
    r" (?:type|class|role|method|autocomplete|aria-live|inputmode)=[a-z-]+(?:>|(?= ))",  # an attribute with few values
    r' (?:role=[a-z]+ )?[a-z][a-z-]*=["/]?(?=[^=\s])',  # an attribute up to its value
    rf"\n(?:{KEYWORDS})[ (]|(?<=[;{{}})]) ?(?:{KEYWORDS})[ (]|\n\$?\(?\"?",  # a line of script up to its first name
    r'"\)\.[a-zA-Z]{3,}(?:=\(\)=>\{?|\(|=(?!=)|\+\+)?',  # what is done with an element that was looked up
    r"\.[a-zA-Z]{3,}(?:\(\)?|=(?!=))?",  # a method with its parenthesis
    r"\b[a-z]{1,2}=>[({]*",  # a small function
    r"'s(?!\p{L})| ?\p{L}+|\p{N}",
    r'", ?"',
    r" ?[^\s\p{L}\p{N}<>=]+=?(?!>)| ?=+|[<>]=?|\s|.",
)


def dialect() -> list[str]:
    """Return what prompts consist of: slot markers with their trailing blank, separators, and entities."""
    return [*(f"\n{slot}: " for slot in dict.fromkeys((*SLOTS, *SHAPES))), SEPARATOR, COLUMN, *ENTITIES]


def train(pairs: Iterable[tuple[str, str]], vocabulary: int) -> Tokenizer:
    """Train a tokenizer of exactly `vocabulary` entries: special tokens first, slots last.

    Args:
        pairs: Examples as (prompt, page).
        vocabulary: Number of entries.

    Raises:
        ValueError: The examples hold too little text to fill the vocabulary.
    """
    return bpe(lines(pairs), vocabulary, dialect(), "|".join(CUTS), CHARACTERS)


def lines(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield pages, and prompts without the page that a change is made to, which would count twice."""
    for prompt, page in pairs:
        yield prompt.partition("\npage: ")[0]
        yield page
