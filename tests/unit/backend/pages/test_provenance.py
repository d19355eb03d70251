"""Pages in files: they come back as they were written, with what people have written into them."""

from pathlib import Path

import pytest

from backend.composer.compose import Composer
from backend.errors import ProtocolError
from backend.jobs.page_maker import PageMaker
from backend.kit import bundle
from backend.models.model_card import card_for
from backend.offline import PageGenerator, PageRequest
from backend.pages.preamble import alone
from backend.pages.provenance import PageSource, Provenance, read_source, signed
from backend.prompts.brief import Brief
from tests.support.fakes import FakeEngine, settings_in

PAGE = (
    "<!doctype html><html lang=en class='cards mint'><head><title>Tides</title></head><body><main><h1>Tides</h1>"
    "<article class=card>a kanban</article></main><script>let x = 1</script></body></html>"
)
MINE = PAGE.replace("<h1>Tides</h1>", "<h1>My tides</h1>")
ORIGIN = Provenance(Brief("web", "tides -- & <moons>", title="Tides"), "/tides", (60, 112, 62))


def studio_in(folder: Path, engine: FakeEngine) -> PageGenerator:
    settings = settings_in(folder)
    card = card_for(settings)
    return PageGenerator(Composer(card), PageMaker(engine, card.dialect, settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_comes_back_as_it_was_and_keeps_what_people_wrote(tmp_path: Path, newline: str) -> None:
    html, file = PAGE.replace("<main>", f"<main>{newline}"), tmp_path / "page.html"
    file.write_bytes(signed(html, ORIGIN).encode())
    assert read_source(file, "web") == PageSource(ORIGIN)
    mine = signed(html, ORIGIN).replace("<h1>Tides</h1>", "<h1>My tides</h1>")
    file.write_bytes(mine.encode())
    source = read_source(file, "web")
    assert source == PageSource(ORIGIN, MINE.replace("<main>", f"<main>{newline}"))
    assert alone(source.html) == mine.partition("\n<!--silverprint ")[0]


def test_a_downloaded_file_tells_itself_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(bundle.dressed(MINE))
    source = read_source(file, "app")
    assert source == PageSource(Provenance(Brief("app", "Tides", title="Tides"), "/tides", ()), MINE)
    assert bundle.dressed(source.html) == file.read_text()
    file.write_text(bundle.dressed("<html class=paper><p>a"))
    assert read_source(file, "web").origin.brief.ask == "a page"


def test_an_edit_of_a_file_begins_from_what_stands_in_it_now(tmp_path: Path) -> None:
    engine = FakeEngine(page=lambda prompt: PAGE)
    studio, file = studio_in(tmp_path, engine), tmp_path / "page.html"

    def edited(text: str) -> str:
        file.write_text(text)
        page = studio.make(PageRequest("make it dark", page=read_source(file, "web")), lambda frame, draft: None)
        assert "edit: make it dark" in engine.submitted[-1][0]
        return signed(page.html, page.origin)

    def begun() -> str:
        return bytes(engine.submitted[-1][1].canvas or ()).decode()

    again = edited(signed(PAGE, ORIGIN))
    assert begun() == "<p>"
    assert again.startswith(f"{alone(PAGE)}\n<!--silverprint ")
    edited(signed(PAGE, ORIGIN).replace("<h1>Tides</h1>", "<h1>My tides</h1>"))
    assert begun() == MINE
    edited(bundle.dressed(MINE))
    assert begun() == MINE
    assert "ask: Tides" in engine.submitted[-1][0]


def test_a_model_that_begins_only_from_its_own_says_so(tmp_path: Path) -> None:
    class Only:
        """An engine of which no text can be asked, as of a cluster."""

        defaults, eos_ids = FakeEngine().defaults, ()

    page = PageSource(ORIGIN, MINE)
    with pytest.raises(ProtocolError, match="expected a page as it was made"):
        studio_in(tmp_path, Only()).make(PageRequest("make it dark", page=page), lambda *_: None)  # type: ignore[arg-type]
