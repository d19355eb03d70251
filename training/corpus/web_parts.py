"""Markup that the pages of world `web` share, and the style rules and script lines that go with it."""

from collections.abc import Iterable

from training.corpus.page import text

KINDS = {
    "read": "/wiki", "talk": "/forum", "buy": "/shop", "news": "/news", "all": "/topics", "ask": "/ask",
    "docs": "/docs", "facts": "/facts", "time": "/timeline", "view": "/gallery",
}  # fmt: skip
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
NEWS_ON = ".news::before{content:'News on '}"
MORE_ON = ".all::before{content:'Topics on '}"
ASK_ON = ".ask::before{content:'Questions on '}"
VOTES = ".up{padding:.15em .7em;background:none;color:var(--acc)}"
VOTED = ".up:disabled{background:var(--acc);color:var(--on)}"
ONE = "const one=s=>document.querySelector(s)\n"
ALL = "const all=s=>document.querySelectorAll(s)\n"
ICON = (
    ".icon{width:2.6rem;height:2.6rem;fill:none;stroke:var(--acc);stroke-width:1.8;stroke-linecap:round;"
    "stroke-linejoin:round}"
)
VOTE = (
    "for(const b of document.querySelectorAll('.up'))"
    "b.onclick=()=>{b.nextElementSibling.textContent++;b.disabled=true}\n"
)
UP = "<button class=up type=button aria-label=Upvote>▲</button>"
ART = "<div class=art></div>"
SCORES = tuple("375928164")
SCORE = ".posts span{margin:0 .6em;font-weight:700}"
POSTS = ".posts p{margin:.5rem 0 .7rem}"
AUTHOR = "small{color:var(--mut);font-size:.95rem;white-space:nowrap}"
AUTHOR_LABEL = "small::before{content:'by '}"
GRID = (
    ".grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(10.8rem,100%),1fr));"
    "gap:1.4rem;margin:1.6rem 0}"
)
NAMED = ".grid a{font-size:1.1rem;font-weight:700;line-height:1.3}"
COUNT_BOX = ".count{min-width:1.5em;text-align:center;font-weight:700}"
COUNT = (
    "<button class=less type=button aria-label=Fewer>−</button><output class=count>1</output>"
    "<button class=more type=button aria-label=More>+</button>"
)
REPLY_BOX = "textarea{flex:1 1 14rem;min-height:3.2rem}"
REPLY_FORM = (
    '<div class=row><textarea aria-label="Your reply"></textarea><button class=send type=button>Reply</button></div>'
)
REPLY = (
    "const add=(to,tag,text)=>to.appendChild(Object.assign(document.createElement(tag),{textContent:text}))\n",
    "const post=text=>{const to=add(one('.posts'),'article','');add(to,'b','you').className='by';add(to,'p',text)}\n",
    "one('.send').onclick=()=>{const box=one('textarea');if(box.value.trim())post(box.value);box.value=''}\n",
)
BESIDE = ".row h2{flex:1;margin:0}"
QUIET = (
    "main [type=button]{padding:.3em .8em;background:none;color:var(--acc)}",
    "main [aria-pressed=true]{background:var(--acc);color:var(--on)}",
    "[aria-pressed=true]::after{content:' ✓'}",
)
TOGGLE = (
    "one('.toggle').onclick=e=>{const b=e.currentTarget,n=b.nextElementSibling,on=b.ariaPressed!='true';"
    "b.ariaPressed=on;n.textContent=+n.textContent+(on?1:-1)}\n"
)


def header(brand: str, rest: str) -> str:
    """The site's name and what stands beside it."""
    return f"<header><b>{brand}</b>{rest}</header>"


def search(kind: str, label: str = "Search", button: str = "Go") -> str:
    """A form that opens what is typed as an address of this kind. label, button: one word each."""
    field = f"<input name=q aria-label={label} placeholder={label} required>"
    return f"<form action={kind}>{field}<button>{button}</button></form>"


def elsewhere(title: str, *places: str) -> str:
    """Links to the same subject in other places (keys of KINDS); style rules say what each link does."""
    links = "".join(f"<a class={place} href={KINDS[place]}>{text(title)}</a>" for place in places)
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


def author(name: str) -> str:
    """As `by`, with a link to the person's profile."""
    return f"<a class=by href=/user>{text(name)}</a>"


def toggle(word: str, count: str) -> str:
    """A button that can be pressed and released, with the number of those who did (script: TOGGLE)."""
    return f"<button class=toggle type=button aria-pressed=false>{word}</button><output>{count}</output>"


def h1(title: str) -> str:
    return f"<h1>{text(title)}</h1>"


def icon(shape: str) -> str:
    """A small line drawing. shape: markup inside the <svg>, on a field of 24 by 24."""
    return f'<svg class=icon viewBox="0 0 24 24" aria-hidden=true>{shape}</svg>'
