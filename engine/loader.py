"""Weights between a folder of safetensors and a DiffusionGemma: read for serving, written by the training."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine import checkpoint
from engine.checkpoint import INDEX, SINGLE
from engine.errors import CheckpointError
from engine.model import DiffusionGemma
from engine.params import Params

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def load_defaults(path: str | Path) -> Params:
    """The sampling parameters a checkpoint asks for. Raises CheckpointError."""
    return checkpoint.read_params(Path(path))


def load_model(
    path: str | Path, device: str | torch.device | None = None, dtype: torch.dtype | None = None
) -> DiffusionGemma:
    """Read config and weights, ready to serve. Raises CheckpointError naming files and tensors.

    device None: CUDA where there is one. dtype None: see `serving_dtype`.
    """
    folder = Path(path)
    config = checkpoint.read_config(folder)
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    dtype = dtype or serving_dtype(device, _stored_dtype(folder))
    with torch.device("meta"):
        model = DiffusionGemma(config)
    places = model.state_dict()
    wanted = {checkpoint.hf_name(name): name for name in places}
    stored = _read_tensors(folder, wanted, device)
    _check(stored, {hf: places[name] for hf, name in wanted.items()})
    model.load_state_dict({name: stored[hf].to(dtype) for hf, name in wanted.items()}, assign=True)
    return model.to(device).requires_grad_(False).eval()


def serving_dtype(device: torch.device, stored: torch.dtype) -> torch.dtype:
    """The checkpoint's dtype; on a CPU without bf16 arithmetic fp32, which is about ten times as fast there."""
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
) -> None:
    """Write config.json, generation_config.json and weights as transformers' from_pretrained reads them, and
    reading_config.json for a model whose canvases are read.

    Weights go to model.safetensors, or to numbered shards of at most shard_bytes (a single tensor may exceed it) with
    an index. The tokenizer's files are the caller's to write.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    name = next(name for name, value in DTYPES.items() if value == dtype)
    checkpoint.write_json(folder / "config.json", checkpoint.config_json(model.config, name))
    params = params or Params()
    checkpoint.write_json(folder / "generation_config.json", checkpoint.generation_json(model.config, params))
    (folder / checkpoint.READING).unlink(missing_ok=True)
    if reading := checkpoint.reading_json(params):
        checkpoint.write_json(folder / checkpoint.READING, reading)
    tensors = {
        checkpoint.hf_name(ours): value.detach().to("cpu", dtype).contiguous()
        for ours, value in model.state_dict().items()
    }
    _write_shards(folder, _shards(tensors, shard_bytes))


def _stored_dtype(folder: Path) -> torch.dtype:
    config = checkpoint.read_json(folder / "config.json")
    name = config.get("dtype") or config.get("torch_dtype") or "float32"
    if name not in DTYPES:
        raise CheckpointError(f"config.json: expected dtype to be one of {', '.join(DTYPES)}, got {name!r}")
    return DTYPES[name]


def _files(folder: Path) -> list[Path]:
    if (folder / SINGLE).exists():
        return [folder / SINGLE]
    if not (folder / INDEX).exists():
        raise CheckpointError(f"{folder}: expected {SINGLE} or {INDEX}, found neither")
    names = checkpoint.read_json(folder / INDEX).get("weight_map")
    if not isinstance(names, dict):
        raise CheckpointError(f"{folder / INDEX}: expected an object weight_map")
    return [folder / name for name in sorted(set(names.values()))]


def _read_tensors(folder: Path, wanted: Mapping[str, str], device: torch.device) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    unknown: list[str] = []
    for path in _files(folder):
        try:
            with safe_open(path, framework="pt", device=str(device)) as file:
                names = list(file.keys())
                unknown += checkpoint.unknown_tensors(names, wanted)
                found |= {name: file.get_tensor(name) for name in names if name in wanted}
        except (OSError, SafetensorError) as error:
            raise CheckpointError(f"cannot read {path}: {error}") from error
    if unknown:
        raise CheckpointError(f"{folder}: tensors this model has no place for: {_listed(unknown)}")
    return found


def _check(stored: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    if missing := sorted(set(wanted) - set(stored)):
        raise CheckpointError(f"missing tensors: {_listed(missing)}")
    for name, tensor in wanted.items():
        if stored[name].shape != tensor.shape:
            raise CheckpointError(f"{name}: expected shape {list(tensor.shape)}, got {list(stored[name].shape)}")


def _listed(names: list[str]) -> str:
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + rest


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
    checkpoint.write_json(folder / INDEX, {"metadata": {"total_size": total}, "weight_map": index})
