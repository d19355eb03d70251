"""Make the brief of a checkpoint trained on kinds: the visitor's words, a look, the site, and what the banks know.

The module is pure.
"""

from dataclasses import replace

from backend.banks.lookup import known
from backend.composer.intent import Intent
from backend.prompts.brief import Brief, NavLink, Site
from backend.prompts.nearest_kinds import Nearest

LOOK_WORDS = 2
"""How many words of a look are carried on: its design and its palette.

Adjustments belong only to the page that they were asked for.
"""


def of_kinds(intent: Intent, style: str, nearest: Nearest | None = None) -> Brief:
    """Return what a page is made from.

    A link is described by its words alone: its address says nothing more. Where the words name nothing that is known,
    the pages of a site stay about what the first one was.

    Args:
        intent: What the visitor wants.
        style: The style drawn for the session; the look of the page before takes precedence.
        nearest: Finds the kinds that the words come nearest to, for a checkpoint whose prompts name them. So which
            words ask for which kind is looked up and need not be remembered.
    """
    words = intent.open.partition(" ")[2] if intent.open.startswith("/") else intent.open
    opened = words or intent.open.strip("/")
    subject = known(intent.ask or opened)
    about = intent.about if opened else ""
    near = nearest.hints(opened or intent.ask, intent.world) if nearest else ()
    look = " ".join(intent.look.split()[:LOOK_WORDS])
    return Brief(
        intent.world, "" if opened else intent.ask, opened, near=near, screen=intent.screen, style=look or style,
        facts=subject.told if subject else about, site=by_words(intent.site) if opened else None,
    )  # fmt: skip


def by_words(site: Site | None) -> Site | None:
    """Return a site whose links are described by their words."""
    return replace(site, links=tuple(NavLink("", link.text) for link in site.links)) if site else None
