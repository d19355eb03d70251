"""What a page leaves for the next one: its look, and the site it belongs to or the windows that are open on it. Pure.

Everything here is read from markup that a model wrote. It is untrusted text: one line each, short, and in a prompt the
value of a slot like any other.
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
"""Most characters of a site's name and of a link's text or kind; most links."""
LISTED = 3
"""Links of a site whose pages have shown no navigation."""
WINDOWS, WINDOW_TITLE_CHARS, WINDOW_TEXT_CHARS = 4, 80, 200
TRIES, LINK_TRIES, LISTED_TRIES, PARTS = 3, 20, 200, 100
"""Elements looked into before giving up, and parts of each link, which may hold all other links: so that time stays in
proportion to the length of a page."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BRAND = re.compile(r"(?:^|[\s_-])(?:brand|logo|wordmark|site-?(?:name|title))(?:$|[\s_-])", re.IGNORECASE)
NOT_MAIN = re.compile(
    r"breadcrumb|pagination|contents|\btoc\b|related|elsewhere|friends|\btags?\b|\bpages?\b|footer|skip", re.IGNORECASE
)
SITE_IN_TITLE = re.compile(r"(?: ?[|·–—] ?| - )(.+)")
"""What follows a page's heading in <title> where the name of its site does."""
SIZE = r"-?[\d.]{1,8}(?:px|%|vw|vh|r?em)?"
PLACE = re.compile(rf"(?:^|;)\s*(left|top|right|bottom|width|height)\s*:\s*({SIZE})\s*(?=;|$)", re.IGNORECASE)


def carried(wanted: Intent, page: PageRecord) -> Intent:
    """An intent with what the page it was formed on leaves for the next of its world; a prompt begins anew.

    Of a page made from what a visitor filled in, no site is read: the one it was given itself goes on. Windows are read
    even then, as they stay open, and make the next screen private, too.
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
    """The site of a page; where it has shown no navigation yet, that is the first of the titles that the page was given
    and links to."""
    site = site_of(page.html, page.brief.site)
    return replace(site, links=listed(page.html, page.brief.links)) if site and not site.links else site


@lru_cache(maxsize=64)
def listed(page: str, titles: tuple[str, ...]) -> tuple[NavLink, ...]:
    """The first links of a page whose texts are among these titles."""
    links = (e for e in parse(page).walk(lambda e: not e.hidden) if e.name == "a") if titles else iter(())
    return _distinct((link for link in islice(links, LISTED_TRIES) if _said(link) in titles), "")[:LISTED]


@lru_cache(maxsize=64)
def site_of(page: str, before: Site | None = None) -> Site | None:
    """The site that a page shows; what it does not show is as it was before. None for nothing at all."""
    tree, before = parse(page), before or Site()
    header = _header(tree)
    name = _name(tree, header) or before.name
    links = _links(tree, header, name) or before.links
    return Site(name, links) if name or links else None


def _header(tree: Element) -> Element | None:
    """The header of the site: the first that belongs to the page as a whole."""
    owned = {"article", "section", "main", "aside", "dialog", "nav"}
    whole = tree.walk(lambda e: e.name not in owned)
    return next((e for e in whole if e.name == "header" or e.attributes.get("role") == "banner"), None)


def _name(tree: Element, header: Element | None) -> str:
    """The name of a site: what is marked as its brand, what stands first in its header, what the page declares."""
    sources: list[Iterable[str]] = [_declared(tree)]
    if header:
        marked = (element for element in header.walk() if BRAND.search(_marks(element)))
        shown = (_said(e) for found in (marked, _before_headings(header)) for e in islice(found, TRIES))
        sources = [shown, *sources, _headline(header)]
    return next((name for names in sources for name in names if 0 < len(name) <= NAME_CHARS), "")


def _marks(element: Element) -> str:
    return " ".join(element.attributes.get(name, "") for name in ("class", "id", "itemprop"))


def _said(element: Element) -> str:
    """What an element says, else how it is labelled, else its picture."""
    pictures = (child.attributes.get("alt", "") for child in islice(element.walk(), PARTS) if child.name == "img")
    return element.text(most=PARTS) or one_line(element.attributes.get("aria-label", "") or next(pictures, ""))


def _before_headings(header: Element) -> Iterator[Element]:
    """The elements of a header that hold words of their own, up to its first heading; no controls, no navigation."""
    apart = {"nav", "form", "button", "label", "input", "output", "time", "ul", "ol", "select", "small"} | UNREAD
    for element in header.walk(lambda e: e.name not in apart and not e.hidden):
        if element.name in HEADINGS:
            return
        if any(isinstance(child, str) and child.strip() for child in element.children):
            yield element


def _declared(tree: Element) -> Iterator[str]:
    """What a page's metadata calls its site: og:site_name and kin, and what follows its heading in <title>."""
    for element in tree.walk():
        key = element.attributes.get("property") or element.attributes.get("name") or ""
        if element.name == "meta" and key.lower() in ("og:site_name", "application-name"):
            yield one_line(element.attributes.get("content", ""))
    title, heading = _first(tree, "title"), _first(tree, "h1")
    if title and heading and (subject := heading.text()):
        found = SITE_IN_TITLE.fullmatch(title.text().removeprefix(subject))
        yield found[1] if found else ""


def _headline(header: Element) -> Iterator[str]:
    """The <h1> of a header that also leads through the site: on a front page, the name."""
    heading = _first(header, "h1")
    if heading and _first(header, "nav"):
        yield heading.text()


def _first(tree: Element, name: str) -> Element | None:
    return next((element for element in tree.walk() if element.name == name), None)


def _links(tree: Element, header: Element | None, name: str) -> tuple[NavLink, ...]:
    """The main navigation: that of the header, else the first on the page that is no list of pages or parts."""
    inside = header.walk() if header else iter(())
    shown = tree.walk(lambda e: e.name != "footer" and not e.hidden)
    navs = (e for found in (inside, shown) for e in found if e.name == "nav" and not NOT_MAIN.search(_labels(e)))
    return next((links for nav in islice(navs, TRIES) if (links := _of_nav(nav, name))), ())


def _labels(element: Element) -> str:
    return f"{_marks(element)} {element.attributes.get('aria-label', '')}"


def _of_nav(nav: Element, name: str) -> tuple[NavLink, ...]:
    """The links of a <nav>, without one that bears the name of the site."""
    return _distinct((e for e in nav.walk(lambda e: not e.hidden) if e.name == "a"), name)


def _distinct(links: Iterable[Element], name: str) -> tuple[NavLink, ...]:
    """Links that lead to another page, each text once, none that says `name`."""
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
    """The windows open on a screen: the one in front (it holds the <h1>), then the others from the top down.

    A window is a <dialog> or has that role, or the class `window` or `win`; without any, it is the section of the <h1>.
    """
    tree = parse(page)
    outside = tree.walk(lambda e: not e.hidden and not (e.parent and _is_window(e.parent)))
    found = [element for element in outside if _is_window(element)] or _around_heading(tree)
    top_down = list(reversed(found))
    order = sorted(top_down, key=lambda element: _first(element, "h1") is None)
    windows = (_window(element) for element in order)
    return tuple(islice((window for window in windows if window.title or window.text), WINDOWS))


def _is_window(element: Element) -> bool:
    if element.name in ("", "html", "body", "main", "button", "a"):
        return False
    marked = element.name == "dialog" or element.attributes.get("role") == "dialog"
    return marked or bool(element.tokens & {"window", "win"})


def _around_heading(tree: Element) -> list[Element]:
    """The part of a page that its <h1> is the heading of, or nothing."""
    heading = next((e for e in tree.walk(lambda e: not e.hidden) if e.name == "h1"), None)
    around = (a for a in heading.ancestors() if a.name in ("section", "article")) if heading else iter(())
    return list(islice(around, 1))


def _window(element: Element) -> Window:
    heading = next((e for e in element.walk(lambda e: not e.hidden) if e.name in HEADINGS), None)
    title = heading.text() if heading else one_line(element.attributes.get("aria-label", ""))
    text = element.text(_bar(element, heading) if heading else None)
    found = dict(PLACE.findall(element.attributes.get("style", "").lower()))
    place = ", ".join(f"{side} {size}" for side, size in found.items())
    return Window(shortened(title, WINDOW_TITLE_CHARS), shortened(text, WINDOW_TEXT_CHARS), place)


def _bar(window: Element, heading: Element) -> Element:
    """The title bar around a window's heading, with the buttons in it; the heading itself where there is none."""
    for element in heading.ancestors():
        if element is window:
            break
        if element.name == "header" or element.tokens & {"titlebar", "title-bar", "title_bar", "bar"}:
            return element
    return heading
