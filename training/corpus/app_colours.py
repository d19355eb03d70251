# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""A colour mixed of red, green and blue.

What evaluation may rely on: three `[type=range]` (red, green, blue, 0 to 255); `output` is the colour as "#rrggbb" and
`.swatch` has it as its background. Saved colours: `button.save` puts the colour's code into `ul.saved`. Random:
`button.random` picks another colour.
"""

from training.corpus.app_fields import OUT, RESULT, SETS, result_rules
from training.corpus.app_kit import App, Feature
from training.corpus.app_words import words

SAVED = Feature(
    words(
        "saved colours",
        "a save button|saved colours|saved colours|a list of saved colours|a palette of saved colours|saving|favourite colours",
        "saves colours|can save colours|lets me save colours|keeps a list of colours|remembers my favourite colours|has a save button",
        "save colours|keep the ones I like|save my favourites|collect colours",
        "the saved colours|saving|the save button",
    ),
    "<button class=save type=button>Save</button>",
    (
        'q("main").insertAdjacentHTML("beforeend","<ul class=saved aria-label=\'Saved colours\'></ul>")\n',
        'q(".save").onclick=()=>{q(".saved").insertAdjacentHTML("beforeend","<li>"+out.value+"</li>");q(".saved").lastChild.style.setProperty("--c",out.value)}\n',
    ),
    (
        ".saved{display:flex;flex-wrap:wrap;gap:10px 18px;margin-top:18px;padding:0;list-style:none}",
        '.saved li::before{content:"";display:inline-block;width:22px;height:22px;margin-right:8px;border-radius:50%;vertical-align:-5px;background:var(--c)}',
    ),
)
RANDOM = Feature(
    words(
        "random",
        "a random button|random colours|a random colour button|a button for a random colour|a surprise button|a shuffle button",
        "can pick a random colour|has a random button|lets me try a random colour|can surprise me|picks colours at random",
        "pick a random colour|try random colours|get a random colour",
        "the random button|random colours|the random colour button",
    ),
    "<button class=random type=button>Random</button>",
    ('q(".random").onclick=()=>{bars.forEach(b=>b.value=Math.random()*256);show()}\n',),
)
BARS = "".join(
    f"<label>{name}<input type=range max=255 value={value}></label>"
    for name, value in (("Red", 52), ("Green", 120), ("Blue", 180))
)
COLOURS = App(
    name="colours",
    title="Colours",
    bases=(
        "colour picker", "colour picker", "color picker", "colour mixer", "color mixer", "colour app", "RGB colour picker",
        "RGB mixer", "colour picker with sliders", "page to mix colours", "hex colour picker", "colour tool", "color picker app",
    ),
    body=lambda _: f"<div class=swatch></div><output>#3478b4</output><div class=sets>{BARS}</div>",
    script=(
        OUT,
        'const bars=[...document.querySelectorAll("[type=range]")]\n',
        'const show=()=>q(".swatch").style.background=out.value="#"+bars.map(b=>(+b.value).toString(16).padStart(2,0)).join("")\n',
        "oninput=show\n",
    ),
    rules=(RESULT, *SETS, ".swatch{height:160px;margin-top:16px;border-radius:14px;background:#3478b4}", "output{padding:4px 0}"),
    by_design=result_rules,
    features=(SAVED, RANDOM),
)  # fmt: skip
