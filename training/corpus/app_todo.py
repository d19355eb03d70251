"""The to-do page, from its title, items and features.

What evaluation may rely on in every to-do page:
`form.add` with an input and a submit button adds `ul.list > li`; a checkbox in the li toggles `li.done`;
`li button.del` removes it; the item's text is `li span`. By feature:
"sorting": `button.sort` puts the items into alphabetical order. "filter": three `button.filter` with the values all,
active and done show only such items. "counter": `.left` reads "N left", live. "clear done": `button.clear` removes done
items. "dark mode": `button.dark` toggles the class "alt" on <html>, which changes the background of <body>.
"due dates": each li has an `input.due` for a date; one in the past gives the li the class "late". "dragging": an li can
be dragged to another place. "undo": `button.undo` brings back the item that was removed last, at the end of the list.
"saved": the list is kept in localStorage under the page's title; where that is not allowed, nothing happens.
"""

from collections.abc import Collection, Sequence

from training.corpus.app_style import TODO, TODO_SHARED, rules
from training.corpus.design import DARK
from training.corpus.page import page, text

FEATURES = ("sorting", "dark mode", "filter", "counter", "clear done", "due dates", "dragging", "undo", "saved")
TITLE = "To-do"
ITEMS = ("water the plants", "call grandma", "print the photos")
TITLED_ITEMS = ("tick me off", "throw me out", "write your own above")

START = (
    'const q=s=>document.querySelector(s),list=q(".list"),form=q(".add"),row=list.firstElementChild.cloneNode(true)\n',
    "form.onsubmit=e=>{e.preventDefault();const say=form[0].value.trim();if(!say)return;const li=row.cloneNode(true);"
    'li.querySelector("span").textContent=say;list.append(li);form.reset()}\n',
    'list.onchange=e=>{if(e.target.type=="checkbox")e.target.closest("li").classList.toggle("done",e.target.checked)}\n',
    'list.onclick=e=>{if(e.target.className=="del")e.target.closest("li").remove()}\n',
)
DARK_LINE = (
    'document.querySelector(".dark").onclick=e=>e.target.ariaPressed=document.documentElement.classList.toggle("alt")\n'
)
SCRIPTS: dict[str, tuple[str, ...]] = {
    "dark mode": (DARK_LINE,),
    "filter": (
        'document.querySelectorAll(".filter").forEach((b,i,all)=>b.onclick=()=>'
        "{list.dataset.show=b.value;all.forEach(o=>o.ariaPressed=o==b)})\n",
    ),
    "sorting": (
        'q(".sort").onclick=()=>list.append(...[...list.children].sort((a,b)=>a.textContent.localeCompare(b.textContent)))\n',
    ),
    "clear done": ('q(".clear").onclick=()=>list.querySelectorAll(".done").forEach(li=>li.remove())\n',),
    "counter": (
        'const count=()=>q(".left").textContent=list.querySelectorAll("li:not(.done)").length+" left"\n',
        'new MutationObserver(count).observe(list,{childList:true,subtree:true,attributeFilter:["class"]})\n',
    ),
    "due dates": (
        'list.oninput=e=>{const day=e.target.value;if(e.target.className=="due")'
        'e.target.closest("li").classList.toggle("late",day&&day<new Date().toISOString().slice(0,10))}\n',
    ),
    "dragging": (
        "let held\n",
        "list.ondragstart=e=>held=e.target\n",
        'list.ondragover=e=>{e.preventDefault();const li=e.target.closest("li");if(held&&li&&li!=held)'
        "li.offsetTop<held.offsetTop?li.before(held):li.after(held)}\n",
    ),
    "saved": (
        "try{list.innerHTML=localStorage[document.title]??list.innerHTML;"
        'list.querySelectorAll(".done input").forEach(box=>box.checked=true);'
        "new MutationObserver(()=>localStorage[document.title]=list.innerHTML)"
        ".observe(list,{childList:true,subtree:true,attributes:true})}catch{}\n",
    ),
    "undo": (
        "const gone=[]\n",
        "new MutationObserver(all=>all.forEach(m=>gone.push(...m.removedNodes))).observe(list,{childList:true})\n",
        'q(".undo").onclick=()=>{let li;while((li=gone.pop())?.isConnected);if(li)list.append(li)}\n',
    ),
}
TOOLS: dict[str, str] = {
    "filter": "<button class=filter type=button value=all aria-pressed=true>All</button>"
    "<button class=filter type=button value=active aria-pressed=false>Active</button>"
    "<button class=filter type=button value=done aria-pressed=false>Done</button>",
    "sorting": "<button class=sort type=button>Sort A-Z</button>",
    "clear done": "<button class=clear type=button>Clear done</button>",
    "undo": "<button class=undo type=button>Undo</button>",
}
DUE = '<input class=due type=date aria-label="Due date">'
STYLES: dict[str, tuple[str, ...]] = {
    "due dates": (
        "li .due{flex:none;width:8.2rem;padding:0;border:0;background:none;font:inherit;color:var(--mut)}",
        ".late .due{color:var(--acc);font-weight:700}",
    ),
    "dragging": ("[draggable]{cursor:grab}",),
}
"""Rules of those features that have some."""

FORM = (
    '<form class=add><input aria-label="New item" placeholder="Add an item" autocomplete=off>'
    "<button class=main>Add</button></form>"
)


def dark_button(palette: str) -> str:
    """The button of feature "dark mode", named after what it switches to."""
    return f"<button class=dark type=button aria-pressed=false>{'Light' if palette in DARK else 'Dark'} mode</button>"


def todo_page(palette: str, design: str, title: str, items: Sequence[str], features: Collection[str]) -> str:
    """A to-do page; items: at least one, as the visitor spells them; features: any of FEATURES."""
    dark = dark_button(palette) if "dark mode" in features else ""
    tools = "".join(TOOLS[f] for f in TOOLS if f in features) + dark
    body = "".join((
        f"<main><header><h1>{text(title)}</h1>",
        f"<p class=left aria-live=polite>{len(items)} left</p>" if "counter" in features else "",
        f"</header>{FORM}",
        f"<div class=tools>{tools}</div>" if tools else "",
        f"<ul class=list>{''.join(item(words, features) for words in items)}</ul></main>",
    ))  # fmt: skip
    script = "".join((*START, *(line for f in SCRIPTS if f in features for line in SCRIPTS[f])))
    own = (*TODO[design], *TODO_SHARED, *(rule for f in STYLES if f in features for rule in STYLES[f]))
    return page(rules(palette, design, own, "dark mode" in features), title, body, script)


def item(words: str, features: Collection[str]) -> str:
    """One entry of the list."""
    start = "<li draggable=true>" if "dragging" in features else "<li>"
    due = DUE if "due dates" in features else ""
    return (
        f"{start}<label><input type=checkbox><span>{text(words)}</span></label>{due}"
        "<button class=del type=button aria-label=Delete></button></li>"
    )
