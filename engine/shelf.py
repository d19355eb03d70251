"""The tensors of a checkpoint folder by name, read one by one: what a model packs need never lie in memory twice."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from engine import checkpoint
from engine.checkpoint import INDEX, SINGLE
from engine.errors import CheckpointError

SCALE = "_scale"
"""What the compressed-tensors layout adds to the name of an fp8 weight for its scales, [outputs, 1]."""


class Shelf:
    """Files of safetensors in a folder, opened when they are asked for. Raises CheckpointError."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        self.folder, self.device = folder, device
        self._open: dict[Path, Any] = {}
        self._places = {name: path for path in files(folder) for name in self._file(path).keys()}  # noqa: SIM118 - a handle, no dict

    def shape(self, name: str) -> list[int]:
        found: list[int] = self._file(self._places[name]).get_slice(name).get_shape()
        return found

    def read(self, name: str, dtype: torch.dtype) -> Tensor:
        """A tensor on the device. One in fp8 is multiplied with its scales."""
        try:
            tensor: Tensor = self._file(self._places[name]).get_tensor(name)
        except (OSError, SafetensorError) as error:
            raise CheckpointError(f"cannot read {name} in {self._places[name]}: {error}") from error
        if tensor.dtype != torch.float8_e4m3fn:
            return tensor.to(dtype)
        return (tensor.float() * self.read(name + SCALE, torch.float32)).to(dtype)

    def check(self, wanted: Mapping[str, torch.Size]) -> None:
        """Raise CheckpointError, naming tensors, unless all are there in their shapes, and none that has no place."""
        spare = [name for name in self._places if name.removesuffix(SCALE) in wanted]
        if unknown := checkpoint.unknown_tensors(self._places, [*wanted, *spare]):
            raise CheckpointError(f"{self.folder}: tensors this model has no place for: {listed(unknown)}")
        if missing := sorted(set(wanted) - set(self._places)):
            raise CheckpointError(f"missing tensors: {listed(missing)}")
        for name, shape in wanted.items():
            if self.shape(name) != list(shape):
                raise CheckpointError(f"{name}: expected shape {list(shape)}, got {self.shape(name)}")

    def _file(self, path: Path) -> Any:
        if path not in self._open:
            try:
                self._open[path] = safe_open(path, framework="pt", device=str(self.device))
            except (OSError, SafetensorError) as error:
                raise CheckpointError(f"cannot read {path}: {error}") from error
        return self._open[path]


def files(folder: Path) -> list[Path]:
    """The files of weights in a folder: one, or those of an index."""
    if (folder / SINGLE).exists():
        return [folder / SINGLE]
    if not (folder / INDEX).exists():
        raise CheckpointError(f"{folder}: expected {SINGLE} or {INDEX}, found neither")
    names = checkpoint.read_json(folder / INDEX).get("weight_map")
    if not isinstance(names, dict):
        raise CheckpointError(f"{folder / INDEX}: expected an object weight_map")
    return [folder / name for name in sorted(set(names.values()))]


def listed(names: list[str]) -> str:
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + rest
