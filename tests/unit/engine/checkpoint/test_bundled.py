"""The bundled checkpoint means the same to transformers as to us."""

import pytest
import torch
from transformers import DiffusionGemmaForBlockDiffusion

from engine.checkpoint.loader import load_model
from engine.model.attention import decode_attend, encode_attend
from engine.model.kv_cache import PrefixCache
from engine.tokenizer.tokenizer import ChatTokenizer
from tests.support.repository import ROOT

BUNDLED = ROOT / "models" / "silverprint-s"
PROMPT = "web\nask: an encyclopedia article about volcanoes\nstyle: plain paper\ntitle: Volcano"


@pytest.mark.usefixtures("quiet")
def test_it_gives_the_same_logits_in_transformers() -> None:
    ids = torch.tensor(ChatTokenizer.load(BUNDLED).encode(PROMPT))
    model = load_model(BUNDLED, "cpu", torch.float32)
    canvas = torch.randint(model.config.vocab_size, (256,), generator=torch.Generator().manual_seed(0))
    cache = PrefixCache(model.config, model.embed_tokens.weight, len(ids) + 256)
    with torch.no_grad():
        model.encode(ids, torch.arange(len(ids)), encode_attend([cache], [len(ids)]))
        cache.commit(len(ids))
        ours = model.logits(model.decode(canvas, len(ids) + torch.arange(256), None, decode_attend([cache], 256)))
        reference = DiffusionGemmaForBlockDiffusion.from_pretrained(BUNDLED, dtype=torch.float32).eval()
        theirs = reference(input_ids=ids[None], decoder_input_ids=canvas[None]).logits[0]
    assert ((ours - theirs).abs().max() / theirs.abs().max()).item() < 1e-4
