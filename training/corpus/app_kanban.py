# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""A board of three columns with cards that move between them.

What evaluation may rely on: `.cols section` are three columns, each an `h2` and a `ul` of cards `li > span`; the first
is `ul.list`. `form.add` adds a card to it; a card's `button.next` and `button.back` move it to the column right or left.
Counts: `h2[data-n]` tells how many cards a column has. Clear done: `button.clear` empties the last column.
"""

from collections.abc import Sequence

from training.corpus.app_fields import ADD, CAPITAL, FIRST, MUTED, PLAIN_LIST, WRAP, add_form, form_rules
from training.corpus.app_kit import App, Feature
from training.corpus.app_todo import TOOLS
from training.corpus.app_words import WORDS, words
from training.corpus.page import text

FIELD = '<input aria-label="New card" placeholder="Add a card" autocomplete=off>'
MOVES = (
    '<button class=back type=button aria-label="Move left"></button>'
    '<button class=next type=button aria-label="Move right"></button>'
)
COUNTS = Feature(
    words(
        "counts",
        "counts|card counts|a count per column|a count for each column|counters|the number of cards in each column|column counts|a card counter",
        "counts the cards|shows how many cards each column has|counts each column|tells me how many are in each column|keeps count of the cards|has counts",
        "see how many cards each column has|see the counts|count the cards",
        "the counts|counts|the counters|the card counts",
    ),
    script=(
        "const count=()=>cols.forEach(c=>c.previousSibling.dataset.n=c.children.length)\n",
        "cols.forEach(c=>new MutationObserver(count).observe(c,{childList:true}))\n",
        "count()\n",
    ),
    rules=("[data-n]::after{content:attr(data-n);float:right;color:var(--mut)}",),
)
CLEAR = Feature(WORDS["clear done"], TOOLS["clear done"], ('q(".clear").onclick=()=>cols[2].replaceChildren()\n',))


def board(items: Sequence[str]) -> str:
    cards = "".join(f"<li><span>{text(item)}</span>{MOVES}</li>" for item in items)
    return (
        f"{add_form(FIELD)}<div class=cols><section><h2>To do</h2><ul class=list>{cards}</ul></section>"
        "<section><h2>Doing</h2><ul></ul></section><section><h2>Done</h2><ul></ul></section></div>"
    )


KANBAN = App(
    name="kanban",
    weight=0.8,
    title="Board",
    bases=(
        "kanban board", "kanban board", "kanban", "task board", "board for my tasks", "project board", "trello board",
        "board with three columns", "kanban app", "scrum board", "card board with columns", "board with to do, doing and done",
        "planning board", "app like Trello",
    ),
    body=board,
    script=(
        FIRST,
        ADD,
        'const cols=[...document.querySelectorAll(".cols ul")]\n',
        'q(".cols").onclick=e=>{const li=e.target.closest("li"),to=cols[cols.indexOf(li?.parentNode)+{next:1,back:-1}[e.target.className]];if(to)to.append(li)}\n',
    ),
    rules=(
        "main{max-width:920px}",
        PLAIN_LIST,
        WRAP,
        CAPITAL,
        MUTED,
        ".cols{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(200px,100%),1fr));gap:18px}",
        "h2{font-size:17px;line-height:36px}",
        ".cols li{display:flex;align-items:center;gap:4px;margin-bottom:8px;padding:9px 8px 9px 14px;border-left:4px solid var(--acc);background:var(--bg)}",
        "li span{flex:1;min-width:0}",
        "li button{padding:0 9px;border:0;background:none;font-size:20px;text-decoration:none}",
        '.back::before{content:"\\2039"}',
        '.next::before{content:"\\203a"}',
        "section:first-child .back,section:last-child .next{visibility:hidden}",
        'ul:empty::before{content:"Nothing here yet";color:var(--mut)}',
    ),
    by_design=form_rules,
    features=(COUNTS, CLEAR),
    items=("sketch the idea", "ask for opinions", "fix the small things"),
)  # fmt: skip
