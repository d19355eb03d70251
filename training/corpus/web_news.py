"""Page families of a newspaper: its front page on a subject, and one of its stories."""

import random

from training.corpus.design import Checks, Example, Family
from training.corpus.page import page, text
from training.corpus.web_parts import (
    ART,
    AUTHOR,
    AUTHOR_LABEL,
    BESIDE,
    GRID,
    NAMED,
    NAMES,
    NEWS_ON,
    ONE,
    QUIET,
    READ,
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
    tiles,
    toggle,
)
from training.corpus.web_style import WEB_DESIGNS, style
from training.corpus.web_subject import Look, Subject, draw_look, from_entry, people, web_brief
from training.texts.source import Source
from training.texts.split import Split

NEWS_ASKS = (
    "news about {many}", "the latest news about {one}", "the front page of a newspaper about {many}",
    "a newspaper about {title}", "a news site about {many}", "today's news on {title}", "headlines about {many}",
    "what is new in {one}?", "what's happening with {title}?", "a front page about {one}", "{one} news",
    "breaking news about {title}", "a news page on {many}", "the {title} newspaper", "latest headlines on {title}",
    "the daily paper for {many}",
)  # fmt: skip
STORY_ASKS = (
    "a news article about {many}", "a news story about {one}", "a newspaper article on {title}",
    "a newspaper story about {many}", "news article: {title}", "a news report on {many}", "a report about {title}",
    "report on {one}", "a press article about {title}", "a magazine article about {many}", "a report on {one}",
    "write a news story about {title}", "a feature story on {many}", "a front page story about {title}",
)  # fmt: skip
NO_NEWS = "No news has reached us yet."
DECKS = (
    "What our reporters found out.", "Five minutes to read.", "Experts explain.", "Readers ask, we answer.",
    "The view from close up.", "Why it matters now.", "The story behind the story.",
)  # fmt: skip
OPINIONS = (
    "It changed how I see the world.", "I had no idea.", "Every school should teach this.", "At last a clear account.",
    "My grandmother always said so.",
)  # fmt: skip
KICKER = (
    ".grid article::before{content:'Report';display:block;margin:0 0 .3rem;font-size:.8rem;font-weight:700;"
    "letter-spacing:.08em;text-transform:uppercase;color:var(--mut)}",
    ".grid article:nth-child(3n+2)::before{content:'Analysis'}",
    ".grid article:nth-child(3n)::before{content:'Opinion'}",
    ".grid article{margin:0}",
    ".grid a::after{content:': a closer look'}",
    ".grid article:nth-child(3n) a::after{content:', explained'}",
)
SHORT = ".short .grid p,.short small{display:none}"
SPREAD = "main .row{justify-content:space-between;margin:2rem 0 0}"
FULL = ".full::before{content:'The full story: '}"
BRIEF = "<button class=brief type=button aria-pressed=false>Headlines only</button>"
BRIEF_LINE = (
    "one('.brief').onclick=e=>e.currentTarget.ariaPressed="
    "document.body.classList.toggle('short',e.currentTarget.ariaPressed!='true')\n"
)
SIZED = (
    ".story p{font-size:calc(1.05rem*var(--size,1))}",
    ".story .lead{font-size:calc(1.3rem*var(--size,1))}",
)
STRIP = "main .row{margin:0 0 1.4rem}"
LIKES = ".toggle+output::after{content:' likes'}"
SIZES = (
    '<button class=smaller type=button aria-label="Smaller text">A−</button>'
    '<button class=larger type=button aria-label="Larger text">A+</button>'
)
SIZE_LINES = (
    "const size=n=>{const s=one('.story').style,now=+s.getPropertyValue('--size')||1;"
    "s.setProperty('--size',Math.min(1.6,Math.max(.8,now+n)))}\n",
    "one('.larger').onclick=()=>size(.2)\n",
    "one('.smaller').onclick=()=>size(-.2)\n",
)


def news(rng: random.Random, source: Source, split: Split) -> Example:
    """The front page of a newspaper: a lead story, more stories as headlines, a switch that leaves only those."""
    look, subject, names = draw_look(rng), from_entry(rng, source, split), people(rng, source)
    own = (NAMES, READ, TALK, GRID, NAMED, *KICKER, SHORT, *QUIET, SPREAD, BESIDE, FULL, AUTHOR, AUTHOR_LABEL)
    markup = page(
        style(look.design, look.palette, *own), subject.title, news_body(look, subject, names), ONE + BRIEF_LINE
    )
    brief = web_brief(rng, "/news", NEWS_ASKS, look, subject, names)
    return Example("news", brief, markup, Checks(subject.title, subject.links, ("headlines", "search")))


def news_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    told = paragraphs(subject.first() or NO_NEWS, subject.rest())
    full = f"<div class=row>{author(names[0])}<a class=full href=/story>{text(subject.title)}</a></div>"
    around = f"{more_news(look, subject, names)}{elsewhere(subject.title, 'read', 'talk')}"
    return f"{header('The Courier', search('/news'))}<main>{h1(subject.title)}{ART}{told}{full}{around}</main>"


def more_news(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    """Further stories, one for each link; nothing without links."""
    cards = "".join(headline(look, at, link, names[at % 3]) for at, link in enumerate(subject.links, 1))
    top = f"<div class=row><h2>More news</h2>{BRIEF}</div>"
    return f"{top}<section class=grid>{cards or empty(look, names)}</section>"


def empty(look: Look, names: tuple[str, ...]) -> str:
    """What stands in the place of further stories where none are known."""
    return f"<article><p>{look.pick(DECKS, 1)}</p><small>{text(names[1])}</small></article>"


def headline(look: Look, at: int, title: str, name: str) -> str:
    deck = f"<p>{look.pick(DECKS, at)}</p><small>{text(name)}</small>"
    return f"<article><a href=/story>{text(title)}</a>{deck}</article>"


def story(rng: random.Random, source: Source, split: Split) -> Example:
    """A story: by-line, facts in letters that can be made larger, likes, a reader's word, more stories."""
    look, subject, names = draw_look(rng), from_entry(rng, source, split), people(rng, source)
    rules = style(look.design, look.palette, NAMES, READ, TALK, NEWS_ON, *SIZED, STRIP, *QUIET, LIKES)
    markup = page(rules, subject.title, story_body(look, subject, names), ONE + "".join(SIZE_LINES) + TOGGLE)
    brief = web_brief(rng, "/story", STORY_ASKS, look, subject, names)
    return Example("story", brief, markup, Checks(subject.title, subject.links, ("text size", "toggle")))


def story_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    strip = f"<div class=row>{author(names[0])}{SIZES}{toggle('Like', look.pick(SCORES, 0))}</div>"
    told = f"<div class=story>{ART}{paragraphs(subject.first() or NO_NEWS, subject.rest())}</div>"
    voice = f"<h2>A reader writes</h2><article>{by(names[1])}<p>{look.pick(OPINIONS, 1)}</p></article>"
    around = f"{tiles('Related stories', '/story', subject.links)}{elsewhere(subject.title, 'read', 'talk')}"
    top = header("The Courier", elsewhere(subject.title, "news"))
    return f"{top}<main>{h1(subject.title)}{strip}{told}{voice}{around}</main>"


NEWS = Family("news", tuple(WEB_DESIGNS), news, weight=0.8)
STORY = Family("story", tuple(WEB_DESIGNS), story)
