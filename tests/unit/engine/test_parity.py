"""Our engine against transformers' DiffusionGemmaForBlockDiffusion, on the same weights and random numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import DiffusionGemmaForBlockDiffusion
from transformers.models.diffusion_gemma.generation_diffusion_gemma import EntropyBoundSamplerConfig

from engine.core.params import Params
from engine.core.results import Finish, Frame
from engine.model import sampler
from engine.model.attention import decode_attend, encode_attend
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.kv_cache import PrefixCache
from engine.requests.request import Request
from engine.runners.eager import EagerRunner

CANVAS, VOCABULARY = 16, 160


def relative_error(got: Tensor, expected: Tensor) -> float:
    """RMS of the difference over RMS of what is expected."""
    return float((got - expected).square().mean().sqrt() / expected.square().mean().sqrt())


def tokens(count: int, seed: int = 0) -> Tensor:
    return torch.randint(VOCABULARY, (count,), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("length", [1, 5, 23, 24, 25, 60], ids=lambda n: f"prompt{n}")
@pytest.mark.parametrize("conditioned", [False, True], ids=["first", "conditioned"])
@torch.inference_mode()
def test_decoder_logits(
    model: DiffusionGemma, reference: DiffusionGemmaForBlockDiffusion, length: int, conditioned: bool
) -> None:
    prompt, canvas = tokens(length, 1), tokens(CANVAS, 2)
    previous = torch.randn(CANVAS, VOCABULARY, generator=torch.Generator().manual_seed(3)) * 4 if conditioned else None
    expected = reference(
        input_ids=prompt[None],
        decoder_input_ids=canvas[None],
        self_conditioning_logits=None if previous is None else previous[None],
    ).logits[0]
    cache = PrefixCache(model.config, model.embed_tokens.weight, 8)
    model.encode(prompt, torch.arange(length), encode_attend([cache], [length]))
    cache.commit(length)
    soft = None if previous is None else model.soft_embedding(previous.softmax(-1))
    positions = torch.arange(length, length + CANVAS)
    got = model.logits(model.decode(canvas, positions, soft, decode_attend([cache], CANVAS)))
    assert relative_error(got, expected) < 1e-5
    assert (got - expected).abs().max() < 1e-4 * expected.abs().max()


@torch.inference_mode()
def test_encoder_in_chunks_equals_one_pass(model: DiffusionGemma, reference: DiffusionGemmaForBlockDiffusion) -> None:
    prompt = tokens(70)
    expected = reference.model.encoder(input_ids=prompt[None]).last_hidden_state[0]
    cache = PrefixCache(model.config, model.embed_tokens.weight, 16)
    parts = []
    for start, stop in ((0, 9), (9, 40), (40, 41), (41, 70)):
        positions = torch.arange(start, stop)
        parts.append(model.encode(prompt[start:stop], positions, encode_attend([cache], [stop - start])))
        cache.commit(stop - start)
    assert relative_error(torch.cat(parts), expected) < 1e-5


class NumpyNoise:
    """Random numbers that do not come from torch, whose functions are patched below."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)

    def tokens(self, count: int, vocabulary: int) -> Tensor:
        return torch.from_numpy(self._generator.integers(vocabulary, size=count))

    def uniforms(self, count: int) -> Tensor:
        return torch.from_numpy(self._generator.random(count, dtype=np.float32))


def generate(
    model: DiffusionGemma, prompt: list[int], params: Params, seed: int
) -> tuple[Request, Finish, list[Frame]]:
    """The engine's loop for one request, without threads."""
    runner, frames = EagerRunner(model), []
    request = Request(prompt, params, NumpyNoise(seed), model.config)
    while True:
        if request.pending:
            runner.encode([request])
        step = runner.step([request])
        frames.append(request.advance(step.argmax[0], step.accepted[0], float(step.entropy[0])))
        if frames[-1].final and (finish := request.commit(frames[-1])):
            return request, finish, frames


class Drafts:
    """A streamer that keeps the argmax canvas of every step."""

    def __init__(self) -> None:
        self.drafts: list[list[int]] = []

    def put(self, value: Tensor) -> None: ...

    def end(self) -> None: ...

    def put_draft(self, value: Tensor) -> None:
        self.drafts.append(value[0].tolist())


def generate_reference(
    reference: DiffusionGemmaForBlockDiffusion,
    prompt: list[int],
    params: Params,
    seed: int,
    eos: tuple[int, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[list[int], list[list[int]]]:
    """transformers' `generate` on our random numbers -> (tokens of all canvases, argmax canvas of every step)."""
    noise, streamer = NumpyNoise(seed), Drafts()

    def multinomial(weights: Tensor, num_samples: int) -> Tensor:
        return sampler.sample(weights, noise.uniforms(len(weights)))[:, None]

    with monkeypatch.context() as patch:
        patch.setattr(torch, "randint", lambda low, high, size, device: noise.tokens(size[1], high)[None])
        patch.setattr(torch, "multinomial", multinomial)
        patch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: None)  # would load the compiler, 2 s
        out = reference.generate(
            torch.tensor([prompt]),
            streamer=streamer,
            max_new_tokens=params.max_tokens,
            max_denoising_steps=params.max_steps,
            t_max=params.temperature[0],
            t_min=params.temperature[1],
            stability_threshold=params.stability,
            confidence_threshold=params.confidence,
            eos_token_id=list(eos),
            sampler_config=EntropyBoundSamplerConfig(params.entropy_bound),
        )
    return out.sequences[0, len(prompt) :].tolist(), streamer.drafts


@pytest.mark.parametrize("seed", [0, 1], ids=lambda n: f"seed{n}")
@pytest.mark.parametrize(
    ("params", "canvases"),
    [
        (Params(max_tokens=3 * CANVAS, max_steps=12), 3),
        (Params(max_tokens=3 * CANVAS - 5, max_steps=30, confidence=0.2, temperature=(0.5, 0.2), entropy_bound=2.0), 3),
        (Params(max_tokens=2 * CANVAS, max_steps=20, confidence=0.4, stability=3, temperature=(0.3, 0.1)), 2),
    ],
    ids=["defaults", "early-stop", "stability3"],
)
def test_generations_are_identical(
    model: DiffusionGemma,
    reference: DiffusionGemmaForBlockDiffusion,
    params: Params,
    canvases: int,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prompt = tokens(40, seed).tolist()
    expected, drafts = generate_reference(reference, prompt, params, seed, (1,), monkeypatch)
    request, finish, frames = generate(model, prompt, params, seed)
    assert [frame.tokens.tolist() for frame in frames] == drafts
    assert request.committed == expected
    assert (finish, len(request.steps)) == ("length", canvases)


def test_both_end_at_the_same_eos(
    model: DiffusionGemma, reference: DiffusionGemmaForBlockDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, prompt = Params(max_tokens=3 * CANVAS, max_steps=6), tokens(30, 5).tolist()
    whole, _ = generate_reference(reference, prompt, params, 5, (1,), monkeypatch)
    eos = next(token for token in whole[CANVAS : 2 * CANVAS] if token not in whole[:CANVAS])
    monkeypatch.setattr(model, "config", replace(model.config, eos_ids=(1, eos)))
    expected, _ = generate_reference(reference, prompt, params, 5, (1, eos), monkeypatch)
    request, finish, _ = generate(model, prompt, params, 5)
    assert finish == "eos"
    assert request.committed == expected == whole[: 2 * CANVAS]
    assert request.result(finish).tokens == whole[: whole.index(eos)]
