"""The fields of a request to the older completions: a text to continue, or a text to fill in before a suffix."""

from dataclasses import dataclass, field
from typing import Any

from backend.api.openai.chat_request import NEUTRAL, READERS, Asked, Readers, fields_of, text_of, wrong
from backend.prompts.render import Message

NOTHING = Message(role="user", content="")
"""The message that the model is asked: it is empty, because everything to know is on the page."""

NEUTRAL_HERE = {"best_of": (1,), "echo": (False,)} | {
    name: NEUTRAL[name] for name in ("n", "top_p", "presence_penalty", "frequency_penalty", "logit_bias")
}


@dataclass(frozen=True)
class AskedText(Asked):
    """What a request to the older completions asks for.

    Attributes:
        messages: What the model is asked, which is nothing.
        prompt: How the text begins.
        suffix: How the text ends, or "" if the model is to end it.
    """

    messages: list[Message] = field(default_factory=lambda: [NOTHING])
    prompt: str = ""
    suffix: str = ""


def asked_text(data: dict[str, Any]) -> AskedText:
    """Return what a completion request asks for.

    Raises:
        Refused: A field cannot be used; the error names it.
    """
    return AskedText(**fields_of(data, READERS_HERE, NEUTRAL_HERE, ("model", "prompt")))


def prompt_of(name: str, value: object) -> str:
    """Read a text, or a list of one text."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise wrong(name, "a string or a list of one; neither token ids nor several texts are served", value)
    return value


READERS_HERE: Readers = {
    name: reader for name, reader in READERS.items() if name not in ("messages", "max_completion_tokens")
} | {"prompt": ("prompt", prompt_of), "suffix": ("suffix", text_of)}
