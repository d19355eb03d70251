"""The chat template of a checkpoint, rendered in Jinja2's sandbox as transformers renders it."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.core.errors import CheckpointError, InvalidPrompt

Span = tuple[int, int]
"""A half-open range of characters."""

# Unicode noncharacters: never part of a text, so they can mark where a content begins and ends in the rendered prompt.
BEGIN, END = "\ufdd0", "\ufdd1"
MARKS = re.compile(f"[{BEGIN}{END}]")


class ChatTemplate:
    """A chat template that also tells where in the prompt the messages' contents are.

    Attributes:
        source: The template in Jinja2.
    """

    def __init__(self, source: str, special_tokens: dict[str, str]) -> None:
        """Compile a template.

        Args:
            source: The template in Jinja2.
            special_tokens: Names that the template may use, such as bos_token, with their text.

        Raises:
            CheckpointError: The template is malformed.
        """
        self.source, self._template = source, _compile(source)
        self._special_tokens = special_tokens

    @classmethod
    def load(cls, folder: str | Path) -> "ChatTemplate | None":
        """Read the template from chat_template.jinja or tokenizer_config.json; None if neither has one.

        Raises:
            CheckpointError: A file cannot be read, or the template is malformed.
        """
        config = _read_config(Path(folder) / "tokenizer_config.json")
        own_file = Path(folder) / "chat_template.jinja"
        source = own_file.read_text("utf-8") if own_file.exists() else _default_template(config.get("chat_template"))
        return None if source is None else cls(source, _special_tokens(config))

    def render(self, messages: Sequence[Any]) -> tuple[str, list[Span]]:
        """Render messages into a prompt.

        Args:
            messages: Mappings with "role" and "content".

        Returns:
            The prompt's text, and the ranges in it where contents stand.

        Raises:
            InvalidPrompt: The template refuses the messages. The same error is raised if it splits a content, since its
                text could then not be told from the template's.
        """
        marked = [{**message, "content": _mark(message["content"])} for message in messages]
        try:
            text = self._template.render(messages=marked, add_generation_prompt=True, **self._special_tokens)
        except TemplateError as error:
            raise InvalidPrompt(f"the chat template refuses these messages: {error}") from error
        return _unmark(text)


def _compile(source: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    try:
        return environment.from_string(source)
    except TemplateError as error:
        raise CheckpointError(f"chat template: {error}") from error


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {path}: {error}") from error
    if not isinstance(config, dict):
        raise CheckpointError(f"{path}: expected an object, got {type(config).__name__}")
    return config


def _default_template(entry: Any) -> str | None:
    """Return the template that tokenizer_config.json holds; of a list of named ones, the one named "default"."""
    if isinstance(entry, list):
        entry = {named["name"]: named["template"] for named in entry}.get("default")
    return entry if entry is None else str(entry)


def _special_tokens(config: dict[str, Any]) -> dict[str, str]:
    """Return the text of names like bos_token; older files hold them as objects with the text in "content"."""
    named = {name: value for name, value in config.items() if name.endswith("_token")}
    texts = {name: value.get("content") if isinstance(value, dict) else value for name, value in named.items()}
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def _mark(content: str) -> str:
    """Mark a content's core; the white space around it stays outside, where the template can trim it."""
    content = content.replace(BEGIN, "").replace(END, "")
    core = content.strip()
    if not core:
        return content
    lead = content.index(core[0])
    return content[:lead] + BEGIN + core + END + content[lead + len(core) :]


def _unmark(text: str) -> tuple[str, list[Span]]:
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    marks = MARKS.findall(text)
    if marks != [BEGIN, END] * (len(marks) // 2):
        raise InvalidPrompt("expected contents that the chat template repeats unchanged, got one that it splits")
    for i, part in enumerate(MARKS.split(text)):
        if i % 2:
            spans.append((length, length + len(part)))
        parts.append(part)
        length += len(part)
    return "".join(parts), spans
