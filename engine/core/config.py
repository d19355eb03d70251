"""The shape of a DiffusionGemma checkpoint, read from its config.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.core.errors import CheckpointError

LayerType = Literal["sliding_attention", "full_attention"]
MODEL_TYPE = "diffusion_gemma"


@dataclass(frozen=True)
class RopeConfig:
    """The rotary embedding of one layer type.

    Attributes:
        theta: The base of the frequencies.
        partial: The share of each head's dimensions that is rotated.
        proportional: Whether the frequencies' exponents are relative to the whole head and not to its rotated part.
    """

    theta: float
    partial: float = 1.0
    proportional: bool = False


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of the text model. Sizes are in elements, windows in tokens; counts and token ids are plain integers.

    Attributes:
        vocab_size: Tokens in the vocabulary.
        hidden_size: The width of the hidden states.
        intermediate_size: The inner width of the dense MLP.
        layer_types: The type of each layer, which decides its attention.
        heads: Query heads of every layer.
        kv_heads: Key-value heads of a sliding layer.
        head_dim: The head size of a sliding layer.
        full_kv_heads: Key-value heads of a full layer.
        full_head_dim: The head size of a full layer.
        window: How many tokens a causal token of a sliding layer sees, itself included.
        experts: Experts of a layer.
        experts_per_token: Experts that each token is routed to.
        expert_size: The inner width of one expert's MLP.
        canvas_length: Tokens in a canvas.
        sliding_rope: The rotary embedding of sliding layers.
        full_rope: The rotary embedding of full layers.
        logit_cap: The bound of the logits' soft-cap; 0 leaves the logits as they are.
        norm_eps: The epsilon of all norms.
        max_positions: The most tokens that a prompt and its page may have together.
        pad_id: The padding token.
        bos_id: The token that begins a text.
        eos_ids: The tokens that end a text.
        initializer_range: The standard deviation of a fresh embedding's weights in training.
        value_norm: Whether values are normed. DiffusionGemma norms them.
        tied_values: Whether full layers use the raw keys as values. DiffusionGemma's do. Models converted from another
            architecture (engine/checkpoint/gemma3.py) do neither.

    Raises:
        CheckpointError: A field is missing, unknown to this engine, or contradicts another.
    """

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    layer_types: tuple[LayerType, ...]
    heads: int
    kv_heads: int
    head_dim: int
    full_kv_heads: int
    full_head_dim: int
    window: int
    experts: int
    experts_per_token: int
    expert_size: int
    canvas_length: int
    sliding_rope: RopeConfig
    full_rope: RopeConfig
    logit_cap: float
    norm_eps: float = 1e-6
    max_positions: int = 131_072
    pad_id: int = 0
    bos_id: int = 2
    eos_ids: tuple[int, ...] = (1,)
    initializer_range: float = 0.02
    value_norm: bool = True
    tied_values: bool = True

    def __post_init__(self) -> None:
        for name in (
            "vocab_size",
            "hidden_size",
            "intermediate_size",
            "heads",
            "kv_heads",
            "head_dim",
            "full_kv_heads",
            "full_head_dim",
            "window",
            "experts",
            "experts_per_token",
            "expert_size",
            "canvas_length",
        ):
            if getattr(self, name) < 1:
                raise CheckpointError(f"config.json: expected {name} >= 1, got {getattr(self, name)}")
        for kv_heads in (self.kv_heads, self.full_kv_heads):
            if self.heads % kv_heads:
                raise CheckpointError(f"config.json: {self.heads} query heads cannot share {kv_heads} key-value heads")
        if self.experts_per_token > self.experts:
            raise CheckpointError(f"config.json: top_k_experts {self.experts_per_token} exceeds {self.experts} experts")
        if not self.layer_types or self.layer_types[-1] != "full_attention":
            raise CheckpointError("config.json: expected the last layer to be full_attention")

    @property
    def layers(self) -> int:
        """Return the number of layers."""
        return len(self.layer_types)

    def is_sliding(self, layer: int) -> bool:
        """Tell whether a layer attends within the window only."""
        return self.layer_types[layer] == "sliding_attention"

    def has_own_values(self, layer: int) -> bool:
        """Tell whether a layer projects values of its own."""
        return self.is_sliding(layer) or not self.tied_values

    def kv_shape(self, layer: int) -> tuple[int, int]:
        """Return the number of key-value heads and the head size of a layer."""
        return (self.kv_heads, self.head_dim) if self.is_sliding(layer) else (self.full_kv_heads, self.full_head_dim)

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> "ModelConfig":
        """Read the contents of a Hugging Face config.json whose `model_type` is diffusion_gemma.

        Raises:
            CheckpointError: The model type, an option or a field is not served.
        """
        if config.get("model_type") != MODEL_TYPE:
            raise CheckpointError(f"config.json: expected model_type {MODEL_TYPE!r}, got {config.get('model_type')!r}")
        text = config.get("text_config")
        if not isinstance(text, Mapping):
            raise CheckpointError("config.json: expected an object text_config")
        _refuse_unserved(config, text)
        try:
            return cls._from_text(text, int(config.get("canvas_length") or 256))
        except KeyError as missing:
            raise CheckpointError(f"config.json: text_config lacks {missing.args[0]!r}") from None

    @classmethod
    def _from_text(cls, text: Mapping[str, Any], canvas_length: int) -> "ModelConfig":
        layer_types = _layer_types(text)
        kv_heads, head_dim = int(text["num_key_value_heads"]), int(text["head_dim"])
        full_kv_heads, full_head_dim = _full_attention_shape(text, layer_types)
        rope = text.get("rope_parameters") or {}
        eos = text.get("eos_token_id", 1)
        return cls(
            vocab_size=int(text["vocab_size"]),
            hidden_size=int(text["hidden_size"]),
            intermediate_size=int(text["intermediate_size"]),
            layer_types=layer_types,
            heads=int(text["num_attention_heads"]),
            kv_heads=kv_heads,
            head_dim=head_dim,
            full_kv_heads=full_kv_heads,
            full_head_dim=full_head_dim,
            window=int(text["sliding_window"]),
            experts=int(text["num_experts"]),
            experts_per_token=int(text["top_k_experts"]),
            expert_size=int(text["moe_intermediate_size"]),
            canvas_length=canvas_length,
            sliding_rope=_rope(rope.get("sliding_attention"), RopeConfig(1e4)),
            full_rope=_rope(rope.get("full_attention"), RopeConfig(1e6, 0.25, True)),
            logit_cap=float(text.get("final_logit_softcapping", 30.0) or 0.0),
            norm_eps=float(text.get("rms_norm_eps", 1e-6)),
            max_positions=int(text.get("max_position_embeddings", 131_072)),
            pad_id=int(text.get("pad_token_id") or 0),
            bos_id=int(text.get("bos_token_id", 2)),
            eos_ids=tuple(eos) if isinstance(eos, list) else (int(eos),),
            initializer_range=float(text.get("initializer_range", 0.02)),
            value_norm=bool(text.get("value_norm", True)),
            tied_values=bool(text.get("attention_k_eq_v", True)),
        )


def _refuse_unserved(config: Mapping[str, Any], text: Mapping[str, Any]) -> None:
    """Refuse options that would change the mathematics and that this engine does not compute.

    Raises:
        CheckpointError: The config asks for such an option.
    """
    if text.get("attention_bias"):
        raise CheckpointError("config.json: attention_bias is not served")
    if text.get("use_bidirectional_attention") == "all":
        raise CheckpointError("config.json: a bidirectional encoder is not served")
    if not (config.get("tie_word_embeddings", True) and text.get("tie_word_embeddings", True)):
        raise CheckpointError("config.json: untied word embeddings are not served")
    if (activation := text.get("hidden_activation", "gelu_pytorch_tanh")) != "gelu_pytorch_tanh":
        raise CheckpointError(f"config.json: expected hidden_activation 'gelu_pytorch_tanh', got {activation!r}")


def _layer_types(text: Mapping[str, Any]) -> tuple[LayerType, ...]:
    types = text.get("layer_types")
    if types is None:
        count = text["num_hidden_layers"]
        types = ["full_attention" if (i + 1) % 6 == 0 else "sliding_attention" for i in range(count)]
        types[-1] = "full_attention"
    if unknown := set(types) - {"sliding_attention", "full_attention"}:
        raise CheckpointError(f"config.json: unknown layer types {sorted(unknown)}")
    if len(types) != text["num_hidden_layers"]:
        raise CheckpointError(f"config.json: {text['num_hidden_layers']} layers, but {len(types)} layer types")
    return tuple(types)


def _full_attention_shape(text: Mapping[str, Any], layer_types: tuple[LayerType, ...]) -> tuple[int, int]:
    """Return key-value heads and head size of the full layers, from global_* or transformers' per_layer_config."""
    kv_heads, head_dim = text.get("num_global_key_value_heads"), text.get("global_head_dim")
    per_layer = text.get("per_layer_config") or {}
    override = per_layer.get(str(layer_types.index("full_attention"))) or {}
    kv_heads = override.get("num_key_value_heads", kv_heads) or text["num_key_value_heads"]
    return int(kv_heads), int(override.get("head_dim", head_dim) or 512)


def _rope(parameters: Mapping[str, Any] | None, default: RopeConfig) -> RopeConfig:
    if parameters is None:
        return default
    kind = parameters.get("rope_type", "default")
    if kind not in ("default", "proportional"):
        raise CheckpointError(f"config.json: rope_type {kind!r} is not served")
    return RopeConfig(
        float(parameters["rope_theta"]), float(parameters.get("partial_rotary_factor", 1.0)), kind == "proportional"
    )
