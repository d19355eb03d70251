"""Train a checkpoint, with its tokenizer and corpus: about an hour on a CPU, minutes on a GPU (`make train`).

A run is bounded by time and not by steps. The learning rate follows the share of the time that has passed. So it
reaches zero when the time is up, however fast the machine is. The state is saved beside the corpus every few minutes. A
run that was cut off continues from there with the time that it had left.
"""

import argparse
import ctypes
import hashlib
import json
import os
import random
import shutil
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from tqdm import tqdm

from engine.checkpoint.loader import save_checkpoint, serving_dtype
from engine.core.config import ModelConfig, RopeConfig
from engine.core.errors import CheckpointError
from engine.model.diffusion_gemma import DiffusionGemma
from training import dataset, manifest, manifest_kinds
from training.corpus import draw
from training.induction_init import lay_circuit
from training.kinds.examples import draw_pair as draw_kind
from training.kinds.prompt import prompt
from training.losses import Noised, losses, next_tokens, reading_loss
from training.noising import OWN_FROM, noised
from training.optim import Optimizer, Rates, initialise, schedule
from training.plot import plot_curve
from training.quality import SAMPLING, quality
from training.texts.source import Source, default_cache
from training.tokenizers import short_pieces, tokenizer
from training.tokenizers.pieces import dialect
from training.warm_start import adopt

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
"""Numbers of glibc's mallopt options (malloc.h)."""

KIND_VOCABULARY, KIND_WINDOW = 8192, 2048
PROBES = 16
"""Number of held-out examples that are written whenever the state is saved."""


@dataclass(frozen=True)
class TrainConfig:
    """One training run.

    Attributes:
        out: Folder of the checkpoint.
        start: A checkpoint to begin from, with the same layers; its vocabulary may be another. None begins at random.
        kinds: Whether pages are those of training.kinds, with tokens of at most 24 characters, instead of page
            families.
        vocabulary: Entries of a new tokenizer; 0 takes what is best for families or for kinds.
        width: Hidden size of the model, a multiple of 64 from 128.
        layers: Layers of the model, a multiple of 3.
        minutes: Time for training steps.
        reading: Minutes of these in which the encoder alone learns to predict the next token. This costs a fifth of a
            step of both.
        examples: Pages to draw.
        budget: Tokens a batch (see Batches).
        seed: Seed of the run.
        rates: Learning rates.
        compile: Whether to use torch.compile.
        prepare: Whether to stop after tokenizer and corpus.
        keep_every: Minutes between two saved states.
        watch_every: Steps between two entries of the log.

    Raises:
        ValueError: A value makes no sense.
    """

    out: Path = Path("models/trained")
    start: Path | None = None
    kinds: bool = False
    vocabulary: int = 0
    width: int = 192
    layers: int = 6
    minutes: float = 60.0
    reading: float = 0.0
    examples: int = 30_000
    budget: int = 6144
    seed: int = 0
    rates: Rates = field(default_factory=Rates)
    compile: bool = False
    prepare: bool = False
    keep_every: float = 5.0
    watch_every: int = 100

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError(f"minutes must be above 0, got {self.minutes}")
        if not 0 <= self.reading <= self.minutes:
            raise ValueError(f"reading must be between 0 and minutes, {self.minutes}; got {self.reading}")
        if self.width < 128 or self.width % 64:
            raise ValueError(f"width must be a multiple of 64 from 128, got {self.width}")
        if self.layers < 3 or self.layers % 3:
            raise ValueError(f"layers must be a multiple of 3, got {self.layers}")
        if self.examples < 100:
            raise ValueError(f"examples must be 100 or more, got {self.examples}")


def model_config(vocabulary: Tokenizer, width: int = 192, layers: int = 6, window: int = 1024) -> ModelConfig:
    """Return the configuration of the bundled model.

    It has 6 layers (2 sliding, 1 full, twice) of width 192, and one expert beside the dense MLP. That is 2.8 million
    parameters in the layers, which an hour of 110 GFLOP/s trains best. Width 256 was no better after as many steps, and
    a step took 1.5 times as long (docs/log.md).

    Args:
        vocabulary: The tokenizer.
        width: Hidden size.
        layers: Number of layers.
        window: Tokens that a sliding layer sees.
    """
    pad, bos, eos = (token_id(vocabulary, name) for name in (tokenizer.PAD, tokenizer.BOS, tokenizer.EOS))
    return ModelConfig(
        vocab_size=vocabulary.get_vocab_size(), hidden_size=width, intermediate_size=2 * width,
        layer_types=("sliding_attention", "sliding_attention", "full_attention") * (layers // 3),
        heads=max(4, width // 64), kv_heads=2, head_dim=64, full_kv_heads=2, full_head_dim=64, window=window,
        experts=1, experts_per_token=1, expert_size=width, canvas_length=dataset.CANVAS,
        sliding_rope=RopeConfig(1e4), full_rope=RopeConfig(1e6, 0.25, True), logit_cap=30.0, max_positions=8192,
        pad_id=pad, bos_id=bos, eos_ids=(eos,),
    )  # fmt: skip


def token_id(vocabulary: Tokenizer, name: str) -> int:
    """Return the id of a token.

    Raises:
        ValueError: The vocabulary has no such token.
    """
    found = vocabulary.token_to_id(name)
    if found is None:
        raise ValueError(f"expected {name} in the vocabulary, it has no such token")
    return found


def prepare_tokenizer(folder: Path, examples: int = 8000, kinds: bool = False, vocabulary: int = 0) -> Tokenizer:
    """Read the tokenizer in a folder, or train one on freshly drawn pages and write it there.

    Args:
        folder: The folder.
        examples: Number of pages to train on.
        kinds: Whether the pages are those of kinds.
        vocabulary: Entries of a new tokenizer; 0 takes the default number.

    Returns:
        The tokenizer.

    Raises:
        CheckpointError: The tokenizer was made for other prompts than these.
    """
    if not (folder / "tokenizer.json").is_file():
        make = kind_tokenizer if kinds else family_tokenizer
        tokenizer.save(make(examples, vocabulary), folder)
    found = Tokenizer.from_file(str(folder / "tokenizer.json"))
    wanted = short_pieces.dialect() if kinds else dialect()
    if missing := [piece for piece in wanted if found.token_to_id(piece) is None]:
        raise CheckpointError(
            f"{folder}/tokenizer.json: expected words for all parts of a prompt, got none for {missing[0]!r} and "
            f"{len(missing) - 1} others: it belongs to an older corpus; train into another folder (--out)"
        )
    return found


def family_tokenizer(examples: int, vocabulary: int = 0) -> Tokenizer:
    """Train a tokenizer whose tokens are whole tags, rules and lines of script of page families."""
    source = Source.load()
    drawn = [draw(random.Random(f"tokenizer {i}"), source, "train") for i in range(examples)]
    return tokenizer.train([dataset.texts(example) for example in drawn], vocabulary or tokenizer.VOCABULARY)


def kind_tokenizer(examples: int, vocabulary: int = 0) -> Tokenizer:
    """Train a tokenizer for pages of kinds, in which no token is longer than a short tag."""
    source = Source.load()
    drawn = [draw_kind(random.Random(f"tokenizer {i}"), source, "train") for i in range(examples)]
    return short_pieces.train([(prompt(pair), pair.page) for pair in drawn], vocabulary or KIND_VOCABULARY)


@dataclass
class Run:
    """A training run: what is saved and resumed.

    Attributes:
        config: The configuration.
        model: The model.
        optimizer: The optimizer.
        step: Number of steps so far.
        spent: Seconds so far that count.
        log: The log so far, with one dict for each watched step.
    """

    config: TrainConfig
    model: DiffusionGemma
    optimizer: Optimizer
    step: int
    spent: float
    log: list[dict[str, float]]

    @property
    def progress(self) -> float:
        """The share of the run's time that has passed, from 0 to 1."""
        return min(1.0, self.spent / (60 * self.config.minutes))

    @property
    def reads(self) -> bool:
        """Whether the encoder alone is still being trained."""
        return self.spent < 60 * self.config.reading

    def save(self, path: Path) -> None:
        """Write the state to a file atomically."""
        part = path.with_suffix(".part")
        state = {"step": self.step, "spent": self.spent, "log": self.log, "minutes": self.config.minutes}
        torch.save(state | {"model": self.model.state_dict(), "optimizer": self.optimizer.state()}, part)
        part.rename(path)

    def resume(self, path: Path) -> None:
        """Continue from a saved state of a run with no more minutes if time is left; otherwise start anew."""
        if not path.is_file():
            return
        state = torch.load(path, weights_only=True)
        if state["minutes"] > self.config.minutes or state["spent"] >= 60 * self.config.minutes:
            return
        print(f"going on from step {state['step']}, minute {state['spent'] / 60:.1f}; delete {path} to start afresh")
        self.model.load_state_dict(state["model"])
        self.optimizer.load(state["optimizer"])
        self.step, self.spent, self.log = state["step"], state["spent"], state["log"]


Loss = Callable[[DiffusionGemma, Noised], tuple[Tensor, Tensor]]
"""Returns the canvas loss and the next-token loss of a batch."""


def loss_function(compiled: bool) -> Loss:
    """Return `losses`, compiled if that is wanted and a compiler is installed (torch.compile calls it)."""
    if not (compiled and any(map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++")))):
        return losses
    return torch.compile(losses, dynamic=False)


def hold_memory() -> None:
    """Let glibc keep memory that is freed.

    By default it returns each array of a step's logits (100 MB) to the system. A third of the step is then spent on
    getting it again, page by page (docs/log.md).
    """
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        for option, value in (TRIM_THRESHOLD, -1), (TOP_PAD, 2**28), (MMAP_MAX, 0):
            libc.mallopt(option, value)


def autocast(device: torch.device) -> torch.autocast:
    """Use bf16 matrix products where the device has them; elsewhere emulation would be slower than fp32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=serving_dtype(device, torch.bfloat16) == torch.bfloat16)


@dataclass(frozen=True)
class Batches:
    """Endless batches.

    Attributes:
        reading: Batches for the encoder alone.
        both: Batches for encoder and decoder.
    """

    reading: Iterator[dataset.Batch]
    both: Iterator[dataset.Batch]

    @classmethod
    def of(cls, corpus: dataset.Corpus, words: Tokenizer, config: TrainConfig, seed: int) -> "Batches":
        """Return the batches of a corpus."""
        lengths = dataset.KIND_LENGTHS if config.kinds else dataset.LENGTHS
        made = partial(dataset.Batches, corpus, words, seed, config.budget, lengths)
        return cls(iter(made(cost=0)), iter(made()))


def train(run: Run, batches: Batches, loss_of: Loss, state: Path, probe: dataset.Corpus | None = None) -> None:
    """Train until the time is up: first the encoder alone, then both.

    The first step of each shape, which compiles, does not count as time spent. Neither does time in which the process
    was stopped.

    Args:
        run: The run.
        batches: Its batches.
        loss_of: Returns the losses of a batch.
        state: File of the saved state.
        probe: Held-out examples that show how good pages are, whenever the state is saved.
    """
    generator = torch.Generator().manual_seed(run.config.seed + run.step)
    seen: set[tuple[int, ...]] = set()
    usual = Usual()
    kept = run.spent
    recent: list[tuple[float, float]] = []
    bar = tqdm(total=round(run.config.minutes, 2), initial=round(run.spent / 60, 2), unit="min", desc="training",
               bar_format="{l_bar}{bar}| {n:.1f}/{total} min{postfix}")  # fmt: skip
    with bar:
        while run.progress < 1:
            begin = time.monotonic()
            step = read_step if run.reads else both_step
            shape, *found = step(run, batches, loss_of, generator)
            run.optimizer.step(schedule(run.config.rates, run.step, run.progress))
            recent.append((found[0], found[1]))
            run.spent += usual.of(time.monotonic() - begin) if shape in seen else 0.0
            seen.add(shape)
            run.step += 1
            if run.step % run.config.watch_every == 0:
                watch(run, recent)
                recent.clear()
            bar.set_postfix_str(f"step {run.step}, loss {found[0]:.3f} canvas {found[1]:.3f} next")
            bar.update(min(run.spent / 60, bar.total) - bar.n)
            if run.spent - kept > 60 * run.config.keep_every:
                keep(run, state, probe)
                kept = run.spent


class Usual:
    """The usual time of a step; a step in which the process was stopped counts as long as usual.

    Attributes:
        recent: Seconds of the last steps.
    """

    FACTOR = 5.0
    """Steps of one run, of whatever shape, differ by less than this factor."""

    def __init__(self) -> None:
        self.recent: deque[float] = deque(maxlen=50)

    def of(self, seconds: float) -> float:
        """Return the seconds that count for a step that took `seconds` by the clock."""
        if self.recent and seconds > self.FACTOR * (median := statistics.median(self.recent)):
            return median
        self.recent.append(seconds)
        return seconds


Step = tuple[tuple[int, ...], float, float]
"""Shape, canvas loss and next-token loss of a step, in nats."""


def read_step(run: Run, batches: Batches, loss_of: Loss, generator: torch.Generator) -> Step:
    """Compute the gradients of the encoder's next token."""
    batch = next(batches.reading)
    device = run.model.embed_tokens.weight.device
    count = int(batch.page_len.sum()) + len(batch.page_len)
    at, targets = next_tokens(batch.ids, batch.prompt_len, batch.page_len, count, generator)
    with autocast(device):
        loss = reading_loss(run.model, batch.ids.to(device), at.to(device), targets.to(device))
    torch.autograd.backward(loss)
    return (batch.ids.shape[1],), 0.0, loss.item()


def both_step(run: Run, batches: Batches, loss_of: Loss, generator: torch.Generator) -> Step:
    """Compute the gradients of the canvas and of the encoder's next token."""
    device = run.model.embed_tokens.weight.device
    batch = noised(next(batches.both), run.model.config.vocab_size, device, generator, run.progress > OWN_FROM)
    with autocast(device):
        canvas_loss, next_loss = loss_of(run.model, batch)
    torch.autograd.backward(canvas_loss + next_loss)
    shape = (batch.ids.shape[1], batch.clean.shape[1], 0 if batch.rollout is None else len(batch.rollout.fresh))
    return shape, canvas_loss.item(), next_loss.item()


def keep(run: Run, state: Path, probe: dataset.Corpus | None) -> None:
    """Save the state, and the checkpoint, which can be served; with a probe, add to the log how good pages are."""
    if probe is not None and not run.reads:
        run.log.append({"step": run.step, "minutes": round(run.spent / 60, 2)})
        run.log[-1] |= quality(run.model, run.config.out, probe)
        tqdm.write(json.dumps(run.log[-1]))
    run.save(state)
    write_checkpoint(run)


def watch(run: Run, recent: list[tuple[float, float]]) -> None:
    """Add the mean losses since the last call to the log."""
    canvas, following = (sum(values) / len(recent) for values in zip(*recent, strict=True))
    run.log.append({"step": run.step, "minutes": round(run.spent / 60, 2), "canvas": round(canvas, 4),
                    "next": round(following, 4)})  # fmt: skip
    tqdm.write(json.dumps(run.log[-1]))


def main(config: TrainConfig) -> None:
    """Run everything: tokenizer, corpus, training, checkpoint and curve; with `prepare`, only the first two."""
    hold_memory()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(config.seed)
    words = prepare_tokenizer(config.out, kinds=config.kinds, vocabulary=config.vocabulary)
    corpus = dataset.build(config.out, config.examples, config.seed, kinds=config.kinds)
    probe = dataset.build(config.out, PROBES, config.seed, "held", kinds=config.kinds)
    print(corpus.report(), flush=True)
    if config.prepare:
        return
    window = KIND_WINDOW if config.kinds else 1024
    model = DiffusionGemma(model_config(words, config.width, config.layers, window))
    generator = torch.Generator().manual_seed(config.seed)
    initialise(model, generator)
    if config.start:
        adopt(model, words, config.start)
    else:
        lay_circuit(model, generator)
    model.to(device)
    run = Run(config, model, Optimizer(model, config.rates), 0, 0.0, [])
    spelled = hashlib.sha256((config.out / "tokenizer.json").read_bytes()).hexdigest()[:8]
    state = default_cache() / f"train-state-{spelled}.pt"
    run.resume(state)
    batches = Batches.of(corpus, words, config, config.seed + run.step)
    train(run, batches, loss_function(config.compile), state, probe)
    keep(run, state, probe)
    finish(run)


def write_checkpoint(run: Run) -> None:
    """Write the weights in bf16, the manifest and the log."""
    out = run.config.out
    save_checkpoint(run.model, out, torch.bfloat16, shard_bytes=15 * 2**20, params=SAMPLING)
    (manifest_kinds if run.config.kinds else manifest).write_manifest(out)
    parameters = sum(parameter.numel() for parameter in run.model.parameters())
    facts = {"parameters": parameters, "steps": run.step, "minutes": round(run.spent / 60, 1), "log": run.log}
    (out / "training.json").write_text(json.dumps(facts | {"config": asdict(run.config)}, default=str, indent=1) + "\n")


def finish(run: Run) -> None:
    """Write the checkpoint, print where it is, and draw the curve."""
    write_checkpoint(run)
    out = run.config.out
    parameters = sum(parameter.numel() for parameter in run.model.parameters())
    plot_curve(run.log, out / "training.png")
    print(f"{out}: {parameters:,} parameters after {run.step} steps in {run.spent / 60:.1f} minutes")
    print(f"to see its pages: silverprint serve --model {out}")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parse = argparse.ArgumentParser(prog="silverprint train", description=__doc__.splitlines()[0] if __doc__ else None)
    parse.add_argument("--minutes", type=float, default=TrainConfig.minutes, help="time for training (%(default)s)")
    parse.add_argument("--reading", type=float, default=0.0, help="minutes of them for the encoder alone (%(default)s)")
    parse.add_argument("--examples", type=int, default=TrainConfig.examples, help="pages to draw (%(default)s)")
    parse.add_argument("--budget", type=int, default=TrainConfig.budget, help="tokens a batch (%(default)s)")
    parse.add_argument("--out", type=Path, default=TrainConfig.out, help="checkpoint folder (%(default)s)")
    parse.add_argument("--start", type=Path, help="a checkpoint to begin from; its vocabulary may be another")
    parse.add_argument("--width", type=int, default=TrainConfig.width, help="of the model (%(default)s)")
    parse.add_argument("--layers", type=int, default=TrainConfig.layers, help="of the model (%(default)s)")
    parse.add_argument("--kinds", action="store_true", help="train on pages of kinds, over the kit (docs/kinds.md)")
    parse.add_argument("--vocabulary", type=int, default=0, help="entries of a new tokenizer (default: what fits)")
    parse.add_argument("--prepare", action="store_true", help="make tokenizer and corpus, and stop")
    parse.add_argument("--seed", type=int, default=TrainConfig.seed)
    parse.add_argument("--compile", action="store_true", help="with torch.compile: minutes for each of some 30 shapes")
    return parse


if __name__ == "__main__":
    main(TrainConfig(**vars(parser().parse_args())))
