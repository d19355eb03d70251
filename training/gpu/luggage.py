"""What a machine without network, WordNet and time needs for training: tokenizer and encoded pages in a small folder.

Pages of one kind repeat each other. LZMA uses this and deflate does not: 20,000 examples take 3 MB instead of 11.5.
"""

import io
import lzma
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from engine.core.errors import CheckpointError
from training.dataset import Corpus

TRAIN, PROBE = "train.npz.xz", "probe.npz.xz"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")


@dataclass(frozen=True)
class Luggage:
    """What travels to the machine.

    Attributes:
        folder: Folder of the tokenizer's files.
        words: The tokenizer.
        corpus: Examples to train on.
        probe: Held-out examples, with which pages are compared.
    """

    folder: Path
    words: Tokenizer
    corpus: Corpus
    probe: Corpus


def pack(folder: Path, corpus: Corpus, probe: Corpus) -> int:
    """Write both corpora beside the tokenizer that is already in a folder; return the bytes that travel."""
    for name, part in ((TRAIN, corpus), (PROBE, probe)):
        plain = io.BytesIO()
        np.savez(plain, tokens=part.tokens, bounds=part.bounds, families=part.families, dropped=part.dropped)
        fresh = folder / f"{name}.new"
        fresh.write_bytes(lzma.compress(plain.getvalue(), preset=6))
        fresh.rename(folder / name)
    return sum(path.stat().st_size for name in (*TOKENIZER, TRAIN, PROBE) if (path := folder / name).is_file())


def unpack(folder: Path, spelled: Path | None = None) -> Luggage:
    """Read what `pack` wrote.

    Args:
        folder: The folder.
        spelled: Path of tokenizer.json, if it is not in the folder.

    Raises:
        CheckpointError: A file is missing; the message says how to make it.
    """
    spelled = spelled or folder / TOKENIZER[0]
    if missing := [file.name for file in (spelled, folder / TRAIN, folder / PROBE) if not file.is_file()]:
        raise CheckpointError(
            f"expected {', '.join(missing)} in {folder}, got no such file: make it with --prepare on a machine that "
            "has what the corpus is drawn from, and bring the folder along"
        )
    words = Tokenizer.from_file(str(spelled))
    return Luggage(folder, words, _read(folder / TRAIN), _read(folder / PROBE))


def copy_tokenizer(source: Path, folder: Path) -> None:
    """Copy the tokenizer's files of a checkpoint, as far as they exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER:
        if (source / name).is_file() and not (folder / name).exists():
            shutil.copyfile(source / name, folder / name)


def _read(path: Path) -> Corpus:
    try:
        with np.load(io.BytesIO(lzma.decompress(path.read_bytes()))) as data:
            return Corpus(data["tokens"], data["bounds"], data["families"], float(data["dropped"]))
    except (lzma.LZMAError, ValueError, KeyError) as error:
        raise CheckpointError(f"cannot read {path}: {error}") from error
