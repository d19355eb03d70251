"""The title of a page over the kit stands where its heading will, until there is something else to read."""

from typing import Any

import pytest
from playwright.sync_api import Frame

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
ROOT = '<html lang="en" class="cards mint"><title>Fernhill</title>'
HEADER = "<header><a class=brand href=/home>Camp</a></header>"
DRAFT = """html => {
  const { blank } = silverprintVerbs.draft({ html, page: "x" });
  const said = [...document.querySelectorAll("h1")].map(heading => heading.textContent);
  const heading = document.querySelector("h1");
  if (!heading) return { blank, said };
  const { fontFamily, fontSize } = getComputedStyle(heading);
  const same = heading === self.before;
  self.before = heading;
  const path = `${heading.closest("body > *").localName} ${heading.parentElement.localName}`;
  return { blank, said, path, hidden: heading.ariaHidden, same, look: [fontFamily, fontSize] };
}"""


def shown(frame: Frame, html: str) -> dict[str, Any]:
    found: dict[str, Any] = frame.evaluate(DRAFT, html)
    return found


def test_the_heading_that_comes_takes_the_place_of_the_title(visit: Visit) -> None:
    frame = visit.draft()
    first = shown(frame, ROOT.replace("hill</title>", "</title>"))
    assert (first["blank"], first["said"], first["path"], first["hidden"]) == (False, ["Fern"], "main main", "true")
    below = shown(frame, f"{ROOT}<body>{HEADER}")
    assert (below["said"], below["path"], below["same"]) == (["Fernhill"], "main main", True)
    real = shown(frame, f"{ROOT}<body>{HEADER}<main><h1>Fernhill Camp</h1>")
    assert (real["said"], real["hidden"], real["same"]) == (["Fernhill Camp"], None, True)
    assert first["look"] == below["look"] == real["look"]


def test_it_follows_into_what_the_heading_will_stand_in(visit: Visit) -> None:
    frame = visit.draft()
    inside = shown(frame, f'{ROOT}<body>{HEADER}<main><section class="hero split"><div>')
    assert (inside["said"], inside["path"]) == (["Fernhill"], "main div")
    real = shown(frame, f'{ROOT}<body>{HEADER}<main><section class="hero split"><div><h1>Fernhill</h1><p>a</p></div>')
    assert (real["said"], real["same"]) == (["Fernhill"], True)
    beside = shown(frame, f'{ROOT}<body><main><div class="picture sea"></div>')
    assert beside["path"] == "main main"


@pytest.mark.parametrize(
    "page",
    [
        ROOT.replace(' class="cards mint"', ""),
        ROOT.replace("Fernhill", ""),
        f"{ROOT}<body class=desktop>",
        f"{ROOT}<body><main><p>Words.",
        f"{ROOT}<body><section><p>Words.</p></section>",
    ],
)
def test_nothing_is_put_into_other_pages(visit: Visit, page: str) -> None:
    assert shown(visit.draft(), page)["said"] == []
