"""The bundled checkpoint's tokenizer: tokens for the recurring structure of pages, byte-level BPE for everything else.

A prompt is encoded as follows. The chat template renders `<bos>` + content + `<turn>`, and the result is encoded
without adding special tokens. The template breaks up special tokens in the content, so a visitor cannot write one. A
page follows the prompt; `<eos>` ends it. Special tokens have the ids 0 to 3, the BPE's tokens come next, pieces last.

The first word after a slot marker, a list separator or a tag has no leading blank. So a value has the same tokens in
the prompt and in a page that puts it right behind a tag.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, PreTokenizer, Split
from tokenizers.pre_tokenizers import Sequence as InTurn
from tokenizers.trainers import BpeTrainer

from backend.prompts.anchors import unanchored
from training.tokenizers.pieces import dialect, recurring

PAD, EOS, BOS, TURN = "<pad>", "<eos>", "<bos>", "<turn>"
SPECIAL = (PAD, EOS, BOS, TURN)
VOCABULARY = 6144
MOST_PIECES = 2000
LEAST_SHARE = 0.001
WORD = r"'s(?!\p{L})| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]|\s"
"""Matches a word with its leading blank, one digit, one punctuation mark with its blank, or one white space."""

_broken = " | ".join(f"replace('{token}', '< {token[1:]}')" for token in SPECIAL)
CHAT_TEMPLATE = (
    "{{ '<bos>' }}{% for message in messages %}{{ '' if loop.first else '\\n' }}"
    "{{ message['content'] | " + _broken + " }}{% endfor %}"
    "{{ '<turn>' if add_generation_prompt else '' }}"
)


def train(pairs: Sequence[tuple[str, str]], vocabulary: int = VOCABULARY) -> Tokenizer:
    """Train a tokenizer of exactly `vocabulary` entries, in which structure that recurs in pages is one token each.

    Args:
        pairs: Examples as (prompt, page).
        vocabulary: Number of entries.

    Raises:
        ValueError: The examples hold too little text to fill the vocabulary.
    """
    pieces = whole_pieces(pairs)
    return bpe(free_texts(pairs, pieces), vocabulary, pieces, WORD)


def bpe(
    texts: Iterable[str], vocabulary: int, words: Sequence[str], cuts: str, longest: int | None = None
) -> Tokenizer:
    """Train a byte-level BPE of exactly `vocabulary` entries.

    Special tokens come first, then what it learns from texts, then `words`.

    Args:
        texts: Texts to train on.
        vocabulary: Number of entries.
        words: Further tokens.
        cuts: A regular expression of the units across which nothing is joined.
        longest: Most characters of a learned token; None sets no limit.

    Raises:
        ValueError: The texts hold too little to fill the vocabulary.
    """
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizer(cuts)
    tokenizer.decoder = ByteLevelDecoder()
    trainer = BpeTrainer(
        vocab_size=vocabulary - len(words),
        special_tokens=list(SPECIAL),
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
        max_token_length=longest,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens([as_word(word) for word in words])
    if tokenizer.get_vocab_size() != vocabulary:
        raise ValueError(f"expected text for {vocabulary} entries, got enough for {tokenizer.get_vocab_size()}")
    return tokenizer


def whole_pieces(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return the parts of every prompt, and then whole tags, rules and lines of script that recur."""
    pages = [unanchored(page) for _, page in pairs]  # an anchor is a token of its own, in the prompt and in the page
    least = max(3, round(LEAST_SHARE * len(pairs)))
    return list(dict.fromkeys([*dialect(), *recurring(pages, least, MOST_PIECES)]))


def as_word(piece: str) -> AddedToken:
    """Return a piece as a token that is always taken whole."""
    return AddedToken(piece, normalized=False, special=False)


def pre_tokenizer(cuts: str) -> PreTokenizer:
    """Return what cuts text into the units across which BPE joins nothing, and then spells them in bytes."""
    return InTurn([Split(Regex(cuts), "isolated"), ByteLevel(add_prefix_space=False, use_regex=False)])


def free_texts(pairs: Iterable[tuple[str, str]], pieces: Sequence[str]) -> Iterator[str]:
    """Yield what is between the pieces in prompts and pages, which is the text that BPE is for.

    Each text counts once for an example, however often its page repeats it. Otherwise a few titles would fill the
    vocabulary.
    """
    finder = Tokenizer(BPE())
    finder.add_tokens([as_word(piece) for piece in pieces])
    for pair in pairs:
        yield from dict.fromkeys(gap for text in pair for gap in gaps(finder, text))


def gaps(finder: Tokenizer, text: str) -> Iterator[str]:
    """Yield the parts of a text in which `finder` finds no token."""
    end = 0
    for start, stop in [*finder.encode(text).offsets, (len(text), len(text))]:
        if start > end:
            yield text[end:start]
        end = stop


def config(canvas: int) -> dict[str, object]:
    """Return tokenizer_config.json, with which transformers and the engine encode alike."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": EOS,
        "pad_token": PAD,
        "additional_special_tokens": [TURN],
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": 4 * canvas,
        "chat_template": CHAT_TEMPLATE,
    }


def save(tokenizer: Tokenizer, folder: Path, canvas: int = 256) -> None:
    """Write tokenizer.json and tokenizer_config.json in Hugging Face layout into a folder, which is made if absent."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config(canvas), indent=2, ensure_ascii=False) + "\n")


def encode_pair(tokenizer: Tokenizer, prompt: str, page: str) -> tuple[list[int], list[int]]:
    """Return the token ids of `<bos>` prompt `<turn>`, and those of the page without `<eos>`.

    Raises:
        ValueError: Either holds a special token, which would not be the text that it seems to be.
    """
    asked = f"{BOS}{plain(prompt)}{TURN}"
    return tokenizer.encode(asked, add_special_tokens=False).ids, encode_page(tokenizer, page)


def encode_page(tokenizer: Tokenizer, page: str) -> list[int]:
    """Return the token ids of a page without `<eos>`, or none for an empty page.

    Raises:
        ValueError: The page holds a special token.
    """
    ids: list[int] = tokenizer.encode(plain(page), add_special_tokens=False).ids
    return ids


def plain(text: str) -> str:
    """Return the text unchanged.

    Raises:
        ValueError: The text holds a special token.
    """
    if any(token in text for token in SPECIAL):
        raise ValueError(f"expected text without special tokens, got {text[:80]!r}")
    return text


@dataclass(frozen=True)
class Packing:
    """How well a tokenizer compresses text.

    Attributes:
        prompts: Characters a token in prompts.
        pages: Characters a token in pages.
        pieces: Entries of the vocabulary that are pieces.
    """

    prompts: float
    pages: float
    pieces: int


def packing(tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]) -> Packing:
    """Measure a tokenizer on (prompt, page) examples."""
    ids = [encode_pair(tokenizer, *pair) for pair in pairs]
    prompts, pages = (
        sum(len(pair[side]) for pair in pairs) / sum(len(pair_ids[side]) for pair_ids in ids) for side in (0, 1)
    )
    return Packing(prompts, pages, len(tokenizer.get_added_tokens_decoder()) - len(SPECIAL))
