"""The bundled checkpoint's tokenizer: words for the recurring structure of pages, byte-level BPE for everything else.

How a prompt is encoded: the chat template renders `<bos>` + content + `<turn>`, and the rendering is encoded without
adding special tokens. The template breaks up special tokens that stand in a content, so a visitor cannot write one.
A page follows the prompt; `<eos>` ends it. Special tokens have the ids 0 to 3, the BPE's words come next, pieces last.

The first word after a slot marker, a list separator or a tag has no leading blank, so a value has the same tokens in
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
"""A word with its leading blank, one digit, one punctuation mark with its blank, one white space."""

_broken = " | ".join(f"replace('{token}', '< {token[1:]}')" for token in SPECIAL)
CHAT_TEMPLATE = (
    "{{ '<bos>' }}{% for message in messages %}{{ '' if loop.first else '\\n' }}"
    "{{ message['content'] | " + _broken + " }}{% endfor %}"
    "{{ '<turn>' if add_generation_prompt else '' }}"
)


def train(pairs: Sequence[tuple[str, str]], vocabulary: int = VOCABULARY) -> Tokenizer:
    """A tokenizer of exactly `vocabulary` entries from (prompt, page) examples, with the structure that recurs in pages
    as one word each.

    Raises ValueError if the examples hold too little text to fill the vocabulary.
    """
    pieces = whole_pieces(pairs)
    return bpe(free_texts(pairs, pieces), vocabulary, pieces, WORD)


def bpe(
    texts: Iterable[str], vocabulary: int, words: Sequence[str], cuts: str, longest: int | None = None
) -> Tokenizer:
    """A byte-level BPE of exactly `vocabulary` entries: special tokens first, what it learns from texts, then `words`.

    cuts: a regular expression of the units that it may not join. longest: characters of what it learns at most.
    Raises ValueError if the texts hold too little to fill the vocabulary.
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
    """Whole tags, rules and lines of script that recur, behind the parts of every prompt."""
    pages = [unanchored(page) for _, page in pairs]  # an anchor stands by itself, in the prompt and in the page
    least = max(3, round(LEAST_SHARE * len(pairs)))
    return list(dict.fromkeys([*dialect(), *recurring(pages, least, MOST_PIECES)]))


def as_word(piece: str) -> AddedToken:
    return AddedToken(piece, normalized=False, special=False)


def pre_tokenizer(cuts: str) -> PreTokenizer:
    """Cuts text into the units that BPE may not join, then spells them in bytes."""
    return InTurn([Split(Regex(cuts), "isolated"), ByteLevel(add_prefix_space=False, use_regex=False)])


def free_texts(pairs: Iterable[tuple[str, str]], pieces: Sequence[str]) -> Iterator[str]:
    """What lies between the pieces in prompts and pages: the text that BPE is for.

    Once an example, however often its page repeats it: else a few titles would fill the vocabulary.
    """
    finder = Tokenizer(BPE())
    finder.add_tokens([as_word(piece) for piece in pieces])
    for pair in pairs:
        yield from dict.fromkeys(gap for text in pair for gap in gaps(finder, text))


def gaps(finder: Tokenizer, text: str) -> Iterator[str]:
    """The stretches of text in which finder finds no token."""
    end = 0
    for start, stop in [*finder.encode(text).offsets, (len(text), len(text))]:
        if start > end:
            yield text[end:start]
        end = stop


def config(canvas: int) -> dict[str, object]:
    """tokenizer_config.json: what transformers and the engine need to encode alike."""
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
    """Write tokenizer.json and tokenizer_config.json in Hugging Face layout into folder, which is made if absent."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config(canvas), indent=2, ensure_ascii=False) + "\n")


def encode_pair(tokenizer: Tokenizer, prompt: str, page: str) -> tuple[list[int], list[int]]:
    """Token ids of `<bos>` prompt `<turn>`, and of the page without `<eos>`.

    Raises ValueError if either holds a special token, which would not be the text it seems to be.
    """
    asked = f"{BOS}{plain(prompt)}{TURN}"
    return tokenizer.encode(asked, add_special_tokens=False).ids, encode_page(tokenizer, page)


def encode_page(tokenizer: Tokenizer, page: str) -> list[int]:
    """Token ids of a page without `<eos>`; none for "". Raises ValueError as `encode_pair`."""
    ids: list[int] = tokenizer.encode(plain(page), add_special_tokens=False).ids
    return ids


def plain(text: str) -> str:
    """`text`. Raises ValueError if it holds a special token."""
    if any(token in text for token in SPECIAL):
        raise ValueError(f"expected text without special tokens, got {text[:80]!r}")
    return text


@dataclass(frozen=True)
class Packing:
    """Characters a token on prompts and pages, and how many of the vocabulary's entries are pieces."""

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
