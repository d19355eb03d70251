"""Evaluation from prompts to figures: writing, judging, report and contact sheet."""

import json
import random
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import ClassVar

import pytest

from backend.pages.documents import ServedDocument, live_frame
from backend.prompts.brief import Brief
from backend.prompts.render import Message, terse
from engine.core.params import Params
from training.corpus import FAMILIES
from training.corpus.design import Checks, Example
from training.evaluation import report
from training.evaluation.contact_sheet import contact_sheet, figure
from training.evaluation.evaluate import Judged, Written, evaluate, original, write
from training.evaluation.judge import Judgement
from training.texts.source import Entry, Source
from training.texts.wordnet import Noun

EXAMPLE = Example("article", Brief("web", "lava", title="Lava"), "", Checks("Lava"))
BLANK = "<!doctype html><html lang=en><head><title>Nothing</title></head><body></body></html>"


@pytest.fixture(scope="module")
def source() -> Source:
    names = [f"Salt & Lake {n}" for n in range(200)]
    entries = [Entry(name, "A lake", "Places", (f"{name} is near a <sea>.", "It is deep.")) for name in names]
    return Source(entries, [Noun(f"pot{'abcdefghij'[n % 10]}{n}", "a vessel", n % 2 == 0) for n in range(400)])


def framed(page: str) -> ServedDocument:
    """A page as the live frame serves it."""
    return live_frame(page, [])


@dataclass(frozen=True)
class Scribe:
    """Stands for an engine: writes for each prompt the page that ``pages`` gives, in two canvases of 7 and 9 steps."""

    pages: dict[str, str]
    defaults: ClassVar[Params] = Params()

    def submit(self, prompt: list[Message], params: Params) -> SimpleNamespace:
        assert params.seed is not None
        stats = SimpleNamespace(tokens=300, steps=[7, 9], readings=[1, 3], seconds=1.5)
        result = SimpleNamespace(tokens=list(self.pages[prompt[-1]["content"]].encode()), finish="eos", stats=stats)
        return SimpleNamespace(wait=lambda: result)

    def decode(self, tokens: list[int]) -> str:
        return bytes(tokens).decode()


@pytest.mark.browser
def test_an_evaluation_from_prompts_to_report_and_sheet(source: Source) -> None:
    examples = [FAMILIES[name].sample(random.Random(name), source, "held") for name in ("article", "counter", "shop")]
    bad = examples[0]
    pages = {terse(one.brief): one.page for one in examples} | {terse(bad.brief): BLANK}
    ticks: list[int] = []
    found = evaluate(Scribe(pages), "terse", framed, examples, lambda: ticks.append(1))  # type: ignore[arg-type]
    assert len(ticks) == 2 * len(found) == 6
    assert [one.judgement.ok for one in found] == [False, True, True]
    told = report.as_json(found, {"command": "x"})
    assert told["command"] == "x"
    assert told["shares"]["all"]["ok"] == 0.667
    assert told["failures"][0]["prompt"] == report.prompt(found[0])
    assert "title" in told["failures"][0]["unmet"]
    assert json.loads(json.dumps(told)) == told
    assert contact_sheet(found).startswith(b"\x89PNG")


def test_an_edit_is_done_if_all_it_asked_for_is_there() -> None:
    tried = "html title sorting asked"
    some = [judged("todo", unmet, tried, 1.0, (2,)) for unmet in ("", "html", "title", "sorting", "asked")]
    assert report.figures(some)["asked"] == 0.4


def judged(family: str, unmet: str, tried: str, seconds: float, steps: tuple[int, ...]) -> Judged:
    """A page on which one of the checks that were tried does not hold."""
    outcome = {name: "no" if name == unmet else "" for name in tried.split()}
    written = Written("", "eos", 10, steps, (2,) * len(steps), seconds)
    return Judged(replace(EXAMPLE, family=family), written, Judgement(outcome, b""))


def test_shares_are_counted_over_the_pages_that_were_asked() -> None:
    some = [
        judged("article", "facts", "html title facts links search console", 1.0, (2, 4)),
        judged("todo", "sorting", "html title todo sorting console", 3.0, (9,)),
    ]
    found = report.summary(some)
    assert found["article"] == {
        "pages": 1, "ok": 0, "html": 1, "title": 1, "facts": 0, "links": 1, "console": 1, "features": 1,
        "steps": 3, "readings": 2, "seconds": 1.0,
    }  # fmt: skip
    assert "facts" not in found["todo"]
    assert found["all"] == {
        "pages": 2, "ok": 0, "html": 1, "title": 1, "facts": 0, "links": 1, "console": 1, "features": 0.667,
        "steps": 5, "readings": 2, "seconds": 2.0,
    }  # fmt: skip
    assert report.features(some)["sorting"] == {"pages": 1, "share": 0.0}
    header, article, todo, whole = report.as_table(some).splitlines()
    assert header.split() == ["family", *report.COLUMNS]
    row = dict(zip(report.COLUMNS, article.split()[1:], strict=True))
    assert row == {
        "pages": "1", "ok": "0%", "html": "100%", "title": "100%", "facts": "0%", "kept": "-", "asked": "-",
        "site": "-", "windows": "-",
        "links": "100%", "features": "100%", "console": "100%", "axe": "-", "contrast": "-", "seeds": "-",
        "steps": "3.0", "readings": "2.0", "seconds": "1.0",
    }  # fmt: skip
    assert todo.split()[5:8] == ["-", "-", "-"]
    assert whole.split()[0] == "all"


def test_likeness_of_seeds_is_a_mean_over_pairs() -> None:
    one = judged("article", "", "html", 1.0, (2,))
    same, half = (replace(one, written=replace(one.written, page="abcd", others=o)) for o in (("abcd",), ("abxx",)))
    assert report.figures([same, half])["seeds"] == 0.75
    assert "seeds" not in report.figures([one])


def edit(ask: str, called: str) -> Example:
    """A to-do app made dark, before which its heading was `called`."""
    before = f"<!doctype html><title>{called}</title><h1>{called}</h1>"
    return Example("todo", Brief("app", ask, edit="make it dark", title="Chores"), "", Checks("Chores"), before)


def test_an_edit_is_judged_on_the_page_that_the_model_wrote_first() -> None:
    """The first page is asked for without the edit, and the second one starts from its tokens."""
    example = edit("a to-do app for Errands", "Errands")
    first = replace(example.brief, edit="", title="Errands")
    seen: list[tuple[str, object]] = []

    class Editor(Scribe):
        def submit(self, prompt: list[Message], params: Params) -> SimpleNamespace:
            seen.append((prompt[-1]["content"], params.canvas))
            return super().submit(prompt, params)

    pages = {terse(first): "old", terse(example.brief): "new"}
    found = write(Editor(pages), "terse", example, 1)  # type: ignore[arg-type]
    assert (found.before, found.page) == ("old", "new")
    assert seen == [(terse(first), None), (terse(example.brief), tuple(b"old"))]


def test_a_heading_that_nobody_asked_for_is_not_in_the_first_brief() -> None:
    (none,) = [original(replace(edit("a to-do app", "To-do"), before="")) or "none"]
    assert none == "none"
    first = original(edit("a to-do app", "To-do list"))
    assert first
    assert (first.edit, first.title) == ("", "")


def test_the_sheet_escapes_what_it_shows() -> None:
    example = replace(EXAMPLE, brief=replace(EXAMPLE.brief, ask="<script>"))
    shown = figure(Judged(example, Written("", "eos", 1, (1,), (0,), 1.0), Judgement({"title": "no"}, b"")))
    assert "&lt;script&gt;" in shown
    assert "<small>title</small>" in shown
