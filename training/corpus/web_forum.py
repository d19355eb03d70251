"""Page families where people talk: a thread, and the front page of a forum."""

import random

from backend.prompts.fact_text import FACTS_LIMIT, LONG_LIMIT
from training.corpus.asks import plural
from training.corpus.design import Checks, Example, Family
from training.corpus.page import page, text
from training.corpus.web_parts import (
    AUTHOR,
    AUTHOR_LABEL,
    NAMES,
    ONE,
    POSTS,
    READ,
    REPLY,
    REPLY_BOX,
    REPLY_FORM,
    SCORE,
    SCORES,
    TALK,
    UP,
    VOTE,
    VOTED,
    VOTES,
    by,
    elsewhere,
    h1,
    header,
    paragraphs,
    search,
    tiles,
)
from training.corpus.web_style import WEB_DESIGNS, style
from training.corpus.web_subject import (
    Look,
    Subject,
    draw_look,
    from_entry,
    heading,
    people,
    sentences,
    web_brief,
)
from training.texts.source import Source
from training.texts.split import Split

THREAD_ASKS = (
    "a forum thread about {many}", "a forum thread about {one}", "forum thread about {title}",
    "a discussion about {many}", "a thread on {one}", "what do people say about {many}?", "people talking about {one}",
    "a reddit thread about {many}", "discuss {one}", "thread: {title}", "a conversation about {many}",
    "opinions on {title}", "a debate on {one}",
)  # fmt: skip
LONG_ASKS = (
    "a long forum thread about {one}", "a long thread about {many}", "a detailed thread on {title}",
    "a long discussion about {many}", "a detailed discussion of {one}", "a long conversation about {title}",
)  # fmt: skip
LONG_SHARE = 0.3
FORUM_ASKS = (
    "a forum about {many}", "a forum for {many}", "make me a forum for fans of {title}", "forum about {one}",
    "the {one} forum", "a message board about {many}", "a community for people who love {many}",
    "a forum where people talk about {one}", "a discussion board for {title}", "{one} forum",
    "a subreddit about {many}", "an online community about {title}",
)  # fmt: skip
OPENINGS = (
    "Read this today:", "Did you know?", "Let us talk about this:", "In short:", "I like this:", "For newcomers:",
)  # fmt: skip
ANSWERS = ("Well put.", "That surprised me.", "I learned that at school.", "Good to know.", "So true.", "Lovely.")
DOUBTS = (
    "Is there more to read?", "Where should I start?", "Who has seen it up close?", "I see it differently.",
    "What else belongs here?", "Does anyone have a picture?",
)  # fmt: skip
THANKS = (
    "Thanks, all!", "Glad you like it.", "Try the links below.", "More tomorrow.", "You made me smile.", "Enjoy!",
)  # fmt: skip
QUESTION = "Who can tell me more about this?"
WELCOME = "Ask, answer and share what you know."
STARTERS = ("Introduce yourself", "Questions and answers", "Show and tell")
NOUN_THREADS = (
    "Best {one} for beginners", "Help with my {one}", "Show your {one}", "Where to find a good {one}?",
    "The first {one} you had", "{Title} and children", "Old or new {one}?", "How to care for {many}",
    "A {one} that lasts", "Why I love {many}",
)  # fmt: skip
TOPIC = ".posts .row a{flex:1 1 9rem;font-size:1.15rem;font-weight:600}"
ROW = ".posts .row{gap:.4rem;flex-wrap:nowrap}"


def thread(rng: random.Random, source: Source, split: Split) -> Example:
    """A forum thread: the facts told by one person, short answers by others, votes, a reply box, related threads.

    A long thread, asked for as such, has more facts, each sentence in a post of its own: it takes two canvases."""
    look, names, long = draw_look(rng), people(rng, source), rng.random() < LONG_SHARE
    subject = from_entry(rng, source, split, LONG_LIMIT if long else FACTS_LIMIT)
    rules = style(look.design, look.palette, NAMES, READ, TALK, VOTES, VOTED, POSTS, SCORE, REPLY_BOX)
    markup = page(rules, subject.title, thread_body(look, subject, names, long), ONE + VOTE + "".join(REPLY))
    asks, asked_share = (LONG_ASKS, 1.0) if long else (THREAD_ASKS, 0.5)
    brief = web_brief(rng, "/thread", asks, look, subject, names, asked_share)
    return Example("thread", brief, markup, Checks(subject.title, subject.links, ("vote", "reply")))


def thread_body(look: Look, subject: Subject, names: tuple[str, ...], long: bool = False) -> str:
    said_in_turn = long_talk(look, subject) if long else talk(look, subject)
    posts = "".join(post(look, at, names[at % 3], said) for at, said in enumerate(said_in_turn))
    top = header("Campfire", elsewhere(subject.title, "read", "talk"))
    more = tiles("More threads", "/thread", subject.links)
    return f"{top}<main>{h1(subject.title)}<section class=posts>{posts}</section>{REPLY_FORM}{more}</main>"


def talk(look: Look, subject: Subject) -> list[tuple[str, ...]]:
    """What each post says, paragraph by paragraph. Facts keep the blank or the edge they begin with in the brief."""
    answer = f"{look.pick(ANSWERS, 1)} {subject.rest()}".rstrip()
    if not subject.facts:
        return [(QUESTION,), (answer,), (look.pick(DOUBTS, 2),)]
    opening = (look.pick(OPENINGS, 0), subject.first())
    return [opening, (answer,), (look.pick(DOUBTS, 2),), (look.pick(THANKS, 3),)]


def long_talk(look: Look, subject: Subject) -> list[tuple[str, ...]]:
    """As `talk`, with every sentence of the facts behind the first in a post of its own, under an answer."""
    if not subject.facts:
        return talk(look, subject)
    opening = (look.pick(OPENINGS, 0), subject.first())
    told = [(look.pick(ANSWERS, at), part) for at, part in enumerate(sentences(subject.facts)[1:], 1)]
    return [opening, *told, (look.pick(DOUBTS, 2),), (look.pick(THANKS, 3),)]


def post(look: Look, at: int, name: str, said: tuple[str, ...]) -> str:
    paragraphs = "".join(f"<p>{text(part)}</p>" for part in said)
    return f"<article>{by(name)}{paragraphs}{UP}<span>{look.pick(SCORES, at)}</span></article>"


def forum(rng: random.Random, source: Source, split: Split) -> Example:
    """A forum's front page: its threads with votes and authors, and a form that starts a thread."""
    subject = from_entry(rng, source, split) if rng.random() < 0.6 else forum_on_noun(rng, source, split)
    look, names = draw_look(rng), people(rng, source)
    rules = style(look.design, look.palette, READ, VOTES, VOTED, SCORE, TOPIC, ROW, AUTHOR, AUTHOR_LABEL)
    markup = page(rules, subject.title, forum_body(look, subject, names), VOTE)
    brief = web_brief(rng, "/forum", FORUM_ASKS, look, subject, names)
    return Example("forum", brief, markup, Checks(subject.title, subject.links or STARTERS, ("vote", "search")))


def forum_on_noun(rng: random.Random, source: Source, split: Split) -> Subject:
    """A forum on a thing that no encyclopedia tells of: threads as people title them, or none."""
    noun = source.noun(rng, split)
    forms = {"one": noun, "many": plural(noun), "Title": heading(noun)}
    threads = [pattern.format(**forms) for pattern in rng.sample(NOUN_THREADS, rng.randint(3, 6))]
    return Subject(heading(noun), "", tuple(threads) if rng.random() < 0.7 else ())


def forum_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    rows = "".join(row(look, at, title, names[at % 3]) for at, title in enumerate(subject.links or STARTERS))
    told = paragraphs(subject.first() or WELCOME) + search("/thread", "Question", "Ask")
    top = header("Campfire", elsewhere(subject.title, "read"))
    return f"{top}<main>{h1(subject.title)}{told}<h2>Threads</h2><section class=posts>{rows}</section></main>"


def row(look: Look, at: int, title: str, name: str) -> str:
    score = f"{UP}<span>{look.pick(SCORES, at)}</span>"
    return f"<article class=row>{score}<a href=/thread>{text(title)}</a><small>{text(name)}</small></article>"


THREAD = Family("thread", tuple(WEB_DESIGNS), thread, weight=2.0)
FORUM = Family("forum", tuple(WEB_DESIGNS), forum)
