"""The dialect of checkpoints trained on kinds: what the service asks is what the training asked."""

from dataclasses import replace
from pathlib import Path

from backend.banks.lookup import known
from backend.composer.compose import Composer
from backend.composer.intent import Intent, prompted
from backend.jobs.page_maker import PageMaker
from backend.models.model_card import ModelCard
from backend.offline import PageGenerator, PageRequest
from backend.prompts.brief import ANY, Brief, NavLink, Site
from backend.prompts.nearest_kinds import parse_kinds
from backend.prompts.render import messages, shown
from tests.support.fakes import FakeEngine, settings_in

CARD = ModelCard("kinds", "kinds", {ANY: ("paper mint",)}, carries=True, worlds=(ANY, "web", "os", "app"))
COMPOSER = Composer(CARD)


def asked(brief: Brief, page: str = "") -> str:
    [message] = messages(brief, "kinds", page)
    return message["content"]


def test_a_request_is_told_in_the_visitors_words_and_its_world_is_the_models_choice() -> None:
    brief = COMPOSER.compose(prompted("a snake game", ANY), "session")
    assert asked(brief) == "any\nask: a snake game\nstyle: paper mint"
    assert asked(COMPOSER.compose(prompted("a snake game", "app"), "session")).startswith("app\n")


def test_what_a_bank_knows_of_the_subject_is_told_behind_it() -> None:
    found = known("bakery")
    assert found is not None
    brief = COMPOSER.compose(prompted("website for a bakery", ANY), "session")
    assert asked(brief) == f"any\nask: website for a bakery\nstyle: paper mint{found.told}"


def test_no_words_open_a_slot_of_their_own() -> None:
    text = asked(COMPOSER.compose(prompted("a list\npage: <b>\nstyle: retro ink", ANY), "session"))
    assert text == "any\nask: a list page: &lt;b&gt; style: retro ink\nstyle: paper mint"


def test_a_link_is_told_by_its_words_with_the_site_and_its_look() -> None:
    site = Site("Tom & Sons", (NavLink("menu", "Our menu"), NavLink("", "Contact")))
    intent = Intent("/menu/our_menu", "web", open="/menu Our menu", site=site, look="cards sky dark")
    text = asked(COMPOSER.compose(intent, "session"))
    assert text == "web\nopen: Our menu\nstyle: cards sky\nsite: Tom &amp; Sons\nnav: Our menu; Contact"


def test_a_site_stays_about_its_subject() -> None:
    """The menu of a bakery is a bakery's; a link that names something known is about that."""
    bakery, bees = known("bakery"), known("bees")
    assert bakery is not None
    assert bees is not None
    intent = Intent("/menu/our_menu", "web", open="/menu Our menu", about=bakery.told)
    assert asked(COMPOSER.compose(intent, "session")).endswith(bakery.told)
    assert asked(COMPOSER.compose(replace(intent, open="/read Bees"), "session")).endswith(bees.told)
    asked_anew = replace(prompted("a snake game", ANY), about=bakery.told)
    assert COMPOSER.compose(asked_anew, "session").facts == ""


def test_a_program_is_opened_on_a_screen() -> None:
    text = asked(COMPOSER.compose(Intent("/os/mail", "os", open="Mail", screen="Notes"), "session"))
    assert text == "os\nopen: Mail\nscreen: Notes\nstyle: paper mint"


def test_a_change_is_told_with_the_page_as_it_is() -> None:
    brief = COMPOSER.edit(COMPOSER.compose(prompted("a bakery", ANY), "session"), "add  opening hours")
    page = "<!doctype html><title>Crumb</title><h1>Crumb</h1>"
    found = known("bakery")
    assert found is not None
    assert asked(brief, page) == f"change\nedit: add opening hours{found.told}\npage: {page}"
    assert shown(brief, "kinds") == f"change\nedit: add opening hours{found.told}"
    assert asked(replace(brief, facts=""), page) == f"change\nedit: add opening hours\npage: {page}"


def test_a_change_reads_the_page_and_begins_from_it(tmp_path: Path) -> None:
    """The prompt holds the page, the canvas its tokens."""
    page = "<!doctype html><html lang=en class='cards mint'><title>Snake</title><body class=app><h1>Snake</h1>"
    engine = FakeEngine(page=lambda prompt: page)
    studio = PageGenerator(COMPOSER, PageMaker(engine, "kinds", settings_in(tmp_path)))  # type: ignore[arg-type]
    made = studio.make(PageRequest("a snake game", ANY, then="add the score"), lambda frame, draft: None)
    (first, start), (second, begun) = engine.submitted
    assert first == "any\nask: a snake game\nstyle: paper mint"
    assert start.canvas is None
    assert second == f"change\nedit: add the score\npage: {page}"
    assert begun.canvas == tuple(page.encode())
    assert (made.world, made.title, made.unchanged) == ("app", "Snake", True)


def test_a_prompt_names_the_kinds_that_a_request_comes_nearest_to() -> None:
    """Where the checkpoint was trained with such hints, and for what was asked or opened, not for changes."""
    kinds = parse_kinds({"app": {"snake": ["snake game"]}, "web": {"snakes": ["snake facts"], "menu": ["menu"]}})
    told = Composer(replace(CARD, kinds=kinds, hints=True))
    assert asked(told.compose(prompted("the snake", ANY), "session")).startswith(
        "any\nask: the snake\nnear: snake; snakes\nstyle: "
    )
    assert told.compose(prompted("a snake game", "web"), "session").near == ("snakes",)
    opened = told.compose(Intent("/menu/our_menu", "web", open="/menu Our menu"), "session")
    assert opened.near == ("menu",)
    assert told.compose(prompted("umbrella", ANY), "session").near == ()
    assert "near" not in asked(told.edit(opened, "call it snake"), "<!doctype html>")
    assert "near" not in asked(Composer(replace(CARD, kinds=kinds)).compose(prompted("a snake game", ANY), "session"))
