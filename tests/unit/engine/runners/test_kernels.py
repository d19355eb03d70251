"""The packed model over the Triton kernels themselves, in the interpreter where there is no GPU."""

import pytest
import torch

from engine.core.config import ModelConfig, RopeConfig
from engine.core.noise import SeededNoise
from engine.core.params import Params
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.fused_model import FusedModel
from engine.model.kernel_set import kernels, operations, references
from engine.requests.request import Request
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.graph_capture import Direct
from training.optim import initialise

CONFIG = ModelConfig(
    vocab_size=200, hidden_size=64, intermediate_size=96, layer_types=("sliding_attention", "full_attention"),
    heads=4, kv_heads=2, head_dim=64, full_kv_heads=1, full_head_dim=128, window=24, experts=4, experts_per_token=2,
    expert_size=64, canvas_length=16, sliding_rope=RopeConfig(1e4), full_rope=RopeConfig(1e6, 0.25, True),
    logit_cap=30.0, max_positions=512,
)  # fmt: skip
PARAMS = Params(max_tokens=16, max_steps=1, confidence=0, seed=1)


@pytest.fixture(scope="module")
def plain() -> DiffusionGemma:
    model = DiffusionGemma(CONFIG)
    initialise(model, torch.Generator().manual_seed(5))
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if tensor.dim() > 1:
                tensor.normal_(std=1.0 if name.startswith("embed") else 0.08)
    return model.requires_grad_(False).eval()


@pytest.mark.parametrize("tokens", [28, 5], ids=["a-pass-before", "with-the-first-step"])
def test_kernels_and_references_show_the_same(plain: DiffusionGemma, tokens: int) -> None:
    """In the precision that uses all formats: the embedding plain, experts in int4, the rest in fp8."""
    weights, prompt = plain.state_dict(), list(range(3, 3 + tokens))
    steps, states = [], []
    for ops in (kernels(), references()):
        runner = CudaGraphRunner(FusedModel(CONFIG, weights.__getitem__, "int4", ops, 256), graphs=Direct())
        asked = Request(prompt, PARAMS, SeededNoise(1), CONFIG)
        runner.encode([asked])
        steps.append(runner.step([asked]))
        states.append(runner._last[asked])
    torch.testing.assert_close(states[0], states[1], rtol=1e-3, atol=1e-3)
    ours, theirs = steps
    assert torch.equal(ours.argmax, theirs.argmax)
    assert torch.equal(ours.accepted, theirs.accepted)
    torch.testing.assert_close(ours.entropy, theirs.entropy, rtol=1e-3, atol=1e-4)


def test_the_device_decides_which_operations_serve_it() -> None:
    assert operations(torch.device("cpu")).rms_norm.__module__ == "kernels.peers"
    assert operations(torch.device("cuda")).rms_norm.__module__ == "kernels.rms_norm"
