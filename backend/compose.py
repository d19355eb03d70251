"""Intent -> Brief: everything the model is told beyond the visitor's own words is looked up or drawn here."""

import re
from dataclasses import dataclass, replace

from backend import draws, subject
from backend.address import heading
from backend.brief import Brief
from backend.card import Card
from backend.facts import FactsIndex
from backend.intent import Intent

DARK = re.compile(r"\b(?:dark|night|black)\b", re.IGNORECASE)
CLOSE, MAIL = "Close", "Mail"
APPLICATIONS = frozenset({"Files", "Notes", MAIL, "Music", "Calculator", "Clock", "Settings"})


@dataclass(frozen=True)
class Composer:
    """Makes briefs for one checkpoint. The same intent in the same session always gives the same brief."""

    card: Card
    facts: FactsIndex | None = None

    def compose(self, intent: Intent, session: str) -> Brief:
        """The brief of a new page; session: the key of all draws."""
        make = {"web": self._web, "os": self._os, "app": self._app}[intent.world]
        return make(intent, session)

    def edit(self, brief: Brief, instruction: str) -> Brief:
        """The brief of a page changed by an instruction; an instruction already followed joins the request."""
        words = " ".join(instruction.split())
        ask = f"{brief.ask}. {brief.edit}" if brief.ask and brief.edit else brief.ask
        title = (subject.renamed(words) if brief.world == "app" else "") or brief.title
        return replace(brief, ask=ask, edit=words, title=title)

    def _web(self, intent: Intent, session: str) -> Brief:
        """A page of a site: subject, facts, related titles, people."""
        kind, _, words = intent.open.partition(" ")
        about = subject.subject(intent.ask) if intent.ask else words or kind.strip("/")
        named = subject.name(intent.ask)
        found = self.facts.lookup(about, guess=bool(intent.ask)) if self.facts else None
        title = named or (found.title if found and found.exact else heading(about))
        brief = Brief(
            "web",
            intent.ask,
            intent.open,
            style=self._style(intent, session),
            title=title,
            names=draws.people(session, intent.url),
        )
        return replace(brief, facts=found.text, links=tuple(t for t in found.links if t != title)) if found else brief

    def _os(self, intent: Intent, session: str) -> Brief:
        """A screen: what was opened, and on which screen; people for letters, facts for papers."""
        opened = "" if intent.open == CLOSE else intent.open
        paper = opened and opened not in APPLICATIONS
        found = self.facts.lookup(opened, guess=False) if self.facts and paper else None
        names = draws.people(session, intent.url) if opened == MAIL else ()
        style = self._style(intent, session)
        facts = found.text if found else ""
        return Brief("os", intent.ask, intent.open, "", intent.screen, style, opened, facts, names=names)

    def _app(self, intent: Intent, session: str) -> Brief:
        return Brief("app", intent.ask, style=self._style(intent, session), title=subject.app_name(intent.ask))

    def _style(self, intent: Intent, session: str) -> str:
        """The look of the session's pages in this world; a web page asked to be dark gets a dark one."""
        dark = intent.world == "web" and bool(DARK.search(intent.ask))
        return draws.style(self.card.styles_for(intent.world, dark), session, intent.world)
