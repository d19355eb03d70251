"""Weights between a folder of safetensors and a DiffusionGemma: read for serving, written by training."""

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from tqdm import tqdm

from engine.checkpoint import layout
from engine.checkpoint.adapter import Merged, is_adapter
from engine.checkpoint.fp8 import QUANTIZATION, in_fp8
from engine.checkpoint.layout import INDEX, SINGLE
from engine.checkpoint.memory import footprint, free_memory, shapes
from engine.checkpoint.quantization import stored_precision
from engine.checkpoint.tensor_reader import TensorReader
from engine.core.config import ModelConfig
from engine.core.errors import CheckpointError
from engine.core.params import Params
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.fused_model import FusedModel, Tensors, format_of, refuse_unserved
from engine.model.kernel_set import KernelSet, operations
from kernels import reference
from kernels.weights import Format

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
"""The dtypes that config.json may name."""


def load_defaults(path: str | Path) -> Params:
    """Read the sampling parameters that a checkpoint asks for.

    Raises:
        CheckpointError: They cannot be read or are out of range.
    """
    return layout.read_params(Path(path))


def load_model(
    path: str | Path,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
    precision: str | None = None,
) -> DiffusionGemma:
    """Read config and weights into a plain PyTorch model that is ready to serve.

    Args:
        path: The model folder.
        device: The device; None takes CUDA where there is a GPU.
        dtype: The dtype; None takes what `serving_dtype` returns.
        precision: Round the weights to this precision (engine.model.fused_model.PRECISIONS), which shows its cost in
            quality; it saves no memory. None leaves them as they are.

    Raises:
        CheckpointError: The folder cannot be served; the message names files and tensors.
    """
    folder = Path(path)
    config = layout.read_config(folder)
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    dtype = dtype or serving_dtype(device, stored_dtype(folder))
    with torch.device("meta"):
        model = DiffusionGemma(config)
    stored = _stored(folder, config, device, dtype)
    if precision:
        stored = {name: rounded(tensor, format_of(name, tensor.shape, precision)) for name, tensor in stored.items()}
    model.load_state_dict(stored, assign=True)
    return model.to(device).requires_grad_(False).eval()


def _stored(folder: Path, config: ModelConfig, device: torch.device, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return all tensors of a model by our names; those of an adapter are merged with its base's."""
    if is_adapter(folder):
        merged = Merged(folder)
        return {name: merged.read(name, shape, dtype) for name, shape in shapes(config).items()}
    shelf = opened(folder, config, device)
    return {name: shelf.read(layout.hf_name(name), dtype) for name in shapes(config)}


def rounded(tensor: Tensor, format: Format) -> Tensor:
    """Return a weight after one round trip through a format."""
    if format is Format.PLAIN:
        return tensor
    return reference.dequantize(reference.quantize(tensor, format)).view(tensor.shape).to(tensor.dtype)


def load_packed(
    path: str | Path, device: torch.device, precision: str | None = None, ops: KernelSet | None = None
) -> FusedModel:
    """Read a model for the kernels, tensor by tensor, with a progress bar.

    Each tensor is quantised before the next one is read.

    Args:
        path: The model folder.
        device: The device to serve on.
        precision: One of engine.model.fused_model.PRECISIONS. None takes the most exact one that fits; for a checkpoint
            in fp8, nothing more exact than fp8.
        ops: The operations to use; None takes those that serve the device.

    Raises:
        CheckpointError: The folder cannot be served.
        NotEnoughMemory: The model does not fit.
    """
    folder = Path(path)
    config, free = layout.read_config(folder), free_memory(device)
    refuse_unserved(config)
    needs = footprint(config)
    precision = needs.precision(free, precision, stored_precision(layout.read_json(folder / "config.json")))
    shelf = opened(folder, config, device)
    dtype = serving_dtype(device, stored_dtype(folder))
    total = len(shapes(config))
    with tqdm(total=total, desc=f"loading {folder.name} in {precision}", unit="tensor", leave=False) as bar:

        def tensors(name: str) -> Tensor:
            bar.update()
            return shelf.read(layout.hf_name(name), dtype)

        rows = needs.rows(free, precision, most_rows(config))
        return FusedModel(config, tensors, precision, ops or operations(device), rows)


def random_packed(config: ModelConfig, device: torch.device, precision: str) -> FusedModel:
    """Make a model of random weights on the device, since the cost of a step does not depend on the weights' values.

    Raises:
        NotEnoughMemory: The model does not fit.
    """
    needs, free = footprint(config), free_memory(device)
    needs.precision(free, precision)
    rows = needs.rows(free, precision, most_rows(config))
    return FusedModel(config, random_tensors(config, device), precision, operations(device), rows)


def random_tensors(config: ModelConfig, device: torch.device) -> Tensors:
    """Return a source of random weights in bf16, which are the same each time a name is asked for.

    Norms and scalars are 1.
    """
    places = shapes(config)

    def tensors(name: str) -> Tensor:
        made = torch.ones(places[name], dtype=torch.bfloat16, device=device)
        if made.dim() < 2:
            return made
        generator = torch.Generator(device).manual_seed(zlib.crc32(name.encode()))
        return made.normal_(std=made.shape[-1] ** -0.5, generator=generator)

    return tensors


def most_rows(config: ModelConfig) -> int:
    """Return how many tokens of keys and values could be of use.

    They are enough for sixteen requests of four canvases behind long prompts.
    """
    return min(config.max_positions, 8192) * 16 + config.canvas_length


def opened(folder: Path, config: ModelConfig, device: torch.device) -> TensorReader:
    """Open a folder's tensors, and check that the model has a place for all of them in a layout that is served.

    Raises:
        CheckpointError: The tensors do not match the model.
    """
    stored_precision(layout.read_json(folder / "config.json"))
    shelf = TensorReader(folder, device)
    shelf.check({layout.hf_name(name): shape for name, shape in shapes(config).items()})
    return shelf


def serving_dtype(device: torch.device, stored: torch.dtype) -> torch.dtype:
    """Return the checkpoint's dtype; on a CPU without bf16 arithmetic fp32, which is about ten times as fast there."""
    if device.type != "cpu" or stored == torch.float32:
        return stored
    capabilities: Mapping[str, Any] = torch.cpu.get_capabilities()
    native = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return torch.bfloat16 if native else torch.float32


def save_checkpoint(
    model: DiffusionGemma,
    folder: str | Path,
    dtype: torch.dtype = torch.bfloat16,
    shard_bytes: int = 2**31,
    params: Params | None = None,
    in_eight_bits: bool = False,
) -> None:
    """Write a folder that transformers' from_pretrained reads: config.json, generation_config.json and weights.

    Weights go to model.safetensors, or to numbered shards with an index. A shard has at most `shard_bytes`, which a
    single tensor may exceed. The caller writes the tokenizer's files.

    Args:
        model: The model.
        folder: The folder to write to; it is created if needed.
        dtype: The dtype of the weights.
        shard_bytes: The most bytes of weights in one file.
        params: Sampling parameters to store; None stores the defaults. With `doubt`, reading_config.json is written
            too.
        in_eight_bits: Write matrices in fp8 (engine/checkpoint/fp8.py).
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    name = next(name for name, value in DTYPES.items() if value == dtype)
    stored = {"quantization_config": QUANTIZATION} if in_eight_bits else {}
    layout.write_json(folder / "config.json", layout.config_json(model.config, name) | stored)
    params = params or Params()
    layout.write_json(folder / "generation_config.json", layout.generation_json(model.config, params))
    (folder / layout.READING).unlink(missing_ok=True)
    if reading := layout.reading_json(params):
        layout.write_json(folder / layout.READING, reading)
    tensors = {
        layout.hf_name(ours): value.detach().to("cpu", dtype).contiguous() for ours, value in model.state_dict().items()
    }
    _write_shards(folder, _shards(in_fp8(tensors) if in_eight_bits else tensors, shard_bytes))


def stored_dtype(folder: Path) -> torch.dtype:
    """Return the dtype that a folder's config.json names.

    Raises:
        CheckpointError: The dtype is not served.
    """
    config = layout.read_json(folder / "config.json")
    name = config.get("dtype") or config.get("torch_dtype") or "float32"
    if name not in DTYPES:
        raise CheckpointError(f"config.json: expected dtype to be one of {', '.join(DTYPES)}, got {name!r}")
    return DTYPES[name]


def _shards(tensors: Mapping[str, Tensor], limit: int) -> list[dict[str, Tensor]]:
    shards: list[dict[str, Tensor]] = [{}]
    size = 0
    for name, tensor in tensors.items():
        if shards[-1] and size + tensor.nbytes > limit:
            shards.append({})
            size = 0
        shards[-1][name] = tensor
        size += tensor.nbytes
    return shards


def _write_shards(folder: Path, shards: list[dict[str, Tensor]]) -> None:
    for stale in [*folder.glob("model*.safetensors"), folder / INDEX]:
        stale.unlink(missing_ok=True)
    if len(shards) == 1:
        save_file(shards[0], folder / SINGLE, metadata={"format": "pt"})
        return
    index: dict[str, str] = {}
    for i, shard in enumerate(shards, 1):
        name = f"model-{i:05d}-of-{len(shards):05d}.safetensors"
        save_file(shard, folder / name, metadata={"format": "pt"})
        index |= dict.fromkeys(shard, name)
    total = sum(tensor.nbytes for shard in shards for tensor in shard.values())
    layout.write_json(folder / INDEX, {"metadata": {"total_size": total}, "weight_map": index})
