"""Windows for work: a terminal, a calendar, a table of processes, contacts, and the folder of more applications.

What evaluation may rely on, by feature:
"terminal": `.line input` takes a command; what was typed ("$ " before it) and the answer are added to `.out`. `ls` adds
another copy of the list that `.out ul` shows at first, `clear` empties `.out`, an unknown command is said to be so.
"calendar": `output` names a month and a year, `.days td` are its days (blank cells around them), today's is
`aria-current=date`; `button.less` and `button.more` go a month back and on.
"processes": `tbody tr` are processes; a button in a row ends it, `button.byname` and `button.byload` sort, `output`
reads how many run. "contacts": a click on one of `ol button` shows its name in `.card h2` (`aria-current=true`).
"""

from collections.abc import Sequence

from backend.prompts.screens import PLACES
from training.corpus.os_icons import LAUNCHED
from training.corpus.os_windows import PEOPLE, Content
from training.corpus.page import text

Q = "const q=s=>document.querySelector(s)\n"
RUNNING = (
    ("Window server", 40),
    ("Music player", 25),
    ("Search index", 25),
    ("Mail sync", 10),
    ("Backup", 10),
)

TERMINAL = (
    Q,
    'const out=q(".out"),list=q(".out ul")\n',
    'const say=words=>out.append(Object.assign(document.createElement("p"),{textContent:words}))\n',
    'const commands={help:()=>say("Commands: help, date, echo, clear, ls"),'
    "date:()=>say(new Date().toString().slice(0,24)),"
    'echo:words=>say(words),clear:()=>out.textContent="",ls:()=>out.append(list.cloneNode(true))}\n',
    'q(".line").onsubmit=e=>{e.preventDefault();const all=e.target[0].value.trim(),[name]=all.split(" ");'
    'if(!all)return;say("$ "+all);Object.hasOwn(commands,name)?commands[name](all.slice(name.length+1)):'
    'say(name+": unknown command, try help");e.target.reset();out.scrollTop=out.scrollHeight}\n',
)
CALENDAR = (
    Q,
    "const day=new Date(),now=day.toDateString()\n",
    "day.setDate(1)\n",
    'const cell=n=>{const d=new Date(day);d.setDate(n);return d.getMonth()!=day.getMonth()?"<td>":'
    '"<td"+(d.toDateString()==now?" aria-current=date>":">")+n}\n',
    'const draw=()=>{q("output").value=day.toLocaleDateString("en",{month:"long",year:"numeric"});'
    'q(".days").innerHTML=Array.from({length:42},(_,i)=>(i%7?"":"<tr>")+cell(i+1-(day.getDay()+6)%7)).join("")}\n',
    'q(".week").innerHTML="Mo Tu We Th Fr Sa Su".split(" ").map(d=>"<th scope=col>"+d).join("")\n',
    'q(".less").onclick=()=>{day.setMonth(day.getMonth()-1);draw()}\n',
    'q(".more").onclick=()=>{day.setMonth(day.getMonth()+1);draw()}\n',
    "draw()\n",
)
PROCESSES = (
    Q,
    'const table=q("tbody"),sort=order=>table.append(...[...table.rows].sort(order))\n',
    'const load=row=>row.querySelector("progress").value\n',
    'q(".byname").onclick=()=>sort((a,b)=>a.textContent.localeCompare(b.textContent))\n',
    'q(".byload").onclick=()=>sort((a,b)=>load(b)-load(a))\n',
    'table.onclick=e=>{if(e.target.type)e.target.closest("tr").remove();'
    'q("output").value=table.rows.length+" running"}\n',
)
CONTACTS = (
    Q,
    'const people=[...document.querySelectorAll("ol button")]\n',
    'const show=one=>{people.forEach(p=>p.ariaCurrent=p==one);q(".card h2").textContent=one.textContent;'
    'q(".face").textContent=one.textContent[0];q(".card p").textContent=one.textContent+"@post.example"}\n',
    "people.forEach(p=>p.onclick=()=>show(p))\n",
    "show(people[0])\n",
)


def terminal(entries: Sequence[str]) -> Content:
    """An input line below what was said; `ls` has been typed already."""
    names = "".join(f"<li>{text(entry)}</li>" for entry in entries or PLACES)
    out = f"<div class=out role=log aria-label=Output><p>Type help for a list.</p><p>$ ls</p><ul>{names}</ul></div>"
    line = "<form class=line><b>$</b><input aria-label=Command autocomplete=off spellcheck=false></form>"
    return Content("Terminal", out + line, "terminal", TERMINAL)


def calendar() -> Content:
    """The month of the day on which the page is looked at."""
    back, on = "<button class=less type=button>Back</button>", "<button class=more type=button>Next</button>"
    table = "<table><thead><tr class=week></tr></thead><tbody class=days></tbody></table>"
    return Content("Calendar", f"<div class=deck>{back}<output></output>{on}</div>{table}", "calendar", CALENDAR)


def processes() -> Content:
    rows = "".join(
        f"<tr><th scope=row>{name}</th><td><progress max=50 value={load} aria-label=Load></progress></td>"
        "<td><button type=button>End</button></td></tr>"
        for name, load in RUNNING
    )
    sort = (
        "<button class=byname type=button>Sort by name</button><button class=byload type=button>Sort by load</button>"
    )
    tools = f"<div class=deck>{sort}<output>{len(RUNNING)} running</output></div>"
    return Content("Processes", f"{tools}<table><tbody>{rows}</tbody></table>", "processes", PROCESSES)


def contacts(names: Sequence[str]) -> Content:
    """The brief's people and the usual ones, and the card of one of them."""
    people = "".join(f"<li><button type=button>{text(n)}</button></li>" for n in dict.fromkeys((*names, *PEOPLE)))
    card = "<article class=card aria-live=polite><b class=face aria-hidden=true></b><h2></h2><p></p></article>"
    return Content("Contacts", f"<div class=people><ol>{people}</ol>{card}</div>", "contacts", CONTACTS)


def launcher() -> Content:
    """The applications and screens that have no place in the dock."""
    buttons = "".join(f"<button>{icon}{name}</button>" for name, icon in LAUNCHED.items())
    return Content("Files", f"<div class=grid>{buttons}</div>", links=tuple(LAUNCHED))
