# ruff: noqa: E501 - a CSS rule and a line of a script are one word each to the tokenizer
"""A habit tracker for a week.

What evaluation may rely on: each habit is a `fieldset` with its words in `legend span` and seven `button.day`, Mon to
Sun; a click toggles its aria-pressed. Streak: `.streak` in each fieldset is the longest run of days, like "2 in a row".
Total: `.total` is the number of all days done, like "3 done". Clear: `button.clear` unsets all days.
"""

from collections.abc import Sequence

from training.corpus.app_kit import App, Feature
from training.corpus.app_play import FIND, SPACED, rounded
from training.corpus.app_words import words
from training.corpus.page import text

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAYS = "".join(f"<button class=day type=button aria-pressed=false>{day}</button>" for day in WEEK)
STREAK = Feature(
    words(
        "streak",
        "streaks|streaks|a streak|a streak counter|a streak for each habit|my longest streak|a count of days in a row",
        "shows my streak|counts streaks|counts days in a row|keeps track of streaks|shows the longest streak",
        "see my streak|see how many days in a row I did it|see my longest streak",
        "the streaks|streaks|the streak counter",
    ),
    script=(
        'all("legend").forEach(l=>l.insertAdjacentHTML("beforeend","<small class=streak></small>"))\n',
        'const runs=()=>all("fieldset").forEach(f=>{let n=0,best=0;f.querySelectorAll(".day").forEach(d=>best=Math.max(best,n=d.ariaPressed=="true"?n+1:0));f.querySelector(".streak").textContent=best+" in a row"})\n',
        'addEventListener("click",runs)\n',
        "runs()\n",
    ),
    rules=(".streak{margin-left:auto;white-space:nowrap;font-size:14px;font-weight:400;color:var(--mut)}",),
)
TOTAL = Feature(
    words(
        "total",
        "a total|a total|a count of days done|a total count|the number of days done|a counter",
        "shows the total|counts what I did|counts the days I did something|tells how many I have done|adds up my days",
        "see the total|see how many I have done|count the days done",
        "the total|the total count|the counter",
    ),
    "<p class=total aria-live=polite>0 done</p>",
    ('addEventListener("click",()=>q(".total").textContent=all(".day[aria-pressed=true]").length+" done")\n',),
    (".total{color:var(--mut)}",),
)
CLEAR = Feature(
    words(
        "clear",
        "a new week button|a new week button|a button to clear the week|a clear button|a reset button|a way to start a new week",
        "lets me start a new week|can be cleared|I can reset each week|has a new week button|can clear all days",
        "start a new week|clear the week|clear all days|reset it every week",
        "the new week button|the clear button|the reset button",
    ),
    "<button class=clear type=button>New week</button>",
    ('q(".clear").onclick=()=>all(".day").forEach(d=>d.ariaPressed=false)\n',),
)


def habit(words: str) -> str:
    return f"<fieldset><legend><span>{text(words)}</span></legend>{DAYS}</fieldset>"


def habits(items: Sequence[str]) -> str:
    return "".join(map(habit, items))


BASES = (
    "habit tracker", "habit tracker", "habit tracker", "habits tracker", "habit app", "habit tracking app",
    "tracker for my habits", "weekly habit tracker", "daily habit tracker", "week tracker", "routine tracker",
    "habit planner", "app to track my habits", "streak tracker",
)  # fmt: skip
HABITS = App(
    name="habits",
    weight=0.9,
    title="Habits",
    bases=BASES,
    body=habits,
    script=(
        FIND,
        'all(".day").forEach(d=>d.onclick=()=>d.ariaPressed=d.ariaPressed!="true")\n',
    ),
    rules=(
        SPACED,
        "fieldset{display:grid;grid-template-columns:repeat(7,1fr);gap:5px;margin:18px 0 0;padding:0;border:0;min-width:0}",
        "legend{display:flex;align-items:baseline;gap:12px;width:100%;padding:0 0 8px;font-weight:600}",
        "legend span{min-width:0;overflow-wrap:anywhere}",
        "legend span::first-letter{text-transform:uppercase}",
        "fieldset .day{padding:9px 0;font-size:13px;text-decoration:none;background:var(--bg)}",
        "fieldset [aria-pressed=true]{background:var(--acc);color:var(--on)}",
    ),
    by_design=rounded,
    features=(CLEAR, TOTAL, STREAK),
    items=("drink water", "read ten pages", "go for a walk"),
)
