"""Find what an action means: an address, a world, and the words for the brief. The module is pure."""

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
"""Limits on what is passed on of a form: fields, and characters of a name, of a value and of all values."""
FIRST_SCREEN = "my desktop"
FIRST_APP = "a to-do app"


@dataclass(frozen=True)
class Intent:
    """Where an action leads: the page's address and world, and either `ask` or `open`.

    Only prompts have world "any", since a link always stands on a page of some world.

    Attributes:
        url: The address of the page.
        world: The world of the page.
        ask: The words of a prompt.
        open: The kind and the words clicked.
        screen: The title of the screen the visitor came from (world "os" only).
        private: Whether it holds what the visitor filled in.
        entered: As in a Brief.
        site: As in a Brief.
        windows: As in a Brief.
        look: The look of the page it was formed on, if that is written over the kit.
        about: The facts which that page was made from.
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
    """The page an action was made on.

    Attributes:
        url: The address of the page.
        world: Its world.
        title: Its title.
    """

    url: str
    world: WorldOrAny
    title: str


def prompted(text: str, world: WorldOrAny = ANY) -> Intent:
    """Return the intent of a prompt, typed or spoken; its address is made of its words."""
    ask = " ".join(text.split())
    name = slug(ask)
    taken = not name or (world == "web" and name in WORLD_PREFIXES)
    return Intent(join(world, *([NAMELESS, name] if taken else [name])), world, ask=ask)


def typed(text: str) -> Intent:
    """Return the intent of the text in the address bar: an address, or words that are a prompt.

    Raises:
        ProtocolError: bad_address, if the text is no address of a page.
    """
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
    """Return the intent of a page of a kind that was found by an address, without a page that links to it.

    The words become a heading.
    """
    return Intent(url or join("web", kind, slug(words)), "web", open=f"/{kind} {heading(words)}")


def screen_at(parts: list[str]) -> Intent:
    """Return the intent of a screen by its address.

    The last two segments are the screen opened and the one it was opened on.
    """
    names = [heading(words_of(part)) for part in parts]
    if not names:
        return Intent(join("os", ""), "os", ask=FIRST_SCREEN)
    return Intent(join("os", *parts), "os", open=names[-1], screen=names[-2] if names[1:] else "")


def acted(target: Target, here: Standpoint) -> Intent:
    """Return the intent of a click or a submit on a page.

    Raises:
        ProtocolError: bad_address, if there are neither words nor an address.
    """
    filled = any(value.strip() for value in (target.form or {}).values())
    return replace(destination(target, here), private=filled, entered=entered(target.form or {}))


def entered(form: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what was filled in, field by field, short and on one line each.

    The result is () if the words of the action say it all.
    """
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
    """Return where a click or a submit leads.

    Raises:
        ProtocolError: bad_address, if there are neither words nor an address.
    """
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
    """Return the intent of a link or form in world "web": its kind and its words.

    An address of several segments is used as it is.
    """
    if len(parts) > 1:
        return Intent(join("web", *parts), "web", open=f"/{parts[0]} {words or heading(words_of(parts[-1]))}")
    if not slug(words):
        return opened(DEFAULT_KIND, words_of(parts[0]))
    kind = parts[0] if parts else kind_of(here.url)
    return Intent(join("web", kind, slug(words)), "web", open=f"/{kind} {words}")


def said(target: Target) -> str:
    """Return the words of an action.

    For forms they are the first value filled in, else the element's text, value or name.
    """
    filled = next((v for v in (target.form or {}).values() if v.strip()), "")
    return filled or target.text or target.value or target.name or ""


def kind_of(url: str) -> str:
    """Return the kind of page an address names: its first of several segments, else the default."""
    parts = segments(url)
    return parts[0] if len(parts) > 1 else DEFAULT_KIND
