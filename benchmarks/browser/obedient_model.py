"""A scripted model that follows its prompt and knows nothing else; it writes pages over the kit, as large models do.

Design and palette are those of `style` in the request, unless the visitor's words name others. A site's name and
navigation, and a desktop's windows, are those that the request lists.
"""

import html
import re
from dataclasses import dataclass, field

REQUEST = re.compile(r"<request (\w+)>\n(.*?)\n</request \1>", re.DOTALL)
ASKED = {"dark": "dark", "night": "dark", "serif": "serif", "round": "round", "bigger": "bigger"}
"""Words of a visitor about the look, and the kit's class for each."""
DESIGNS = ("paper", "magazine", "cards", "glass", "retro", "terminal")


@dataclass(frozen=True)
class Asked:
    """A request as a model reads it.

    Attributes:
        one: Value of each entry.
        many: All values of each entry that is numbered, in order.
    """

    one: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, chat: list[dict[str, str]]) -> "Asked":
        """Read the request in the last message of a chat.

        Raises:
            ValueError: The message holds no request.
        """
        found = REQUEST.search(chat[-1]["content"])
        if not found:
            raise ValueError("expected a request between its tags, got none")
        asked = cls()
        for line in found[2].split("\n"):
            name, _, value = line.partition(": ")
            asked.one[name] = html.unescape(value)
            asked.many.setdefault(re.sub(r" \d+", "", name), []).append(html.unescape(value))
        return asked

    def root(self) -> str:
        """Return the page's <html> tag."""
        words, _, accent = self.one.get("style", "").partition("--accent:")
        said = f"{self.one.get('ask', '')} {self.one.get('edit', '')}".lower()
        kept = words.split()
        for design in DESIGNS:
            if design in said.split():
                kept = [design, *(word for word in kept if word not in DESIGNS)]
        kept += [word for name, word in ASKED.items() if name in said and word not in kept]
        style = f' style="--accent:{escape(accent)}"' if accent else ""
        return f'<html lang=en class="{escape(" ".join(kept))}"{style}>'

    def title(self) -> str:
        """Return what the page is about."""
        return self.one.get("title") or self.one.get("open") or self.one.get("ask", "").capitalize()


def page(chat: list[dict[str, str]]) -> str:
    """Return the page for a chat in the full dialect."""
    asked, rules = Asked.read(chat), chat[0]["content"]
    if "an operating system's screen" in rules:
        return desktop(asked)
    return site(asked) if "World: the web" in rules else app(asked)


def site(asked: Asked) -> str:
    """Return a page of a website: navigation, an article, cards and a form."""
    name, links = asked.one.get("site") or "Ember Almanac", asked.many.get("nav") or ["Rocks", "Fire", "Maps"]
    about, facts = escape(asked.title()), asked.one.get("facts", "A page of an almanac.")
    nav = "".join(f"<a href=/wiki>{escape(link)}</a>" for link in links)
    cards = "".join(
        f"<article class=card><h3>{more}</h3><p>What there is to know about {more.lower()}.</p></article>"
        for more in ("Where it is found", "How it forms", "What it is good for")
    )
    return (
        f"{asked.root()}<title>{about}</title>\n<body><header><a class=brand href=/home>{escape(name)}</a>"
        f"<nav>{nav}</nav><button class=small>Subscribe</button></header>\n"
        f"<main><hgroup><h1>{about}</h1><p>{escape(facts[:160])}</p></hgroup>\n"
        f"<p>More is on the pages about <a href=/wiki>Granite</a> and <a href=/wiki>Basalt</a>.</p>\n"
        f"<section><h2>In short</h2><div class=cards>{cards}</div></section>\n"
        f"<section><h2>Write to us</h2><form class=row action=/search><input name=q aria-label=Search>"
        f"<button>Search</button></form></section></main>\n<footer>{escape(name)}</footer></body></html>"
    )


def desktop(asked: Asked) -> str:
    """Return an operating system's screen: the window in front, the open windows behind it, icons and a dock."""
    front = asked.one.get("open") or "Files"
    behind = [title for title in asked.many.get("window", []) if title != front]
    names = ("Files", "Notes", "Mail", "Music")
    icons = "".join(f"<button>{name}</button>" for name in names)
    windows = "".join(
        f'<section class="window behind" style="left:{8 + 4 * at}%;top:{6 + 5 * at}%;width:40%"><header>'
        f"<h2>{escape(title)}</h2></header><div><p>{escape(title)} stays open.</p></div></section>"
        for at, title in enumerate(behind)
    )
    return (
        f"{asked.root()}<title>{escape(front)}</title>\n<body class=desktop><nav class=menubar><b>Silver</b>"
        f"<time>9:41</time></nav><main><div class=icons>{icons}</div>{windows}"
        f'<section class=window style="left:24%;top:18%;width:52%"><header><h1>{escape(front)}</h1>'
        f"<button type=button aria-label=Close>x</button></header><div><p>{escape(front)} is open.</p>"
        f"<p class=row><button>New</button><button class=outline>Sort</button></p></div></section></main>"
        f"<nav class=dock>{icons}</nav></body></html>"
    )


def app(asked: Asked) -> str:
    """Return an app: a heading, a form and a list."""
    about = escape(asked.title())
    return (
        f"{asked.root()}<title>{about}</title>\n<body class=app><main><h1>{about}</h1><form class=row>"
        f"<input aria-label=New><button type=button>Add</button></form><ul class=todo><li><span>Bread</span></li></ul>"
        f"</main></body></html>"
    )


def escape(text: str) -> str:
    """Return stripped text with HTML's special characters escaped."""
    return html.escape(text.strip())
