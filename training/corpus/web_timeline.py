"""A timeline: what is known, sentence by sentence or year by year, down a line; then what comes next.

What evaluation may rely on (feature "reverse"): `button.turn` reverses the order of the items of `ol.line`.
"""

import random
from collections.abc import Sequence

from training.corpus.page import text
from training.corpus.web_parts import FACTS, ONE, READ, elsewhere, h1, header
from training.corpus.web_place import Place
from training.corpus.web_subject import Look, Subject, from_entry, from_record, labelled, sentences
from training.texts.source import Source
from training.texts.split import Split

ASKS = (
    "a timeline of {title}", "a timeline about {many}", "timeline of {title}", "timeline: {title}", "{title} timeline",
    "the timeline of {one}", "a chronology of {many}", "{one} in chronological order", "a timeline for {one}",
    "show {title} on a timeline", "a history timeline of {many}", "milestones of {title}",
    "the key moments of {title}", "a vertical timeline about {many}", "the story of {title} step by step",
    "on this day {title}", "what happened on {title}",
    "a time line of {title}", "the {title} timeline", "{title} step by step",
)  # fmt: skip
UNKNOWN = ("The story begins here.", "Much has happened since.", "More is still to come.")
LINE = ".line{list-style:none;margin:1.8rem 0 0;padding:0 0 0 1.8rem;border-left:3px solid var(--acc)}"
ENTRY = ".line li{position:relative;padding:0 0 1.7rem}"
DOT = (
    ".line li::before{content:'';position:absolute;left:calc(-1.8rem - 11px);top:.35em;width:19px;height:19px;"
    "border-radius:50%;background:var(--bg);border:4px solid var(--acc)}"
)
TOLD = ".line p{margin:0;font-size:1.2rem}"
YEAR = ".line b{display:block;color:var(--acc);font-size:1.05rem}"
TOPIC = ".line a{font-size:1.15rem;font-weight:700}"
NEXT = ".next::before{content:'Next ';color:var(--mut);font-weight:400;display:inline-block;width:100%;font-size:.9rem}"
REVERSE = "one('.turn').onclick=()=>one('.line').append(...[...one('.line').children].reverse())\n"
BUTTON = "<button class=turn type=button>Reverse order</button>"


DAY_SHARE = 0.4


def line_subject(rng: random.Random, source: Source, split: Split) -> Subject:
    """A day of the year, or anything the encyclopedia knows."""
    day = rng.random() < DAY_SHARE
    return from_record(rng, source, split, "day", 4) if day else from_entry(rng, source, split)


def body(_: Look, subject: Subject, __: tuple[str, ...]) -> str:
    dated = [f"<li><b>{year}</b><p> {text(event)}</p></li>" for year, event in labelled(subject.facts)]
    told = "".join(dated) or undated(sentences(subject.facts) if subject.facts else UNKNOWN)
    links = "".join(f"<li><a class=next href=/timeline>{text(link)}</a></li>" for link in subject.links)
    line = f"<ol class=line>{told}{links}</ol>{elsewhere(subject.title, 'read', 'facts')}"
    return f"{header('Chronicle', BUTTON)}<main>{h1(subject.title)}{line}</main>"


def undated(told: Sequence[str]) -> str:
    first, *others = told
    return f"<li><p>{text(first)}</p></li>" + "".join(f"<li><p> {text(other)}</p></li>" for other in others)


RULES = (READ, FACTS, LINE, ENTRY, DOT, TOLD, YEAR, TOPIC, NEXT)
TIMELINE = Place("timeline", "/timeline", ASKS, body, RULES, (ONE, REVERSE), "reverse", line_subject).family()
