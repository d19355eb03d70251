"""The weather of a place: now, five days, and a switch of units.

What evaluation may rely on (feature "units"): each `.t` shows whole degrees, in Celsius at first; `[value=F]` and
`[value=C]` of `button.unit` convert all of them, and the one of the unit shown has aria-pressed=true.
"""

import random

from training.corpus.web_parts import ALL, ICON, READ, VIEW, elsewhere, h1, header, icon, paragraphs, tiles
from training.corpus.web_place import Place
from training.corpus.web_subject import Look, Subject, from_entry
from training.texts.source import Source
from training.texts.split import Split

ASKS = (
    "weather in {title}", "the weather in {title}", "the weather forecast for {title}",
    "weather forecast for {title}", "{title} weather", "the {title} weather", "the weather of {title}",
    "a weather page for {title}", "what is the weather in {title}?",
    "how is the weather in {title}", "will it rain in {title}?", "a five day forecast for {title}",
    "the forecast for {title}", "the temperature in {title}", "how warm is it in {title}?",
    "a weather report for {title}", "is it sunny in {title}",
)  # fmt: skip
ELSE_SHARE = 0.2
UNKNOWN = "A place like no other."
SUN = '<circle cx=12 cy=12 r=4 /><path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2"/>'
CLOUD = '<path d="M7 17a4 4 0 0 1 0-8 5 5 0 0 1 9.5-1A4.5 4.5 0 0 1 17 17z"/>'
RAIN = '<path d="M8 19l-1 3M13 19l-1 3M18 19l-1 3"/>'
BOLT = '<path d="M13 13l-3 4.5h4L11 22"/>'
FOG = '<path d="M5 20h14M8 22.8h8"/>'
DRAWINGS = {"Sunny": SUN, "Cloudy": CLOUD, "Rain": CLOUD + RAIN, "Storm": CLOUD + BOLT, "Fog": CLOUD + FOG}
SKIES = ("Sunny 24 13", "Rain 15 9", "Cloudy 18 11", "Sunny 27 16", "Storm 21 14", "Fog 12 6", "Rain 17 12")
"""What a day may be like: sky, highest and lowest temperature in degrees Celsius."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
DEGREE = ".t::after{content:'°'}"
NOW = (
    ".now{display:flex;flex-wrap:wrap;gap:.6rem 1.8rem;align-items:center;padding:1.4rem 1.6rem;margin:0 0 1rem;"
    "background:var(--card);border:1px solid var(--line);border-radius:var(--r)}"
)
BIG = ".now .icon{width:7rem;height:7rem;stroke-width:1.3}"
WARM = ".now .t{font-size:4.6rem;line-height:1;font-weight:300;letter-spacing:-.04em}"
KIND = ".now>span{flex:1;font-size:1.25rem}"
UNIT = ".unit[aria-pressed=false]{background:var(--card);color:var(--fg)}"
WEEK = ".week{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.2rem,1fr));gap:.8rem;margin:0 0 1.8rem}"
DAY = (
    ".week section{display:grid;justify-items:center;gap:.35rem;padding:1rem .5rem;background:var(--card);"
    "border:1px solid var(--line);border-radius:var(--r)}"
)
DAY_NAME = ".week h3{font-size:1rem}"
LOW = ".low{color:var(--mut)}"
CONVERT = (
    "const turn=u=>{for(const t of all('.t'))"
    "t.textContent=Math.round(u=='F'?t.textContent*1.8+32:(t.textContent-32)/1.8)}\n",
    "for(const b of all('.unit'))b.onclick=()=>{if(b.ariaPressed=='true')return;turn(b.value);"
    "for(const o of all('.unit'))o.ariaPressed=o==b}\n",
)
UNITS = (
    "<div class=row><button class=unit type=button value=C aria-pressed=true>°C</button>"
    "<button class=unit type=button value=F aria-pressed=false>°F</button></div>"
)


def body(look: Look, subject: Subject, _: tuple[str, ...]) -> str:
    week = "".join(f"<section><h3>{day}</h3>{sky(look, at)}</section>" for at, day in enumerate(DAYS, 1))
    days = f"<h2>Five days</h2><div class=week>{week}</div>{paragraphs(subject.first() or UNKNOWN)}"
    more = tiles("Weather elsewhere", "/weather", subject.links)
    top = header("Skyline", elsewhere(subject.title, "read", "view"))
    return f"{top}<main>{h1(subject.title)}{now(look)}{days}{more}</main>"


def now(look: Look) -> str:
    kind, high, _ = look.pick(SKIES, 0).split()
    return f"<section class=now>{icon(DRAWINGS[kind])}<b class=t>{high}</b><span>{kind}</span>{UNITS}</section>"


def sky(look: Look, at: int) -> str:
    """What a day is like."""
    kind, high, low = look.pick(SKIES, at).split()
    return f'{icon(DRAWINGS[kind])}<span>{kind}</span><b class=t>{high}</b><span class="t low">{low}</span>'


def somewhere(rng: random.Random, source: Source, split: Split) -> Subject:
    """A place as a rule, now and then anything."""
    return from_entry(rng, source, split, topic="" if rng.random() < ELSE_SHARE else "Geography")


RULES = (READ, VIEW, ICON, DEGREE, NOW, BIG, WARM, KIND, UNIT, WEEK, DAY, DAY_NAME, LOW)
WEATHER = Place("weather", "/weather", ASKS, body, RULES, (ALL, *CONVERT), "units", somewhere).family()
