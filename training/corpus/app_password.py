# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""A maker of passwords.

What evaluation may rely on: `output` is a password of letters and digits, as long as `[type=range]` (6 to 32) and `.size`
say; `button.go` makes another. Symbols: with `input.symbols` ticked, passwords have symbols, too.
"""

from training.corpus.app_fields import OUT, RESULT, SETS, result_rules
from training.corpus.app_kit import App, Feature
from training.corpus.app_words import words

SYMBOLS = Feature(
    words(
        "symbols",
        "symbols|symbols|a symbols checkbox|special characters|an option for symbols|a checkbox for symbols|a symbols option|punctuation",
        "can use symbols|lets me choose symbols|has a symbols checkbox|can include special characters|I can turn symbols on|mixes in symbols",
        "use symbols|add symbols|turn symbols on|include special characters",
        "the symbols|symbols|the symbols checkbox|the special characters",
    ),
    "<label class=set><input class=symbols type=checkbox>Symbols</label>",
    ('q(".symbols").onchange=make\n',),
    (".set{display:flex;align-items:center;gap:8px}", ".set input{width:18px;height:18px;accent-color:var(--acc)}"),
)
PASSWORD = App(
    name="password",
    title="Passwords",
    bases=(
        "password maker", "password generator", "password generator", "password generator app", "random password generator",
        "generator for passwords", "strong password maker", "page that makes passwords", "password app", "passcode generator",
        "app that makes up passwords", "safe password maker", "tool for new passwords",
    ),
    body=lambda _: (
        "<output aria-live=polite>Press the button</output><div class=sets><label><span>Length <b class=size>16</b></span>"
        "<input type=range min=6 max=32 value=16></label><button class=\"go main\" type=button>New password</button></div>"
    ),
    script=(
        OUT,
        'const length=q("[type=range]"),letters="ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"\n',
        'const make=()=>{const pool=letters+(q(".symbols:checked")?"!#$%&*+-/=?@_~!#$%&*+-/=?@_~":"");out.value=[...crypto.getRandomValues(new Uint32Array(+length.value))].map(n=>pool[n%pool.length]).join("");q(".size").textContent=length.value}\n',
        'length.oninput=q(".go").onclick=make\n',
        "make()\n",
    ),
    rules=(RESULT, *SETS, "output{font-family:ui-monospace,monospace;font-size:26px;letter-spacing:0;line-height:36px;overflow-wrap:anywhere}"),
    by_design=result_rules,
    features=(SYMBOLS,),
)  # fmt: skip
