"""Complete the record of a finished page: its title, its address, and whether it changed at all. The module is pure."""

import hashlib
from dataclasses import replace

from backend.markup.sanitize import TITLE_CHARS
from backend.pages.page_urls import placed
from backend.prompts.brief import ANY
from backend.storage.records import PageRecord
from backend.text.cleaning import one_line
from backend.text.shorten import shortened


def settled(record: PageRecord) -> PageRecord:
    """Return the record of a page when it is over.

    The record has its final title, and its address in the world that the page turned out to belong to. It also tells
    whether the page equals the page that it edits. A page of which nothing is kept has no world yet, if none was asked
    for.
    """
    turned_out = record.brief.world == ANY and record.world != ANY
    url = placed(record.url, record.world) if turned_out else record.url
    unchanged = record.state == "committed" and record.before != "" and fingerprint(record.html) == record.before
    return replace(record, url=url, title=named(record), unchanged=unchanged)


def named(record: PageRecord) -> str:
    """Return the final title of a page.

    It is the page's own title, if the page was kept. Otherwise it is the words that the page was asked for or opened
    with, as they were said.
    """
    own = record.html and record.title
    said = one_line(record.brief.ask) or one_line(record.brief.title)
    return own or shortened(said, TITLE_CHARS) or record.url


def fingerprint(html: str) -> str:
    """Return a hash that tells whether a page is unchanged, apart from white space; "" for no page."""
    words = html.split()
    return hashlib.sha256("".join(words).encode(errors="surrogatepass")).hexdigest()[:16] if words else ""
