# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""Notes as cards.

What evaluation may rely on: `form.add` with an input and a submit button adds a note to `ul.list > li`, its text in
`span`; `li button.del` removes it. Search: only notes with what is typed into `input.find`, in any case, are displayed.
"""

from collections.abc import Sequence

from training.corpus.app_fields import ADD, DELETE, DELETE_BUTTON, FIELDS, FIRST, LISTED, add_form, form_rules
from training.corpus.app_kit import App, Feature
from training.corpus.app_words import words
from training.corpus.page import text

FIELD = '<input aria-label="New note" placeholder="Write a note" autocomplete=off>'
SEARCH = Feature(
    words(
        "search",
        "search|search|a search box|a search field|a way to search|a search filter|a search bar|a find box",
        "I can search|can be searched|lets me search|has a search box|finds notes as I type|lets me find a note",
        "search it|search the notes|find a note|search my notes",
        "the search|search|the search box|the search field",
        "searchable",
    ),
    '<input class=find type=search aria-label="Search notes" placeholder=Search>',
    (
        'q(".find").oninput=e=>[...list.children].forEach(li=>li.hidden=!li.textContent.toLowerCase().includes(e.target.value.toLowerCase()))\n',
    ),
    ("[hidden]{display:none!important}",),
)


def cards(items: Sequence[str]) -> str:
    notes = "".join(f"<li><span>{text(item)}</span>{DELETE_BUTTON}</li>" for item in items)
    return f"{add_form(FIELD)}<ul class=list>{notes}</ul>"


NOTES = App(
    name="notes",
    weight=0.7,
    title="Notes",
    bases=(
        "notes app", "notes app", "note taking app", "notes", "notebook", "place for notes", "note app", "page for my notes",
        "sticky notes app", "sticky notes board", "notepad", "app to write down notes", "scratchpad", "list of notes",
        "app for quick notes",
    ),
    body=cards,
    script=(FIRST, ADD, DELETE),
    rules=(
        *LISTED,
        "main{max-width:680px}",
        ".list{display:grid;grid-template-columns:repeat(auto-fill,minmax(130px,1fr));gap:14px;margin-top:8px}",
        ".list li{display:flex;flex-direction:column;min-height:120px;padding:14px 8px 6px 16px;border-top:5px solid var(--acc);background:var(--bg)}",
        ".list span{flex:1}",
        ".list .del{align-self:end}",
        'ul:empty::before{content:"No notes yet";color:var(--mut)}',
    ),
    by_design=lambda design: (*form_rules(design), FIELDS[design]),
    features=(SEARCH,),
    items=("call the framer", "birthday cake for Sunday", "a name for the boat"),
)  # fmt: skip
