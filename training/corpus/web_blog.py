"""Page families where one person writes: a post of a blog, and a person's profile."""

import random

from training.corpus.design import Checks, Example, Family
from training.corpus.page import page, text
from training.corpus.web_parts import (
    ART,
    NAMES,
    NEWS_ON,
    ONE,
    POSTS,
    QUIET,
    READ,
    REPLY,
    REPLY_BOX,
    REPLY_FORM,
    SCORES,
    TALK,
    TOGGLE,
    author,
    by,
    elsewhere,
    h1,
    header,
    paragraphs,
    search,
    toggle,
)
from training.corpus.web_style import WEB_DESIGNS, style
from training.corpus.web_subject import Look, Subject, draw_look, from_entry, heading, people, web_brief
from training.texts.source import Source
from training.texts.split import Split

BLOG_ASKS = (
    "a blog post about {many}", "a blog post on {one}", "a blog about {many}", "blog post: {title}",
    "a personal blog about {title}", "write a blog post about {many}", "blog about {one}", "the {one} blog",
    "a blog entry about {title}", "a weblog on {title}", "a diary entry about {many}",
    "an essay about {one}",
    "a post about {title}", "{one} blog", "an online diary about {many}",
)  # fmt: skip
PROFILE_ASKS = (
    "a profile of {title}", "the profile of {title}", "a user profile for {title}", "profile page: {title}",
    "a profile page for {title}", "the user {title}", "user profile of {title}", "show the profile of {title}",
    "a personal page for {title}", "the home page of {title}", "a fan page for {title}", "a public profile of {title}",
    "a social media profile for {title}", "{title} profile", "the account of {title}",
)  # fmt: skip
NOT_YET = "I have wanted to write about this for a long time."
OPENINGS = (
    "Coffee first, then this.", "A short note today.", "Friends keep asking me about it.", "Here is what I learned.",
    "A rainy afternoon, a good book.", "Let me begin with the basics.",
)  # fmt: skip
CLOSINGS = (
    "I will come back to this soon.", "What do you think?", "Thank you for reading.", "Write to me if you know more.",
    "That is all for this week.",
)  # fmt: skip
COMMENTS = (
    "Beautifully written.", "I never looked at it this way.", "More of this, please!", "Reading it a second time.",
    "Shared it with my sister.", "Good morning from the coast.", "You made my day.",
)  # fmt: skip
NO_WORDS = "Nothing to say about myself yet."
FIRST_POSTS = ("Hello, everyone", "Things I like", "A day outside")
NOTES = ("Pinned", "A long read", "With pictures", "A short note", "From the archive", "Much discussed")
HASH = ".tags a::before{content:'#'}"
ENTRY = (".entry{margin:0 0 2.4rem}", ".entry .by{display:inline-block;margin:0 0 1rem}")
OWNER = (
    ".owner{display:flex;flex-wrap:wrap;gap:1rem;align-items:center;margin:0 0 1.6rem}",
    ".owner::before{content:'';width:5rem;height:5rem;border-radius:50%;"
    "background:conic-gradient(var(--acc),var(--card),var(--mut),var(--acc))}",
)
FOLLOWERS = ".toggle+output::after{content:' followers'}"
WALL = ".posts a{font-size:1.15rem;font-weight:700}"


def blog(rng: random.Random, source: Source, split: Split) -> Example:
    """A post: its author's words around the facts, tags, comments, and a box that adds one."""
    look, subject, names = draw_look(rng), from_entry(rng, source, split), people(rng, source)
    rules = style(look.design, look.palette, NAMES, READ, NEWS_ON, *ENTRY, HASH, POSTS, REPLY_BOX)
    markup = page(rules, subject.title, blog_body(look, subject, names), ONE + "".join(REPLY))
    brief = web_brief(rng, "/blog", BLOG_ASKS, look, subject, names)
    return Example("blog", brief, markup, Checks(subject.title, subject.links, ("reply", "search")))


def blog_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    told = paragraphs(subject.first() or NOT_YET, subject.rest())
    words = f"{author(names[0])}{ART}<p>{look.pick(OPENINGS, 0)}</p>{told}<p>{look.pick(CLOSINGS, 1)}</p>"
    said = "".join(f"<article>{by(names[at])}<p>{look.pick(COMMENTS, at)}</p></article>" for at in (1, 2))
    talk = f"<h2>Comments</h2><section class=posts>{said}</section>{REPLY_FORM}"
    around = f"{tags(subject.links)}{talk}{elsewhere(subject.title, 'read', 'news')}"
    return (
        f"{header('Notebook', search('/blog'))}<main>{h1(subject.title)}<div class=entry>{words}</div>{around}</main>"
    )


def tags(titles: tuple[str, ...]) -> str:
    links = "".join(f"<a href=/blog>{text(title)}</a>" for title in titles)
    return f'<nav class="tiles tags" aria-label=Tags>{links}</nav>' if links else ""


def profile(rng: random.Random, source: Source, split: Split) -> Example:
    """A person: about them, a button that follows, what they wrote. Two in five are users whom no one tells of."""
    subject = Subject(heading(source.person(rng))) if rng.random() < 0.4 else from_entry(rng, source, split)
    look, names = draw_look(rng), people(rng, source)
    rules = style(look.design, look.palette, NAMES, READ, TALK, *OWNER, *QUIET, FOLLOWERS, POSTS, WALL)
    markup = page(rules, subject.title, profile_body(look, subject, names), ONE + TOGGLE)
    brief = web_brief(rng, "/user", PROFILE_ASKS, look, subject, names)
    return Example("profile", brief, markup, Checks(subject.title, subject.links or FIRST_POSTS, ("toggle",)))


def profile_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    owner = f"<div class=owner>{toggle('Follow', look.pick(SCORES, 0))}</div>"
    told = paragraphs(subject.first() or NO_WORDS, subject.rest())
    wall = "".join(wrote(look, at, title) for at, title in enumerate(subject.links or FIRST_POSTS))
    posts = f"<h2>Posts</h2><section class=posts>{wall}</section>"
    friends = f"<h2>Friends</h2><nav class=tiles aria-label=Friends>{''.join(map(author, names))}</nav>"
    top = header("People", elsewhere(subject.title, "read", "talk"))
    return f"{top}<main>{h1(subject.title)}{owner}{told}{posts}{friends}</main>"


def wrote(look: Look, at: int, title: str) -> str:
    return f"<article><a href=/blog>{text(title)}</a><p>{look.pick(NOTES, at)}</p></article>"


BLOG = Family("blog", tuple(WEB_DESIGNS), blog, weight=0.8)
PROFILE = Family("profile", tuple(WEB_DESIGNS), profile, weight=0.6)
