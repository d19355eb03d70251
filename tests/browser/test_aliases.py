"""A page in the words of Bootstrap or daisyUI looks as if it had been written in the kit's."""
# ruff: noqa: E501

from typing import Any

import pytest
from playwright.sync_api import Browser

from backend.kit.bundle import dressed

pytestmark = pytest.mark.browser
BOOTSTRAP = """<!doctype html><html lang=en class="paper ink"><title>Harbour</title><body>
<nav class="navbar navbar-expand-lg"><div class=container-fluid><a class=navbar-brand href=/home>Harbour</a>
<button class=navbar-toggler>Menu</button><ul class=navbar-nav><li class=nav-item><a class=nav-link href=/boats>Boats</a>
<li class=nav-item><a class=nav-link href=/tides>Tides</a></ul></div></nav>
<div class="container py-4"><h1>Boats for a day</h1><p class="lead text-muted">Four boats, one pier.</p>
<div class="alert alert-success" role=alert>Calm until six.</div><div class="alert alert-danger">Fog at night.</div>
<div class=row><div class=col-md-4><div class=card><div class=card-body><h5 class=card-title>Dinghy</h5>
<p class=card-text>Two seats.</p><a class="btn btn-primary" href=/book>Book</a></div></div></div>
<div class=col-md-4><div class=card><div class=card-body><h5 class=card-title>Skiff</h5><p class=card-text>Four seats.</p>
<a class="btn btn-secondary" href=/book>Book</a> <a class="btn btn-outline-primary" href=/more>More</a></div></div></div>
<div class=col-md-4><ul class=list-group><li class=list-group-item>Oars <span class="badge bg-success">in</span>
<li class=list-group-item>Sail <span class="badge text-bg-danger">out</span></ul></div></div>
<table class="table table-striped"><thead><tr><th>Hour<th>Tide<tbody><tr><td>6<td>low<tr><td>12<td>high</table>
<form><label class=form-label for=n>Name</label><input class=form-control id=n><div class=form-check>
<input class=form-check-input type=checkbox id=c><label for=c>Lunch</label></div>
<button class="btn btn-primary">Send</button></form>
<div class=progress><div class=progress-bar style="width:40%"></div></div><span class=visually-hidden>only heard</span>
<div class="modal fade"><div class=modal-dialog><div class=modal-content>Not yet</div></div></div></div></body></html>"""
DAISY = """<!doctype html><html lang=en class="paper ink"><title>Harbour</title><body>
<div class="navbar bg-base-100"><div class=navbar-start><a class="btn btn-ghost text-xl" href=/home>Harbour</a></div>
<div class=navbar-center><ul class="menu menu-horizontal"><li><a href=/boats>Boats</a><li><a href=/tides>Tides</a></ul></div>
<div class=navbar-end><a class="btn btn-primary">Book</a></div></div>
<main><div class="hero bg-base-200"><div class="hero-content text-center"><div><h1>Boats for a day</h1>
<p class=py-6>Four boats, one pier.</p><button class="btn btn-primary">Book</button></div></div></div>
<div class="stats shadow"><div class=stat><div class=stat-title>Boats</div><div class=stat-value>4</div>
<div class=stat-desc>one is new</div></div><div class=stat><div class=stat-title>Piers</div><div class=stat-value>1</div></div></div>
<div class="card bg-base-100"><div class=card-body><h2 class=card-title>Skiff <span class="badge badge-success">in</span></h2>
<p>Four seats.</p><div class="card-actions justify-end"><button class="btn btn-secondary">More</button></div></div></div>
<div role=alert class="alert alert-warning"><span>Fog at night.</span></div>
<table class="table table-zebra"><thead><tr><th>Hour<th>Tide<tbody><tr><td>6<td>low<tr><td>12<td>high</table>
<div class=join><button class="btn join-item">1</button><button class="btn join-item">2</button></div>
<dialog class=modal><div class=modal-box>Not yet</div></dialog></main></body></html>"""
STYLE = "([part, name]) => getComputedStyle(document.querySelector(part))[name]"


@pytest.fixture(params=[BOOTSTRAP, DAISY], ids=["bootstrap", "daisyui"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Any:
    page = chromium.new_page(viewport={"width": 1000, "height": 800})
    page.set_content(dressed(request.param))
    yield page
    page.close()


def test_it_is_laid_out_and_coloured(page: Any) -> None:
    plain = page.evaluate(STYLE, ["td", "backgroundColor"])
    assert page.evaluate(STYLE, ["tbody tr:nth-child(2)", "backgroundColor"]) != plain
    assert page.evaluate(STYLE, [".navbar", "display"]) == "flex"
    assert page.evaluate(STYLE, [".card-body", "display"]) == "block"
    assert page.evaluate(STYLE, [".modal", "display"]) == "none"
    badge, filled = page.evaluate(STYLE, [".badge", "color"]), page.evaluate(STYLE, [".btn-primary", "backgroundColor"])
    assert badge != page.evaluate(STYLE, ["body", "color"])
    assert page.evaluate(STYLE, [".btn-secondary", "backgroundColor"]) not in (plain, filled)
    assert page.evaluate(STYLE, [".alert", "backgroundColor"]) != plain


def test_it_keeps_to_the_width(page: Any) -> None:
    for width in (320, 1000):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_columns_stand_side_by_side(chromium: Browser) -> None:
    page: Any = chromium.new_page(viewport={"width": 1000, "height": 800})
    page.set_content(dressed(BOOTSTRAP))
    boxes = [column.bounding_box() for column in page.locator("[class*=col-]").all()]
    assert len({box["y"] for box in boxes}) == 1
    assert page.locator(".visually-hidden").bounding_box()
    assert page.locator(".list-group-item").first.evaluate("item => getComputedStyle(item).display") == "flex"
    page.close()
