"""Briefs from intents: looked up, drawn, the same each time."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.composer.compose import Composer
from backend.composer.facts import Facts
from backend.composer.intent import Intent
from backend.composer.seeded_choices import people, seed, style
from backend.errors import StartupError
from backend.kit.bundle import designs, palettes
from backend.kit.look_words import ADJUSTMENTS
from backend.models.model_card import ModelCard, kit_card, read_card
from backend.prompts.brief import CHOICES, WORLDS, Brief, NavLink, Site, Window
from backend.prompts.fact_text import FACTS_LIMIT
from backend.prompts.screens import BEHIND_CHARS, KNOWN, LAUNCHER, beginning, behind, mentioned
from backend.protocol.messages import Target

CARD = ModelCard(
    "m",
    "terse",
    {"web": ("plain mint", "cards night", "plain sky"), "os": ("flat sky",), "app": ("soft rose",)},
    frozenset({"night"}),
)


class Known:
    """Facts on volcanoes; bread is mentioned; folders hold what their draw says."""

    def lookup(self, subject: str, guess: bool = True, limit: int = FACTS_LIMIT) -> Facts | None:
        if subject.lower() in ("volcanoes", "volcano"):
            text = "A volcano is a vent." if limit == FACTS_LIMIT else "A volcano is a vent. It is hot."
            return Facts("Volcano", text, ("Lava", "Volcano", "Magma"), True)
        return Facts("Bread", "Sourdough is a bread.", ("Bread",), False) if guess and subject == "sourdough" else None

    def titles(self, count: int, *draw: str) -> tuple[str, ...]:
        return tuple(f"{' '.join(draw)} {at}" for at in range(count))


def brief(intent: Intent, session: str = "s", facts: Any = None) -> Brief:
    return Composer(CARD, facts or Known()).compose(intent, session)


def test_a_page_on_something_known() -> None:
    made = brief(Intent("/x", "web", ask="an encyclopedia article about volcanoes"))
    assert (made.title, made.facts, made.links) == ("Volcano", "A volcano is a vent.", ("Lava", "Magma"))
    assert len(set(made.names)) == 3
    assert made.style in CARD.styles["web"]


def test_a_page_on_something_mentioned_keeps_its_own_title() -> None:
    made = brief(Intent("/x", "web", ask="a thread about sourdough"))
    assert (made.title, made.facts, made.links) == ("Sourdough", "Sourdough is a bread.", ("Bread",))


def test_a_long_thread_has_more_to_say() -> None:
    assert brief(Intent("/x", "web", ask="a long thread about volcanoes")).facts == "A volcano is a vent. It is hot."
    assert brief(Intent("/x", "web", ask="a thread about volcanoes")).facts == "A volcano is a vent."


def test_a_page_on_something_unknown() -> None:
    made = brief(Intent("/shop/copper_kettle", "web", open="/shop copper kettle"))
    assert (made.title, made.facts, made.links) == ("Copper Kettle", "", ())
    assert brief(Intent("/wiki/sourdough", "web", open="/wiki sourdough")).facts == ""


def test_a_page_that_is_given_a_name() -> None:
    made = brief(Intent("/x", "web", ask="an article called Fire Mountain about volcanoes"))
    assert made.title == "Fire Mountain"


def test_dark_pages_get_a_dark_style() -> None:
    assert brief(Intent("/x", "web", ask="a dark page about cats")).style == "cards night"


def test_a_site_keeps_its_look() -> None:
    looks = {brief(Intent(f"/wiki/{n}", "web", open=f"/wiki {n}")).style for n in range(20)}
    assert len(looks) == 1
    assert {brief(Intent("/x", "web", ask="x"), str(n)).style for n in range(40)} == set(CARD.styles["web"])


def test_screens() -> None:
    made = brief(Intent("/os/files/mail", "os", open="Mail", screen="Files"))
    assert (made.open, made.screen, made.title, made.style, len(made.names)) == ("Mail", "Files", "Mail", "flat sky", 3)
    paper = brief(Intent("/os/documents/volcano", "os", open="Volcano", screen="Documents"))
    assert (paper.facts, paper.names) == ("A volcano is a vent.", ())
    assert brief(Intent("/os/files/close", "os", open="Close", screen="Files")).title == ""


def test_what_folders_hold() -> None:
    folder = brief(Intent("/os/files/letters", "os", open="Letters", screen="Files"))
    assert folder.links == tuple(f"s Letters {at}" for at in range(5))
    again = brief(Intent("/os/desktop/letters", "os", open="Letters", screen="Desktop"))
    assert again.links == folder.links
    assert brief(Intent("/os/letters/files", "os", open="Files", screen="Letters")).links[0] == "s Files 0"
    assert brief(Intent("/os/letters/trash", "os", open="Trash", screen="Letters")).links[0] == "s Trash 0"
    assert brief(Intent("/os/letters/diary", "os", open="Diary", screen="Letters")).links == ()
    assert brief(Intent("/os/files/calculator", "os", open="Calculator", screen="Files")).links == ()


def test_screens_are_given_what_they_show() -> None:
    gets: dict[str, tuple[bool, bool]] = {}
    for name in KNOWN:
        made = brief(Intent(f"/os/{name}", "os", open=name, screen=LAUNCHER))
        assert (made.title, made.facts) == (name, "")
        gets[name] = bool(made.links), bool(made.names)
    assert {name for name, (links, _) in gets.items() if links} == {"Files", "Music", "Terminal", "Notifications"}
    assert {name for name, (_, names) in gets.items() if names} == {"Mail", "Contacts", "Lock Screen", "Notifications"}
    assert brief(Intent("/os/x/unlock", "os", open="Unlock", screen="Lock Screen")).title == ""


def test_screens_asked_for_in_words() -> None:
    contacts = brief(Intent("/os/x", "os", ask="a retro desktop with my contacts and the mail open"))
    assert (contacts.title, contacts.links, len(contacts.names)) == ("", (), 3)
    assert brief(Intent("/os/x", "os", ask="open the terminal")).links == tuple(f"s Terminal {at}" for at in range(5))
    assert brief(Intent("/os/x", "os", ask="my desktop")).links == ()


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        ("show me the login screen", "Lock Screen"),
        ("um log in please", "Lock Screen"),
        ("desktop with the terminal and the clock open", "Terminal"),
        ("Notification centre", "Notifications"),
        ("desktop with the music app", "Music"),
        ("all my apps", "Applications"),
        ("a timetable", ""),
        ("my desktop", ""),
    ],
)
def test_what_a_request_names(ask: str, name: str) -> None:
    assert mentioned(ask) == name


def test_only_models_that_can_use_it_are_told_what_the_page_before_leaves() -> None:
    intent = Intent("/wiki/x", "web", open="/wiki X", entered=(("a", "b"), ("c", "d")), site=Site("Ember"))
    screen = Intent("/os/mail", "os", open="Mail", windows=(Window("Notes", "Buy film"),))
    full = Composer(replace(CARD, dialect="full"), Known())  # type: ignore[arg-type]
    made = full.compose(intent, "s")
    assert (made.entered, made.site) == (intent.entered, intent.site)
    assert full.compose(screen, "s").windows == screen.windows
    assert brief(intent) == replace(made, entered=(), site=None)
    assert brief(screen) == replace(full.compose(screen, "s"), windows=())


def test_apps() -> None:
    made = brief(Intent("/app/x", "app", ask="a to-do app called groceries with sorting"))
    assert made == Brief("app", made.ask, style="soft rose", title="Groceries")


def test_edits_follow_one_another() -> None:
    composer = Composer(CARD)
    first = composer.edit(Brief("app", "a to-do app", style="soft rose"), "make it  dark")
    second = composer.edit(first, "call it Errands")
    third = composer.edit(second, "add sorting")
    assert (first.ask, first.edit) == ("a to-do app", "make it dark")
    assert (second.ask, second.edit, second.title) == ("a to-do app. make it dark", "call it Errands", "Errands")
    assert (third.ask, third.title) == ("a to-do app. make it dark. call it Errands", "Errands")
    opened = composer.edit(composer.edit(Brief("web", open="/wiki Lava", title="Lava"), "call it X"), "shorter")
    assert (opened.open, opened.edit, opened.title) == ("/wiki Lava", "shorter", "Lava")


def test_draws_depend_on_what_they_are_drawn_for() -> None:
    assert people("s", "/a") == people("s", "/a") != people("s", "/b") != people("t", "/b")
    assert seed("s", "/a") == seed("s", "/a") != seed("t", "/a")
    assert style((), "s", "web") == ""


def test_a_folder_without_a_card_wants_the_full_dialect(tmp_path: Path) -> None:
    card = read_card(tmp_path)
    assert (card.name, card.dialect) == (tmp_path.name, "full")
    assert card.styles_for("os", True) == ("glass violet dark", "cards slate dark", "terminal lime")
    assert card.styles_for("app", True)[:2] == ("cards blue dark", "cards forest dark")
    assert card.styles_for("app", False)[:2] == ("cards blue", "cards forest")
    known = {*designs(), *palettes(), *ADJUSTMENTS}
    assert [style for styles in card.styles.values() for style in styles if not known.issuperset(style.split())] == []


def test_whatever_is_asked_to_be_dark_is_drawn_dark_over_the_kit() -> None:
    composer = Composer(kit_card("m"), Known())
    for world in WORLDS:
        made = composer.compose(Intent("/x", world, ask="a dark calculator"), "s")
        assert {"dark", "terminal"} & set(made.style.split())
    assert brief(Intent("/x", "app", ask="a dark calculator")).style == "soft rose"


def test_over_the_kit_the_look_of_the_page_before_goes_on() -> None:
    composer, wanted = Composer(kit_card("m"), Known()), Intent("/x", "web", open="/wiki Lava", look="retro sun serif")
    assert composer.compose(wanted, "s").style == "retro sun serif"
    page = '<html class="glass sky dark"><p>a'
    assert composer.edit(Brief("web", "x", style="paper ink"), "shorter", page=page).style == "glass sky dark"
    assert composer.edit(Brief("web", "x", style="paper ink"), "shorter", page="<p>a").style == "paper ink"
    assert brief(wanted).style in CARD.styles["web"]
    assert Composer(CARD).edit(Brief("web", "x", style="cards night"), "shorter", page=page).style == "cards night"


def test_a_card(tmp_path: Path) -> None:
    data = {"dialect": "terse", "styles": {"web": ["a night", "b mint"]}, "dark": ["night"]}
    (tmp_path / "silverprint.json").write_text(json.dumps(data))
    card = read_card(tmp_path)
    assert card.styles_for("web", True) == ("a night",)
    assert card.styles_for("web", False) == ("a night", "b mint")
    assert card.styles_for("os", True) == ()
    assert not card.carries


def test_a_card_says_which_worlds_its_prompts_may_name(tmp_path: Path) -> None:
    path = tmp_path / "silverprint.json"
    path.write_text(json.dumps({"dialect": "terse"}))
    assert not read_card(tmp_path).chooses
    path.write_text(json.dumps({"dialect": "terse", "worlds": ["any", "web"], "styles": {"any": ["paper mint"]}}))
    card = read_card(tmp_path)
    assert (card.chooses, card.entitled) == (True, False)
    assert card.styles_for("any", False) == card.styles_for("os", False) == ("paper mint",)
    path.write_text(json.dumps({"dialect": "full"}))
    assert (read_card(tmp_path).chooses, kit_card("m").chooses) == (True, True)


def test_pages_that_share_their_styles_share_their_look() -> None:
    """A page that turned out to be one of the web, and those that its links lead to."""
    composer = Composer(replace(CARD, styles={"any": tuple("abcdefgh")}, worlds=CHOICES))
    for session in map(str, range(20)):
        asked = composer.compose(Intent("/any/x", "any", ask="x"), session)
        opened = composer.compose(Intent("/wiki/lava", "web", open="/wiki Lava"), session)
        assert asked.style == opened.style


ASKED = "an encyclopedia article about volcanoes"
CALLED = "a to-do app called groceries with sorting"


def test_a_small_checkpoint_that_chooses_gets_the_visitor_s_words_alone() -> None:
    composer = Composer(replace(CARD, worlds=CHOICES, styles={"any": ("paper mint",)}), Known())  # type: ignore[arg-type]
    for world in CHOICES:
        made = composer.compose(Intent("/x", world, ask=ASKED), "s")
        assert made == Brief(world, ASKED, style="paper mint")
    opened = composer.compose(Intent("/wiki/lava", "web", open="/wiki lava"), "s")
    assert (opened.title, len(opened.names)) == ("Lava", 3)


def test_one_of_the_full_dialect_gets_facts_and_the_name_that_was_given() -> None:
    composer = Composer(kit_card("m"), Known())  # type: ignore[arg-type]
    made = composer.compose(Intent("/any/x", "any", ask=ASKED), "s")
    assert (made.world, made.title, made.facts, made.links) == ("any", "", "A volcano is a vent.", ("Lava", "Magma"))
    assert composer.compose(Intent("/any/x", "any", ask=CALLED), "s").title == "Groceries"
    assert composer.compose(Intent("/any/x", "any", ask="something on sourdough"), "s").facts == ""


def test_a_title_is_told_only_where_somebody_named_one() -> None:
    """What else a page is called are the model's own words; checkpoints that were trained with a title get one."""
    full = Composer(kit_card("m"), Known())  # type: ignore[arg-type]
    for world, ask, now, before in (
        ("web", ASKED, "", "Volcano"),
        ("web", "a thread about sourdough", "", "Sourdough"),
        ("app", "a to-do list for Aunt Mira's party", "", "Aunt Mira's Party"),
        ("app", CALLED, "Groceries", "Groceries"),
        ("web", "an article called Fire Mountain about volcanoes", "Fire Mountain", "Fire Mountain"),
    ):
        wanted = Intent("/x", world, ask=ask)  # type: ignore[arg-type]
        assert (full.compose(wanted, "s").title, brief(wanted).title) == (now, before)
    assert full.compose(Intent("/shop/kettle", "web", open="/shop copper kettle"), "s").title == "Copper Kettle"
    assert full.compose(Intent("/os/x", "os", open="Mail"), "s").title == "Mail"


@pytest.mark.parametrize("dialect", ["terse", "anchored"])
@pytest.mark.parametrize("carries", [True, False])
def test_a_card_says_whether_pages_leave_something(tmp_path: Path, dialect: str, carries: bool) -> None:
    (tmp_path / "silverprint.json").write_text(json.dumps({"dialect": dialect, "carries": carries}))
    composer = Composer(read_card(tmp_path))
    assert (composer.carries, composer.tells_all) == (carries, False)


def test_small_models_are_told_of_a_site_in_short() -> None:
    links = tuple(NavLink("wiki", name) for name in ("Ash", "Fire", "Gas", "Lava"))
    wanted = Intent("/x", "web", open="/wiki Lava", site=Site("Ember", links), entered=(("q", "x"), ("since", "1999")))
    composer = Composer(replace(CARD, carries=True))
    made = composer.compose(wanted, "s")
    assert (made.site, made.entered) == (Site("Ember", links[:3]), ())
    assert composer.compose(replace(wanted, site=None), "s") == Composer(CARD).compose(wanted, "s")


LONG = "Buy film for the camera. Call the framer about the lake print. Mix a fresh bath on Friday."
OPEN = (Window("Notes", LONG, "left 4%"), Window("Files", "a b"), Window("", "x"), Window("Mail", "ann"))


@pytest.mark.parametrize(
    ("opened", "screen", "left"),
    [
        ("Music", "Notes", ["Notes", "Files"]),
        ("Files", "Notes", ["Notes", "Mail"]),
        ("Close", "Notes", ["Files", "Mail"]),
        ("Close", "Desktop", ["Notes", "Files"]),
        ("Lock Screen", "Notes", []),
        ("Notifications", "Notes", []),
        ("Unlock", "Lock Screen", []),
    ],
)
def test_small_models_are_told_of_the_windows_that_stay_open(opened: str, screen: str, left: list[str]) -> None:
    composer, wanted = Composer(replace(CARD, carries=True)), Intent("/os", "os", open=opened, screen=screen)
    made = composer.compose(replace(wanted, windows=OPEN), "s")
    assert [window.title for window in made.windows] == left
    assert composer.compose(replace(wanted, windows=made.windows), "s") == made


def test_a_panel_is_no_window_that_stays_open() -> None:
    assert behind((Window("Notifications", "3 new"), Window("Notes", "x")), "Mail", "") == (Window("Notes", "x"),)


def test_of_a_windows_text_the_beginning_is_told() -> None:
    (notes, _) = behind(OPEN, "Music", "Notes")
    assert notes == Window("Notes", "Buy film for the camera. Call the framer about")
    assert beginning("x" * 99) == "x" * BEHIND_CHARS
    assert beginning("") == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "to hold a dialect and styles, got Expecting property name"),
        ("[]", "got 'list' object has no attribute 'get'"),
        ("{}", "got dialect None, not one of terse, anchored, kinds, full"),
        ('{"dialect":"terse","styles":{"web":"x"}}', "got 'x' where a list of strings belongs"),
        ('{"dialect":"terse","dark":[1]}', "got [1] where a list of strings belongs"),
        ('{"dialect":"terse","carries":1}', "got 1 where true or false belongs"),
        ('{"dialect":"terse","hints":"yes"}', "got 'yes' where true or false belongs"),
        ('{"dialect":"terse","worlds":"any"}', "got 'any' where a list of strings belongs"),
        ('{"dialect":"terse","worlds":["moon","web"]}', "got worlds with moon, not among any, web, os, app"),
    ],
)
def test_cards_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "silverprint.json").write_text(text)
    with pytest.raises(StartupError) as caught:
        read_card(tmp_path)
    assert message in str(caught.value)


def test_an_edit_of_an_element_names_it() -> None:
    composer, page = Composer(CARD), Brief("app", "a to-do app", title="Groceries")
    button = composer.edit(page, "call it  Save", Target("button", "Add"))
    assert (button.edit, button.title) == ('call it Save (the button "Add")', "Groceries")
    heading = composer.edit(page, "call it Errands", Target("h1", "Groceries"))
    assert (heading.edit, heading.title) == ('call it Errands (the heading "Groceries")', "Errands")
