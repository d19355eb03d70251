# ruff: noqa: E501 - a CSS rule and a line of a script are one word each to the tokenizer
"""A poll.

What evaluation may rely on: each option is a `button.vote` with its words in `span`, its votes in `b` and a bar, `i`,
as wide as its share of all votes. A click adds a vote. Percentages: `em` in each button, like "50%". Total: `.total` is
the sum, like "3 votes". Reset: `button.reset` sets all to 0.
"""

from collections.abc import Sequence

from training.corpus.app_kit import App, Feature
from training.corpus.app_play import FIND, SPACED, rounded
from training.corpus.app_words import words
from training.corpus.page import text

RESET = Feature(
    words(
        "reset",
        "a reset button|a reset button|reset|a button to start over|a button to clear the votes|a clear votes button",
        "can be reset|lets me reset the votes|has a reset button|can clear all votes|I can start over",
        "reset it|reset the votes|clear all votes|start over|set it back to zero",
        "the reset button|the reset|resetting",
    ),
    "<button class=reset type=button>Reset</button>",
    ('q(".reset").onclick=()=>{all(".vote b").forEach(b=>b.textContent=0);show()}\n',),
)
PERCENTAGES = Feature(
    words(
        "percentages",
        "percentages|percentages|percent|a percentage for each option|shares in percent|the percentage of each",
        "shows percentages|shows the percentages|tells the share in percent|has percentages|shows results in percent",
        "see percentages|see the results in percent|see what percentage each got",
        "the percentages|percentages|the percent",
    ),
    script=(
        'all(".vote").forEach(v=>v.insertAdjacentHTML("beforeend","<em>0%</em>"))\n',
        'addEventListener("click",()=>all(".vote").forEach(v=>v.lastChild.textContent=Math.round(100*share(v))+"%"))\n',
    ),
    rules=(".vote em{min-width:3em;text-align:right;font-style:normal;font-weight:400}",),
)
TOTAL = Feature(
    words(
        "total",
        "a total|a total|a total of votes|the number of votes|a vote count|a count of all votes",
        "shows the total|counts all votes|shows how many voted|tells how many votes there are|adds up the votes",
        "see the total|see how many voted|see the total number of votes",
        "the total|the vote count|the total of votes",
    ),
    "<p class=total aria-live=polite>0 votes</p>",
    ('addEventListener("click",()=>q(".total").textContent=sum()+(sum()==1?" vote":" votes"))\n',),
    (".total{color:var(--mut)}",),
)


def options(items: Sequence[str]) -> str:
    return f"<ul class=poll>{''.join(map(option, items))}</ul>"


def option(words: str) -> str:
    return f"<li><button class=vote type=button><i></i><span>{text(words)}</span><b>0</b></button></li>"


BASES = (
    "poll", "poll", "poll", "poll app", "quick poll", "straw poll", "voting app", "vote", "opinion poll",
    "voting page", "poll to vote on", "survey", "group poll", "ballot",
)  # fmt: skip
POLL = App(
    name="poll",
    weight=0.7,
    title="Poll",
    bases=BASES,
    body=options,
    script=(
        FIND,
        'const sum=()=>all(".vote b").reduce((n,b)=>n+ +b.textContent,0)\n',
        'const share=v=>v.querySelector("b").textContent/(sum()||1)\n',
        'const show=()=>all(".vote").forEach(v=>v.firstChild.style.width=100*share(v)+"%")\n',
        'all(".vote").forEach(v=>v.onclick=()=>{v.querySelector("b").textContent++;show()})\n',
    ),
    rules=(
        SPACED,
        ".poll{list-style:none;padding:0;display:grid;gap:10px;margin-top:16px}",
        ".poll .vote{position:relative;display:flex;align-items:center;gap:12px;width:100%;padding:13px 18px;overflow:hidden;isolation:isolate;text-align:left;text-decoration:none;font-size:17px;background:var(--bg);color:var(--fg)}",
        ".vote i{position:absolute;inset:0 auto 0 0;z-index:-1;width:0;background:var(--acc);opacity:.28;transition:width .3s}",
        ".vote span{flex:1;min-width:0;overflow-wrap:anywhere}",
        ".vote span::first-letter{text-transform:uppercase}",
        ".vote b{font-variant-numeric:tabular-nums}",
    ),
    by_design=rounded,
    features=(RESET, TOTAL, PERCENTAGES),
    items=("pizza", "pasta", "salad"),
)
