"""Page families about knowledge: the encyclopedia article, and a list of topics."""

import random

from training.corpus.design import Checks, Example, Family
from training.corpus.page import page, text
from training.corpus.web_parts import ART, BUY, NAMES, READ, TALK, by, elsewhere, h1, header, paragraphs, search, tiles
from training.corpus.web_style import WEB_DESIGNS, style
from training.corpus.web_subject import Look, Subject, draw_look, from_entry, people, web_brief
from training.texts.source import Source
from training.texts.split import Split

ARTICLE_ASKS = (
    "an encyclopedia article about {many}", "an encyclopedia article about {one}", "an article about {many}",
    "an article on {one}", "article on {many}", "article about {title}", "tell me about {one}", "tell me about {many}",
    "wiki page: {title}", "a wiki page about {one}", "a wikipedia article on {title}", "what is {one}",
    "what are {many}?", "tell me more about {title}", "explain {one}", "{title}", "{many}",
    "the encyclopedia entry for {title}", "I want to learn about {many}", "a page about {one}", "facts about {many}",
    "encyclopedia {one}", "who or what is {title}?", "write about {title}",
)  # fmt: skip
TOPIC_ASKS = (
    "a list of topics about {many}", "topics related to {one}", "an overview of topics on {title}",
    "a list of articles about {many}", "everything about {many}", "the category {title}", "topics on {many}",
    "a list of pages about {one}", "an overview of {title}", "a category page for {many}", "the topic {title}",
    "a directory of pages about {many}", "an index of articles on {one}",
)  # fmt: skip
UNKNOWN = "Nothing is known here yet."
HINTS = ("Read the article", "An introduction", "In a nutshell", "The full story", "A closer look", "Start here")
ROWS = (
    ".rows{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));"
    "column-gap:1.2rem;margin:1.6rem 0 0}"
)
ROW_LINK = ".rows a{font-size:1.25rem;font-weight:700}"
ROW_HINT = ".rows p{margin:.2rem 0 0;color:var(--mut)}"


def article(rng: random.Random, source: Source, split: Split) -> Example:
    """An encyclopedia article: the facts, related articles, the same subject in forum and shop, a search."""
    look, subject, names = draw_look(rng), from_entry(rng, source, split), people(rng, source)
    rules = style(look.design, look.palette, NAMES, TALK, BUY)
    markup = page(rules, subject.title, article_body(subject, names))
    brief = web_brief(rng, "/wiki", ARTICLE_ASKS, look, subject, names)
    return Example("article", brief, markup, Checks(subject.title, subject.links, ("search",)))


def article_body(subject: Subject, names: tuple[str, ...]) -> str:
    told = paragraphs(subject.first() or UNKNOWN, subject.rest())
    around = tiles("See also", "/wiki", subject.links) + elsewhere(subject.title, "talk", "buy")
    top = header("Atlas", search("/wiki"))
    return f"{top}<main>{h1(subject.title)}{ART}{told}{around}</main><footer>Last edited by {by(names[0])}</footer>"


def topics(rng: random.Random, source: Source, split: Split) -> Example:
    """A list of topics: what the subject is, and its articles."""
    look, subject, names = draw_look(rng), from_entry(rng, source, split), people(rng, source)
    rules = style(look.design, look.palette, NAMES, READ, TALK, ROWS, ROW_LINK, ROW_HINT)
    markup = page(rules, subject.title, topics_body(look, subject, names))
    brief = web_brief(rng, "/topics", TOPIC_ASKS, look, subject, names)
    return Example("topics", brief, markup, Checks(subject.title, subject.links, ("search",)))


def topics_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    found = "".join(
        f"<article><a href=/wiki>{text(link)}</a><p>{look.pick(HINTS, at)}</p></article>"
        for at, link in enumerate(subject.links)
    )
    listed = f"<section class=rows>{found}</section>" if found else ""
    told = paragraphs(subject.first() or UNKNOWN) + listed + elsewhere(subject.title, "read", "talk")
    top = header("Atlas", search("/search"))
    return f"{top}<main>{h1(subject.title)}{told}</main><footer>Collected by {by(names[0])}</footer>"


ARTICLE = Family("article", tuple(WEB_DESIGNS), article, weight=3.0)
TOPICS = Family("topics", tuple(WEB_DESIGNS), topics, weight=0.8)
