"""Pages that are opened from another one: by a link of a website, or by a program's name on a desktop.

All pages of a website show its name and its navigation, so the prompt contains both and the page repeats them. A link
that no kind was made for leads to an article about the words on it.
"""

import random
import re
from dataclasses import dataclass, replace

from markupsafe import escape

from backend.banks.bank import Subject, banks
from backend.prompts.brief import NavLink, Site
from training.kinds.drawn import Drawn
from training.kinds.kind import Kind, kinds
from training.kinds.page import marked_page
from training.kinds.plain import plain, titled
from training.kinds.templates import slug
from training.padding_fields import BEGIN, END
from training.texts.source import Source
from training.texts.split import Split

HEADER = re.compile(r"(<body[^>]*>)(?:<header>.*?</header>)?", re.DOTALL)
STRANGE_KIND, STRANGE_SHARE = "article", 0.6
"""The kind that a link with unknown words leads to, and how often pages of that kind are opened like this."""

NAMED_SHARE, FRONT_SHARE = 0.5, 0.8


@dataclass(frozen=True)
class Opened:
    """A page that was opened.

    Attributes:
        words: What was clicked.
        drawn: The page.
        site: The website on which it was clicked; None on a desktop.
        screen: On a desktop, the title of the screen before.
        about: What the website is about; None if nothing is known.
    """

    words: str
    drawn: Drawn
    site: Site | None
    screen: str
    about: Subject | None

    @property
    def page(self) -> str:
        """The page, with marks."""
        page = marked_page(self.drawn)
        return page if self.site is None else of_site(page, self.site, self.words)


def can_open(kind: Kind) -> bool:
    """Return whether pages of a kind can be opened from another page."""
    return kind.world != "app" and bool(kind.opens)


def opened(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Opened:
    """Return a drawn page as one that somebody opened; nothing is named but the words that were clicked."""
    kind = drawn.kind
    words = rng.choice(kind.opens)
    bare = replace(drawn, title="", slots={}, features={}, place="", lang="en", length=1)
    if kind.world == "os":
        other = rng.choice([one for one in kinds().values() if one.world == "os" and one.opens and one is not kind])
        return Opened(cased(words, rng), bare, None, titled(rng.choice(other.opens)), None)
    if kind.name == STRANGE_KIND and rng.random() < STRANGE_SHARE:
        words = rng.choice((source.noun, source.label))(rng, split)
        bare = replace(bare, subject=plain(words), called=words)
    words = cased(words, rng)
    about = bare.subject if bare.subject and kind.bank == "trade" else rng.choice(banks()["trade"])
    known = about if about.known and rng.random() < NAMED_SHARE else None
    name = known.fields["en"]["name"] if known and "name" in known.fields["en"] else source.label(rng, split)
    return Opened(words, bare, Site(name, links(words, rng)), "", bare.subject if kind.bank == "trade" else known)


def cased(words: str, rng: random.Random) -> str:
    """Return words as a link or a button shows them."""
    return titled(words) if rng.random() < 0.5 else words[:1].upper() + words[1:]


def links(words: str, rng: random.Random) -> tuple[NavLink, ...]:
    """Return a website's navigation, which usually contains what was clicked."""
    others = [one for one in kinds().values() if one.world == "web" and one.opens and len(one.opens[0]) <= 16]
    texts = [titled(rng.choice(one.opens)) for one in rng.sample(others, rng.randint(2, 4))]
    if rng.random() < FRONT_SHARE:
        texts.insert(rng.randrange(len(texts) + 1), words)
    return tuple(NavLink("", text) for text in dict.fromkeys(texts))


def of_site(page: str, site: Site, words: str) -> str:
    """Return a page with the header of its website instead of its own; the link that led to it is the current one."""
    shown = "".join(
        f"<a href=/{slug(link.text)}{' aria-current=page' if link.text == words else ''}>{field(link.text)}</a>"
        for link in site.links
    )
    header = f"<header><a class=brand href=/home>{field(site.name)}</a><nav>{shown}</nav></header>"
    return HEADER.sub(lambda match: match[1] + header, page, count=1)


def field(text: str) -> str:
    """Return text as pages spell it (training.kinds.page), between its marks."""
    return BEGIN + str(escape(text)).replace("&#39;", "'").replace("&#34;", "&quot;") + END
