"""A page of documentation: other pages beside it, an introduction, and sections that fold.

What evaluation may rely on (feature "expand all"): a section is a `details`, two or more of them, one closed at first;
`button.all` opens all of them, and closes all of them when all are open.
"""

from training.corpus.page import text
from training.corpus.web_parts import ALL, ONE, READ, TALK, elsewhere, h1, header, paragraphs, search
from training.corpus.web_place import Place
from training.corpus.web_subject import Look, Subject

ASKS = (
    "documentation for {one}", "the documentation of {title}", "a documentation page about {many}",
    "the docs for {title}", "docs for {one}", "{one} docs", "{title} documentation", "a manual for {one}",
    "the manual of {title}", "a user guide to {many}", "a reference page on {one}", "the handbook of {title}",
    "a developer guide to {title}", "how to use {many}", "how to use {title}", "technical documentation on {many}",
    "a help page about {one}", "docs: {title}",
)  # fmt: skip
UNKNOWN = "This page is still to be written."
INSTALLS = ("pip install handbook", "npm install handbook", "brew install handbook")
SAMPLES = (
    'from handbook import load\n\nprint(load("TITLE").summary)',
    'const load = require("handbook")\n\nload("TITLE").then(console.log)',
    'handbook load "TITLE"\nhandbook summary',
)
BOOK = ".book{display:flex;flex-wrap:wrap;gap:1.4rem 2.4rem}"
SIDE = (
    ".side{flex:1 1 9rem;align-self:flex-start;display:grid;gap:.5rem;padding-left:1rem;"
    "border-left:3px solid var(--line)}"
)
SIDE_LINK = ".side a{text-decoration:none;font-weight:600}"
MAIN = ".text{flex:4 1 17rem;min-width:0}"
FOLD = "details{margin:.8rem 0 0;padding:.8rem 1.1rem;border:1px solid var(--line);border-radius:var(--r)}"
SUMMARY = "summary{font-weight:700;cursor:pointer}"
FOLDED = "details p,details pre{margin:.7rem 0 .2rem}"
CODE = (
    "pre{padding:.9rem 1rem;overflow:auto;border-radius:var(--r);background:var(--card);border:1px solid var(--line);"
    "font:.95rem/1.5 ui-monospace,'DejaVu Sans Mono',monospace}"
)
EXPAND = (
    "one('.all').onclick=()=>{const shut=!!one('details:not([open])');for(const d of all('details'))d.open=shut;"
    "one('.all').textContent=shut?'Collapse all':'Expand all'}\n"
)
BUTTON = "<button class=all type=button>Expand all</button>"


def body(look: Look, subject: Subject, _: tuple[str, ...]) -> str:
    pages = "".join(f"<a href=/docs>{text(link)}</a>" for link in subject.links)
    side = f"<nav class=side aria-label=Pages>{pages}</nav>" if pages else ""
    told = paragraphs(subject.first() or UNKNOWN) + BUTTON + sections(look, subject)
    around = elsewhere(subject.title, "read", "talk")
    main = f"{h1(subject.title)}<div class=book>{side}<div class=text>{told}{around}</div></div>"
    return f"{header('Handbook', search('/docs'))}<main>{main}</main>"


def sections(look: Look, subject: Subject) -> str:
    """How to install and to use it, and the facts behind the first sentence."""
    sample = look.pick(SAMPLES, 0).replace("TITLE", text(subject.title))
    background = f"<details><summary>Background</summary><p> {text(subject.rest())}</p></details>"
    return (
        f"<details open><summary>Install</summary><pre>{look.pick(INSTALLS, 0)}</pre></details>"
        f"<details><summary>Example</summary><pre>{sample}</pre></details>{background if subject.rest() else ''}"
    )


RULES = (READ, TALK, BOOK, SIDE, SIDE_LINK, MAIN, FOLD, SUMMARY, FOLDED, CODE)
DOCS_PAGE = Place("docs", "/docs", ASKS, body, RULES, (ONE, ALL, EXPAND), "expand all").family()
