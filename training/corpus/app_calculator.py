# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""A calculator, at work as the desktop's (os_windows.py).

What evaluation may rely on: `.keys button` are the keys (digits . = + - C, the times and the divide sign), `output` the
result. History: each sum that "=" works out is on top of `ol.log`, as "12 + 3 = 15".
"""

from training.corpus.app_kit import App, Feature
from training.corpus.app_style import DIAL
from training.corpus.app_words import words
from training.corpus.os_windows import CALCULATOR as SCRIPT
from training.corpus.os_windows import calculator

HISTORY = Feature(
    words(
        "history",
        "a history|a history|history|a history list|a list of past results|a log of calculations|a tape|past calculations",
        "keeps a history|remembers past results|shows what I calculated before|lists past calculations|has a history|logs each result",
        "see past results|look back at my calculations|see the history",
        "the history|history|the list of past results|the log",
    ),
    script=(
        'document.querySelector("main").insertAdjacentHTML("beforeend","<ol class=log aria-label=History></ol>")\n',
        'document.querySelector(".keys").addEventListener("click",e=>{if(e.target.textContent=="="&&/[^=]/.test(sign)&&!fresh)'
        'document.querySelector(".log").insertAdjacentHTML("afterbegin","<li>"+[first,sign,show.value,"=",+work(first,+show.value).toFixed(9)].join(" ")+"</li>")},true)\n',
    ),
    rules=(".log{margin-top:18px;padding:0;list-style:none;color:var(--mut);text-align:right;overflow-wrap:anywhere}",),
)
CALCULATOR = App(
    name="calculator",
    title="Calculator",
    bases=(
        "calculator", "calculator", "calculator", "calculator app", "pocket calculator", "basic calculator", "desk calculator",
        "number calculator", "calculator page", "tip and sum calculator", "calculator with number keys",
        "calculator to add and multiply", "calculator for sums", "app that does sums",
    ),
    body=lambda _: calculator().markup,
    script=SCRIPT,
    rules=(
        "output{padding:14px 6px 8px;font-size:54px;line-height:72px;text-align:right;overflow-wrap:anywhere}",
        ".keys{display:grid;grid-template-columns:repeat(4,1fr);gap:10px}",
        ":where(.keys) button{padding:13px 0;font-size:20px;text-decoration:none;background:var(--bg)}",
        ".keys .sign{background:var(--acc);color:var(--on)}",
        ".keys .wipe{grid-column:1/-1}",
    ),
    by_design=lambda design: DIAL[design],
    features=(HISTORY,),
)  # fmt: skip
