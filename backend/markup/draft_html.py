"""Convert the bytes of a page, some not settled yet, to HTML that is safe to show now.

The page is written anew rather than passed through, so the output is markup by construction:
1. The output ends before the first tag that holds an unsettled byte. It also ends before a tag, entity or character
   that is cut off.
2. Unsettled text becomes a placeholder as wide as the model's present guess (figure spaces, `LATENT`). Where no body
   has begun, unsettled text ends the page instead, since it is an unfinished tag there.
3. Of a style sheet, only whole settled rules come through, without what may load something (`draft_css`). Scripts,
   frames, plug-ins and document metadata are left out. Attributes stay unless they are event handlers, script
   addresses, or addresses or styles that would load something (`draft_tags`).

The output needs no policy around it. The module is pure and deterministic.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from backend.markup.draft_css import harmless_rule
from backend.markup.draft_tags import start_tag, utf8
from backend.markup.scanner import AHEAD, RAW_TEXT, Part, PartKind, scan
from backend.text.diff import common_prefix

LATENT = "sp-latent"
FIGURE_SPACE = "\u2007"  # as wide as a digit; never broken, collapsed or spoken; blank if no span may stand
WITHHELD = RAW_TEXT - {"style", "title", "textarea"} | {
    "applet", "base", "embed", "fencedframe", "frame", "frameset", "link", "meta", "object", "param", "portal",
}  # fmt: skip
NAME = re.compile(r"[a-z][a-z0-9-]*")
ENTITY = re.compile(r"&(?:#x?[0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,31})")
ATOM = re.compile(r"&#?\w{0,31};?|[\xc2-\xf4][\x80-\xbf]{0,3}", re.ASCII)
PLAIN = re.compile(r"[\0-%'-\x7f]*+")
"""A pattern for text without entities and without characters of several bytes."""

HEAD = frozenset({"html", "head", "title", "style", "script", "meta", "link", "base"})
LONGEST_WORD = 14  # characters of a placeholder, since a guess may be a whole style rule
CSS_TOKEN = re.compile(
    r""""(?:[^"\\\n\r\f]|\\.)*+"?|'(?:[^'\\\n\r\f]|\\.)*+'?|/\*(?:.*?\*/|.*+)|\\.|[{};]""", re.DOTALL
)
"""A pattern for braces, and for tokens that may hold a brace that opens or closes no block.

As in CSS, a string that is not closed ends with its line, and a comment that is not closed ends with the sheet. Nothing
is searched twice, so the time is proportional to the length of the sheet. `draft_css` checks what the rules hold.
"""


class Mark(NamedTuple):
    """The state of the output at the beginning of a part.

    Attributes:
        at: The offset of the part in the page, in bytes.
        begun: Whether a body had begun there.
        spelled: The number of strings of the output that stand before the part.
    """

    at: int
    begun: bool
    spelled: int


class Exposer:
    """Produce the safe HTML of a page that changes, starting from the first change.

    The output before the first change is kept from the previous call.
    """

    def __init__(self) -> None:
        self._page = self._firm = b""
        self._marks: list[Mark] = []
        self._spelled: list[str] = []

    def html(self, page: bytes, firm: bytes | bytearray) -> str:
        """Return HTML that is safe to show.

        Args:
            page: The page so far, as the model would write it now.
            firm: One byte for each byte of `page`, 1 where that byte is settled.

        Raises:
            ValueError: The two differ in length.
        """
        if len(page) != len(firm):
            raise ValueError(f"expected one flag for each of {len(page)} bytes, got {len(firm)}")
        firm = bytes(firm)
        alike = min(common_prefix(self._page, page), common_prefix(self._firm, firm)) - AHEAD
        self._page, self._firm = page, firm
        kept = bisect_right(self._marks, alike, key=lambda mark: mark.at)
        del self._marks[kept:]
        last = self._marks.pop() if self._marks else Mark(0, False, 0)
        del self._spelled[last.spelled :]
        exposure = _Exposure(page, bytearray(firm), last.begun)
        for strings in exposure.parts(last.at, self._mark):
            self._spelled.append(strings)
        return "".join(self._spelled)

    def _mark(self, at: int, begun: bool) -> None:
        self._marks.append(Mark(at, begun, len(self._spelled)))


class _Exposure:
    """One pass over a page.

    Attributes:
        text: The page with one byte a character, so that offsets in it count bytes.
        firm: One byte for each byte of the page, 1 where it is settled.
        begun: Whether there is a body for text to stand in.
    """

    def __init__(self, page: bytes, firm: bytearray, begun: bool) -> None:
        self.text = page.decode("latin-1")
        self.firm = firm
        self.begun = begun  # whether there is a body for text to stand in

    def parts(self, at: int, mark: Callable[[int, bool], None]) -> Iterator[str]:
        """Yield the safe HTML of the page from `at` on.

        Args:
            at: An offset at which no raw text is being skipped.
            mark: Called with each further offset at which a later pass could start.
        """
        skipped = ""  # the withheld element whose raw text comes next
        for part in scan(self.text, at):
            if part.kind is not PartKind.RAW and not skipped:
                mark(part.start, self.begun)
            if part.kind is PartKind.TEXT:
                end = self.literal_until(part)
                yield from self.visible(part.start, end)
                if end < part.end or not (self.begun or self.settled(part.start, end)):
                    return
            elif part.kind is PartKind.RAW:
                if part.name not in WITHHELD:
                    yield from self.raw(part)
                    yield f"</{part.name}>"
                skipped = part.name
            elif part.kind is PartKind.UNFINISHED or not self.settled(part.start, part.end):
                return
            elif part.kind is PartKind.START:
                yield self.start_tag(part)
            elif part.kind is PartKind.END and part.name != skipped:
                yield self.end_tag(part)
            if part.kind is PartKind.END:
                skipped = ""

    def settled(self, start: int, end: int) -> bool:
        """Return whether all bytes from `start` to `end` are settled."""
        return self.firm.find(0, start, end) < 0

    def literal_until(self, part: Part) -> int:
        """Return the offset up to which the text cannot become markup.

        The offset is that of the first `<` that is unsettled or precedes an unsettled byte, else the end of the part.
        """
        at = self.text.find("<", part.start, part.end)
        while at >= 0 and self.settled(at, at + 2):
            at = self.text.find("<", at + 1, part.end)
        return part.end if at < 0 else at

    def visible(self, start: int, end: int) -> Iterator[str]:
        """Yield settled text with escapes, and unsettled text as placeholders."""
        for settled, run in self.runs(start, end):
            if not (settled or self.begun):
                return
            yield escape(run) if settled else placeholder(run)

    def runs(self, start: int, end: int) -> Iterator[tuple[bool, str]]:
        """Yield the text in settled and unsettled runs by turns.

        Entities and characters count as unsettled unless they are whole.
        """
        for atom in () if PLAIN.fullmatch(self.text, start, end) else ATOM.finditer(self.text, start, end):
            cut_off = atom.end() == len(self.text) and not atom[0].endswith(";") and not is_character(atom[0])
            if cut_off or not self.settled(*atom.span()):
                self.firm[atom.start() : atom.end()] = bytes(len(atom[0]))
        while start < end:
            flag = self.firm[start]
            stop = self.firm.find(1 - flag, start, end)
            stop = end if stop < 0 else stop
            yield bool(flag), utf8(self.text[start:stop])
            start = stop

    def raw(self, part: Part) -> Iterator[str]:
        """Yield the safe text of a raw-text element."""
        if part.name == "style":
            yield from self.rules(part.start, part.end)
        else:
            for settled, run in self.runs(part.start, part.end):
                yield escape(run) if settled else blank(run) if part.name == "textarea" else ""

    def rules(self, start: int, end: int) -> Iterator[str]:
        """Yield the style rules that are whole and settled, without what may load something."""
        depth = 0
        for token in CSS_TOKEN.finditer(self.text, start, end):
            if token[0] == "{":
                depth += 1
            elif token[0] == "}" or (token[0] == ";" and depth == 0):
                depth = max(0, depth - 1)
                if depth:
                    continue
                rule = self.text[start : token.end()]
                if token[0] == "}" and "<" not in rule and self.settled(start, token.end()):
                    yield harmless_rule(utf8(rule))
                start = token.end()

    def start_tag(self, part: Part) -> str:
        """Return the safe start tag of a part, or "" if the element is withheld."""
        if part.name in WITHHELD or not NAME.fullmatch(part.name):
            return ""
        self.begun = self.begun or part.name not in HEAD
        return start_tag(part.name, self.text[part.start : part.end])

    def end_tag(self, part: Part) -> str:
        """Return the end tag of a part, or "" if the element is withheld."""
        return "" if part.name in WITHHELD or not NAME.fullmatch(part.name) else f"</{part.name}>"


def is_character(spelled: str) -> bool:
    """Return whether the bytes are one whole UTF-8 character."""
    lead = ord(spelled[0])
    return lead >= 0xC2 and len(spelled) == (2 if lead < 0xE0 else 3 if lead < 0xF0 else 4)


def escape(text: str) -> str:
    """Return text as markup; entities in the text stay entities."""
    text = re.sub(rf"&(?!{ENTITY.pattern[1:]})", "&amp;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")


def blank(guess: str) -> str:
    """Return white space as wide as the words of a guess, with breaks at the same places."""
    guess = html.unescape(guess)
    words = " ".join(FIGURE_SPACE * min(len(word), LONGEST_WORD) for word in guess.split())
    return f"{' ' * guess[:1].isspace()}{words}{' ' * (bool(words) and guess[-1:].isspace())}"


def placeholder(guess: str) -> str:
    """Return the blank for a guess in a span that marks it as latent."""
    words = blank(guess)
    bare = words.strip(" ")
    return words.replace(bare, f"<span class={LATENT} aria-hidden=true>{bare}</span>") if bare else words
