"""Screens of the desktop that are no windows: the lock screen, and a panel of notifications.

What evaluation may rely on: "lock screen": `.win time` is the time (HH:MM), `.date` the day; what is typed into the
input of `.pass`, which belongs to no form, is hidden until `button.show` is pressed; `button.go` leads on.
"notifications": each `.card` has a button that removes it, `button.clear` removes all; `output` reads how many are
left.
"""

from collections.abc import Sequence

from backend.prompts.screens import CLOSE, UNLOCK
from training.corpus.os_desktop import NAME, TIME, bar, dock
from training.corpus.os_icons import ICONS
from training.corpus.os_style import rules
from training.corpus.os_tools import Q
from training.corpus.os_windows import PAPERS, PEOPLE
from training.corpus.page import page, text

USER = (
    '<svg class=user viewBox="0 0 24 24" aria-hidden=true><circle cx=12 cy=9 r=4.5></circle>'
    '<path d="M3 24a9 9 0 0 1 18 0z"></path></svg>'
)
PASSWORD = (
    "<div class=pass><input type=password aria-label=Password placeholder=Password autocomplete=off>"
    "<button class=show type=button aria-pressed=false>Show</button></div>"
)
LOCKED = (
    *TIME,
    Q,
    'q(".date").textContent=new Date().toLocaleDateString("en",{weekday:"long",month:"long",day:"numeric"})\n',
    'q(".show").onclick=e=>{const hide=q("input").type!="password";q("input").type=hide?"password":"text";'
    "e.target.ariaPressed=!hide}\n",
    'q("input").onkeydown=e=>{if(e.key=="Enter")q(".go").click()}\n',
)
FROM_PEOPLE = (
    ("Mail", "sent you a letter"),
    ("Contacts", "is now in your contacts"),
    ("Calendar", "is free on Friday"),
)
FROM_FILES = (("Files", "was saved to Documents"), ("Notes", "is ready to read"))
CENTRE = (
    *TIME,
    Q,
    'const count=()=>q("output").value=document.querySelectorAll(".card").length+" new"\n',
    'q("main").onclick=e=>{if(e.target.type=="button")'
    'document.querySelectorAll(".card").forEach(c=>(e.target.className||c.contains(e.target))&&c.remove());count()}\n',
)


def lock_page(palette: str, design: str, title: str, names: Sequence[str]) -> str:
    """The lock screen of the first of names; the button leads on to the desktop."""
    user = f"{USER}<h2>{text((*names, *PEOPLE)[0])}</h2>{PASSWORD}"
    inside = f"<time>9:41</time><p class=date></p>{user}<button class=go>{UNLOCK}</button>"
    body = f"<header class=bar><h1>{text(title)}</h1></header><main><section class=win>{inside}</section></main>"
    return page(rules(palette, design, "Lock Screen", False), title, body, "".join(LOCKED))


def notifications_page(palette: str, design: str, title: str, names: Sequence[str], links: Sequence[str]) -> str:
    """News of three people and two files, on a panel at the side."""
    people, files = (*names, *PEOPLE[len(names) :]), links or PAPERS
    news = [*zip(people, FROM_PEOPLE, strict=False), *zip(files, FROM_FILES, strict=False)]
    cards = "".join(map(card, news))
    header = f"<header><button class=shut>{CLOSE}</button><h1>{text(title)}</h1></header>"
    tools = f"<div class=deck><output>{len(news)} new</output><button class=clear type=button>Clear all</button></div>"
    body = f"{bar(NAME)}<main><section class=win>{header}{tools}{cards}</section></main>{dock()}"
    return page(rules(palette, design, "Notifications", False), title, body, "".join(CENTRE))


def card(news: tuple[str, tuple[str, str]]) -> str:
    """One piece of news: of whom or what, from which application, and what."""
    who, (application, what) = news
    dismiss = "<button type=button aria-label=Dismiss>&times;</button>"
    return f"<article class=card>{ICONS[application]}<p><b>{text(who)}</b>{what}</p>{dismiss}</article>"
