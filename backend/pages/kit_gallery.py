"""The gallery: every component of the kit in every look, beside its markup, as one page that needs no other file.

The gallery is documentation. A template makes it from the kit's own files, so whatever is added there shows up here.
Each example is a document of its own in a frame, since the kit's rules depend on the class of an <html>. Frames are
created as they come into view (web/gallery/). The page's policy allows only its own script, by its hash, and nothing
from the network.
"""

import base64
import gzip
import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from backend.kit import bundle, scripts
from backend.kit.examples import Component, Example, components
from backend.pages.documents import WEB, csp

ASSETS = WEB / "gallery"
STYLES = ("page.css", "switches.css", "examples.css")
SCRIPTS = ("look.js", "frame.js", "specimen.js", "gallery.js")
"""The scripts in this order: each uses those before it."""

PALETTE = re.compile(r"&(?::is\()?\.([a-z]+)")
ADJUSTMENTS = (
    ("Size", ("smaller", "bigger", "loud")), ("Room", ("dense", "airy")), ("Corners", ("square", "round")),
    ("Letters", ("serif", "sans", "mono", "bold")), ("Page", ("narrow", "wide", "flat")),
)  # fmt: skip
"""The words that change a look, by what they change."""

WIDTHS = (("fit", "Fit"), ("390", "Phone"), ("768", "Tablet"), ("1280", "Desktop"), ("390 1280", "Both"))
MODES = (("light", "Light"), ("dark", "Dark"), ("light dark", "Both"))
TOGETHER = ("loud", "bold", "flat")
"""Adjustments that combine with every other; of the rest, a page has one of each kind."""


def coded(text: str) -> Markup:
    """Return a text as markup, with `code` in it as <code>."""
    parts = (escape(part) for part in text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


ENVIRONMENT = Environment(
    loader=FileSystemLoader(WEB / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
ENVIRONMENT.filters["coded"] = coded
TEMPLATE = ENVIRONMENT.get_template("gallery.html")


def exclusive() -> dict[str, str]:
    """Return the adjustments that exclude the others of their kind, each with its kind."""
    return {word: kind for kind, words in ADJUSTMENTS for word in words if word not in TOGETHER}


def icons() -> dict[str, str]:
    """Return the icons of the kit: by each of its names, the rule that shows it."""
    return bundle.icons()


def called() -> list[list[str]]:
    """Return the names of each icon; several names may stand for the same icon."""
    names: dict[str, list[str]] = {}
    for name, rule in icons().items():
        names.setdefault(rule, []).append(name)
    return list(names.values())


def choosers() -> Iterator[Component]:
    """Yield what is found by its name alone: scenes and icons."""
    group = "Pictures and icons"
    scene = Example("Every scene", "".join(map(pick_scene, bundle.pictures())), find="scenes")
    about = "A scene is one word beside `picture`, and takes the palette's colours. Press one to copy its markup."
    yield Component("scenes", group, "Scenes", about, (scene,))
    if names := called():
        icon = Example("Every icon", "".join(map(pick_icon, names)), find="icons")
        about = "An icon is one word beside `icon`, in the colour of its text. Press one to copy its markup."
        yield Component("icons", group, "Icons", about, (icon,))


def pick_scene(name: str) -> str:
    """Return the button for a scene."""
    copied = f'<div class="picture {name}" role=img aria-label="{name}"></div>'
    return pick([name], copied, f'<span class="picture {name}"></span>')


def pick_icon(names: list[str]) -> str:
    """Return the button for an icon."""
    copied = f'<i class="icon {names[0]}"></i>'
    return pick(names, copied, copied)


def pick(names: list[str], copied: str, inside: str) -> str:
    """Return a button with a look of its own, which the kit leaves alone.

    Args:
        names: The names that a search finds it by; the first is shown.
        copied: The markup that a press copies.
        inside: The markup of its picture.
    """
    found = f'data-name="{" ".join(names)}"'
    return f"<button type=button class=pick {found} data-copy='{copied}'>{inside}{names[0]}</button>"


@lru_cache(maxsize=1)
def shown() -> tuple[Component, ...]:
    """Return all components, group by group."""
    return (*components(), *choosers())


def script() -> str:
    """Return the page's own script."""
    return "\n".join((ASSETS / name).read_text("utf-8") for name in SCRIPTS)


def behaviour() -> str:
    """Return what the kit's own scripts add to a page, for frames; "" for a kit without scripts."""
    code = "\n".join(script.code for script in scripts.scripts())
    return f'(() => {{"use strict";\n{code}\n}})();' if code else ""


def policy() -> dict[str, str]:
    """Return what the page may do, wherever it lies, as directives of a content security policy.

    The policy allows its own script and the kit's, by their hashes, and nothing from a network.
    """
    inline = (text for text in (script(), behaviour()) if text)
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline)
    return {
        "default-src": "'none'",
        "script-src": " ".join(f"'sha256-{value}'" for value in hashes),
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "kit",
    }


@lru_cache(maxsize=1)
def gallery() -> str:
    """Return the page. It has no address of its own: from a service and from a disk, it is the same."""
    groups = dict.fromkeys(component.group for component in shown())
    return TEMPLATE.render(
        version=bundle.VERSION,
        groups={group: [one for one in shown() if one.group == group] for group in groups},
        designs=list(bundle.designs()),
        palettes=bundle.palettes(),
        adjustments=ADJUSTMENTS,
        widths=WIDTHS,
        modes=MODES,
        counts=counts(),
        policy=csp(policy()),
        styles=Markup("\n".join((ASSETS / name).read_text("utf-8") for name in STYLES)),
        script=Markup(script()),
        behaviour=Markup(behaviour()),
        kit=Markup(bundle.spelled(bundle.sheets())),
        drawings=Markup(bundle.spelled((), "".join((*bundle.pictures().values(), *dict.fromkeys(icons().values()))))),
        within=Markup((ASSETS / "within.css").read_text("utf-8")),
        accents=accents(),
        exclusive=exclusive(),
    )


@lru_cache(maxsize=1)
def squeezed() -> bytes:
    """Return the page as gzip.

    The page is the same for everyone and holds no secret, so its compressed size reveals nothing.
    """
    return gzip.compress(gallery().encode(), mtime=0)


def accents() -> dict[str, str]:
    """Return the accent of each palette, for the dots that stand for them."""
    rules = next(sheet.rules for sheet in bundle.sheets() if sheet.name == "palettes").split("}")
    found = ((PALETTE.search(rule), rule.partition("--accent:")[2]) for rule in rules)
    return {named[1]: accent for named, accent in found if named and accent}


def summary(origin: str) -> str:
    """Return lines that tell people what the kit holds.

    Args:
        origin: The origin of the service, whether it runs or not.
    """
    sheet = bundle.spelled(bundle.sheets()).encode()
    parts = [f"{count} {name}" for name, count in counts().items() if count]
    return "\n".join((
        f"kit {bundle.VERSION}: {', '.join(parts)}",
        f"style sheet: {len(sheet):,} bytes, {len(gzip.compress(sheet)):,} compressed, and what of scenes a page names",
        f"designs: {' '.join(bundle.designs())}",
        f"palettes: {' '.join(bundle.palettes())}",
        f"gallery: {origin}/kit while silverprint serve runs, or silverprint kit --gallery -o kit.html",
    ))  # fmt: skip


def counts() -> dict[str, int]:
    """Return how many designs, palettes, components, examples, scenes and icons there are."""
    return {
        "designs": len(list(bundle.designs())),
        "palettes": len(bundle.palettes()),
        "components": len(components()),
        "examples": sum(len(component.examples) for component in components()),
        "scenes": len(bundle.pictures()),
        "icons": len(called()),
    }
