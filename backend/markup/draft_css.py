"""Keep only those parts of a style sheet or style attribute that load nothing, wherever they stand.

A style that loads something needs a token that names what to load. That is an address, a function that takes an address
as a string, or an at-rule that does so. So each token is checked by itself, and only tokens that are known to load
nothing stay. These are the functions and at-rules listed here, addresses of pictures in the text itself
(`data:image/`), and parts of the same document (`#id`). Then no nesting, no variable and no error that a browser
forgives can combine the tokens into anything else. Tokens are separated as CSS Syntax defines it. Names that are
spelled with escapes are dropped, not decoded.
"""

import re
from functools import lru_cache

_STRING = r"\"(?:[^\"\\\n\r\f]|\\[\s\S])*+\"?|'(?:[^'\\\n\r\f]|\\[\s\S])*+'?"
TOKEN = re.compile(
    rf"""
    (?P<comment> /\*[\s\S]*?(?:\*/|\Z) )
    | (?P<string> {_STRING} )
    | (?P<quoted> [uU][rR][lL]\([ \t\n\r\f]*+(?:"[^"\\\n\r\f]*+"|'[^'\\\n\r\f]*+')[ \t\n\r\f]*+\) )
    | (?P<address> [uU][rR][lL]\([ \t\n\r\f]*+(?!["'])(?:[^)\\]|\\[\s\S])*+\)? )
    | (?P<name> [\#@]?(?:[a-zA-Z0-9_\-\x80-\U0010ffff]|\\[!-/:-@\[-`{{-~])++\(? )
    | (?P<mark> [()\[\]{{}};] )
    | (?P<escape> \\ )
    """,
    re.VERBOSE,
)
"""A pattern for the tokens that matter.

Each alternative takes all it can, up to the end of the text, so that no text is read twice.
"""

_FUNCTIONS = """
    calc calc-size min max clamp round mod rem abs sign sin cos tan asin acos atan atan2 pow sqrt hypot log exp
    var env counter counters symbols local format tech style selector rgb rgba hsl hsla hwb lab lch oklab oklch
    color color-mix color-contrast contrast-color light-dark linear-gradient radial-gradient conic-gradient
    repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient -webkit-linear-gradient
    -webkit-radial-gradient -webkit-repeating-linear-gradient -webkit-repeating-radial-gradient
    -moz-linear-gradient -moz-radial-gradient -webkit-gradient from to color-stop matrix matrix3d perspective
    rotate rotate3d rotatex rotatey rotatez scale scale3d scalex scaley scalez skew skewx skewy translate
    translate3d translatex translatey translatez blur brightness contrast drop-shadow grayscale hue-rotate
    invert opacity saturate sepia circle ellipse inset polygon path rect xywh shape ray superellipse
    cubic-bezier steps linear repeat minmax fit-content scroll view anchor anchor-size is where has not matches
    any -webkit-any -moz-any nth-child nth-last-child nth-of-type nth-last-of-type lang dir host host-context
    slotted part cue state highlight
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
_AT_RULES = """
    @media @supports @container @layer @scope @starting-style @keyframes @-webkit-keyframes @-moz-keyframes
    @property @font-face @counter-style @page @position-try
"""
AT_RULES = frozenset(_AT_RULES.split())
PLAIN = re.compile(r"[^(\\@&\"'/]*+")
"""A pattern for text in which nothing can load, end elsewhere than it seems to, or be an entity."""

ENTITY = re.compile(r"&[#a-zA-Z]")
ATTR = re.compile(r"[ \t\n\r\f]*[a-zA-Z_][\w-]*[ \t\n\r\f]*\)", re.ASCII)
RULES, SHORT = 4096, 512
"""The number of rules in the cache and the maximum length of each, in characters.

Pages and their drafts repeat the same rules.
"""


def harmless_rule(rule: str) -> str:
    """Return a whole rule of a style sheet without the declarations and inner rules that may load something.

    The result is "" in doubt. In SVG the text of a style sheet has entities, which would hide what the text says.
    """
    if PLAIN.fullmatch(rule):
        return rule
    if ENTITY.search(rule):
        return ""
    return _remembered(rule) if len(rule) <= SHORT else harmless(rule)


def harmless(css: str) -> str:
    """Return declarations or rules without those that may load something.

    The result is "" if it is unclear where a declaration or rule ends.
    """
    try:
        return _Sieve(css).sifted()
    except _Doubt:
        return ""


_remembered = lru_cache(maxsize=RULES)(harmless)


def is_inert(address: str) -> bool:
    """Return whether an address loads nothing but itself."""
    return address.lower().startswith(("data:image/", "#"))


class _Doubt(Exception):
    """Browsers may read the text differently than this module does."""


class _Sieve:
    """One pass over a CSS text.

    Attributes:
        css: The text.
        start: The offset where the current declaration or prelude starts.
        suspect: Whether the current declaration or prelude may load something.
        out: The parts of the output so far.
        open: The brackets that are open.
        blocks: For each open block, the index of its prelude in the output and whether the prelude was suspect.
    """

    def __init__(self, css: str) -> None:
        self.css, self.start, self.suspect = css, 0, False
        self.out: list[str] = []
        self.open: list[str] = []
        self.blocks: list[tuple[int, bool]] = []

    def sifted(self) -> str:
        """Return the text without what may load something.

        Raises:
            _Doubt: It is unclear where a token, bracket or block ends.
        """
        for token in TOKEN.finditer(self.css):
            kind, text = token.lastgroup, token[0]
            if kind == "mark":
                self.mark(token)
            elif kind == "name":
                self.name(text, token.end())
            elif kind in ("quoted", "address"):
                self.suspect |= not is_inert(text[len("url(") :].lstrip(" \t\n\r\f\"'"))
            if _cut_off(str(kind), text):
                raise _Doubt
        if self.open or self.blocks:
            raise _Doubt
        self.keep(len(self.css))
        return "".join(self.out)

    def keep(self, end: int) -> None:
        """Add what was read since the last declaration to the output, unless it may load something."""
        if not self.suspect:
            self.out.append(self.css[self.start : end])
        self.start, self.suspect = end, False

    def name(self, text: str, end: int) -> None:
        """Handle a word, including the bracket after it if it is the name of a function."""
        name = text.lower()
        if name.startswith("@"):
            self.suspect |= name not in AT_RULES
        if not name.endswith("("):
            return
        self.open.append("(")
        name = name[:-1]
        if name.endswith("url") and name != "url":
            raise _Doubt  # What stands before the name decides whether an address begins here.
        self.suspect |= name not in FUNCTIONS and not (name == "attr" and ATTR.match(self.css, end))

    def mark(self, token: "re.Match[str]") -> None:
        """Handle a bracket, or the end of a declaration."""
        text = token[0]
        if text in "([":
            self.open.append(text)
        elif text in ")]":
            if not self.open or self.open.pop() + text not in ("()", "[]"):
                raise _Doubt
        elif self.open:
            raise _Doubt
        elif text == "{":
            self.blocks.append((len(self.out), self.suspect))
            self.suspect = False
            self.keep(token.end())
        elif text == ";":
            self.keep(token.end())
        else:
            self.close(token)

    def close(self, token: "re.Match[str]") -> None:
        """Handle the end of a block, and remove the block with its prelude if the prelude may load something."""
        if not self.blocks:
            raise _Doubt
        self.keep(token.start())
        self.keep(token.end())
        prelude, suspect = self.blocks.pop()
        if suspect:
            del self.out[prelude:]


def _cut_off(kind: str, text: str) -> bool:
    """Return whether a token ends where it should not, or spells something with escapes."""
    if kind == "comment":
        return len(text) < 4 or not text.endswith("*/")
    if kind == "string":
        return re.fullmatch(_CLOSED, text) is None
    return kind == "escape" or (kind == "address" and ("\\" in text or not text.endswith(")")))


_CLOSED = re.compile(r"\"(?:[^\"\\]|\\[\s\S])*+\"|'(?:[^'\\]|\\[\s\S])*+'")
