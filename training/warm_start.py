"""Start from an earlier checkpoint, whose vocabulary may be another; what its layers have learned is kept."""

from pathlib import Path

import torch
from tokenizers import Tokenizer

from backend.prompts.anchors import ANCHOR
from engine.checkpoint.loader import load_model
from engine.core.errors import CheckpointError
from engine.model.diffusion_gemma import DiffusionGemma
from training.tokenizers.tokenizer import SPECIAL


def adopt(model: DiffusionGemma, words: Tokenizer, start: Path) -> None:
    """Copy the weights of a checkpoint.

    The embedding of a token is that of the same token there, or the mean of those that spell it.

    Args:
        model: The model, which is changed.
        words: Its tokenizer.
        start: Folder of the checkpoint.

    Raises:
        CheckpointError: The layers differ.
    """
    old = load_model(start, "cpu", torch.float32)
    theirs, ours = old.state_dict(), model.state_dict()
    tied = {name for name, value in theirs.items() if value is old.embed_tokens.weight or "embed_tokens" in name}
    for name, value in ours.items():
        if name in tied:
            continue
        if name not in theirs or theirs[name].shape != value.shape:
            found = list(theirs[name].shape) if name in theirs else "none"
            raise CheckpointError(f"{start}: expected {name} of shape {list(value.shape)}, got {found}")
        value.copy_(theirs[name])
    spelled = Tokenizer.from_file(str(start / "tokenizer.json"))
    rows = old.embed_tokens.weight
    with torch.no_grad():
        for number in range(words.get_vocab_size()):
            if ids := spelling(words, number, spelled):
                model.embed_tokens.weight[number] = rows[ids].mean(0)


def spelling(words: Tokenizer, number: int, other: Tokenizer) -> list[int]:
    """Return the tokens by which another tokenizer spells a token of `words`; that is the same token if it has it."""
    name = words.id_to_token(number)
    assert name is not None, "numbers are those of the vocabulary"
    same = other.token_to_id(name)
    if same is not None or name in SPECIAL or ANCHOR.fullmatch(name):  # anchors must stay different from each other
        return [] if same is None else [same]
    return [] if (text := words.decode([number])) == "" else other.encode(text, add_special_tokens=False).ids
