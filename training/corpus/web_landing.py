"""A landing page: a claim, a call to action, what is good about it, praise, a newsletter.

What evaluation may rely on (feature "newsletter"): a click on `button.join` writes into `output.thanks`: the address
typed into `input.mail` if it is one, else words without it.
"""

from training.corpus.page import text
from training.corpus.web_parts import (
    ART,
    DOCS,
    GRID,
    ICON,
    NAMED,
    NAMES,
    ONE,
    READ,
    TALK,
    by,
    elsewhere,
    h1,
    header,
    icon,
    paragraphs,
    tiles,
)
from training.corpus.web_place import Place
from training.corpus.web_shop import PRAISE
from training.corpus.web_subject import Look, Subject

ASKS = (
    "a landing page for {many}", "a landing page for {one}", "landing page for {title}", "landing page: {title}",
    "{one} landing page", "the home page of {title}", "a start page for {title}", "a product launch page for {one}",
    "a marketing page for {many}", "a launch page about {title}", "a promo page for {many}",
    "a startup page that sells {one}", "an advertisement for {title}", "advertise {many}", "promote {title}",
    "a website to promote {many}", "a sales page for {one}",
)  # fmt: skip
CLAIM = "Good things, made simple."
CARDS = ("Simple", "Quick", "Yours")
REASONS = (
    "Ready when you are.", "Made to be enjoyed.", "Clear from the start.", "Nothing to set up.", "Always at hand.",
    "A little better each day.", "Loved by beginners.",
)  # fmt: skip
ICONS = (
    '<path d="M13 2 4 14h7l-1 8 9-12h-7z"/>',
    '<path d="M12 21C5 15 2 12 2 8a5 5 0 0 1 10-2 5 5 0 0 1 10 2c0 4-3 7-10 13z"/>',
    '<path d="M12 2l3 7 7 .5-5.5 4.5 2 7.5L12 17.5 5.5 21.5l2-7.5L2 9.5 9 9z"/>',
    '<path d="M12 2l8 3v6c0 5-3 9-8 11-5-2-8-6-8-11V5zM8.5 11.5l2.5 2.5 5-5"/>',
    '<path d="M3 18c0-9 6-15 18-15 0 12-6 18-15 18M3 21C6 15 10 11 15 9"/>',
)
HERO = ".hero{display:flex;flex-wrap:wrap;gap:1.4rem 2.4rem;align-items:center}"
HALVES = ".hero>*{flex:1 1 17rem}"
CALL = (
    "main .cta,main .cta:hover{padding:.75em 1.4em;border-radius:var(--r);background:var(--acc);color:var(--on);"
    "font-weight:700;text-decoration:none}"
)
GET = ".cta::before{content:'Get '}"
TALL = ".hero .art{min-height:13rem;margin:0}"
CARD = ".grid article{display:flex;flex-direction:column;gap:.5rem;align-items:flex-start;margin:0}"
QUOTE = ".quote p{font-size:1.4rem;line-height:1.4}"
MAIL = ".mail{flex:1 1 12rem}"
SAID = ".thanks{display:block;min-height:1.6em;margin:.6rem 0 0;font-weight:600;color:var(--acc)}"
JOIN = (
    "one('.join').onclick=()=>{const m=one('.mail');one('.thanks').textContent="
    "m.value&&m.validity.valid?'Thanks! We will write to '+m.value+'.':'Please type your email address.'}\n"
)
LETTER = (
    '<h2>Newsletter</h2><div class=row><input class=mail type=email aria-label="Your email" placeholder="Your email">'
    "<button class=join type=button>Subscribe</button></div><output class=thanks></output>"
)


def body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    title = text(subject.title)
    calls = f"<div class=row><a class=cta href=/cart>{title}</a><a class=docs href=/docs>{title}</a></div>"
    hero = f"<section class=hero><div>{paragraphs(subject.first() or CLAIM)}{calls}</div>{ART}</section>"
    cards = "".join(card(look, at, name) for at, name in enumerate(subject.links[:3] or CARDS))
    praise = f"<article class=quote><p>{look.pick(PRAISE, 0)}</p>{by(names[0])}</article>"
    more = f"<section class=grid>{cards}</section>{praise}{LETTER}{tiles('More', '/start', subject.links[3:])}"
    top = header("Liftoff", elsewhere(subject.title, "read", "talk"))
    return f"{top}<main>{h1(subject.title)}{hero}{more}</main>"


def card(look: Look, at: int, name: str) -> str:
    picture = icon(look.pick(ICONS, at))
    return f"<article>{picture}<a href=/start>{text(name)}</a><p>{look.pick(REASONS, at)}</p></article>"


RULES = (NAMES, READ, TALK, DOCS, ICON, GRID, NAMED, HERO, HALVES, CALL, GET, TALL, CARD, QUOTE, MAIL, SAID)
LANDING = Place("landing", "/start", ASKS, body, RULES, (ONE, JOIN), "newsletter").family()
