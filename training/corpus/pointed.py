"""Edits by visitors who selected an element: they say "this", and the service says which
(backend/prompts/element_names.py)."""

import html
import random
import re
from dataclasses import replace

from backend.prompts.element_names import directed
from training.corpus.design import Example

POINTED_SHARE = 0.2
"""Of the edits."""

ELEMENT = re.compile(r"<(a|button|h1|h2|h3|label|legend|li|p|span|summary|td|th)\b[^>]*>([^<>]+)</\1>")
"""An element that holds text and nothing else, as a pointer finds it."""


def pointed(rng: random.Random, example: Example) -> Example:
    """The edit as one about an element of the page that it changes: about the one whose text it names, if there is one,
    about the heading if it gives a new one, else about any; as it is where there is none, and most of the time."""
    edit, markup = example.brief.edit, example.before.partition("<script>")[0]
    if not edit or rng.random() >= POINTED_SHARE:
        return example
    texts = {html.unescape(text).strip(): tag for tag, text in ELEMENT.findall(markup)}
    targets = [(tag, text) for text, tag in texts.items() if text]
    headings = [target for target in targets if target[0] == "h1"]
    if example.brief.title and headings and headings[0][1] != example.brief.title:
        targets = headings
    elif named := [(tag, text) for tag, text in targets if tag != "button" and mention(text).search(edit)]:
        tag, text = max(named, key=lambda one: len(one[1]))
        return pointing(example, mention(text).sub("this", edit, count=1), tag, text)
    return pointing(example, edit, *rng.choice(targets)) if targets else example


def mention(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:the )?{re.escape(text)}(?!\w)", re.IGNORECASE)


def pointing(example: Example, words: str, tag: str, text: str) -> Example:
    return replace(example, brief=replace(example.brief, edit=directed(words, tag, text)))
