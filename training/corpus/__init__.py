"""Page families: pairs of a brief and the page that answers it, written as code.

Buttons that a page's own script serves are `type=button`: any other leads on (docs/design.md, Frames).

What a feature named in `Checks.features` means in the rendered page of world `web`:

- search: `form[action]` with a labelled `input[name=q]` submits what was typed to a kind of page.
- vote: a click on `button.up` raises the number beside it (its next sibling) by one and disables the button.
- reply: text typed into `textarea`, then a click on `button.send`, adds an `article` with that text to `.posts`.
- cart: a click on `button.add` raises the number in `.cart` (by one in a shop, by `.count` on a product page).
- quantity: `button.more` and `button.less` change the number in `.count` by one, never below one.

The features of PLACES are told by their modules (web_landing.py and so on).
The features of pages to read: training/evaluation/checks/reading.py.
"""

import random

from training.corpus.apps import APPS
from training.corpus.design import Example, Family
from training.corpus.os import SCREENS
from training.corpus.os_open import windowed
from training.corpus.pointed import pointed
from training.corpus.recolour import EDIT_SHARE, recoloured
from training.corpus.web_answers import QA, RESULTS
from training.corpus.web_blog import BLOG, PROFILE
from training.corpus.web_cart import CART_PAGE
from training.corpus.web_docs import DOCS_PAGE
from training.corpus.web_facts import FACT_SHEET
from training.corpus.web_forum import FORUM, THREAD
from training.corpus.web_gallery import GALLERY
from training.corpus.web_landing import LANDING
from training.corpus.web_news import NEWS, STORY
from training.corpus.web_recipe import RECIPE
from training.corpus.web_shop import ITEM, SHOP
from training.corpus.web_site import sited
from training.corpus.web_timeline import TIMELINE
from training.corpus.web_weather import WEATHER
from training.corpus.web_wiki import ARTICLE, TOPICS
from training.texts.source import Source
from training.texts.split import Split

KNOWLEDGE = (ARTICLE, THREAD, FORUM, SHOP, ITEM, TOPICS)
READING = (NEWS, STORY, BLOG, PROFILE, RECIPE, QA, RESULTS)
PLACES = (LANDING, DOCS_PAGE, FACT_SHEET, WEATHER, TIMELINE, GALLERY, CART_PAGE)
WEB: dict[str, Family] = {family.name: family for family in (*KNOWLEDGE, *READING, *PLACES)}
FAMILIES: dict[str, Family] = {**WEB, **APPS, **SCREENS}


def draw(rng: random.Random, source: Source, split: Split) -> Example:
    """One example of a family drawn by weight."""
    families = list(FAMILIES.values())
    family = rng.choices(families, weights=[f.weight for f in families])[0]
    return sample(family, rng, source, split)


def sample(family: Family, rng: random.Random, source: Source, split: Split, carries: bool = True) -> Example:
    """One example of a family; in the worlds web and os it is now and then an edit of its page.

    carries: whether briefs may give what the page before leaves, a site or open windows. All else is drawn alike.
    """
    example = family.sample(rng, source, split)
    edited = example.brief.world != "app" and rng.random() < EDIT_SHARE
    drawn = pointed(rng, recoloured(rng, example) if edited else example)
    return windowed(source, split, sited(source, split, drawn)) if carries else drawn
