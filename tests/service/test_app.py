"""Routes, hosts and headers of the application."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.app import create_app
from backend.auth.token_file import own_token
from backend.errors import StartupError
from backend.http.browser_files import says_destination
from backend.kit import bundle
from backend.pages import kit_gallery
from backend.protocol.messages import Cancel, Keep, Prompt
from backend.settings import Settings
from tests.support.clients import Visitor
from tests.support.fakes import FakeEngine, MemoryStore, held, page_for, settings_in

SHELL, FRAMES = "http://127.0.0.1:8017", "http://localhost:8017"


class Web:
    """An application without a server, and a browser's requests to it."""

    def __init__(self, app: Any, engine: FakeEngine, store: MemoryStore) -> None:
        self.app, self.engine, self.store = app, engine, store

    async def get(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.request(method, url, headers={"sec-fetch-dest": "iframe"} | headers)

    async def visitor(self) -> Visitor:
        return await Visitor(self.app.state.connections.registry).connect()


def browse(folder: Path, scene: Callable[[Web], Awaitable[None]], **options: Any) -> None:
    async def whole() -> None:
        engine, store = FakeEngine(), MemoryStore()
        app = create_app(settings_in(folder, **options), engine, store)  # type: ignore[arg-type]
        async with app.router.lifespan_context(app):
            await scene(Web(app, engine, store))

    asyncio.run(whole())


def test_the_shell(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        answer = await web.get(f"{SHELL}/")
        assert answer.status_code == 200
        assert "silverprint-shell" in answer.text
        policy = answer.headers["content-security-policy"]
        assert f"frame-src {FRAMES};" in policy
        assert "script-src 'self'" in policy
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"

    browse(tmp_path, scene)


def test_frames(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        visitor = await web.visitor()
        page = await visitor.page(Prompt("tides"))
        draft, live = await web.get(f"{FRAMES}/frame/draft"), await web.get(f"{FRAMES}/frame/live/{page.page}")
        for answer in (draft, live):
            policy = answer.headers["content-security-policy"]
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert policy.startswith("sandbox allow-scripts allow-forms; default-src 'none'")
            assert f"frame-ancestors {SHELL}" in policy
        assert live.text.endswith(page_for(visitor.started[0].prompt).removeprefix("<!doctype html>"))

    browse(tmp_path, scene)


def test_what_is_kept_for_a_page_goes_to_those_who_have_its_key(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        visitor = await web.visitor()
        page = await visitor.page(Prompt("tides"))
        await visitor.send(Keep(page.page, {"</script>": "secret words"}))
        url = f"{FRAMES}/frame/live/{page.page}"
        for wrong in ("", "?key=", "?key=x", f"?key={page.page}"):
            assert "secret words" not in (await web.get(url + wrong)).text
        kept = (await web.get(f"{url}?key={page.key}")).text
        assert 'self.silverprintStored={"\\u003c/script>": "secret words"};' in kept

    browse(tmp_path, scene)


def test_a_stopped_page_is_served_as_far_as_it_came_and_a_running_one_not_at_all(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        visitor = await web.visitor()
        await visitor.send(Prompt("tides"))
        await visitor.until(lambda: visitor.block == 1)
        with held(web.engine):
            url = f"{FRAMES}/frame/live/{visitor.started[0].page}"
            assert (await web.get(url)).status_code == 404
            await visitor.send(Cancel())
            assert visitor.final[0].html.removeprefix("<!doctype html>") in (await web.get(url)).text

    browse(tmp_path, scene)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"{SHELL}/nowhere", 404),
        (f"{SHELL}/static/shell.js", 200),
        (f"{FRAMES}/static/frame/draft.js", 200),
        (f"{SHELL}/static/../../pyproject.toml", 404),
        (f"{SHELL}/static/%2e%2e/%2e%2e/pyproject.toml", 404),
        (f"{FRAMES}/frame/live/nobody", 404),
        (f"{FRAMES}/frame/live/", 404),
        (f"{FRAMES}/", 421),
        (f"{SHELL}/frame/draft", 421),
        (f"{SHELL}/frame/live/x", 421),
        ("http://evil.example/", 421),
        ("http://evil.example/frame/draft", 421),
        ("http://127.0.0.1/", 421),
        ("http://anything/healthz", 200),
    ],
)
def test_what_is_served_where(tmp_path: Path, url: str, status: int) -> None:
    async def scene(web: Web) -> None:
        answer = await web.get(url)
        assert answer.status_code == status
        assert answer.headers.get("x-content-type-options") == "nosniff" or url.endswith("/healthz")
        if status == 421:
            assert answer.text == f"nothing is served here under this name; the service is at {SHELL}/"

    browse(tmp_path, scene)


def test_other_methods_are_not_allowed(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        answer = await web.get(f"{SHELL}/", "POST")
        assert (answer.status_code, answer.text) == (405, "not allowed")

    browse(tmp_path, scene)


def test_behind_a_proxy_with_names_of_its_own(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        assert (await web.get("https://pages.example/", host="pages.example")).status_code == 200
        assert (await web.get("https://frames.example/frame/draft", host="frames.example")).status_code == 200
        policy = (await web.get("https://frames.example/frame/draft")).headers["content-security-policy"]
        assert "frame-ancestors https://pages.example https://other.example" in policy

    origins = {"shell_origin": "https://pages.example", "frame_origin": "https://frames.example"}
    browse(tmp_path, scene, **origins, origins=("https://other.example",))


def test_a_page_that_only_the_lost_store_knows(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        web.store.down = True
        answer = await web.get(f"{FRAMES}/frame/live/x")
        assert (answer.status_code, answer.text) == (503, "the store cannot be reached")

    browse(tmp_path, scene)


def test_health(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        assert (await web.get(f"{SHELL}/healthz")).json() == {"status": "ok", "model": "model"}

    browse(tmp_path, scene)


def test_the_store_is_closed_whatever_keeps_the_service_from_starting(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, facts=tmp_path / "nowhere")
    store = MemoryStore()
    app = create_app(settings, FakeEngine(), store)  # type: ignore[arg-type]

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(StartupError, match=r"expected a folder of .md, .*nowhere, which is not there"):
        asyncio.run(start())
    assert store.closed


def test_the_token_is_made_once_and_private(tmp_path: Path) -> None:
    data = tmp_path / "data"
    token = own_token(data)
    assert len(token) >= 32
    assert own_token(data) == token
    assert (data / "token").stat().st_mode & 0o777 == 0o600
    (data / "token").write_text("")
    with pytest.raises(StartupError, match=r"expected a token in .*, got an empty file"):
        own_token(data)
    (data / "token").unlink()
    (data / "token").mkdir()
    with pytest.raises(StartupError, match=r"expected a token in .*Is a directory"):
        own_token(data)


def test_a_token_of_ones_own(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        assert web.app.state.access.grant("Bearer hush", "admin").name == "service"
        assert not (tmp_path / "data" / "token").exists()

    browse(tmp_path, scene, token="hush")


def test_settings_name_the_origins() -> None:
    assert Settings().allowed_origins == (SHELL,)
    assert Settings().frame_origin == FRAMES


@pytest.mark.parametrize("path", ["/frame/guard", "/frame/draft", "/frame/live/nobody"])
@pytest.mark.parametrize("wanted", ["document", "empty", "object", "embed", "IFRAME", "x" * 99, ""])
def test_a_frame_is_served_to_frames_alone(tmp_path: Path, path: str, wanted: str) -> None:
    async def scene(web: Web) -> None:
        answer = await web.get(f"{FRAMES}{path}", **{"sec-fetch-dest": wanted})
        assert answer.status_code == 403
        said = f"got Sec-Fetch-Dest: {wanted[:20]}" if wanted else "got no Sec-Fetch-Dest, which every current"
        assert said in answer.text
        assert "text/plain" in answer.headers["content-type"]

    browse(tmp_path, scene)


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        ("http://localhost:8017", True),
        ("http://127.0.0.2", True),
        ("http://pages.localhost", True),
        ("http://[::1]:8", True),
        ("https://pages.example", True),
        ("http://192.168.0.7:8017", False),
        ("http://localhost.example", False),
    ],
)
def test_who_says_nothing_of_a_frame_is_refused_where_browsers_would_say_it(origin: str, says: bool) -> None:
    assert says_destination(origin) is says


def test_a_page_is_downloaded_as_a_file_that_works_alone(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        web.engine.page = lambda prompt: (
            "<!doctype html><html class='paper mint'><title>Tides & Moons</title><h1>Tides</h1><p class=badge>a</p>"
        )
        visitor = await web.visitor()
        page = await visitor.page(Prompt("tides"))
        answer = await web.get(f"{SHELL}/p/{page.page}.html")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''tides_moons.html"
        assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")
        head = "<!doctype html><meta data-kit=v1 charset=utf-8><meta data-kit=v1 name=viewport"
        assert answer.text.startswith(head)
        assert "<style data-kit=v1>" in answer.text
        assert ".badge" in answer.text
        assert "<h1>Tides</h1>" in answer.text
        assert (await web.get(f"{SHELL}/p/{'x' * 22}.html")).status_code == 404

    browse(tmp_path, scene)


def test_the_kit_is_kept_for_good_under_the_address_of_its_content(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        for origin in (SHELL, FRAMES):
            answer = await web.get(f"{origin}{bundle.address()}")
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/css; charset=utf-8"
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        for gone in ("/kit/v0/kit.0123456789abcdef.css", "/kit/v1/kit.css"):
            answer = await web.get(f"{FRAMES}{gone}")
            assert answer.text == bundle.whole()
            assert answer.headers["cache-control"] == "no-cache"

    browse(tmp_path, scene)


def test_the_gallery_of_the_kit_runs_its_own_script_and_loads_nothing(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        answer = await web.get(f"{SHELL}/kit", **{"accept-encoding": "identity"})
        assert answer.status_code == 200
        assert answer.text == kit_gallery.gallery()
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
        assert "frame-ancestors 'none'" in policy
        assert "require-trusted-types-for 'script'; trusted-types kit" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "clipboard-write=(self)" in answer.headers["permissions-policy"]
        assert "microphone=()" in answer.headers["permissions-policy"]
        squeezed = await web.get(f"{SHELL}/kit", **{"accept-encoding": "gzip"})
        assert squeezed.headers["content-encoding"] == "gzip"
        assert squeezed.text == answer.text
        assert (await web.get(f"{FRAMES}/kit")).status_code == 421

    browse(tmp_path, scene)
