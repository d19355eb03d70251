"""Adapters hold what a model learned on top of a base, and are merged into the base when they are loaded.

They exist for bases that are too large to ship with the model. A folder holds adapter.json and adapter.safetensors
beside the usual config.json and files on sampling. Under `base/` (a folder or a link) is the base as it was published.
That is Gemma 3 in transformers' layout or as a GGUF file, with tokenizer.json.

For a matrix NAME, the adapter holds NAME.a [rank, inputs] and NAME.b [outputs, rank], whose product NAME.b @ NAME.a is
added. Other tensors, such as norms, replace those of the base.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.checkpoint.gemma3 import Base, open_base
from engine.checkpoint.layout import BASE, read_json, write_json
from engine.core.errors import CheckpointError

MANIFEST, WEIGHTS = "adapter.json", "adapter.safetensors"


@dataclass(frozen=True)
class Manifest:
    """The base that an adapter belongs to.

    Attributes:
        base: The name that the base had.
        sha256: The SHA-256 of the base's weights.
        rank: The rank of the adapter's matrices.
    """

    base: str
    sha256: str
    rank: int


def is_adapter(folder: Path) -> bool:
    """Tell whether a folder holds an adapter."""
    return (folder / MANIFEST).is_file()


def save(folder: Path, manifest: Manifest, tensors: Mapping[str, Tensor]) -> None:
    """Write an adapter in bf16.

    Args:
        folder: The folder to write to.
        manifest: The base that the adapter belongs to.
        tensors: The adapter's tensors by name (see the module).
    """
    write_json(folder / MANIFEST, asdict(manifest))
    save_file(
        {name: x.detach().to("cpu", torch.bfloat16).contiguous() for name, x in tensors.items()}, folder / WEIGHTS
    )


class Merged:
    """The tensors of engine/model/diffusion_gemma.py's state_dict: a base's, merged with an adapter's.

    Raises:
        CheckpointError: The adapter or its base cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._base, self._folder = base_of(folder, manifest_of(folder)), folder
        try:
            self._own = load_file(folder / WEIGHTS)
        except (OSError, SafetensorError) as error:
            raise CheckpointError(f"cannot read {folder / WEIGHTS}: {error}") from error

    def read(self, name: str, shape: torch.Size, dtype: torch.dtype) -> Tensor:
        """Return a tensor by its name, merged and in `dtype`.

        Raises:
            CheckpointError: The tensor is missing or has another shape than `shape`.
        """
        found = self._own.get(name)
        if found is None:
            found = self._base.tensor(name, shape)
        elif found.shape != shape:
            raise CheckpointError(
                f"{self._folder / WEIGHTS}: expected {name} of shape {list(shape)}, got {list(found.shape)}"
            )
        if f"{name}.a" in self._own:
            found = found + self._own[f"{name}.b"].float() @ self._own[f"{name}.a"].float()
        return found.to(dtype)


def manifest_of(folder: Path) -> Manifest:
    """Read the manifest of an adapter's folder.

    Raises:
        CheckpointError: The manifest cannot be read or lacks a field.
    """
    found = read_json(folder / MANIFEST)
    try:
        return Manifest(str(found["base"]), str(found["sha256"]), int(found["rank"]))
    except (KeyError, ValueError, TypeError):
        raise CheckpointError(f"{folder / MANIFEST}: expected base, sha256 and rank, got {', '.join(found)}") from None


def base_of(folder: Path, manifest: Manifest) -> Base:
    """Open the base beside an adapter.

    Raises:
        CheckpointError: The base is missing, or is not the one that the adapter was trained on.
    """
    if not (folder / BASE).is_dir():
        raise CheckpointError(
            f"{folder}: expected {manifest.base}, the base of this adapter, in a folder or link {BASE}/, got none"
        )
    base = open_base(folder / BASE)
    if (got := base.digest()) != manifest.sha256:
        raise CheckpointError(
            f"{folder / BASE}: expected the weights of {manifest.base}, SHA-256 {manifest.sha256[:12]}, got {got[:12]}"
        )
    return base
