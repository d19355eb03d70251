"""The tokenizer for pages of kinds: byte-level BPE, none of whose tokens is longer than a short tag.

Text is cut where page, script and prose have their joints, and BPE joins nothing across a cut: tags with the tags that
stand beside them, an attribute up to its value, words of prose, names in scripts without the punctuation behind them.
So a name has the same tokens wherever it stands, and the model writes markup and scripts instead of looking them up: a
longer piece would be a template.
"""

from collections.abc import Iterable, Iterator

from tokenizers import Tokenizer

from backend.banks.bank import SHAPES
from backend.banks.lookup import COLUMN
from training.tokenizers.pieces import ENTITIES, SEPARATOR
from training.tokenizers.tokenizer import bpe

CHARACTERS = 24
SLOTS = ("page", "edit", "ask", "open", "style", "site", "nav", "title", "facts", "links", "names", "screen", "window")
"""Of prompts, beside the fields of subjects."""

TAG = r"</?[a-z][a-z0-9]*"
KEYWORDS = "const|let|if|for|while|return|else|function|new|of|in"
CUTS = (
    r"<!doctype html>(?:<html lang=)?",
    rf"(?:{TAG}>)+(?:{TAG}(?=[ >]))?|{TAG}",  # tags side by side, and the name of one that has attributes
    r'"?[=-]?>\{?(?<=[=-]>|>\{)\(*',  # an arrow
    rf'"?>(?:{TAG}>)*(?:{TAG}(?= ))?(?=[^=\d\s(])',  # the end of a tag with attributes, and what follows it
    r" (?:type|class|role|method|autocomplete|aria-live|inputmode)=[a-z-]+(?:>|(?= ))",  # of few values
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
    """What prompts are made of: slot markers with their trailing blank, separators of rows and columns, entities."""
    return [*(f"\n{slot}: " for slot in dict.fromkeys((*SLOTS, *SHAPES))), SEPARATOR, COLUMN, *ENTITIES]


def train(pairs: Iterable[tuple[str, str]], vocabulary: int) -> Tokenizer:
    """A tokenizer of exactly `vocabulary` entries from (prompt, page) examples: special tokens first, slots last.

    Raises ValueError if the examples hold too little text to fill the vocabulary.
    """
    return bpe(lines(pairs), vocabulary, dialect(), "|".join(CUTS), CHARACTERS)


def lines(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Prompts without the page that a change is made to, which would count twice, and pages."""
    for prompt, page in pairs:
        yield prompt.partition("\npage: ")[0]
        yield page
