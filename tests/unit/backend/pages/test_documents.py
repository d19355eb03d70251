"""Documents and headers; tests/browser proves that browsers obey them."""

import re
from pathlib import Path

import pytest

from backend.pages import documents
from backend.pages.documents import (
    ONLY_FRAMED,
    SANDBOX,
    STATIC_HEADERS,
    ServedDocument,
    draft_frame,
    guard_frame,
    live_frame,
    page_script,
    shell_page,
)

SHELLS = ("http://127.0.0.1:8017", "https://shell.example")
LIVE = "<!doctype html><title>a</title><p>b"


def policy(served: ServedDocument) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in served.headers["content-security-policy"].split("; "))


def test_the_shell_runs_its_own_files_alone_and_embeds_frames_of_one_origin() -> None:
    shell = shell_page(["http://localhost:8017"])
    assert "<silverprint-shell standalone>" in shell.body
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", shell.body)
    rules = policy(shell)
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-src"] == "http://localhost:8017"
    assert rules["frame-ancestors"] == rules["form-action"] == rules["base-uri"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert shell.headers["cross-origin-opener-policy"] == "same-origin"
    assert "microphone=(self)" in shell.headers["permissions-policy"]


@pytest.mark.parametrize("served", [draft_frame(SHELLS), live_frame(LIVE, SHELLS)], ids=["draft", "live"])
def test_frames_are_cut_off(served: ServedDocument) -> None:
    rules = policy(served)
    assert rules["sandbox"] == SANDBOX == "allow-scripts allow-forms"
    assert rules["default-src"] == rules["connect-src"] == rules["frame-src"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == rules["media-src"] == "data: blob:"
    assert rules["frame-ancestors"] == "http://127.0.0.1:8017 https://shell.example"
    assert "camera=(), " in served.headers["permissions-policy"]
    assert "microphone=()" in served.headers["permissions-policy"]
    assert served.headers["referrer-policy"] == "no-referrer"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["cache-control"] == "private, no-store"
    assert served.headers["connection-allowlist"] == "(response-origin)"


def test_between_shell_and_page_stands_a_guard_that_holds_pages_of_its_own_site_alone() -> None:
    served = guard_frame("http://localhost:8017", SHELLS)
    rules = policy(served)
    assert "sandbox" not in rules
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["trusted-types"] == "'none'"
    assert rules["script-src"] == "http://localhost:8017/static/frame/guard.js"
    assert rules["frame-src"] == "http://localhost:8017/frame/"
    assert rules["frame-ancestors"] == "http://127.0.0.1:8017 https://shell.example"


def test_a_draft_frame_runs_only_what_carries_its_nonce() -> None:
    one, two = draft_frame(SHELLS), draft_frame(SHELLS)
    nonce = re.fullmatch(r"'nonce-([\w-]{22})'", policy(one)["script-src"])
    assert nonce
    assert re.findall(r'<script nonce="([\w-]+)"', one.body) == [nonce[1]] * 5
    assert policy(one)["script-src"] != policy(two)["script-src"]


@pytest.mark.parametrize(
    ("page", "head", "rest"),
    [
        ("<!DOCTYPE html>\n<p>a", "<!DOCTYPE html>", "\n<p>a"),
        ("<p>a", "<!doctype html>", "<p>a"),
        (" <!doctype html><base href=//x><p>a", " <!doctype html>", "<p>a"),
    ],
)
def test_a_live_frame_is_the_page_with_our_script_in_front(page: str, head: str, rest: str) -> None:
    served = live_frame(page, SHELLS)
    assert served.body == f"{head}<script>{ONLY_FRAMED}{page_script()}</script>{rest}"
    assert policy(served)["script-src"] == "'unsafe-inline'"
    assert policy(served)["require-trusted-types-for"] == "'script'"
    assert policy(served)["trusted-types"] == "default"


def test_without_a_shell_nobody_may_embed_a_frame() -> None:
    served = live_frame(LIVE, ())
    assert policy(served)["frame-ancestors"] == "'none'"
    assert ONLY_FRAMED not in served.body


def test_a_page_script_that_would_end_itself_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "static" / "frame" / "page.js"
    script.parent.mkdir(parents=True)
    script.write_text("'</script>'")
    for name in documents.PAGE_SCRIPTS[:-1]:
        (script.parent / name).write_text("")
    monkeypatch.setattr(documents, "WEB", tmp_path)
    with pytest.raises(ValueError, match=r"^expected frame scripts without '</script' and '<!--'"):
        page_script.__wrapped__()


def test_static_files_may_be_loaded_by_frames_of_opaque_origin() -> None:
    assert STATIC_HEADERS["cross-origin-resource-policy"] == "cross-origin"
