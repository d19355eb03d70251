"""Pages of a site that exists already: its name and its main navigation stand in the header, as the brief gives them.

Pages that are opened by a click may be given them; all else about a page is as it would be without. The navigation is
`nav.site` behind the name, in a row of its own.
"""

import random
import re
from dataclasses import replace

from backend.prompts.anchors import MOST, NAV
from backend.prompts.brief import Brief, NavLink, Site
from training.corpus.design import Example
from training.corpus.page import text
from training.corpus.web_subject import clean, heading
from training.texts.source import Source
from training.texts.split import Split

GIVEN_SHARE = 0.75
"""Of the pages of world web that are opened."""
BRAND_SHARE = 0.4
"""Sites named as those are that pages make up; the others have names that nobody listed."""
BARE_SHARE = 0.2
"""Sites without a navigation."""
KIN_SHARE = 0.6
"""Navigations to one kind of page, about subjects that belong together: what a first page of a site links to."""
HERE_SHARE = 0.3
"""Navigations that name the page itself or what it links to."""

BRANDS = (
    "Atlas", "Campfire", "Market", "The Courier", "Notebook", "People", "Kitchen", "Answers", "Lantern", "Liftoff",
    "Handbook", "Almanac", "Skyline", "Chronicle", "Atelier",
)  # fmt: skip
"""What families call their sites."""
KINDS = (
    "wiki", "thread", "forum", "shop", "item", "topics", "news", "story", "blog", "user", "recipe", "ask", "search",
    "start", "docs", "facts", "weather", "timeline", "gallery", "cart",
)  # fmt: skip
NAME_CHARS = 40
NAV_ROW = ".site{order:1;flex-basis:100%;display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;font-weight:600}"
BRAND = re.compile(r"(?<=<header><b>)([^<]*)</b>")


def sited(source: Source, split: Split, example: Example) -> Example:
    """The example as a page of a site that its brief gives; as it is for one asked for in words, and mostly.

    The site follows from the brief alone, so that all else is drawn as it would be without.
    """
    brief, rng = example.brief, random.Random(f"site {example.brief}")
    if brief.world != "web" or not brief.open or rng.random() >= GIVEN_SHARE:
        return example
    site = draw_site(rng, source, split, brief)
    before = of_site(example.before, site) if example.before else ""
    return replace(example, brief=replace(brief, site=site), page=of_site(example.page, site), before=before)


def of_site(page: str, site: Site) -> str:
    """A page of the corpus with a site's name and navigation in its header."""
    links = "".join(f"<a href=/{link.kind}>{text(link.text)}</a>" for link in site.links)
    nav = f"<nav class=site aria-label=Site>{links}</nav>" if links else ""
    named = BRAND.sub(lambda old: f"{text(site.name) or old[1]}</b>{nav}", page, count=1)
    return named.replace("</style>", f"{NAV_ROW}</style>", 1) if links else named


def draw_site(rng: random.Random, source: Source, split: Split, brief: Brief) -> Site:
    name = rng.choice(BRANDS) if rng.random() < BRAND_SHARE else a_name(rng, source, split)
    if rng.random() < BARE_SHARE:
        return Site(name)
    count = rng.choice((1, 2, *[MOST[NAV]] * 4))
    kin, kind = rng.random() < KIN_SHARE, rng.choice(KINDS)
    drawn = related(rng, source, split, count) if kin else unrelated(rng, source, split, count)
    titles = [title for title in dict.fromkeys([*here(rng, brief), *drawn]) if title != name][:count]
    return Site(name, tuple(NavLink(kind if kin else rng.choice(KINDS), title) for title in titles))


def a_name(rng: random.Random, source: Source, split: Split) -> str:
    """What someone may have called a site."""
    drawn = source.label(rng, split) if rng.random() < 0.7 else heading(source.noun(rng, split))
    return clean(drawn)[:NAME_CHARS].strip()


def here(rng: random.Random, brief: Brief) -> list[str]:
    """Now and then the subject of the page, or what it links to."""
    if rng.random() >= HERE_SHARE:
        return []
    return rng.choice(([brief.title], list(brief.links[:2]), [brief.title, *brief.links[:1]]))


def related(rng: random.Random, source: Source, split: Split, count: int) -> list[str]:
    """Titles that belong together, as many as wanted or fewer."""
    entry = source.entry(rng, split)
    return [clean(title) for title in source.related(rng, entry, count)] or [clean(entry.title)]


def unrelated(rng: random.Random, source: Source, split: Split, count: int) -> list[str]:
    """Titles, things and names of people's own."""
    draws = (
        lambda: clean(source.entry(rng, split).title),
        lambda: heading(source.noun(rng, split)),
        lambda: a_name(rng, source, split),
    )
    return [rng.choice(draws)() for _ in range(count)]
