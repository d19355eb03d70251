"""What an action means: an address, a world, and the words for the brief. Pure."""

from dataclasses import dataclass, replace

from backend.errors import ProtocolError
from backend.pages.page_urls import NAMELESS, WORLD_PREFIXES, heading, join, segments, slug, words_of
from backend.prompts.brief import ANY, Site, Window, WorldOrAny
from backend.protocol.messages import Target
from backend.shape import brief
from backend.text.cleaning import one_line
from backend.text.shorten import shortened

DEFAULT_KIND = "wiki"
OPEN_CHARS = 200
FIELDS, FIELD_NAME_CHARS, FIELD_CHARS, FIELDS_CHARS = 16, 40, 400, 2_000
"""Of a form: most fields, most characters of a name, of a value and of all values that are passed on."""
FIRST_SCREEN = "my desktop"
FIRST_APP = "a to-do app"


@dataclass(frozen=True)
class Intent:
    """Where an action leads: the page's address and world, and either `ask` (words) or `open` (kind and words clicked).
    Of world "any" are prompts alone: whoever follows a link is somewhere.

    screen: title of the screen the visitor came from (world "os" only). private: it holds what the visitor filled in.
    entered, site, windows: as in a Brief. look: of the page it was formed on, if that is written over the kit. about:
    the facts that page was made from.
    """

    url: str
    world: WorldOrAny
    ask: str = ""
    open: str = ""
    screen: str = ""
    private: bool = False
    entered: tuple[tuple[str, str], ...] = ()
    site: Site | None = None
    windows: tuple[Window, ...] = ()
    look: str = ""
    about: str = ""


@dataclass(frozen=True)
class Standpoint:
    """The page an action was made on."""

    url: str
    world: WorldOrAny
    title: str


def prompted(text: str, world: WorldOrAny = ANY) -> Intent:
    """A prompt, typed or spoken; its address is made of its words."""
    ask = " ".join(text.split())
    name = slug(ask)
    taken = not name or (world == "web" and name in WORLD_PREFIXES)
    return Intent(join(world, *([NAMELESS, name] if taken else [name])), world, ask=ask)


def typed(text: str) -> Intent:
    """What stands in the address bar: an address, or words that are a prompt. Raises ProtocolError bad_address."""
    text = text.strip()
    if not text.startswith("/") and len(text.split()) > 1 and "://" not in text:
        return prompted(text)
    parts = segments(text)
    if not parts:
        raise ProtocolError("bad_address", f"expected an address such as /wiki/lava, got {brief(text)}")
    world = WORLD_PREFIXES.get(parts[0], "web")
    if world == "os":
        return screen_at(parts[1:])
    if world == "app":
        return prompted(words_of(parts[1]), "app") if parts[1:] else prompted(FIRST_APP, "app")
    if world == ANY and parts[1:]:
        return prompted(words_of(parts[-1]))
    if len(parts) == 1:
        return prompted(words_of(parts[0]), "web") if "_" in parts[0] else opened(DEFAULT_KIND, words_of(parts[0]))
    return opened(parts[0], " ".join(map(words_of, parts[1:])), join("web", *parts))


def opened(kind: str, words: str, url: str = "") -> Intent:
    """A page of a kind, found by an address without a page that links to it: the words become a heading."""
    return Intent(url or join("web", kind, slug(words)), "web", open=f"/{kind} {heading(words)}")


def screen_at(parts: list[str]) -> Intent:
    """A screen by its address: the last two segments are the screen opened and the one it was opened on."""
    names = [heading(words_of(part)) for part in parts]
    if not names:
        return Intent(join("os", ""), "os", ask=FIRST_SCREEN)
    return Intent(join("os", *parts), "os", open=names[-1], screen=names[-2] if names[1:] else "")


def acted(target: Target, here: Standpoint) -> Intent:
    """A click or a submit on a page. Raises ProtocolError bad_address where neither words nor address are given."""
    filled = any(value.strip() for value in (target.form or {}).values())
    return replace(destination(target, here), private=filled, entered=entered(target.form or {}))


def entered(form: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """What was filled in, field by field, short and on one line each; () where the words of the action say it all."""
    filled = {name: one_line(value) for name, value in form.items()}
    filled = {name: value for name, value in filled.items() if value}
    if len(filled) < 2 and all(len(value) <= OPEN_CHARS for value in filled.values()):
        return ()
    found: list[tuple[str, str]] = []
    room = FIELDS_CHARS
    for name, value in list(filled.items())[:FIELDS]:
        if room < 2:
            break
        found.append((shortened(one_line(name), FIELD_NAME_CHARS), shortened(value, min(FIELD_CHARS, room))))
        room -= len(found[-1][1])
    return tuple(found)


def destination(target: Target, here: Standpoint) -> Intent:
    """Where it leads. Raises ProtocolError bad_address."""
    words = " ".join(said(target).split())[:OPEN_CHARS].strip()
    parts = segments(target.href or "")
    if not (slug(words) or parts):
        raise ProtocolError("bad_address", "expected a target with text, a form value or an address, got none of them")
    if here.world == "os":
        words = words or heading(words_of(parts[-1]))
        screen = "" if here.title == words else here.title
        return Intent(join("os", slug(screen), slug(words)), "os", open=words, screen=screen)
    if here.world == "app" or (parts and parts[0] in WORLD_PREFIXES):
        return prompted(words or words_of(parts[-1]), WORLD_PREFIXES.get(parts[0], "app") if parts else "app")
    return followed(parts, words, here)


def followed(parts: list[str], words: str, here: Standpoint) -> Intent:
    """A link or form in world "web": its kind and its words; an address of several segments stands for itself."""
    if len(parts) > 1:
        return Intent(join("web", *parts), "web", open=f"/{parts[0]} {words or heading(words_of(parts[-1]))}")
    if not slug(words):
        return opened(DEFAULT_KIND, words_of(parts[0]))
    kind = parts[0] if parts else kind_of(here.url)
    return Intent(join("web", kind, slug(words)), "web", open=f"/{kind} {words}")


def said(target: Target) -> str:
    """The words of an action: the first value filled in, for forms, else the element's text, value or name."""
    filled = next((v for v in (target.form or {}).values() if v.strip()), "")
    return filled or target.text or target.value or target.name or ""


def kind_of(url: str) -> str:
    """The kind of page an address names: its first of several segments, else the default."""
    parts = segments(url)
    return parts[0] if len(parts) > 1 else DEFAULT_KIND
