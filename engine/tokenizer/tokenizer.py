"""Chat messages to token ids through a checkpoint's own tokenizer and template, and tokens back to text and bytes."""

import json
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from engine.checkpoint.layout import BASE
from engine.core.errors import CheckpointError, InvalidPrompt
from engine.core.params import Message
from engine.tokenizer.chat_template import ChatTemplate, Span
from engine.tokenizer.token_bytes import PieceReader

BRACKETED = re.compile(r"<[^<>\s]+>|\[[^\[\]\s]+\]")
"""How control tokens are spelled: <end_of_turn>, <|im_end|>, [INST]."""

HALF = re.compile("[\ud800-\udfff]")
"""A lone surrogate, which is no Unicode text."""


class ChatTokenizer:
    """A checkpoint's tokenizer with its chat template. It is safe to use from several threads.

    Attributes:
        special: The ids of special tokens, which are those marked special in tokenizer.json.
    """

    def __init__(self, tokenizer: Tokenizer, template: ChatTemplate | None) -> None:
        self._tokenizer, self._template = tokenizer, template
        self._lock = threading.Lock()
        added = tokenizer.get_added_tokens_decoder()
        self.special: frozenset[int] = frozenset(i for i, token in added.items() if token.special)
        steering = {i: token for i, token in added.items() if i not in self.special and self._steers(token.content)}
        self._control = self.special.union(steering)
        self._plain = _with_special(tokenizer, [token.content for token in steering.values()])
        self._pieces = PieceReader(tokenizer, self.special)

    @classmethod
    def load(cls, folder: str | Path) -> "ChatTokenizer":
        """Read tokenizer.json, tokenizer_config.json and chat_template.jinja, if there is one.

        For an adapter (engine/checkpoint/adapter.py), tokenizer.json may come from its base.

        Raises:
            CheckpointError: A file cannot be read.
        """
        path = Path(folder) / "tokenizer.json"
        if not path.exists() and (own := Path(folder) / BASE / path.name).exists():
            path = own
        try:
            tokenizer = Tokenizer.from_str(path.read_text("utf-8"))
        except Exception as error:  # the library raises bare Exception for a malformed file
            raise CheckpointError(f"cannot read {path}: {error}") from error
        return cls(tokenizer, ChatTemplate.load(folder))

    def encode(self, messages: str | Sequence[Message]) -> list[int]:
        """Convert a user's text or a conversation into prompt ids, with the generation prompt at the end.

        Contents never become special tokens, whatever they spell.

        Raises:
            InvalidPrompt: The messages make no prompt.
            CheckpointError: The checkpoint has no chat template.
        """
        if self._template is None:
            raise CheckpointError("tokenizer_config.json: expected a chat_template, got none")
        turns = [Message(role="user", content=messages)] if isinstance(messages, str) else list(messages)
        text, contents = self._template.render(_checked(turns))
        with self._lock:
            encoded = self._tokenizer.encode(text, add_special_tokens=False)
            if self._forged(encoded.ids, encoded.offsets, contents):
                return self._encode_apart(text, contents)
        return list(encoded.ids)

    def encode_text(self, text: str) -> list[int]:
        """Convert plain text into ids without the template; special tokens are not recognised.

        Raises:
            InvalidPrompt: The text holds control tokens that cannot be spelled out.
        """
        with self._lock:
            return self._encode_plain(text)

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of token ids, without special tokens."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))

    def piece(self, token: int) -> bytes:
        """Return the bytes that one token adds to the text; b"" for special tokens and ids without an entry."""
        return self._pieces.read(token)

    def _steers(self, token: str) -> bool:
        """Tell whether the template uses a token in brackets.

        Such a token is a control token, whether it is marked special or not.
        """
        return bool(self._template and BRACKETED.fullmatch(token) and token in self._template.source)

    def _forged(self, ids: list[int], offsets: list[tuple[int, int]], contents: list[Span]) -> bool:
        """Tell whether any control token lies in a content, in whole or in part."""
        spans = [offset for i, offset in zip(ids, offsets, strict=True) if i in self._control]
        return any(start < stop_c and start_c < stop for start, stop in spans for start_c, stop_c in contents)

    def _encode_apart(self, text: str, contents: list[Span]) -> list[int]:
        """Encode the template's text with special tokens and the contents without, piece by piece."""
        ids: list[int] = []
        position = 0
        for start, stop in contents:
            ids += self._tokenizer.encode(text[position:start], add_special_tokens=False).ids
            ids += self._encode_plain(text[start:stop])
            position = stop
        return ids + list(self._tokenizer.encode(text[position:], add_special_tokens=False).ids)

    def _encode_plain(self, text: str) -> list[int]:
        self._plain.encode_special_tokens = True  # "encode" them as the characters they are spelled with
        try:
            ids = list(self._plain.encode(text, add_special_tokens=False).ids)
        finally:
            self._plain.encode_special_tokens = False
        if self._control.intersection(ids):
            raise InvalidPrompt("expected text without control tokens, got some that cannot be spelled out")
        return ids


def _with_special(tokenizer: Tokenizer, tokens: list[str]) -> Tokenizer:
    """Return a copy of the tokenizer with these tokens marked special, or itself if there are none."""
    if not tokens:
        return tokenizer
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.add_special_tokens(tokens)
    return copy


def _checked(messages: Sequence[Any]) -> list[Message]:
    if not messages:
        raise InvalidPrompt("expected at least one message, got none")
    for message in messages:
        fields = message if isinstance(message, dict) else {}
        role, content = fields.get("role"), fields.get("content")
        # A role enters the template unchanged, so it must be a plain word, which cannot spell a control token.
        if not (isinstance(role, str) and role.isidentifier() and isinstance(content, str)):
            got = json.dumps(message, default=repr)
            raise InvalidPrompt(f'expected messages like {{"role": "user", "content": "..."}}, got {got}')
        if HALF.search(content):
            raise InvalidPrompt("expected contents of Unicode text, got a lone surrogate")
    return list(messages)
