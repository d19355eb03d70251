"""A run on a GPU that begins with Gemma 3 and ends with an adapter: its corpus, its model, and what is saved."""

import json
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import cast

import numpy as np
import torch
from tokenizers import Tokenizer

from engine.checkpoint import adapter, layout
from engine.checkpoint.adapter import Manifest
from engine.checkpoint.gemma3 import open_base
from engine.checkpoint.memory import shapes
from engine.core.errors import CheckpointError
from engine.model.diffusion_gemma import DiffusionGemma
from training import manifest_kinds
from training.dataset import CANVAS, CHUNK, KIND_CANVASES, KIND_TOKENS, Corpus, Encoded, encode_fields
from training.gpu import lora
from training.gpu.initial_model import Begun
from training.kinds.examples import Pair, draw_pair
from training.kinds.prompt import prompt
from training.quality import SAMPLING
from training.texts.source import Source
from training.texts.split import Split
from training.tokenizers import tokenizer
from training.tokenizers.tokenizer import BOS, EOS, PAD
from training.train import KIND_WINDOW

TURN = "<end_of_turn>"
"""Gemma's own token, used where the bundled tokenizer has <turn>."""

TEMPLATE = (
    "{{ '" + BOS + "' }}{% for message in messages %}{{ '' if loop.first else '\\n' }}{{ message['content'] }}"
    "{% endfor %}{{ '" + TURN + "' if add_generation_prompt else '' }}"
)


def begun(path: Path, folder: Path, seed: int, limit: int) -> Begun:
    """Return Gemma 3 with an adapter of the largest rank that fits a limit.

    Sliding layers see KIND_WINDOW tokens, as no batch is longer.

    Args:
        path: The base, as --start names it.
        folder: Folder with tokenizer_config.json.
        seed: Seed of the adapter's weights.
        limit: Most bytes of the adapter.

    Returns:
        The model, its optimizer, and how it is saved.

    Raises:
        CheckpointError: The base cannot be read, or no adapter fits the limit.
    """
    base = open_base(path)
    config = replace(base.config, window=KIND_WINDOW)
    rank = lora.rank_within(config, limit)
    model = DiffusionGemma(config)
    model.load_state_dict({name: base.tensor(name, shape) for name, shape in shapes(config).items()})
    lora.attach(model, rank, torch.Generator().manual_seed(seed))
    if torch.cuda.is_available():
        for parameter in model.parameters():
            if not parameter.requires_grad:
                parameter.data = parameter.data.bfloat16()
    manifest = Manifest(path.name, base.digest(), rank)

    def save(trained: DiffusionGemma, into: Path) -> None:
        save_adapter(trained, manifest, into)
        (into / "tokenizer_config.json").write_bytes((folder / "tokenizer_config.json").read_bytes())

    return Begun(model, partial(lora.AdapterOptimizer, model), save, f"an adapter of rank {rank} for {path.name}")


def save_adapter(model: DiffusionGemma, manifest: Manifest, into: Path) -> None:
    """Write everything that a folder with an adapter needs except for its base and tokenizer_config.json."""
    layout.write_json(into / "config.json", layout.config_json(model.config, "bfloat16"))
    layout.write_json(into / "generation_config.json", layout.generation_json(model.config, SAMPLING))
    layout.write_json(into / layout.READING, layout.reading_json(SAMPLING) or {})
    adapter.save(into, manifest, lora.tensors(model))
    manifest_kinds.write_manifest(into)


def servable(folder: Path, start: Sequence[str]) -> Path:
    """Return a checkpoint's folder; if it is an adapter, its base is linked into it."""
    if adapter.is_adapter(folder):
        base = folder / layout.BASE
        base.mkdir()
        path = Path(start[1]).absolute()
        for file in [*(path.iterdir() if path.is_dir() else [path]), tokenizer_of(path)]:
            if not (base / file.name).exists():
                (base / file.name).symlink_to(file)
    return folder


def tokenizer_of(path: Path) -> Path:
    """Return the path of a base's tokenizer.json: in its folder, or beside its file.

    Raises:
        CheckpointError: There is no such file.
    """
    found = (path if path.is_dir() else path.parent).absolute() / "tokenizer.json"
    if not found.is_file():
        raise CheckpointError(f"expected Gemma's tokenizer in {found}, got no such file")
    return found


def prepared(path: Path, folder: Path, examples: int, probe: int, seed: int, workers: int) -> tuple[Corpus, Corpus]:
    """Write tokenizer_config.json into a folder, and draw and encode examples.

    Args:
        path: The base, as --start names it.
        folder: The folder.
        examples: Number of examples to train on.
        probe: Number of held-out examples.
        seed: Seed of the examples.
        workers: Number of processes.

    Returns:
        The examples to train on, and the held-out ones.
    """
    words = read_tokenizer(path)
    folder.mkdir(parents=True, exist_ok=True)
    told = tokenizer.config(CANVAS) | {"additional_special_tokens": [TURN], "chat_template": TEMPLATE}
    (folder / "tokenizer_config.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return encode(words, examples, seed, "train", workers), encode(words, probe, seed, "held", workers)


def read_tokenizer(path: Path) -> Tokenizer:
    """Return a base's tokenizer.

    Raises:
        CheckpointError: It lacks the tokens around prompts and pages.
    """
    file = tokenizer_of(path)
    words = Tokenizer.from_file(str(file))
    if missing := [name for name in (PAD, EOS, BOS, TURN) if words.token_to_id(name) is None]:
        raise CheckpointError(f"{file}: expected the tokens of Gemma, got none called {missing[0]}")
    return words


_forked: list[tuple[Tokenizer, Source, int, Split]] = []  # set in each worker, inherited by fork and never pickled


def encode(words: Tokenizer, count: int, seed: int, split: Split, workers: int) -> Corpus:
    """Draw and encode examples, as training.dataset.build does, for vocabularies of more than 65,536 entries."""
    start = partial(_forked.append, (words, Source.load(), seed, split))
    with ProcessPoolExecutor(workers, get_context("fork"), start) as pool:
        chunks = pool.map(_chunk, [range(first, min(first + CHUNK, count)) for first in range(0, count, CHUNK)])
        return pack([one for chunk in chunks for one in chunk], count)


def _chunk(numbers: Sequence[int]) -> list[Encoded]:
    words, source, seed, split = _forked[0]
    drawn = (draw_pair(random.Random(f"{seed} {split} {number}"), source, split) for number in numbers)
    return [found for pair in drawn if (found := encoded(words, pair))]


def encoded(words: Tokenizer, pair: Pair) -> Encoded | None:
    """Return an example encoded, or None if it is too long."""
    ask = words.encode(f"{BOS}{tokenizer.plain(prompt(pair))}{TURN}", add_special_tokens=False).ids
    page, before = (encode_fields(words, marked) for marked in (pair.marked, pair.marked_before))
    fits = len(ask) <= KIND_TOKENS and len(page) < KIND_CANVASES * CANVAS
    return (pair.kind.name, ask, page, before) if fits else None


def pack(items: Sequence[Encoded], drawn: int) -> Corpus:
    """Make one corpus of encoded examples.

    Args:
        items: The examples.
        drawn: How many there were before long ones were dropped.
    """
    parts = [np.asarray(ids, dtype=np.uint32) for _, *lists in items for ids in lists]
    bounds = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    names, tokens = np.array([family for family, *_ in items]), np.concatenate(parts)
    return Corpus(cast("np.ndarray[tuple[int], np.dtype[np.uint16]]", tokens), bounds, names, 1 - len(items) / drawn)
