"""What the desktop's windows hold, application by application, and the scripts that make it work.

What evaluation may rely on, by feature:
"calculator": `.keys button` are the keys (digits . = + - C, the times and the divide sign), `output` the result.
"music": `ol button` picks a song (`aria-current=true`), `button.play` reads Play or Pause and moves `progress`.
"mail": a click on a `summary` opens its letter. "clock": `output` reads HH:MM:SS and advances.
"dark switch": `input.dark` toggles the class "alt" on <html>, which changes the background of <body>.
"writing": the front window's `textarea` can be written in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from training.corpus.design import DARK
from training.corpus.os_icons import FOLDER, PAPER
from training.corpus.page import text

FOLDERS = ("Documents", "Pictures", "Letters", "Projects")
PAPERS = ("Read me", "Plans", "Budget", "Diary")
NOTE = "Buy film for the camera. Call the framer about the lake print. Mix a fresh bath on Friday."
SONGS = ("First Light", "Slow River", "Paper Boats", "Northern Tram")
PEOPLE = ("miro", "juno", "tessa")
LETTERS = (
    ("Dinner on Friday?", "The new place by the river has a table for four. Shall I book it?"),
    ("Your prints are ready", "They came out well. Pick them up any day before six."),
    ("Notes from today", "Three points and one question. Tell me what I forgot."),
)
KEYS = (*"789", "&divide;", *"456", "&times;", *"123", "-", *"0.=", "+")
SIGNS = ("&divide;", "&times;", "-", "+")
SWITCHES = (("Large text", "large"), ("Hide the dock", "bare"), ("Plain icons", "plain"))

CALCULATOR = (
    'const show=document.querySelector("output")\n',
    'let first=0,sign="",fresh=true\n',
    'const work=(a,b)=>sign=="+"?a+b:sign=="-"?a-b:sign=="\\xd7"?a*b:sign=="\\xf7"?a/b:b\n',
    'const digit=k=>{if(fresh)show.value="";if(k!="."||!show.value.includes("."))show.value+=k;fresh=false}\n',
    "const apply=k=>{if(!fresh)show.value=first=+work(first,+show.value).toFixed(9);sign=k;fresh=true}\n",
    'const wipe=()=>{show.value=first=0;sign="";fresh=true}\n',
    'document.querySelector(".keys").onclick=e=>{const k=e.target.textContent;'
    'if(e.target.type)k=="C"?wipe():/[\\d.]/.test(k)?digit(k):apply(k)}\n',
)
MUSIC = (
    'const songs=[...document.querySelectorAll("ol button")],play=document.querySelector(".play"),'
    'bar=document.querySelector("progress")\n',
    "let now=0,beat=0,sound\n",
    "const note=()=>{const o=sound.createOscillator(),g=sound.createGain();"
    "o.frequency.value=220*2**([0,3,5,7,10][bar.value*(now+2)%5]/12);g.gain.value=.05;"
    "o.connect(g).connect(sound.destination);o.start();o.stop(sound.currentTime+.4)}\n",
    "const pick=n=>{now=n%songs.length;bar.value=0;songs.forEach((s,i)=>s.ariaCurrent=i==now)}\n",
    "const step=()=>{note();if(++bar.value>59)pick(now+1)}\n",
    "songs.forEach((s,i)=>s.onclick=()=>pick(i))\n",
    "play.onclick=()=>{sound=sound||new AudioContext();beat=beat?clearInterval(beat):setInterval(step,500);"
    'play.textContent=beat?"Pause":"Play"}\n',
)
CLOCK = (
    'const hands=document.querySelectorAll(".face path"),out=document.querySelector("output")\n',
    "const turn=()=>{const d=new Date(),s=d.getSeconds(),m=d.getMinutes()+s/60;"
    '[d.getHours()*30+m/2,m*6,s*6].forEach((a,i)=>hands[i].style.rotate=a+"deg");'
    "out.value=d.toTimeString().slice(0,8)}\n",
    "turn()\n",
    "setInterval(turn,1000)\n",
)
SETTINGS = ("onchange=e=>document.documentElement.classList.toggle(e.target.value,e.target.checked)\n",)


@dataclass(frozen=True)
class Content:
    """A window's inside. application: whose rules it needs; links: texts of its buttons that lead on."""

    application: str
    markup: str
    feature: str = ""
    script: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def files(entries: Sequence[str]) -> Content:
    """The window of Files: folders."""
    return entries_window(FOLDER, tuple(entries) or FOLDERS)


def folder(entries: Sequence[str]) -> Content:
    """A folder: papers."""
    return entries_window(PAPER, tuple(entries) or PAPERS)


def entries_window(icon: str, entries: tuple[str, ...]) -> Content:
    buttons = "".join(f"<button>{icon}{text(entry)}</button>" for entry in entries)
    return Content("Files", f"<div class=grid>{buttons}</div>", links=entries)


def writing(words: str) -> Content:
    """Notes, or a paper out of a folder."""
    return Content("Notes", f"<textarea aria-label=Text>{text(words or NOTE)}</textarea>", "writing")


def mail(names: Sequence[str]) -> Content:
    """Three letters, from the first three names."""
    people = (*names, *PEOPLE[len(names) :])
    letters = zip(people, LETTERS, strict=False)
    markup = "".join(f"<details><summary><b>{text(n)}</b>{s}</summary><p>{b}</p></details>" for n, (s, b) in letters)
    return Content("Mail", markup, "mail")


def music(songs: Sequence[str]) -> Content:
    """A playlist that plays tones of its own; the first song is picked."""
    first, *rest = (f"type=button>{text(song)}</button></li>" for song in songs or SONGS)
    items = f"<li><button aria-current=true {first}" + "".join(f"<li><button {song}" for song in rest)
    deck = "<button class=play type=button>Play</button><progress max=60 value=0 aria-label=Progress></progress>"
    return Content("Music", f"<ol>{items}</ol><div class=deck>{deck}</div>", "music", MUSIC)


def calculator() -> Content:
    keys = "".join(f"<button{' class=sign' if k in SIGNS else ''} type=button>{k}</button>" for k in KEYS)
    wipe = "<button class=wipe type=button>C</button>"
    return Content("Calculator", f"<output>0</output><div class=keys>{wipe}{keys}</div>", "calculator", CALCULATOR)


def clock() -> Content:
    """A face with three hands above the time in digits."""
    face = "<circle cx=50 cy=50 r=46></circle>" + "".join(f'<path d="M50 50V{top}"></path>' for top in (28, 16, 13))
    svg = f'<svg class=face viewBox="0 0 100 100" aria-hidden=true>{face}</svg>'
    return Content("Clock", f"{svg}<output aria-live=off>9:41:00</output>", "clock", CLOCK)


def settings(palette: str) -> Content:
    """Four switches that work; the first swaps the palette for its counterpart."""
    mode = "Light mode" if palette in DARK else "Dark mode"
    dark = f"<label class=set>{mode}<input class=dark type=checkbox value=alt></label>"
    rest = "".join(f"<label class=set>{words}<input type=checkbox value={name}></label>" for words, name in SWITCHES)
    return Content("Settings", dark + rest, "dark switch", SETTINGS)
