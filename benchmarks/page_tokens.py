"""Count tokens and bytes of a page before and after the kit, drawn from the corpus; no model takes part.

    python -m benchmarks.page_tokens KIND-TOKENIZER > benchmarks/results/page-tokens.json

Before the kit, page families bring their own style sheet. They are encoded with the bundled tokenizer, whose tokens are
whole tags and rules. After it, the kinds for the same requests use the kit, and a tokenizer of short words.
"""

import argparse
import json
import random
import re
import sys
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from tokenizers import Tokenizer

from backend.machine import hardware, versions
from backend.settings import BUNDLED_MODEL
from training.corpus import FAMILIES, sample
from training.kinds.examples import example
from training.kinds.kind import kinds
from training.texts.source import Source
from training.tokenizers.tokenizer import encode_page

PAIRS = {"todo": "todo", "article": "article", "desktop": "desktop"}
"""Each family, and the kind that stands for the same requests."""

COUNT = 200
STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


def measured(pages: list[str], words: Tokenizer) -> dict[str, float]:
    """Return means over pages, and the ninth decile of their tokens."""
    tokens = [len(encode_page(words, page)) for page in pages]
    css = [sum(map(len, STYLE.findall(page))) for page in pages]
    return {
        "tokens": round(mean(tokens), 1), "tokens_p90": round(quantiles(tokens, n=10)[-1], 1),
        "bytes": round(mean(len(page.encode()) for page in pages), 1), "bytes_of_css": round(mean(css), 1),
        "characters_a_token": round(sum(map(len, pages)) / sum(tokens), 2),
    }  # fmt: skip


def longest(words: Tokenizer) -> int:
    """Return the number of characters of the longest token."""
    return max(len(words.decode([number])) for number in range(words.get_vocab_size()))


def main() -> None:
    """Count both forms of every pair, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizer", type=Path, help="folder of the tokenizer for kinds")
    given = parser.parse_args()
    old, new = (Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (BUNDLED_MODEL, given.tokenizer))
    source = Source.load()
    found: dict[str, Any] = {}
    for family, kind in PAIRS.items():
        drawn = [sample(FAMILIES[family], random.Random(n), source, "train", carries=False).page for n in range(COUNT)]
        made = [example(kinds()[kind], random.Random(n), source, "train").page for n in range(COUNT)]
        found[family] = {"before": measured(drawn, old), "after": measured(made, new)}
    about = {"command": " ".join(sys.argv), "pages": COUNT, "hardware": hardware(), "versions": versions()}
    about |= {"longest_token": {"before": longest(old), "after": longest(new)}}
    print(json.dumps({**about, "families": found}, indent=1))


if __name__ == "__main__":
    main()
