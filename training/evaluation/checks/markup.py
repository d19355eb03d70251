"""What a page's markup has to fulfil, judged without a browser: parse errors, title, heading and facts."""

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
    """A parsed page.

    Attributes:
        root: Its tree, with plain tag names.
        errors: The parse errors of the HTML standard, in words.
    """

    root: Element
    errors: tuple[str, ...]

    def texts(self, tag: str) -> list[str]:
        """Return the text of every element with this tag, with white space folded."""
        return [fold("".join(visible(element))) for element in self.root.iter(tag)]


def parse(page: str) -> Parsed:
    """Parse a page as a browser does, and keep every parse error with its line and column."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(page)
    return Parsed(
        root, tuple(f"{line}:{column} {PARSE_ERRORS[code] % data}" for (line, column), code, data in parser.errors)
    )


def visible(element: Element) -> Iterator[str]:
    """Yield the pieces of text inside an element, without scripts and styles."""
    yield element.text or ""
    for child in element:
        if child.tag not in ("script", "style") and isinstance(child.tag, str):
            yield from visible(child)
        yield child.tail or ""


def fold(text: str) -> str:
    """Return a text with single spaces, and none at its ends."""
    return " ".join(text.split())


def sentences(facts: str) -> list[str]:
    """Return the sentences of facts; each ends with a full stop, question mark or exclamation mark before a space."""
    return [part for part in re.split(r"(?<=[.?!]) +", facts.strip()) if part]


KEPT_SHARE = 0.9
"""Least share of words that has to stay, of those that an edit was not asked to change."""


def check_markup(page: str, example: Example, before: str = "") -> dict[str, str]:
    """Judge a page by its markup.

    - "html": There are no parse errors.
    - "title": <title> and an <h1> have the title that was asked for.
    - "facts": The sentences of the brief's facts that the example's own page uses are in the text, unchanged except for
      white space.
    - "kept", for an edit: At least nine of ten of the old page's words that the example's own page has are still there.
    - "asked", for an edit: The page has changed. It has the texts that the example's own page gained, and not those
    that it
      lost.
    - "site", if the brief gives one: Name and navigation are those given.
    - "windows", if the brief gives any: Each window is there, by its title.

    Args:
        page: The page.
        example: The example.
        before: For an edit, the page that was changed.

    Returns:
        For each check, an empty string if it holds, otherwise what was expected and what was found.
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
    """Return how often each word occurs in a page's body."""
    return Counter(" ".join(visible(page.root)).split())


def _kept(found: Counter[str], wanted: Counter[str]) -> str:
    lost = wanted - found
    share = 1 - lost.total() / max(wanted.total(), 1)
    return "" if share >= KEPT_SHARE else f"expected the words of the page before, lost {' '.join(sorted(lost))}"


def texts(page: Parsed) -> Counter[str]:
    """Return how often each text occurs in a page, with white space folded; texts are the pieces between tags."""
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
    """Return a sentence as a page may show it: whole, without its full stop, or without its label."""
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
