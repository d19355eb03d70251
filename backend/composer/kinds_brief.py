"""The brief of a checkpoint trained on kinds: the visitor's words, a look, the site, what the banks know. Pure."""

from dataclasses import replace

from backend.banks.lookup import known
from backend.composer.intent import Intent
from backend.prompts.brief import Brief, NavLink, Site
from backend.prompts.nearest_kinds import Nearest

LOOK_WORDS = 2
"""Of a look that is carried on: its design and its palette; adjustments belong to the page that was asked for so."""


def of_kinds(intent: Intent, style: str, nearest: Nearest | None = None) -> Brief:
    """What a page is made from. style: drawn for the session; the look of the page before it, if that had one, wins.

    nearest: finds the kinds that the words come nearest to, of a checkpoint that is told of them: which words ask for
    which kind is looked up rather than remembered.

    A link is told by its words alone: the address that it has beside them says nothing more. Where they name nothing
    that is known, the pages of a site stay about what the first one was.
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
    """A site whose links are told by their words."""
    return replace(site, links=tuple(NavLink("", link.text) for link in site.links)) if site else None
