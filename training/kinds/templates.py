"""How templates of kinds are read: Jinja2, undefined names are errors, and a few macros and filters that all share."""

import json
import re
from functools import lru_cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

LINES = re.compile(r"\s*\n\s*")
SLUG = re.compile(r"[^a-z0-9]+")
MACROS = """
{%- macro top(name, links=(), button="") -%}
<header><a class=brand href=/home>{{ name }}</a>
{%- if links %}<nav>{% for link in links %}<a href=/{{ link | slug }}>{{ link }}</a>{% endfor %}</nav>{% endif %}
{%- if button %}<a class="btn small" href=/{{ button | slug }}>{{ button }}</a>{% endif %}</header>
{%- endmacro -%}
{%- macro bar(name="Silver") -%}
<nav class=menubar><b>{{ name }}</b>
{%- for menu in ("File", "Edit", "View", "Help") %}<button>{{ menu }}</button>{% endfor %}</nav>
{%- endmacro -%}
{%- macro dock(programs=("Files", "Mail", "Notes", "Music", "Settings")) -%}
<nav class=dock aria-label=Dock>{% for program in programs %}<button>{{ program }}</button>{% endfor %}</nav>
{%- endmacro -%}
{%- macro picture_of(scene, label, more="") -%}
<div class="picture {{ scene }}{{ ' ' + more if more else '' }}" role=img aria-label="{{ label }}"></div>
{%- endmacro -%}
"""


@lru_cache(maxsize=1)
def environment() -> Environment:
    env = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    env.filters |= {"slug": slug, "cap": lambda text: Markup(escape(text[:1].upper() + text[1:])), "js": js}
    return env


@lru_cache(maxsize=2048)
def template(text: str) -> Template:
    return environment().from_string(MACROS + LINES.sub("", text.strip()))


@lru_cache(maxsize=2048)
def script_template(text: str) -> Template:
    return plain_environment().from_string(text)


@lru_cache(maxsize=1)
def plain_environment() -> Environment:
    """For scripts and titles: nothing is escaped, and every line end stays one."""
    env = Environment(undefined=StrictUndefined, lstrip_blocks=True)
    env.filters |= {"slug": slug, "cap": lambda text: text[:1].upper() + text[1:], "js": js}
    return env


def slug(text: str) -> str:
    """Words as the last part of an address: "Our menu" is /our_menu."""
    return SLUG.sub("_", text.lower()).strip("_") or "page"


def js(value: Any) -> Markup:
    """A value as a literal of JavaScript that may stand in a script."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))
