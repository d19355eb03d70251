"""A fact sheet: a table of labelled facts that can be filtered, and a bar chart.

Facts that come labelled ("Capital: Nairobi.") are rows of their own; others are told in two.

What evaluation may rely on (feature "filter rows"): what is typed into `input.find` leaves those rows of the table in
sight that have it in their text, in any case.
"""

import random

from training.corpus.page import text
from training.corpus.web_parts import ALL, NAMES, ONE, READ, TIME, VIEW, by, elsewhere, h1, header
from training.corpus.web_place import Place
from training.corpus.web_subject import Look, Subject, from_entry, from_record, labelled
from training.texts.source import Source
from training.texts.split import Split

ASKS = (
    "a fact sheet about {many}", "a fact sheet on {one}", "fact sheet: {title}", "the fact sheet of {title}",
    "{title} fact sheet", "a factsheet for {one}", "key facts about {title}", "quick facts about {many}",
    "a data sheet on {one}", "facts and figures on {title}", "a table of facts about {many}", "a profile of {title}",
    "an info table about {one}", "{title} at a glance", "{title} facts", "statistics on {many}",
    "the vital facts about {title}",
)  # fmt: skip
UNKNOWN = "Nothing is known here yet."
LEVELS = ("Easy", "Medium", "Advanced")
TIMES = ("One minute", "Two minutes", "Three minutes", "Five minutes")
STARS = ("★★★★★", "★★★★☆", "★★★☆☆")
BARS = (
    '<path d="M26 120v-38"/>', '<path d="M26 120v-62"/>', '<path d="M26 120v-86"/>', '<path d="M26 120v-110"/>',
)  # fmt: skip
NEXT = "<g transform=translate(52)>"
FIND = ".find{width:min(100%,20rem);margin:0 0 1rem}"
TABLE = "table{width:100%;border-collapse:collapse}"
CELL = "th,td{padding:.8rem 1rem .8rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:top}"
LABEL = "th{width:8.5rem;color:var(--mut);font-size:.95rem;font-weight:600}"
CELL_TEXT = "td p{margin:0}"
CELL_LINK = "td a{display:inline-block;margin:0 1.2rem .2rem 0}"
CHART = (
    ".chart{display:block;width:100%;max-height:15rem;padding:1rem;background:var(--card);"
    "border:1px solid var(--line);border-radius:var(--r);stroke:var(--acc);stroke-width:26}"
)
DAY = ".chart text{fill:var(--mut);stroke:none;font-size:13px;text-anchor:middle}"
FILTER = (
    "one('.find').oninput=()=>{for(const r of all('tr'))"
    "r.hidden=!r.textContent.toLowerCase().includes(one('.find').value.trim().toLowerCase())}\n"
)


COUNTRY_SHARE = 0.4


def sheet_subject(rng: random.Random, source: Source, split: Split) -> Subject:
    """A country, or anything the encyclopedia knows."""
    country = rng.random() < COUNTRY_SHARE
    return from_record(rng, source, split, "country", 6) if country else from_entry(rng, source, split)


def body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    links = "".join(f"<a href=/facts>{text(link)}</a>" for link in subject.links)
    known = [row(label, f" {text(value.removesuffix('.'))}") for label, value in labelled(subject.facts)]
    rows = (
        *(known or told(look, subject)),
        row("Compare", links),
        row("Checked by", by(names[0])),
    )
    find = '<input class=find aria-label="Filter facts" placeholder="Filter facts">'
    table = f"{find}<table>{''.join(rows)}</table>{chart(look)}"
    top = header("Almanac", elsewhere(subject.title, "read", "time", "view"))
    return f"{top}<main>{h1(subject.title)}{table}</main>"


def told(look: Look, subject: Subject) -> list[str]:
    """Rows for facts without labels."""
    return [
        row("In short", f"<p>{text(subject.first() or UNKNOWN)}</p>"),
        row("More", f"<p> {text(subject.rest())}</p>" if subject.rest() else ""),
        row("Level", look.pick(LEVELS, 0)),
        row("Reading time", look.pick(TIMES, 1)),
        row("Rating", look.pick(STARS, 2)),
    ]


def row(label: str, value: str) -> str:
    """A row of the table; none without a value."""
    return f"<tr><th scope=row>{label}</th><td>{value}</td></tr>" if value else ""


def chart(look: Look) -> str:
    """Readers on each day of a week: each bar is drawn in the frame of the one before it, moved to the right."""
    bars = NEXT.join(f"{look.pick(BARS, at)}<text x=26 y=140>{day}</text>" for at, day in enumerate("MTWTFSS"))
    drawing = f'<svg class=chart viewBox="0 0 364 146" aria-hidden=true>{bars}{"</g>" * 6}</svg>'
    return f"<h2>Readers in a week</h2>{drawing}"


RULES = (NAMES, READ, TIME, VIEW, FIND, TABLE, CELL, LABEL, CELL_TEXT, CELL_LINK, CHART, DAY)
FACT_SHEET = Place("facts", "/facts", ASKS, body, RULES, (ONE, ALL, FILTER), "filter rows", sheet_subject).family()
