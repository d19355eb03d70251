"""Markup that the pages of world `web` share, and the style rules and script lines that go with it."""

from collections.abc import Iterable

from training.corpus.page import text

NAMES = (
    ".by::before{content:'';display:inline-block;width:1.5em;height:1.5em;margin-right:.5em;border-radius:50%;"
    "vertical-align:-.4em;background:conic-gradient(var(--acc),var(--card),var(--mut),var(--acc))}"
)
READ = ".read::before{content:'Read about '}"
TALK = ".talk::before{content:'Discuss '}"
BUY = ".buy::before{content:'Shop for '}"
DOCS = ".docs::before{content:'How to use '}"
FACTS = ".facts::before{content:'Facts on '}"
TIME = ".time::before{content:'Timeline of '}"
VIEW = ".view::before{content:'Pictures of '}"
VOTES = ".up{padding:.15em .7em;background:none;color:var(--acc)}"
VOTED = ".up:disabled{background:var(--acc);color:var(--on)}"
ONE = "const one=s=>document.querySelector(s)\n"
ALL = "const all=s=>document.querySelectorAll(s)\n"
ICON = (
    ".icon{width:2.6rem;height:2.6rem;fill:none;stroke:var(--acc);stroke-width:1.8;stroke-linecap:round;"
    "stroke-linejoin:round}"
)
PLACES = {
    "read": "/wiki", "talk": "/forum", "buy": "/shop", "docs": "/docs", "facts": "/facts", "time": "/timeline",
    "view": "/gallery",
}  # fmt: skip
VOTE = (
    "for(const b of document.querySelectorAll('.up'))"
    "b.onclick=()=>{b.nextElementSibling.textContent++;b.disabled=true}\n"
)
UP = "<button class=up type=button aria-label=Upvote>▲</button>"
ART = "<div class=art></div>"


def header(brand: str, rest: str) -> str:
    """The site's name and what stands beside it."""
    return f"<header><b>{brand}</b>{rest}</header>"


def search(kind: str, label: str = "Search", button: str = "Go") -> str:
    """A form that opens what is typed as an address of this kind. label, button: one word each."""
    field = f"<input name=q aria-label={label} placeholder={label} required>"
    return f"<form action={kind}>{field}<button>{button}</button></form>"


def elsewhere(title: str, *places: str) -> str:
    """Links to the same subject in other places (of PLACES); style rules say what each link does."""
    links = "".join(f"<a class={place} href={PLACES[place]}>{text(title)}</a>" for place in places)
    return f"<nav class=tabs aria-label=Elsewhere>{links}</nav>"


def tiles(caption: str, kind: str, titles: Iterable[str]) -> str:
    """A captioned row of links to pages of this kind; nothing for no titles."""
    links = "".join(f"<a href={kind}>{text(title)}</a>" for title in titles)
    return f"<h2>{caption}</h2><nav class=tiles aria-label=Related>{links}</nav>" if links else ""


def paragraphs(lead: str, rest: str = "") -> str:
    """A lead paragraph and, if there is more, a second one.

    The second begins with a blank (which renders as none), so that its first word is spelled as inside the facts.
    """
    more = f"<p> {text(rest)}</p>" if rest else ""
    return f"<p class=lead>{text(lead)}</p>{more}"


def by(name: str) -> str:
    """A person's name with a round portrait before it."""
    return f"<b class=by>{text(name)}</b>"


def h1(title: str) -> str:
    return f"<h1>{text(title)}</h1>"


def icon(shape: str) -> str:
    """A small line drawing. shape: markup inside the <svg>, on a field of 24 by 24."""
    return f'<svg class=icon viewBox="0 0 24 24" aria-hidden=true>{shape}</svg>'
