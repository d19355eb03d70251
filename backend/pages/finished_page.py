"""A page as it is in the end: what it is called, where it is, and whether it is new at all. Pure."""

import hashlib
from dataclasses import replace

from backend.markup.sanitize import TITLE_CHARS
from backend.pages.page_urls import placed
from backend.prompts.brief import ANY
from backend.storage.records import PageRecord
from backend.text.cleaning import one_line
from backend.text.shorten import shortened


def settled(record: PageRecord) -> PageRecord:
    """A page as it is in the end: with its title, at its address in the world that it turned out to be of, and whether
    it is as the page was that it edits. One of which nothing is kept has no world yet, if none was asked for."""
    turned_out = record.brief.world == ANY and record.world != ANY
    url = placed(record.url, record.world) if turned_out else record.url
    unchanged = record.state == "committed" and record.before != "" and fingerprint(record.html) == record.before
    return replace(record, url=url, title=named(record), unchanged=unchanged)


def named(record: PageRecord) -> str:
    """The title of a page in the end: its own, as far as it was kept, else the words that it was asked or opened with,
    as they were said."""
    own = record.html and record.title
    said = one_line(record.brief.ask) or one_line(record.brief.title)
    return own or shortened(said, TITLE_CHARS) or record.url


def fingerprint(html: str) -> str:
    """What tells whether a page is still as it was, white space apart; "" for no page."""
    words = html.split()
    return hashlib.sha256("".join(words).encode(errors="surrogatepass")).hexdigest()[:16] if words else ""
