"""What a page's markup must fulfil, judged without a browser: parse errors, title, heading and facts."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as PARSE_ERRORS

from backend.prompts.brief import Site
from training.corpus.design import Example


@dataclass(frozen=True)
class Parsed:
    """A parsed page: its tree (plain tag names) and the parse errors of the HTML standard, in words."""

    root: Element
    errors: tuple[str, ...]

    def texts(self, tag: str) -> list[str]:
        """The text of every ``tag`` element, white space folded."""
        return [fold("".join(visible(element))) for element in self.root.iter(tag)]


def parse(page: str) -> Parsed:
    """Parse ``page`` as a browser does, keeping every parse error with its line and column."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(page)
    return Parsed(
        root, tuple(f"{line}:{column} {PARSE_ERRORS[code] % data}" for (line, column), code, data in parser.errors)
    )


def visible(element: Element) -> Iterator[str]:
    """The pieces of text inside ``element``, without scripts and styles."""
    yield element.text or ""
    for child in element:
        if child.tag not in ("script", "style") and isinstance(child.tag, str):
            yield from visible(child)
        yield child.tail or ""


def fold(text: str) -> str:
    """``text`` with single spaces and none at its ends."""
    return " ".join(text.split())


def sentences(facts: str) -> list[str]:
    """The sentences of ``facts``, cut after a full stop, question or exclamation mark and a space."""
    return [part for part in re.split(r"(?<=[.?!]) +", facts.strip()) if part]


KEPT_SHARE = 0.9
"""Of the words that an edit was not asked to change."""


def check_markup(page: str, example: Example, before: str = "") -> dict[str, str]:
    """Judge ``page`` by its markup: {check: "" when it holds, else what was expected and what came}.

    Checks: "html" (no parse errors), "title" (<title> and an <h1> carry the asked title) and, where the example's own
    page uses sentences of the brief's facts, "facts" (they stand in the text unchanged, white space apart). before: of
    an edit, the page that was changed: "kept" (nine of ten of its words that the example's own page has are there) and
    "asked" (it is another page, with the texts that the example's own page gained, without those that it lost). Where
    the brief gives them: "site" (name and navigation are those given), "windows" (each is there, by its title).
    """
    parsed = parse(page)
    outcome = {"html": "; ".join(parsed.errors[:3]), "title": _title(parsed, example.checks.title)}
    if wanted := _used(example.brief.facts, parse(example.page)):
        outcome["facts"] = _facts(parsed, wanted)
    if site := example.brief.site:
        outcome["site"] = _site(parsed, site)
    if windows := example.brief.windows:
        outcome["windows"] = _windows(parsed, [window.title for window in windows])
    if before:
        outcome["kept"] = _kept(words(parsed), words(parse(before)) & words(parse(example.page)))
        same = page == before and example.page != example.before
        outcome["asked"] = "expected a change, got the page as it was" if same else _asked(parsed, example)
    return outcome


def _site(parsed: Parsed, site: Site) -> str:
    header = next(parsed.root.iter("header"), Element("header"))
    brand = next(("".join(visible(name)) for name in header.iter("b")), "")
    navs = [nav for nav in header.iter("nav") if nav.get("class") == "site"]
    found = [(link.get("href", ""), fold("".join(visible(link)))) for nav in navs for link in nav.iter("a")]
    wanted = [(f"/{link.kind}", link.text) for link in site.links]
    if fold(brand) != site.name:
        return f"expected the site {site.name!r}, got {fold(brand)!r}"
    return "" if found == wanted else f"expected the navigation {wanted}, got {found}"


def _windows(parsed: Parsed, titles: Sequence[str]) -> str:
    behind = [part for part in parsed.root.iter("section") if "back" in part.get("class", "").split()]
    found = [fold("".join(visible(heading))) for part in behind for heading in part.iter("h2")]
    missing = [title for title in titles if title not in found]
    return f"expected a window {missing[0]!r} behind, got {found}" if missing else ""


def words(page: Parsed) -> Counter[str]:
    """How often each word stands in a page's body."""
    return Counter(" ".join(visible(page.root)).split())


def _kept(found: Counter[str], wanted: Counter[str]) -> str:
    lost = wanted - found
    share = 1 - lost.total() / max(wanted.total(), 1)
    return "" if share >= KEPT_SHARE else f"expected the words of the page before, lost {' '.join(sorted(lost))}"


def texts(page: Parsed) -> Counter[str]:
    """How often each text stands in a page, white space folded: the pieces between tags."""
    return Counter(filter(None, map(fold, visible(page.root))))


def _asked(parsed: Parsed, example: Example) -> str:
    old, new, found = texts(parse(example.before)), texts(parse(example.page)), texts(parsed)
    if missing := (new - old) - found:
        return f"expected the new text {next(iter(missing))!r}"
    left = [text for text in old - new if found[text] > new[text]]
    return f"expected the text {left[0]!r} to be gone" if left else ""


def _title(parsed: Parsed, title: str) -> str:
    for tag in ("title", "h1"):
        found = parsed.texts(tag)
        if title not in found:
            return f"expected <{tag}> {title!r}, got {found}"
    return ""


def _used(facts: str, page: Parsed) -> list[str]:
    body = _squeezed(page)
    told = (next((form for form in _forms(sentence) if _squeeze(form) in body), "") for sentence in sentences(facts))
    return [form for form in told if form]


def _forms(sentence: str) -> tuple[str, ...]:
    """A sentence as a page may tell it: whole, without its full stop, or what stands behind its label."""
    bare = sentence.removesuffix(".")
    return sentence, bare, sentence.partition(": ")[2] or bare, bare.partition(": ")[2] or bare


def _facts(parsed: Parsed, wanted: list[str]) -> str:
    body = _squeezed(parsed)
    lost = [sentence for sentence in wanted if _squeeze(sentence) not in body]
    return f"expected in the text: {lost[0]!r}" if lost else ""


def _squeezed(parsed: Parsed) -> str:
    return _squeeze("".join(visible(parsed.root)))


def _squeeze(text: str) -> str:
    return "".join(text.split())
