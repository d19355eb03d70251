"""Turn an Intent into a Brief: what the model is told beyond the visitor's own words is looked up or drawn here."""

import re
from dataclasses import dataclass, replace

from backend.composer import seeded_choices, subject
from backend.composer.facts import Facts, FactsIndex
from backend.composer.intent import Intent, prompted
from backend.composer.kinds_brief import of_kinds
from backend.kit import look_words
from backend.models.model_card import ModelCard
from backend.pages.page_look import look_of
from backend.pages.page_urls import heading
from backend.prompts.anchors import MOST, NAV
from backend.prompts.brief import ANY, Brief, Site
from backend.prompts.element_names import directed
from backend.prompts.fact_text import FACTS_LIMIT, LONG_LIMIT
from backend.prompts.screens import DESKTOP, FILES, KNOWN, LEAVING, PLACES, behind, mentioned
from backend.prompts.world_guess import guessed
from backend.protocol.messages import Target

DARK = re.compile(r"\b(?:dark|night|black)\b", re.IGNORECASE)
ENTRIES = 5


@dataclass(frozen=True)
class Composer:
    """Makes briefs for one checkpoint. The same intent in the same session always gives the same brief.

    Attributes:
        card: The card of the checkpoint.
        facts: The index of facts, if there is one.
    """

    card: ModelCard
    facts: FactsIndex | None = None

    @property
    def carries(self) -> bool:
        """Whether the checkpoint is told what pages leave for the next; other briefs go without."""
        return self.card.carries or self.tells_all

    @property
    def tells_all(self) -> bool:
        """Whether the checkpoint is told all of it, including what was filled in."""
        return self.card.dialect == "full"

    def decided(self, intent: Intent) -> Intent:
        """Return the intent in a world that the checkpoint knows.

        An intent of "any" world stays so only if the checkpoint chooses the world itself.
        """
        if intent.world != ANY or self.card.chooses:
            return intent
        return prompted(intent.ask, guessed(intent.ask))

    def compose(self, intent: Intent, session: str, words: str = "") -> Brief:
        """Return the brief of a new page.

        Args:
            intent: What the visitor wants.
            session: The key of all random draws.
            words: Words of the kit that a host sets for its pages.
        """
        intent = self.decided(intent)
        if self.card.dialect == "kinds":
            return of_kinds(intent, self._style(intent, session), self.card.nearest if self.card.hints else None)
        brief = self._of_world(intent, session)
        if words and self.tells_all:
            brief = replace(brief, style=look_words.chosen(words, brief.style, self._dark(intent)))
        if not self.carries:
            return brief
        if self.tells_all:
            return replace(brief, entered=intent.entered, site=intent.site, windows=intent.windows)
        return replace(brief, site=short(intent.site), windows=behind(intent.windows, intent.open, intent.screen))

    def _of_world(self, intent: Intent, session: str) -> Brief:
        """Return what a page of its world is made from.

        A small checkpoint that chooses the world gets a request in the visitor's words, and nothing that they did not
        say. It was trained that way.
        """
        if intent.ask and self.card.chooses and not self.tells_all:
            return Brief(intent.world, intent.ask, style=self._style(intent, session))
        make = {ANY: self._any, "web": self._web, "os": self._os, "app": self._app}[intent.world]
        return make(intent, session)

    def edit(self, brief: Brief, instruction: str, target: Target | None = None, page: str = "") -> Brief:
        """Return the brief of a page changed by an instruction.

        An instruction that was already followed joins the request.

        Args:
            brief: The brief of the page.
            instruction: The words of the visitor.
            target: The element that the change is about. A new name for it is a name for the app only if it is the
                app's heading.
            page: The page as it is now, whose look stays except for what the instruction says of it.
        """
        words = " ".join(instruction.split())
        ask = f"{brief.ask}. {brief.edit}" if brief.ask and brief.edit else brief.ask
        names_app = brief.world == "app" and (target is None or target.tag == "h1")
        title = (subject.renamed(words) if names_app else "") or brief.title
        edit = directed(words, target.tag, told(target)) if target else words
        style = (self.tells_all and look_of(page)) or brief.style
        return replace(brief, ask=ask, edit=edit, title=title, style=style)

    def _any(self, intent: Intent, session: str) -> Brief:
        """Return the brief of whatever answers the request best.

        It has facts only if there is an entry on exactly this subject.
        """
        found = self.facts.lookup(subject.subject(intent.ask), guess=False) if self.facts else None
        brief = Brief(ANY, intent.ask, style=self._style(intent, session), title=subject.name(intent.ask))
        return with_facts(brief, found) if found else brief

    def _web(self, intent: Intent, session: str) -> Brief:
        """Return the brief of a page of a site: subject, facts, related titles, people."""
        kind, _, words = intent.open.partition(" ")
        about = subject.subject(intent.ask) if intent.ask else words or kind.strip("/")
        limit = LONG_LIMIT if subject.is_long(intent.ask) else FACTS_LIMIT
        found = self.facts.lookup(about, bool(intent.ask), limit) if self.facts else None
        exact = found.title if found and found.exact else ""
        called = exact or heading(about) if intent.open or self.card.entitled else ""
        brief = Brief(
            "web",
            intent.ask,
            intent.open,
            style=self._style(intent, session),
            title=subject.name(intent.ask) or called,
            names=seeded_choices.people(session, intent.url),
        )
        return with_facts(brief, found) if found else brief

    def _os(self, intent: Intent, session: str) -> Brief:
        """Return the brief of a screen: what was opened or asked for, and on which screen.

        It has entries for folders, people for letters, and facts for papers. A name pressed on the desktop or in Files
        is a folder; one pressed in a folder is a paper.
        """
        opened = "" if intent.open in LEAVING else intent.open
        wanted = opened or mentioned(intent.ask)
        folder = opened in PLACES or (opened not in ("", *KNOWN) and intent.screen in ("", DESKTOP, FILES))
        brief = Brief("os", intent.ask, intent.open, "", intent.screen, self._style(intent, session), opened)
        gets = KNOWN[wanted].gets if wanted in KNOWN else ()
        if "names" in gets:
            brief = replace(brief, names=seeded_choices.people(session, intent.url))
        if not (self.facts and wanted):
            return brief
        if folder or "links" in gets:
            return replace(brief, links=self.facts.titles(ENTRIES, session, wanted))
        found = None if wanted in KNOWN else self.facts.lookup(opened, guess=False)
        return replace(brief, facts=found.text) if found else brief

    def _app(self, intent: Intent, session: str) -> Brief:
        """Return the brief of an application."""
        named = subject.app_name if self.card.entitled else subject.name
        return Brief("app", intent.ask, style=self._style(intent, session), title=named(intent.ask))

    def _style(self, intent: Intent, session: str) -> str:
        """Return the look of the page before, if that is over the kit, else a style drawn for the session.

        The pages of a session share a style in each world, or in all worlds if these share their styles.
        """
        if self.tells_all and intent.look:
            return intent.look
        styles = self.card.styles_for(intent.world, self._dark(intent))
        return seeded_choices.style(styles, session, self.card.shelf(intent.world))

    def _dark(self, intent: Intent) -> bool:
        """Return whether a dark page is asked for.

        Small models are trained with dark pages of the web only.
        """
        return (intent.world in ("web", ANY) or self.tells_all) and wants_dark(intent)


def wants_dark(intent: Intent) -> bool:
    """Return whether the request asks for something dark."""
    return bool(DARK.search(intent.ask))


def with_facts(brief: Brief, found: Facts) -> Brief:
    """Return a brief with facts, and links to related titles other than its own."""
    itself = {brief.title, found.title} if found.exact else {brief.title}
    return replace(brief, facts=found.text, links=tuple(title for title in found.links if title not in itself))


def short(site: Site | None) -> Site | None:
    """Return a site as small models are told of it: with no more links than they number."""
    return replace(site, links=site.links[: MOST[NAV]]) if site else None


def told(target: Target) -> str:
    """Return what an element is known by: its text, else its value, else its name."""
    return target.text or target.value or target.name or ""
