"""The shape of DiffusionGemma 26B-A4B, from which its memory needs can be computed without its weights."""

from engine.core.config import ModelConfig, RopeConfig

LARGE_SHAPE = ModelConfig(
    vocab_size=262_144, hidden_size=2816, intermediate_size=2112,
    layer_types=(*["sliding_attention"] * 5, "full_attention") * 5,  # type: ignore[arg-type]
    heads=16, kv_heads=8, head_dim=256, full_kv_heads=2, full_head_dim=512, window=1024, experts=128,
    experts_per_token=8, expert_size=704, canvas_length=256, sliding_rope=RopeConfig(1e4),
    full_rope=RopeConfig(1e6, 0.25, True), logit_cap=30.0,
)  # fmt: skip
"""The configuration of DiffusionGemma 26B-A4B."""
