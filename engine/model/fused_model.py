"""DiffusionGemma as the kernels run it: weights fused and in the format of a precision, rows of all requests packed.

The same arithmetic as engine/model/diffusion_gemma.py, which tests compare it with. What differs is where things lie:
queries, keys and values come from one product, keys and values of all requests lie in one buffer a layer, and the
head's logits keep the weights' dtype, as capping, sampling and soft embedding take them in one pass each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.config import ModelConfig
from engine.core.errors import CheckpointError
from engine.model.diffusion_gemma import frequencies
from engine.model.kernel_set import KernelSet
from kernels.results import MOST_TOKENS
from kernels.weights import GROUP, Format, Weight, plain

Tensors = Callable[[str], Tensor]
"""A tensor of the model by its name in engine/model/diffusion_gemma.py's state_dict, on the device and in the dtype to
serve in."""

PRECISIONS: dict[str, tuple[Format, Format]] = {
    "bf16": (Format.PLAIN, Format.PLAIN),
    "fp8": (Format.FP8, Format.FP8),
    "int4": (Format.FP8, Format.INT4),
}
"""Formats of dense weights and of experts. The embedding, which is also the head, stays as it is."""


@dataclass(frozen=True)
class MLP:
    """down(gelu(gate(x)) * up(x)), gate above up in one product."""

    gate_up: Weight
    down: Weight


@dataclass(frozen=True)
class FusedLayer:
    """One layer. norms: by their names in engine/model/diffusion_gemma.py. router_norm: fp32 [hidden], the router's
    scale folded in."""

    number: int
    sliding: bool
    qkv: Weight
    out: Weight
    norms: dict[str, Tensor]
    mlp: MLP
    router_norm: Tensor
    router: Weight
    per_expert_scale: Tensor
    experts: MLP
    decoder_scalar: Tensor
    encoder_scalar: Tensor


@dataclass(frozen=True)
class Places:
    """Where T packed rows stand: positions in their texts, slots (rows of the key/value buffers), both int64 [T]."""

    positions: Tensor
    slots: Tensor


def format_of(name: str, shape: Sequence[int], precision: str) -> Format:
    """How a tensor of engine/model/diffusion_gemma.py's state_dict is stored: PLAIN for what is no matrix, for the
    embedding (also the head) and for routers; FP8 where int4 is asked for and the depth is no whole number of
    groups."""
    if len(shape) < 2 or name.endswith(("embed_tokens.weight", "router.proj.weight")):
        return Format.PLAIN
    dense, sparse = PRECISIONS[precision]
    found = sparse if ".experts." in name else dense
    return Format.FP8 if found is Format.INT4 and shape[-1] % GROUP else found


def refuse_unserved(config: ModelConfig) -> None:
    """Raises CheckpointError for what engine/model/diffusion_gemma.py computes and the kernels do not."""
    if not (config.value_norm and config.tied_values and config.logit_cap):
        raise CheckpointError(
            "expected attention and logits as in DiffusionGemma for the kernels of a GPU, got a config.json that says "
            "otherwise: serve this checkpoint on a CPU"
        )


Attend = Callable[[FusedLayer, Tensor], Tensor]
"""(layer, q [T, heads, d]) -> [T, heads, d]; the rows' own keys and values are already in their slots."""


class FusedModel:
    """See the module. rows: tokens there is room for. layers: those to pack, None for all. keys, values: of each layer
    [rows, kv_heads, d]."""

    def __init__(
        self,
        config: ModelConfig,
        tensors: Tensors,
        precision: str,
        ops: KernelSet,
        rows: int,
        layers: Sequence[int] | None = None,
    ) -> None:
        self.config, self.ops, self.precision = config, ops, precision
        self.table = tensors("embed_tokens.weight")
        self.device, self.dtype = self.table.device, self.table.dtype
        self.head = plain(self.table)
        self.norm = tensors("norm.weight")
        self.condition_norm = tensors("self_conditioning.pre_norm.weight")
        self.conditioning = self._mlp(tensors, "self_conditioning.")
        self.layers = [self._layer(tensors, number) for number in (range(config.layers) if layers is None else layers)]
        ropes = (config.full_rope, config.full_head_dim), (config.sliding_rope, config.head_dim)
        self.frequencies = [frequencies(*rope).to(self.device) for rope in ropes]
        self.rows = rows
        shapes = [(rows, *config.kv_shape(number)) for number in range(config.layers)]
        self.keys, self.values = ([self.table.new_zeros(shape) for shape in shapes] for _ in range(2))
        # Rounded to the weights' dtype, as the reference does: in bf16 sqrt(2816) becomes 53.0.
        self.scale = float(torch.tensor(config.hidden_size**0.5, dtype=self.dtype))

    @property
    def nbytes(self) -> int:
        """Bytes of weights that a step reads: the table twice, as head and for the soft embedding."""
        weights = [w for layer in self.layers for w in (layer.qkv, layer.out, layer.router)]
        mlps = [self.conditioning, *(m for layer in self.layers for m in (layer.mlp, layer.experts))]
        weights += [weight for mlp in mlps for weight in (mlp.gate_up, mlp.down)]
        return sum(weight.nbytes for weight in weights) + 2 * self.table.nbytes

    def copy_rows(self, source: int, target: int, count: int) -> None:
        """Copy keys and values of `count` rows, in all layers."""
        for buffer in (*self.keys, *self.values):
            buffer[target : target + count] = buffer[source : source + count]

    def embed(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.table) * self.scale

    def canvas_input(self, ids: Tensor, soft: Tensor) -> Tensor:
        """ids [T], soft [T, hidden] (zeros in a first step, which condition nothing) -> the decoder's input."""
        conditioned = self._gated(self.rms(soft, self.condition_norm), self.conditioning)
        return self.rms(self.embed(ids) + conditioned, None)

    def run(self, x: Tensor, places: Places, attend: Attend, encoded: int) -> Tensor:
        """All layers over x [T, hidden], of which the first `encoded` rows are a prefix's. -> normed [T, hidden]."""
        for layer in self.layers:
            x = self.run_layer(layer, x, places, attend, encoded)
        return self.rms(x, self.norm)

    def logits(self, hidden: Tensor) -> Tensor:
        """[T, hidden] -> [T, vocabulary] in the weights' dtype, not capped."""
        return self.linear(hidden, self.head)

    def linear(self, x: Tensor, weight: Weight) -> Tensor:
        """x [T, depth] -> [T, outputs], in pieces that a kernel takes."""
        parts = [self.ops.linear(part, weight) for part in torch.split(x, MOST_TOKENS)]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def rms(self, x: Tensor, weight: Tensor | None, residual: Tensor | None = None) -> Tensor:
        found: Tensor = self.ops.rms_norm(x, weight, residual, None, self.config.norm_eps)
        return found

    def run_layer(self, layer: FusedLayer, x: Tensor, places: Places, attend: Attend, encoded: int) -> Tensor:
        """One layer of `run`."""
        ops, norms, eps = self.ops, layer.norms, self.config.norm_eps
        packed = self.linear(self.rms(x, norms["input_layernorm"]), layer.qkv)
        q = ops.qkv(
            packed, norms["self_attn.q_norm"], norms["self_attn.k_norm"], places.positions,
            self.frequencies[layer.sliding], places.slots, self.keys[layer.number], self.values[layer.number],
            layer.sliding, eps,
        )  # fmt: skip
        x = self.rms(self.linear(attend(layer, q).flatten(1), layer.out), norms["post_attention_layernorm"], x)
        dense = self._gated(self.rms(x, norms["pre_feedforward_layernorm"]), layer.mlp)
        dense = self.rms(dense, norms["post_feedforward_layernorm_1"])
        scores = self.linear(self.rms(x, layer.router_norm), layer.router)
        routing = ops.route(scores, layer.per_expert_scale, self.config.experts_per_token)
        mixture = ops.moe(
            self.rms(x, norms["pre_feedforward_layernorm_2"]), routing, layer.experts.gate_up, layer.experts.down
        )
        both = self.rms(mixture, norms["post_feedforward_layernorm_2"], dense)
        parts = (slice(0, encoded), layer.encoder_scalar), (slice(encoded, len(x)), layer.decoder_scalar)
        done = [
            ops.rms_norm(both[rows], norms["post_feedforward_layernorm"], x[rows], scalar, eps)
            for rows, scalar in parts
            if rows.start < rows.stop
        ]
        return done[0] if len(done) == 1 else torch.cat(done)

    def _gated(self, x: Tensor, mlp: MLP) -> Tensor:
        gate, up = self.linear(x, mlp.gate_up).chunk(2, dim=-1)
        return self.linear(F.gelu(gate, approximate="tanh") * up, mlp.down)

    def _layer(self, tensors: Tensors, number: int) -> FusedLayer:
        config, prefix = self.config, f"layers.{number}."
        sliding = config.is_sliding(number)
        names = [f"{prefix}self_attn.{name}_proj.weight" for name in ("q", "k", "v")[: 3 if sliding else 2]]
        out, router = f"{prefix}self_attn.o_proj.weight", f"{prefix}router."
        scale = tensors(f"{router}scale").float() * config.hidden_size**-0.5
        return FusedLayer(
            number, sliding, self._weight(names[0], torch.cat([tensors(name) for name in names])),
            self._weight(out, tensors(out)), {name: tensors(f"{prefix}{name}.weight") for name in NORMS},
            self._mlp(tensors, f"{prefix}mlp."), scale, plain(tensors(f"{router}proj.weight")),
            tensors(f"{router}per_expert_scale").float(), self._experts(tensors, f"{prefix}experts."),
            tensors(f"{prefix}layer_scalar"), tensors(f"{prefix}encoder_scalar"),
        )  # fmt: skip

    def _experts(self, tensors: Tensors, prefix: str) -> MLP:
        names = f"{prefix}gate_up_proj", f"{prefix}down_proj"
        return MLP(*(self._weight(name, tensors(name)) for name in names))

    def _mlp(self, tensors: Tensors, prefix: str) -> MLP:
        down = f"{prefix}down_proj.weight"
        both = torch.cat([tensors(f"{prefix}{name}_proj.weight") for name in ("gate", "up")])
        return MLP(self._weight(f"{prefix}gate_proj.weight", both), self._weight(down, tensors(down)))

    def _weight(self, name: str, tensor: Tensor) -> Weight:
        """A tensor in the format of its name, or of the first of those it was put together from."""
        format = format_of(name, tensor.shape, self.precision)
        if format is Format.PLAIN:
            return plain(tensor)
        found: Weight = self.ops.quantize(tensor, format)
        return found


NORMS = (
    "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm",
    "post_feedforward_layernorm_1", "post_feedforward_layernorm_2", "pre_feedforward_layernorm_2",
    "self_attn.q_norm", "self_attn.k_norm",
)  # fmt: skip
