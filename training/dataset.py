"""From page families to training batches: encode examples once into a cached corpus, then draw batches without end."""

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from tqdm import tqdm

from backend.prompts import render
from backend.prompts.render import terse
from training import padding_fields
from training.anchors import anchor_page
from training.corpus import draw
from training.corpus.design import Example
from training.kinds.examples import Pair
from training.kinds.examples import draw_pair as draw_kind
from training.kinds.prompt import prompt
from training.texts.source import Source, default_cache
from training.texts.split import Split
from training.tokenizers.tokenizer import EOS, PAD, encode_page, encode_pair, plain

CANVAS = 256
MOST_CANVASES, KIND_CANVASES = 3, 4
PROMPT_TOKENS = 320
KIND_TOKENS = 1100
"""Most tokens of a kind's prompt, which describes a subject or holds the page to be changed."""

LENGTHS = (96, 128, 160, 208, 256, 320, 384, 448, 576, 768)
KIND_LENGTHS = (192, 256, 320, 384, 448, 512, 576, 640, 704, 768, 832, 896, 960, 1088, 1216, 1344, 1536, 1792)
"""Encoder lengths of batches of kinds; LENGTHS are those of batches of families."""

CANVASES = (64, 128, 192, CANVAS)
"""Canvas lengths of batches.

Most pages are far shorter than a canvas, and the model soon learns a tail of EOS.
"""

WHOLE_SHARE = 0.1
"""Share of examples that get a whole canvas, however short the page is."""

CANVAS_COST = 3
"""Cost of a canvas token relative to an encoder token: there are two draws of noise, and steps of the sampler."""

CHUNK = 250
TEXT_MODULES = ("anchors.py", "texts/*.py", "dataset.py", "padding_fields.py")
BACKEND = Path(render.__file__).parents[1]
BANKS = ("banks/*.py", "banks/**/*.toml")
SHARED_MODULES = ("prompts/*.py", "text/*.py", "markup/tree.py", "markup/scanner.py")
Draw = Callable[[random.Random, Source, Split], Example | Pair]
Ids = NDArray[np.uint16]


@dataclass(frozen=True)
class Corpus:
    """Encoded examples.

    Attributes:
        tokens: Of each example its prompt, its page without EOS, and the page before an edit (or none), in this order.
        bounds: Where each of these begins, and the end of the last.
        families: The name of each example's family.
        dropped: Share of the drawn examples that were too long to keep.
    """

    tokens: Ids
    bounds: NDArray[np.int64]
    families: NDArray[np.str_]
    dropped: float

    def __len__(self) -> int:
        return len(self.families)

    def prompt(self, index: int) -> Ids:
        """Return the tokens of an example's prompt."""
        return self._part(3 * index)

    def page(self, index: int) -> Ids:
        """Return the tokens of an example's page, without EOS."""
        return self._part(3 * index + 1)

    def before(self, index: int) -> Ids:
        """Return the page that an edit changes; it is empty for other examples."""
        return self._part(3 * index + 2)

    def _part(self, number: int) -> Ids:
        return self.tokens[self.bounds[number] : self.bounds[number + 1]]

    def lengths(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the number of tokens of each prompt and of each page."""
        sizes = np.diff(self.bounds)
        return sizes[0::3], sizes[1::3]

    def report(self) -> str:
        """Return a table by family: examples, and the mean and the largest number of tokens of prompts and pages."""
        prompts, pages = self.lengths()
        rows = [f"{'family':10} {'examples':>8} {'prompt':>7} {'most':>5} {'page':>6} {'most':>5}"]
        for name in np.unique(self.families):
            own = self.families == name
            ask, page = prompts[own], pages[own]
            rows.append(f"{name:10} {own.sum():8} {ask.mean():7.1f} {ask.max():5} {page.mean():6.1f} {page.max():5}")
        return "\n".join([*rows, f"dropped as too long: {self.dropped:.2%}"])


def build(
    tokenizer: Path, count: int, seed: int = 0, split: Split = "train", cache: Path | None = None, workers: int = 2,
    kinds: bool = False,
) -> Corpus:  # fmt: skip
    """Draw and encode examples, or read them from the cache if that was done before.

    Example i depends on (seed, split, i) alone, not on workers. Which texts are in fields depends on all examples
    together. Examples of families are dropped if their prompt exceeds PROMPT_TOKENS, or if their page leaves no room
    for EOS in MOST_CANVASES canvases. For kinds the limits are KIND_TOKENS and KIND_CANVASES.

    Args:
        tokenizer: Folder of tokenizer.json.
        count: Number of examples.
        seed: Seed of the examples.
        split: Split of the texts.
        cache: Folder of the encyclopedia and of encoded corpora (see Source.load); None takes the default one.
        workers: Number of processes.
        kinds: Whether to draw from all kinds (training.kinds) instead of all families.

    Returns:
        The corpus.
    """
    folder = cache or default_cache()
    path = folder / f"corpus-{fingerprint(tokenizer, count, seed, split, kinds)}.npz"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        loaded = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
        drawing = draw_kind if kinds else draw
        save(encode(drawing, Source.load(folder), loaded, count, seed, split, workers), path)
    return load(path)


JUDGES = ("gate.py", "clicks.py")
"""Modules of kinds that judge pages and write none, so a corpus does not depend on them."""


def fingerprint(tokenizer: Path, count: int, seed: int, split: Split, kinds: bool = False) -> str:
    """Return a hash of all that a corpus is made from.

    That is the code of families, texts and prompts, the tokenizer, and the request.
    """
    here = Path(__file__).parent
    made = ("kinds/**/*.py", "kinds/**/*.toml") if kinds else ("corpus/**/*.py",)
    code = [
        *(path for part in made for path in sorted(here.glob(part)) if path.name not in JUDGES),
        *(path for part in TEXT_MODULES for path in sorted(here.glob(part))),
    ]
    shared = [path for part in (*SHARED_MODULES, *BANKS[: 2 * kinds]) for path in sorted(BACKEND.glob(part))]
    wording = render.TEMPLATES / ("kinds.txt.j2" if kinds else "terse.txt.j2")
    asked = [*shared, wording, tokenizer / "tokenizer.json"]
    digest = hashlib.sha256(f"{count} {seed} {split}".encode())
    for path in [*code, *asked]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


Encoded = tuple[str, list[int], list[int], list[int]]
"""Family, prompt, page, and the page before an edit (or nothing)."""


@dataclass(frozen=True)
class Encoder:
    """Draws and encodes examples by number.

    Attributes:
        draw: Draws an example.
        source: Texts for the examples.
        tokenizer: The tokenizer.
        seed: Seed of the examples.
        split: Split of the texts.
    """

    draw: Draw
    source: Source
    tokenizer: Tokenizer
    seed: int
    split: Split

    def chunk(self, numbers: Sequence[int]) -> list[Encoded | None]:
        """Return each example encoded, or None for one that is too long."""
        return [self.one(number) for number in numbers]

    def one(self, number: int) -> Encoded | None:
        """Return one example encoded, or None if it is too long."""
        example = self.draw(random.Random(f"{self.seed} {self.split} {number}"), self.source, self.split)
        return self._kind(example) if isinstance(example, Pair) else self._family(example)

    def _family(self, example: Example) -> Encoded | None:
        ask, page = encode_pair(self.tokenizer, *texts(example))
        before = encode_page(self.tokenizer, anchor_page(example.before, example.brief))
        return (example.family, ask, page, before) if len(ask) <= PROMPT_TOKENS else None

    def _kind(self, pair: Pair) -> Encoded | None:
        ask, _ = encode_pair(self.tokenizer, prompt(pair), "")
        page, before = (encode_fields(self.tokenizer, marked) for marked in (pair.marked, pair.marked_before))
        fits = len(ask) <= KIND_TOKENS and len(page) < KIND_CANVASES * CANVAS
        return (pair.kind.name, ask, page, before) if fits else None


def encode_fields(tokenizer: Tokenizer, marked: str) -> list[int]:
    """Return the token ids of a page whose varying texts are marked (training.padding_fields).

    Each of these texts is filled up to its field.
    """
    found = tokenizer.encode(plain(padding_fields.unmarked(marked)), add_special_tokens=False)
    filler = tokenizer.token_to_id(PAD)
    assert filler is not None, "every tokenizer made here has it"
    return padding_fields.lay_marked(found.ids, found.offsets, padding_fields.spans(marked), filler)


def texts(example: Example) -> tuple[str, str]:
    """Return prompt and page with anchors, as the model sees them."""
    return terse(example.brief, anchors=True), anchor_page(example.page, example.brief)


_forked: list[Encoder] = []  # set in each worker process, so that the source is inherited by fork and never pickled


def _chunk_in_worker(numbers: Sequence[int]) -> list[Encoded | None]:
    return _forked[0].chunk(numbers)


def encode(
    draw: Draw, source: Source, tokenizer: Tokenizer, count: int, seed: int, split: Split, workers: int
) -> Corpus:
    """Draw and encode examples 0 to count - 1 in that order, with a progress bar on stderr.

    Args:
        draw: Draws an example.
        source: Texts for the examples.
        tokenizer: The tokenizer.
        count: Number of examples.
        seed: Seed of the examples.
        split: Split of the texts.
        workers: Number of processes.

    Returns:
        The corpus.
    """
    encoder = Encoder(draw, source, tokenizer, seed, split)
    chunks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    found: list[Encoded | None] = []
    start = partial(_forked.append, encoder)
    with (
        ProcessPoolExecutor(workers, get_context("fork"), start) as pool,
        tqdm(total=count, desc=f"encoding {split} examples", unit="page") as bar,
    ):
        for encoded in pool.map(_chunk_in_worker, chunks):
            found.extend(encoded)
            bar.update(len(encoded))
    items = [item for item in found if item]
    return pack(items if draw is draw_kind else in_fields(items, tokenizer), count)


def in_fields(items: Sequence[Encoded], tokenizer: Tokenizer) -> list[Encoded]:
    """Put the texts of pages in fields (training.padding_fields), and drop pages that are then too long."""
    marks = frozenset(ids for ids, token in tokenizer.get_added_tokens_decoder().items() if not token.special)
    varying = padding_fields.varying((item[2] for item in items), marks)
    filler = tokenizer.encode(PAD, add_special_tokens=False).ids[0]

    def lay(page: Sequence[int]) -> list[int]:
        return padding_fields.lay(page, marks, varying, filler)

    laid = [(family, prompt, lay(page), lay(before)) for family, prompt, page, before in items]
    return [item for item in laid if len(item[2]) < MOST_CANVASES * CANVAS]


def pack(items: list[Encoded], drawn: int) -> Corpus:
    """Make one corpus of encoded examples.

    Args:
        items: The examples.
        drawn: How many there were before long ones were dropped.
    """
    parts = [np.asarray(ids, dtype=np.uint16) for _, prompt, page, before in items for ids in (prompt, page, before)]
    bounds = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    names = np.array([family for family, *_ in items])
    return Corpus(np.concatenate(parts), bounds, names, 1 - len(items) / drawn)


def save(corpus: Corpus, path: Path) -> None:
    """Write a corpus to a file atomically."""
    part = path.with_suffix(".part.npz")
    np.savez_compressed(
        part, tokens=corpus.tokens, bounds=corpus.bounds, families=corpus.families, dropped=corpus.dropped
    )
    part.rename(path)


def load(path: Path) -> Corpus:
    """Read a corpus from a file."""
    with np.load(path) as data:
        return Corpus(data["tokens"], data["bounds"], data["families"], float(data["dropped"]))


@dataclass(frozen=True)
class Batch:
    """B examples of encoder length L with one canvas each, of length C <= 256; all tensors but `edits` are int64.

    Attributes:
        ids: [B, L] Prompt, page, one EOS if it fits, then padding.
        prompt_len: [B] Tokens of the prompt.
        page_len: [B] Tokens of the page, without EOS.
        canvas_start: [B] Position in ids at which the canvas begins; it may be L or more.
        canvas: [B, C] The first tokens of the canvas, up to the page's end and at least one EOS, filled up with EOS.
        seed: [B, C] The same of the page before an edit, filled up with EOS.
        edits: [B] bool, which examples have a page before.
    """

    ids: Tensor
    prompt_len: Tensor
    page_len: Tensor
    canvas_start: Tensor
    canvas: Tensor
    seed: Tensor
    edits: Tensor


Shape = tuple[int, int]
"""Encoder length and canvas length of a batch."""


class Batches:
    """Endless batches in random order, each of one shape and within a budget of tokens.

    A page of n tokens has n // 256 + 1 canvases, as at least one EOS follows it; each pass over the corpus draws one of
    them. The same corpus and seed give the same batches.
    """

    def __init__(
        self, corpus: Corpus, tokenizer: Tokenizer, seed: int, budget: int = 6144, lengths: Sequence[int] = LENGTHS,
        cost: int = CANVAS_COST,
    ) -> None:  # fmt: skip
        """Choose the examples that fit.

        Args:
            corpus: The examples.
            tokenizer: The tokenizer, for its padding and EOS.
            seed: Seed of the order.
            budget: Encoder tokens plus `cost` times canvas tokens of a batch; a batch has at least one example.
            lengths: Encoder lengths.
            cost: Cost of a canvas token relative to an encoder token.

        Raises:
            ValueError: The budget is below 1, or no example fits the longest length.
        """
        self._corpus, self._lengths, self._seed, self._budget = corpus, tuple(sorted(lengths)), seed, budget
        self._cost = cost
        if budget < 1:
            raise ValueError(f"expected a budget of 1 token or more, got {budget}")
        self._pad, self._eos = tokenizer.token_to_id(PAD), tokenizer.token_to_id(EOS)
        prompts, pages = corpus.lengths()
        self._sizes = prompts + pages
        self._fitting = np.flatnonzero(self._sizes <= self._lengths[-1])
        if not len(self._fitting):
            raise ValueError(f"expected examples of {self._lengths[-1]} tokens or fewer, got {self._sizes.min()}")

    @property
    def left_out(self) -> int:
        """The number of examples that are too long for the longest length."""
        return len(self._corpus) - len(self._fitting)

    def __iter__(self) -> Iterator[Batch]:
        rng = np.random.default_rng(self._seed)
        waiting: defaultdict[Shape, list[tuple[int, int]]] = defaultdict(list)
        while True:
            for index in rng.permutation(self._fitting).tolist():
                block = CANVAS * int(rng.integers(len(self._corpus.page(index)) // CANVAS + 1))
                shape = self._length(index), self._canvas(index, block, rng)
                waiting[shape].append((index, block))
                if len(waiting[shape]) == max(1, self._budget // (shape[0] + self._cost * shape[1])):
                    yield self._batch(waiting.pop(shape), shape)

    def _length(self, index: int) -> int:
        """Return the smallest length with room for an EOS, or else the longest length."""
        return next((length for length in self._lengths if self._sizes[index] < length), self._lengths[-1])

    def _canvas(self, index: int, block: int, rng: np.random.Generator) -> int:
        """Return the smallest canvas length with room for the rest of the page, new and old, and an EOS."""
        longest = max(len(self._corpus.page(index)), len(self._corpus.before(index)))
        if rng.random() < WHOLE_SHARE:
            return CANVAS
        return next((length for length in CANVASES if longest - block < length), CANVAS)

    def _batch(self, drawn: Sequence[tuple[int, int]], shape: Shape) -> Batch:
        length, room = shape
        ids = np.full((len(drawn), length), self._pad, dtype=np.int64)
        canvas, seed = (np.full((len(drawn), room), self._eos, dtype=np.int64) for _ in range(2))
        prompts, pages, starts = (np.zeros(len(drawn), dtype=np.int64) for _ in range(3))
        edits = np.zeros(len(drawn), dtype=np.bool_)
        for row, (index, block) in enumerate(drawn):
            prompt, page, before = self._corpus.prompt(index), self._corpus.page(index), self._corpus.before(index)
            whole = np.concatenate([prompt, page, [self._eos]])[:length]
            for target, shown in ((canvas, page[block : block + room]), (seed, before[block : block + room])):
                target[row, : len(shown)] = shown
            ids[row, : len(whole)], edits[row] = whole, len(before) > 0
            prompts[row], pages[row], starts[row] = len(prompt), len(page), len(prompt) + block
        return Batch(*(torch.from_numpy(array) for array in (ids, prompts, pages, starts, canvas, seed, edits)))
