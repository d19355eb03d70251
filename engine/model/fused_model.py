"""DiffusionGemma as the kernels run it, with fused weights in a chosen precision and the rows of all requests packed.

The arithmetic is that of engine/model/diffusion_gemma.py, which tests compare it with. Only the layout differs.
Queries, keys and values come from one product. The keys and values of all requests lie in one buffer for each layer.
The head's logits keep the weights' dtype, as capping, sampling and soft embedding read them in one pass each.
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
"""Returns a tensor by its name in engine/model/diffusion_gemma.py's state_dict, on the device and in the dtype to use.
"""

PRECISIONS: dict[str, tuple[Format, Format]] = {
    "bf16": (Format.PLAIN, Format.PLAIN),
    "fp8": (Format.FP8, Format.FP8),
    "int4": (Format.FP8, Format.INT4),
}
"""The formats of dense weights and of experts in each precision.

The embedding, which is also the head, is never quantised.
"""


@dataclass(frozen=True)
class MLP:
    """down(gelu(gate(x)) * up(x)), with gate and up fused into one product.

    Attributes:
        gate_up: The rows of gate above those of up.
        down: The output matrix.
    """

    gate_up: Weight
    down: Weight


@dataclass(frozen=True)
class FusedLayer:
    """The weights of one layer.

    Attributes:
        number: The layer's index.
        sliding: Whether it is a sliding layer.
        qkv: The projections of queries, keys and, in a sliding layer, values.
        out: The output projection of attention.
        norms: The weights of the norms, by their names in engine/model/diffusion_gemma.py.
        mlp: The dense MLP.
        router_norm: fp32 [hidden], the weight of the router's norm, with the router's scale folded in.
        router: The router's projection.
        per_expert_scale: fp32 [E], the factor of each expert's weight.
        experts: The experts' MLPs, stacked.
        decoder_scalar: The factor of the layer's output for canvases.
        encoder_scalar: The factor of the layer's output for prefixes.
    """

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
    """Where T packed rows stand.

    Attributes:
        positions: int64 [T], the rows' positions in their texts.
        slots: int64 [T], the rows of the key-value buffers that hold their keys and values.
    """

    positions: Tensor
    slots: Tensor


def format_of(name: str, shape: Sequence[int], precision: str) -> Format:
    """Return the format that stores a tensor of engine/model/diffusion_gemma.py's state_dict.

    It is PLAIN for tensors that are no matrices, for the embedding (also the head) and for routers. It is FP8 in place
    of INT4 if the depth is no whole number of groups.
    """
    if len(shape) < 2 or name.endswith(("embed_tokens.weight", "router.proj.weight")):
        return Format.PLAIN
    dense, sparse = PRECISIONS[precision]
    found = sparse if ".experts." in name else dense
    return Format.FP8 if found is Format.INT4 and shape[-1] % GROUP else found


def refuse_unserved(config: ModelConfig) -> None:
    """Refuse options that engine/model/diffusion_gemma.py computes and the kernels do not.

    Raises:
        CheckpointError: The config asks for such an option.
    """
    if not (config.value_norm and config.tied_values and config.logit_cap):
        raise CheckpointError(
            "expected attention and logits as in DiffusionGemma for the kernels of a GPU, got a config.json that says "
            "otherwise: serve this checkpoint on a CPU"
        )


Attend = Callable[[FusedLayer, Tensor], Tensor]
"""(layer, q [T, heads, d]) -> [T, heads, d]. The rows' own keys and values are already in the key-value buffers."""


class FusedModel:
    """The model with its key-value buffers (see the module).

    Attributes:
        config: The model's configuration.
        ops: The operations that the model consists of.
        precision: The precision of the weights.
        table: [vocab, hidden], the embedding, which is also the head.
        rows: The number of tokens that the key-value buffers have room for.
        keys: For each layer [rows, kv_heads, d], the keys.
        values: For each layer [rows, kv_heads, d], the values.
        scale: The factor of embeddings, rounded to the weights' dtype.
    """

    def __init__(
        self,
        config: ModelConfig,
        tensors: Tensors,
        precision: str,
        ops: KernelSet,
        rows: int,
        layers: Sequence[int] | None = None,
    ) -> None:
        """Read, fuse and quantise the weights, and allocate the key-value buffers.

        Args:
            config: The model's configuration.
            tensors: Returns a tensor by its name.
            precision: One of PRECISIONS.
            ops: The operations to use.
            rows: The number of tokens to make room for.
            layers: The indices of the layers to build; None builds all.
        """
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
        # It is rounded to the weights' dtype, as in the reference: in bf16 sqrt(2816) becomes 53.0.
        self.scale = float(torch.tensor(config.hidden_size**0.5, dtype=self.dtype))

    @property
    def nbytes(self) -> int:
        """Return how many bytes of weights a step reads; the table counts twice, as head and for the soft embedding."""
        weights = [w for layer in self.layers for w in (layer.qkv, layer.out, layer.router)]
        mlps = [self.conditioning, *(m for layer in self.layers for m in (layer.mlp, layer.experts))]
        weights += [weight for mlp in mlps for weight in (mlp.gate_up, mlp.down)]
        return sum(weight.nbytes for weight in weights) + 2 * self.table.nbytes

    def copy_rows(self, source: int, target: int, count: int) -> None:
        """Copy the keys and values of `count` rows in all layers."""
        for buffer in (*self.keys, *self.values):
            buffer[target : target + count] = buffer[source : source + count]

    def embed(self, ids: Tensor) -> Tensor:
        """Return the scaled embeddings [T, hidden] of token ids [T]."""
        return F.embedding(ids, self.table) * self.scale

    def canvas_input(self, ids: Tensor, soft: Tensor) -> Tensor:
        """Return the decoder's input [T, hidden].

        Args:
            ids: [T], the canvases' tokens.
            soft: [T, hidden], the soft embedding; zeros, as in a first step, add nothing.
        """
        conditioned = self._gated(self.rms(soft, self.condition_norm), self.conditioning)
        return self.rms(self.embed(ids) + conditioned, None)

    def run(self, x: Tensor, places: Places, attend: Attend, encoded: int) -> Tensor:
        """Run all layers and the last norm; return [T, hidden].

        Args:
            x: [T, hidden], the input.
            places: Where the rows stand.
            attend: The attention callback.
            encoded: How many of the first rows belong to a prefix; the others are canvases.
        """
        for layer in self.layers:
            x = self.run_layer(layer, x, places, attend, encoded)
        return self.rms(x, self.norm)

    def logits(self, hidden: Tensor) -> Tensor:
        """Return logits [T, vocabulary] for [T, hidden], in the weights' dtype and not capped."""
        return self.linear(hidden, self.head)

    def linear(self, x: Tensor, weight: Weight) -> Tensor:
        """Return [T, outputs] for x [T, depth], computed in pieces that the kernel accepts."""
        parts = [self.ops.linear(part, weight) for part in torch.split(x, MOST_TOKENS)]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def rms(self, x: Tensor, weight: Tensor | None, residual: Tensor | None = None) -> Tensor:
        """Return the RMS norm of x [T, width], times `weight` and plus `residual` where they are given."""
        found: Tensor = self.ops.rms_norm(x, weight, residual, None, self.config.norm_eps)
        return found

    def run_layer(self, layer: FusedLayer, x: Tensor, places: Places, attend: Attend, encoded: int) -> Tensor:
        """Run one layer of `run`."""
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
        """Store a tensor in the format that its name calls for; a fused one has the name of its first part."""
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
"""The names of a layer's norms that have weights."""
