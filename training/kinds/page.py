"""The markup of a page that was drawn: its kind's template and script, in the frame that all pages share."""

import re
from typing import Any

from jinja2 import Template, TemplateError
from markupsafe import escape

from training.kinds.drawn import Drawn
from training.kinds.kind import KindError
from training.kinds.languages import translated
from training.kinds.templates import Word, js, script_template, short_address, template
from training.padding_fields import BEGIN, END, unmarked

HREF = re.compile(r"(<a(?: class=[\w-]+)? href=/)([a-z0-9_]{2,})")


def title_of(drawn: Drawn) -> str:
    """Return the title of a page: what the visitor calls it, or else the kind's own title."""
    if drawn.title:
        return drawn.title
    return unmarked(_render(drawn, script_template(drawn.kind.title))).strip()


def page_of(drawn: Drawn) -> str:
    """Return the whole page.

    Raises:
        KindError: The template fails.
    """
    return unmarked(marked_page(drawn))


def marked_page(drawn: Drawn) -> str:
    """Return the whole page, with marks around texts whose length varies (training.padding_fields).

    Raises:
        KindError: The template fails.
    """
    title = title_of(drawn)
    body = _plainly(_render(drawn, template(drawn.kind.page), title=title).strip())
    script = _script(drawn, title)
    named = f"<title>{BEGIN}{_plainly(escape(title))}{END}</title>"
    start = f'<!doctype html><html lang={drawn.lang} class="{drawn.look.classes}">{named}'
    world = f"<body class={drawn.kind.body}>" if drawn.kind.body and " " not in drawn.kind.body else "<body>"
    if " " in drawn.kind.body:
        world = f'<body class="{drawn.kind.body}">'
    whole = f"{start}{world}{body}{f'<script>{script}</script>' if script else ''}</body></html>"
    return HREF.sub(lambda match: match[1] + short_address(match[2]), whole)


def _plainly(markup: str) -> str:
    """Return markup with quotes as people write them where they need no escape."""
    return str(markup).replace("&#39;", "'").replace("&#34;", "&quot;")


def _script(drawn: Drawn, title: str) -> str:
    if not drawn.kind.script.strip():
        return ""
    text = _render(drawn, script_template(drawn.kind.script), title=title)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _render(drawn: Drawn, found: Template, **more: Any) -> str:
    def words(text: str) -> str:
        return Word(translated(text, drawn.lang))

    try:
        return found.render(**drawn.values(), **more, _=words, js=js)
    except (TemplateError, TypeError, KeyError, IndexError) as error:
        raise KindError(f"{drawn.kind.world}/{drawn.kind.name}.toml: {type(error).__name__}: {error}") from None
