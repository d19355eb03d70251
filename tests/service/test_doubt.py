"""A page that its model was not sure of says so, in every way in."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.cli import main
from backend.errors import StartupError
from backend.models.doubt import SIGNALS, Gauge, Judge, signals
from backend.models.model_card import read_card
from backend.prompts.brief import Brief
from backend.prompts.nearest_kinds import Nearest, parse_kinds
from backend.prompts.world_guess import guessed
from backend.protocol.messages import Doubt, Go, Kind, Open, Prompt
from backend.sessions.notifier import HARDLY_SEEN, KNOWS, in_doubt
from engine.core.results import Stats
from tests.service.test_ag_ui import ASK, events, given_input
from tests.service.test_ag_ui import post as run
from tests.service.test_chat_completions import post as complete
from tests.service.test_mcp import client as mcp_client
from tests.service.test_metrics import figures
from tests.support.fakes import FakeEngine, settings_in
from tests.support.running_service import Service, visit
from tests.support.scenes import House, play

KINDS = {
    "web": {"article": ["an article about the sea"]},
    "app": {"snake": ["a snake game"], "tip": ["a tip splitter"]},
}
DOUBT = {"bias": -2, "weights": {"surprisal": 2}, "threshold": 0.6}
SURE, UNSURE = [0.1] * 90, [2.0] * 90
STATS = Stats(90, 2, [7, 9], 10.0, 0.1, 1.0, 0, [1, 4], 9, UNSURE)
SNAKE = {"name": "snake", "ask": "a snake game", "world": "app"}


def unsure(folder: Path, **more: Any) -> Path:
    """A checkpoint whose card says how its doubt is measured."""
    model = folder / "unsure"
    model.mkdir(exist_ok=True)
    (model / "silverprint.json").write_text(json.dumps({"dialect": "terse", "kinds": KINDS, "doubt": DOUBT} | more))
    return model


def test_signals_are_those_of_the_page() -> None:
    read = [0.0] * 64 + [1.0] * 20 + [4.0] * 16
    found = signals(replace(STATS, surprisal=read, replaced=5))
    assert tuple(found) == SIGNALS
    assert found["opening"] == 0
    assert found["peaks"] == 4
    assert found["surprisal"] == pytest.approx(0.84)
    assert (found["replaced"], found["readings"], found["steps"]) == (0.05, 2.5, 8)


def test_of_a_page_that_nobody_read_there_are_none() -> None:
    assert signals(replace(STATS, surprisal=[])) == signals(replace(STATS, steps=[])) == {}


def test_the_score_is_a_logistic_regression() -> None:
    gauge = Gauge.parse({"bias": 1, "weights": {"replaced": 10, "steps": -0.25}, "threshold": 1})
    assert gauge.score(signals(STATS)) == 0.5  # 1 + 10 * 0.1 - 0.25 * 8
    far = Gauge.parse({"bias": 1e6, "weights": {}, "threshold": 1})
    assert (far.score({}), replace(far, bias=-1e6).score({})) == (1, 0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (3, "doubt 3, not bias, weights by signal and threshold"),
        ({"bias": 1, "weights": {}}, r"doubt \{.*\}, not bias, weights by signal and threshold"),
        ({**DOUBT, "more": 1}, r"doubt \{.*\}, not bias, weights by signal and threshold"),
        ({**DOUBT, "weights": [1]}, r"doubt \{.*\}, not bias, weights by signal and threshold"),
        ({**DOUBT, "weights": {"mood": 1}}, "doubt with weights of mood, not among opening, peaks, surprisal, "),
        ({**DOUBT, "weights": {"steps": "1"}}, "doubt with '1' where a number belongs"),
        ({**DOUBT, "bias": True}, "doubt with True where a number belongs"),
        ({**DOUBT, "bias": float("nan")}, "doubt with nan where a number belongs"),
        ({**DOUBT, "threshold": 0}, "doubt with the threshold 0, not above 0 and at most 1"),
        ({**DOUBT, "threshold": 1.5}, "doubt with the threshold 1.5, not above 0 and at most 1"),
    ],
)
def test_gauges_that_measure_nothing(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        Gauge.parse(data)


def test_a_card_tells_how_doubt_is_measured(tmp_path: Path) -> None:
    card = read_card(unsure(tmp_path))
    assert card.doubt == Gauge(-2, (("surprisal", 2),), 0.6)
    with pytest.raises(StartupError, match=r"silverprint\.json to hold a dialect and styles, got doubt 1, not bias"):
        read_card(unsure(tmp_path, doubt=1))


def test_a_judge_names_the_nearest_kinds_in_the_world_that_was_asked_for(tmp_path: Path) -> None:
    judge = read_card(unsure(tmp_path)).judge
    doubt = judge.doubt(Brief("any", "a game of snakes on the sea"), STATS)
    assert doubt == Doubt(
        0.881,
        (
            Kind("snake", "a snake game", "app"),
            Kind("article", "an article about the sea", "web"),
            Kind("tip", "a tip splitter", "app"),
        ),
    )
    found = judge.doubt(Brief("web", "a game of snakes"), STATS)
    assert found
    assert [kind.name for kind in found.kinds] == ["article"]


def test_a_world_that_may_have_been_guessed_is_not_kept_to(tmp_path: Path) -> None:
    """As for "a deck of flash cards", which is taken for a page of the web."""
    strange = Brief("web", "something snakelike")
    assert guessed(strange.ask) == "web"
    told = read_card(unsure(tmp_path)).judge.doubt(strange, STATS)
    assert told
    assert told.kinds[0].name == "snake"
    chosen = read_card(unsure(tmp_path, worlds=["any", "web"])).judge.doubt(strange, STATS)
    assert chosen
    assert [kind.name for kind in chosen.kinds] == ["article"]  # this one guesses nothing


def test_without_kinds_there_is_less_to_say() -> None:
    assert in_doubt(Doubt(0.9, ())) == HARDLY_SEEN
    assert in_doubt(Doubt(0.9, (Kind(**SNAKE),))) == f"{HARDLY_SEEN} {KNOWS} a snake game"  # type: ignore[arg-type]


def test_nothing_is_said_of_what_was_not_measured(tmp_path: Path) -> None:
    judge, ask = read_card(unsure(tmp_path)).judge, Brief("web", "a reactor")
    assert judge.doubt(ask, STATS)
    assert judge.doubt(ask, replace(STATS, surprisal=SURE)) is None
    assert judge.doubt(ask, replace(STATS, surprisal=[])) is None  # a model elsewhere
    assert judge.doubt(replace(ask, edit="make it dark"), STATS) is None
    assert judge.doubt(Brief("web", open="/wiki Lava"), STATS) is None
    assert Judge().doubt(ask, STATS) is None
    assert Judge(None, Nearest(parse_kinds(KINDS))).doubt(ask, STATS) is None


def test_a_visitor_is_told_of_doubt_with_the_page(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        known = await visitor.page(Prompt("a snake game", "app"))
        house.engine.surprisal = UNSURE
        strange = await visitor.page(Prompt("a reactor that plays snake", "app"))
        assert known.doubt is None
        assert strange.doubt.score == 0.881
        assert strange.doubt.kinds[0] == Kind(**SNAKE)
        changed = await visitor.page(Prompt("make it nicer", edit=True))
        assert changed.doubt is None
        assert (await visitor.page(Go(-1))).doubt == strange.doubt
        other = await house.visitor()
        assert (await other.page(Open(strange.page))).doubt == strange.doubt
        house.engine.surprisal = SURE
        again = await visitor.page(Prompt("a reactor that plays chess", "app"))
        assert again.doubt is None

    play(tmp_path, scene, model=unsure(tmp_path))


def test_doubt_outlives_the_process(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.engine.surprisal = UNSURE
        visitor = await house.visitor()
        strange = await visitor.page(Prompt("a reactor"))
        await house.registry.close()
        house.reopened()
        assert (await (await house.visitor()).page(Open(strange.page))).doubt == strange.doubt

    play(tmp_path, scene, model=unsure(tmp_path))


def test_a_checkpoint_that_does_not_say_how_is_never_in_doubt(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.engine.surprisal = UNSURE
        assert (await (await house.visitor()).page(Prompt("a reactor"))).doubt is None

    play(tmp_path, scene)


def test_the_wire_says_nothing_where_there_is_no_doubt(tmp_path: Path) -> None:
    engine = FakeEngine(surprisal=UNSURE)

    async def scene(service: Service) -> None:
        async with service.client() as client:
            told = await client.page(Prompt("a reactor"))
            assert told.doubt.kinds
            engine.surprisal = SURE
            assert (await client.page(Prompt("a second reactor"))).doubt is None

    visit(tmp_path, scene, engine, model=unsure(tmp_path))


def test_logs_and_figures_say_so(tmp_path: Path) -> None:
    engine, file = FakeEngine(surprisal=UNSURE), tmp_path / "audit.jsonl"

    async def scene(service: Service) -> None:
        async with service.client() as client:
            await client.page(Prompt("a reactor", "app"))
            engine.surprisal = SURE
            await client.page(Prompt("a second reactor", "app"))
        found = figures(service.app.state.connections.observer.metrics.exposition().decode())
        assert found["silverprint_doubted_pages_total{world=app}"] == 1
        assert found["silverprint_pages_total{outcome=committed,world=app}"] == 2

    visit(tmp_path, scene, engine, model=unsure(tmp_path), audit=file)
    ended = [line for line in map(json.loads, file.read_text().splitlines()) if line["event"] == "page.ended"]
    assert ended[0]["doubt"] == 0.881
    assert "doubt" not in ended[1]


def test_tools_say_so(tmp_path: Path) -> None:
    engine = FakeEngine(surprisal=UNSURE)

    async def scene(service: Service) -> None:
        async with mcp_client(service) as mcp:
            made = await mcp.call_tool("make_page", {"prompt": "a reactor"})
            doubt = made.structured_content["doubt"]
            assert (doubt["score"], len(doubt["kinds"])) == (0.881, 3)
            said = made.content[0].text  # type: ignore[union-attr]
            assert f"\n{HARDLY_SEEN} {KNOWS} an article about the sea; " in said
            engine.surprisal = SURE
            sure = await mcp.call_tool("make_page", {"prompt": "a snake game"})
            assert "doubt" not in sure.structured_content
            assert HARDLY_SEEN not in sure.content[0].text  # type: ignore[union-attr]

    visit(tmp_path, scene, engine, model=unsure(tmp_path))


def test_runs_say_so(tmp_path: Path) -> None:
    engine = FakeEngine(surprisal=UNSURE)

    async def scene(service: Service) -> None:
        asked = given_input(messages=[{**ASK, "content": "a snake game with a reactor"}])
        assert events(await run(service, asked))[-1]["result"]["doubt"]["kinds"][0] == SNAKE
        engine.surprisal = SURE
        assert "doubt" not in events(await run(service, asked))[-1]["result"]

    visit(tmp_path, scene, engine, model=unsure(tmp_path))


def test_completions_say_so(tmp_path: Path) -> None:
    engine = FakeEngine(surprisal=UNSURE)

    async def scene(service: Service) -> None:
        asked = {"model": "silverprint-any", "messages": [{"role": "user", "content": "a snake game with a reactor"}]}
        assert (await complete(service, asked)).json()["silverprint"]["doubt"]["kinds"][0] == SNAKE
        lines = (await complete(service, {**asked, "stream": True})).text.split("\n\n")
        assert json.loads(lines[-3].removeprefix("data: "))["silverprint"]["doubt"]["score"] == 0.881
        engine.surprisal = SURE
        assert "doubt" not in (await complete(service, asked)).json()["silverprint"]

    visit(tmp_path, scene, engine, model=unsure(tmp_path))


def test_the_command_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine, settings = FakeEngine(surprisal=UNSURE), settings_in(tmp_path)
    monkeypatch.setattr(main, "model", lambda settings: engine)
    place = ["--model", str(unsure(tmp_path)), "--data", str(tmp_path), "--facts", str(settings.facts), "--frames"]
    assert main.main(["generate", "a snake game with a reactor", *place]) == 0
    said = capsys.readouterr()
    assert said.err.strip().endswith(f"{HARDLY_SEEN} {KNOWS} a snake game; an article about the sea; a tip splitter")
    assert json.loads(said.out.splitlines()[-1])["doubt"]["kinds"][0] == SNAKE
    engine.surprisal = SURE
    assert main.main(["generate", "a snake game", *place]) == 0
    said = capsys.readouterr()
    assert HARDLY_SEEN not in said.err
    assert "doubt" not in json.loads(said.out.splitlines()[-1])
