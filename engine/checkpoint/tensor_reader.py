"""Reads the tensors of a checkpoint folder by name, one by one.

A model that packs its weights therefore never needs them in memory twice.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from engine.checkpoint import layout
from engine.checkpoint.layout import INDEX, SINGLE
from engine.checkpoint.quantization import SCALE, parts, scale_shapes
from engine.core.errors import CheckpointError

DTYPES = ("F32", "BF16", "F16", "F8_E4M3")
"""The dtypes that weights may be stored in, as safetensors names them."""


class TensorReader:
    """The safetensors files of a folder, opened when they are needed.

    Attributes:
        folder: The folder.
        device: The device that tensors are read to.

    Raises:
        CheckpointError: A file is missing or cannot be read.
    """

    def __init__(self, folder: Path, device: torch.device) -> None:
        self.folder, self.device = folder, device
        self._open: dict[Path, Any] = {}
        self._places = {name: path for path in files(folder) for name in self._file(path).keys()}  # noqa: SIM118 - a handle, no dict
        self._stacks: dict[str, torch.Size] = {}

    def shape(self, name: str) -> list[int]:
        """Return the shape of a stored tensor."""
        found: list[int] = self._slice(name).get_shape()
        return found

    def read(self, name: str, dtype: torch.dtype) -> Tensor:
        """Return a tensor on the device, in `dtype`.

        A tensor in fp8 is multiplied by its scales. Experts that are stored one by one are stacked.
        """
        shape = self._stacks.get(name)
        if shape is None:
            return self._read(name, dtype)
        stack, row = torch.empty(shape, dtype=dtype, device=self.device).flatten(0, 1), 0
        for part, (rows, _) in parts(name, shape):
            stack[row : row + rows] = self._read(part, dtype)
            row += rows
        return stack.view(shape)

    def check(self, wanted: Mapping[str, torch.Size]) -> None:
        """Check that all wanted tensors are there in their shapes, and that the model has a place for all others.

        Raises:
            CheckpointError: A tensor is missing, misshapen or unknown; the message names it.
        """
        expected = self._expected(wanted)
        scales = {name + SCALE: shape for name, shape in expected.items() if self._dtype(name) == "F8_E4M3"}
        spare = [name.removesuffix("weight") + "input_scale" for name in expected]
        spare += [name + SCALE for name in expected if name not in self._places]  # not unknown: their weight is missing
        if unknown := layout.unknown_tensors(self._places, [*expected, *scales, *spare]):
            raise CheckpointError(f"{self.folder}: tensors this model has no place for: {listed(unknown)}")
        if missing := sorted({*expected, *scales} - set(self._places)):
            raise CheckpointError(f"missing tensors: {listed(missing)}")
        for name, shape in expected.items():
            self._check_one(name, [shape])
        for name, shape in scales.items():
            self._check_one(name, list(scale_shapes(shape)))

    def _expected(self, wanted: Mapping[str, torch.Size]) -> dict[str, list[int]]:
        """Return the tensors that should be stored: a stack of experts, or its parts if one of them is there."""
        expected: dict[str, list[int]] = {}
        for name, shape in wanted.items():
            found = parts(name, shape)
            if name not in self._places and any(part in self._places for part, _ in found):
                self._stacks[name] = shape
                expected |= dict(found)
            else:
                expected[name] = list(shape)
        return expected

    def _check_one(self, name: str, shapes: list[list[int]]) -> None:
        if self.shape(name) not in shapes:
            expected = " or ".join(map(str, shapes))
            raise CheckpointError(f"{name}: expected shape {expected}, got {self.shape(name)}")
        if (dtype := self._dtype(name)) not in DTYPES:
            raise CheckpointError(f"{name}: expected dtype {' or '.join(DTYPES)}, got {dtype}")

    def _read(self, name: str, dtype: torch.dtype) -> Tensor:
        try:
            tensor: Tensor = self._file(self._places[name]).get_tensor(name)
        except (OSError, SafetensorError) as error:
            raise CheckpointError(f"cannot read {name} in {self._places[name]}: {error}") from error
        if tensor.dtype != torch.float8_e4m3fn:
            return tensor.to(dtype)
        return (tensor.float() * self._read(name + SCALE, torch.float32)).to(dtype)

    def _dtype(self, name: str) -> str | None:
        """Return a tensor's dtype as safetensors names it; None for a missing tensor."""
        return str(self._slice(name).get_dtype()) if name in self._places else None

    def _slice(self, name: str) -> Any:
        return self._file(self._places[name]).get_slice(name)

    def _file(self, path: Path) -> Any:
        if path not in self._open:
            try:
                self._open[path] = safe_open(path, framework="pt", device=str(self.device))
            except (OSError, SafetensorError) as error:
                raise CheckpointError(f"cannot read {path}: {error}") from error
        return self._open[path]


def files(folder: Path) -> list[Path]:
    """Return the files of weights in a folder: the single one, or those that an index names.

    Raises:
        CheckpointError: There is neither, or the index is malformed.
    """
    if (folder / SINGLE).exists():
        return [folder / SINGLE]
    if not (folder / INDEX).exists():
        raise CheckpointError(f"{folder}: expected {SINGLE} or {INDEX}, found neither")
    names = layout.read_json(folder / INDEX).get("weight_map")
    if not isinstance(names, dict):
        raise CheckpointError(f"{folder / INDEX}: expected an object weight_map")
    return [folder / name for name in sorted(set(names.values()))]


def listed(names: list[str]) -> str:
    """Return at most five names as text, and the number of the others."""
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + rest
