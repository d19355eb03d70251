"""Read what a page leaves for the next: its look, and the site it belongs to or the windows that are open on it.

Everything here is read from markup that a model wrote. It is untrusted text: short and on one line each. In a prompt it
is the value of a field like any other. The module is pure.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from backend.composer.intent import Intent
from backend.markup.tree import UNREAD, Element, parse
from backend.pages.page_look import left_by
from backend.pages.page_urls import segments
from backend.prompts.brief import NavLink, Site, Window
from backend.storage.records import PageRecord
from backend.text.cleaning import one_line
from backend.text.shorten import shortened

NAME_CHARS, LINK_CHARS, LINKS = 60, 40, 8
"""The maximum number of characters of a site's name and of a link's text or kind, and of links."""
LISTED = 3
"""The maximum number of links of a site whose pages have shown no navigation."""
WINDOWS, WINDOW_TITLE_CHARS, WINDOW_TEXT_CHARS = 4, 80, 200
TRIES, LINK_TRIES, LISTED_TRIES, PARTS = 3, 20, 200, 100
"""How many elements are examined before giving up, and how many parts of each link.

A link may hold all other links, so without these limits the time would not stay proportional to the length of a page.
"""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BRAND = re.compile(r"(?:^|[\s_-])(?:brand|logo|wordmark|site-?(?:name|title))(?:$|[\s_-])", re.IGNORECASE)
NOT_MAIN = re.compile(
    r"breadcrumb|pagination|contents|\btoc\b|related|elsewhere|friends|\btags?\b|\bpages?\b|footer|skip", re.IGNORECASE
)
SITE_IN_TITLE = re.compile(r"(?: ?[|·–—] ?| - )(.+)")
"""A pattern for what follows a page's heading in <title> if the name of its site does."""
SIZE = r"-?[\d.]{1,8}(?:px|%|vw|vh|r?em)?"
PLACE = re.compile(rf"(?:^|;)\s*(left|top|right|bottom|width|height)\s*:\s*({SIZE})\s*(?=;|$)", re.IGNORECASE)


def carried(wanted: Intent, page: PageRecord) -> Intent:
    """Return an intent with what the page it was formed on leaves for the next of its world. A prompt starts anew.

    No site is read from a page made from what a visitor filled in; the site it was given itself goes on. Windows are
    read even then, as they stay open, and they make the next screen private, too.
    """
    if wanted.world != page.world or not wanted.open:
        return wanted
    wanted = replace(wanted, look=left_by(page), about="" if page.private else page.brief.facts)
    if wanted.world == "web":
        return replace(wanted, site=page.brief.site if page.private else _site(page))
    if wanted.world == "os":
        windows = windows_of(page.html)
        return replace(wanted, windows=windows, private=wanted.private or (page.private and bool(windows)))
    return wanted


def _site(page: PageRecord) -> Site | None:
    """Return the site of a page.

    If the page has shown no navigation yet, the links are the first of its given titles that it links to.
    """
    site = site_of(page.html, page.brief.site)
    return replace(site, links=listed(page.html, page.brief.links)) if site and not site.links else site


@lru_cache(maxsize=64)
def listed(page: str, titles: tuple[str, ...]) -> tuple[NavLink, ...]:
    """Return the first links of a page whose texts are among these titles."""
    links = (e for e in parse(page).walk(lambda e: not e.hidden) if e.name == "a") if titles else iter(())
    return _distinct((link for link in islice(links, LISTED_TRIES) if _said(link) in titles), "")[:LISTED]


@lru_cache(maxsize=64)
def site_of(page: str, before: Site | None = None) -> Site | None:
    """Return the site that a page shows, or None if there is none.

    What the page does not show is as it was before.
    """
    tree, before = parse(page), before or Site()
    header = _header(tree)
    name = _name(tree, header) or before.name
    links = _links(tree, header, name) or before.links
    return Site(name, links) if name or links else None


def _header(tree: Element) -> Element | None:
    """Return the header of the site: the first that belongs to the page as a whole."""
    owned = {"article", "section", "main", "aside", "dialog", "nav"}
    whole = tree.walk(lambda e: e.name not in owned)
    return next((e for e in whole if e.name == "header" or e.attributes.get("role") == "banner"), None)


def _name(tree: Element, header: Element | None) -> str:
    """Return the name of a site.

    It is what is marked as its brand, else what stands first in its header, else what the page declares.
    """
    sources: list[Iterable[str]] = [_declared(tree)]
    if header:
        marked = (element for element in header.walk() if BRAND.search(_marks(element)))
        shown = (_said(e) for found in (marked, _before_headings(header)) for e in islice(found, TRIES))
        sources = [shown, *sources, _headline(header)]
    return next((name for names in sources for name in names if 0 < len(name) <= NAME_CHARS), "")


def _marks(element: Element) -> str:
    """Return the class, id and itemprop of an element as one text."""
    return " ".join(element.attributes.get(name, "") for name in ("class", "id", "itemprop"))


def _said(element: Element) -> str:
    """Return what an element says, else its label, else the text of its picture."""
    pictures = (child.attributes.get("alt", "") for child in islice(element.walk(), PARTS) if child.name == "img")
    return element.text(most=PARTS) or one_line(element.attributes.get("aria-label", "") or next(pictures, ""))


def _before_headings(header: Element) -> Iterator[Element]:
    """Yield the elements of a header that hold words of their own, up to its first heading.

    Controls and navigation are left out.
    """
    apart = {"nav", "form", "button", "label", "input", "output", "time", "ul", "ol", "select", "small"} | UNREAD
    for element in header.walk(lambda e: e.name not in apart and not e.hidden):
        if element.name in HEADINGS:
            return
        if any(isinstance(child, str) and child.strip() for child in element.children):
            yield element


def _declared(tree: Element) -> Iterator[str]:
    """Yield what a page's metadata calls its site.

    That is og:site_name and similar names, and what follows the page's heading in <title>.
    """
    for element in tree.walk():
        key = element.attributes.get("property") or element.attributes.get("name") or ""
        if element.name == "meta" and key.lower() in ("og:site_name", "application-name"):
            yield one_line(element.attributes.get("content", ""))
    title, heading = _first(tree, "title"), _first(tree, "h1")
    if title and heading and (subject := heading.text()):
        found = SITE_IN_TITLE.fullmatch(title.text().removeprefix(subject))
        yield found[1] if found else ""


def _headline(header: Element) -> Iterator[str]:
    """Yield the <h1> of a header that also has navigation: on a front page, it is the name of the site."""
    heading = _first(header, "h1")
    if heading and _first(header, "nav"):
        yield heading.text()


def _first(tree: Element, name: str) -> Element | None:
    """Return the first element of that name, or None."""
    return next((element for element in tree.walk() if element.name == name), None)


def _links(tree: Element, header: Element | None, name: str) -> tuple[NavLink, ...]:
    """Return the main navigation.

    It is that of the header, else the first on the page that is no list of pages or parts.
    """
    inside = header.walk() if header else iter(())
    shown = tree.walk(lambda e: e.name != "footer" and not e.hidden)
    navs = (e for found in (inside, shown) for e in found if e.name == "nav" and not NOT_MAIN.search(_labels(e)))
    return next((links for nav in islice(navs, TRIES) if (links := _of_nav(nav, name))), ())


def _labels(element: Element) -> str:
    """Return the marks and the label of an element as one text."""
    return f"{_marks(element)} {element.attributes.get('aria-label', '')}"


def _of_nav(nav: Element, name: str) -> tuple[NavLink, ...]:
    """Return the links of a <nav>, except one with the name of the site."""
    return _distinct((e for e in nav.walk(lambda e: not e.hidden) if e.name == "a"), name)


def _distinct(links: Iterable[Element], name: str) -> tuple[NavLink, ...]:
    """Return the links that lead to another page, each text once, except those that say `name`."""
    found: dict[str, NavLink] = {}
    for link in islice(links, LINK_TRIES):
        href = link.attributes.get("href", "#").strip()
        text = _said(link)
        if not href.startswith("#") and text != name and 0 < len(text) <= LINK_CHARS:
            kind = next(iter(segments(href)), "")[:LINK_CHARS]
            found.setdefault(text, NavLink(kind, text))
    return tuple(found.values())[:LINKS]


@lru_cache(maxsize=64)
def windows_of(page: str) -> tuple[Window, ...]:
    """Return the windows open on a screen: the one in front (it holds the <h1>), then the others from the top down.

    A window is a <dialog> or has that role, or the class `window` or `win`. If there is none, it is the section of the
    <h1>.
    """
    tree = parse(page)
    outside = tree.walk(lambda e: not e.hidden and not (e.parent and _is_window(e.parent)))
    found = [element for element in outside if _is_window(element)] or _around_heading(tree)
    top_down = list(reversed(found))
    order = sorted(top_down, key=lambda element: _first(element, "h1") is None)
    windows = (_window(element) for element in order)
    return tuple(islice((window for window in windows if window.title or window.text), WINDOWS))


def _is_window(element: Element) -> bool:
    """Return whether an element is a window."""
    if element.name in ("", "html", "body", "main", "button", "a"):
        return False
    marked = element.name == "dialog" or element.attributes.get("role") == "dialog"
    return marked or bool(element.tokens & {"window", "win"})


def _around_heading(tree: Element) -> list[Element]:
    """Return the part of a page that its <h1> is the heading of, or nothing."""
    heading = next((e for e in tree.walk(lambda e: not e.hidden) if e.name == "h1"), None)
    around = (a for a in heading.ancestors() if a.name in ("section", "article")) if heading else iter(())
    return list(islice(around, 1))


def _window(element: Element) -> Window:
    """Return the title, the text and the place of a window."""
    heading = next((e for e in element.walk(lambda e: not e.hidden) if e.name in HEADINGS), None)
    title = heading.text() if heading else one_line(element.attributes.get("aria-label", ""))
    text = element.text(_bar(element, heading) if heading else None)
    found = dict(PLACE.findall(element.attributes.get("style", "").lower()))
    place = ", ".join(f"{side} {size}" for side, size in found.items())
    return Window(shortened(title, WINDOW_TITLE_CHARS), shortened(text, WINDOW_TEXT_CHARS), place)


def _bar(window: Element, heading: Element) -> Element:
    """Return the title bar around a window's heading, with the buttons in it, or the heading itself."""
    for element in heading.ancestors():
        if element is window:
            break
        if element.name == "header" or element.tokens & {"titlebar", "title-bar", "title_bar", "bar"}:
            return element
    return heading
