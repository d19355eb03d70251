"""How templates of kinds are read: Jinja2, in which undefined names are errors, with some shared macros and filters.

What a template gets and prints is between two marks (training.padding_fields), because this is the part of a page whose
length varies. Words of the template itself, translated or not, are not marked.
"""

import json
import re
from functools import lru_cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from training.padding_fields import BEGIN, END

LINES = re.compile(r"\s*\n\s*")
SLUG = re.compile(r"[^a-z0-9]+")
LONGEST_ADDRESS = 12
MACROS = """
{%- macro top(name, links=(), button="") -%}
<header><a class=brand href=/home>{{ name }}</a>
{%- if links %}<nav>{% for link in links %}<a href=/{{ link | slug }}>{{ link }}</a>{% endfor %}</nav>{% endif %}
{%- if button %}<a class="btn small" href=/{{ button | slug }}>{{ button }}</a>{% endif %}</header>
{%- endmacro -%}
{%- macro bar(name="Silver") -%}
<nav class=menubar><b>{{ name | own }}</b>
{%- for menu in ("File", "Edit", "View", "Help") %}<button>{{ menu | own }}</button>{% endfor %}</nav>
{%- endmacro -%}
{%- macro dock(programs=("Files", "Mail", "Notes", "Music", "Settings")) -%}
<nav class=dock aria-label=Dock>{% for program in programs %}<button>{{ program | own }}</button>{% endfor %}</nav>
{%- endmacro -%}
{%- macro picture_of(scene, label, more="") -%}
<div class="picture {{ scene }}{{ ' ' + more if more else '' }}" role=img aria-label="{{ label }}"></div>
{%- endmacro -%}
"""


class Word(str):
    """A word of the page's own, in its language."""


def marked(value: Any) -> Any:
    """Return a value between marks, unless it is a word of the page's own, or too short to vary in length."""
    return value if isinstance(value, Word) or len(text := str(value)) < 2 else f"{BEGIN}{text}{END}"


def marked_markup(value: Any) -> Any:
    """Return a value as `marked` does, but escaped; markup is not marked, as its values have their own marks."""
    if isinstance(value, Word) or (isinstance(value, Markup) and "<" in value):
        return value
    return Markup(marked(escape(value)))


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the environment for pages, in which values are escaped and marked."""
    env = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=marked_markup
    )
    env.filters |= {
        "slug": slug,
        "cap": lambda text: Markup(escape(text[:1].upper() + text[1:])),
        "js": js,
        "own": Word,
    }
    return env


@lru_cache(maxsize=2048)
def template(text: str) -> Template:
    """Return the template of a page, with the shared macros and without line ends."""
    return environment().from_string(MACROS + LINES.sub("", text.strip()))


@lru_cache(maxsize=2048)
def script_template(text: str) -> Template:
    """Return the template of a script or a title."""
    return plain_environment().from_string(text)


@lru_cache(maxsize=1)
def plain_environment() -> Environment:
    """Return the environment for scripts and titles: nothing is escaped, and line ends are kept."""
    env = Environment(undefined=StrictUndefined, lstrip_blocks=True, finalize=marked)
    env.filters |= {"slug": slug, "cap": lambda text: text[:1].upper() + text[1:], "js": js}
    return env


def slug(text: str) -> str:
    """Return words as the last part of an address: "Our menu" becomes /our_menu, and a whole title becomes /read.

    The service makes the address of a page from the words of the link. A model would otherwise have to spell long
    titles twice.
    """
    return short_address(SLUG.sub("_", text.lower()).strip("_")) or "page"


def short_address(path: str) -> str:
    """Return an address, or "read" if it is longer than LONGEST_ADDRESS."""
    return path if len(path) <= LONGEST_ADDRESS else "read"


def js(value: Any) -> Markup:
    """Return a value as a literal of JavaScript that may be put in a script."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))
