"""A finished page tells which world it belongs to."""

import pytest

from backend.pages.page_world import page_world

SCRIPT = "<script>let x = 1</script>"
NAV = "<header><a class=brand href=/home>Ember</a><nav><a href=/rocks>Rocks</a></nav></header>"


@pytest.mark.parametrize(
    ("page", "world"),
    [
        ("", "web"),
        ("just words", "web"),
        (f"<body class=app><h1>a</h1>{SCRIPT}", "app"),
        ('<!doctype html><html class="cards mint"><title>a</title><body class="app wide"><h1>a</h1>', "app"),
        (f"<body class='wide APP'>{NAV}", "app"),
        ("<body class=desktop><main></main>", "os"),
        ("<body class='desktop app'>", "os"),
        ("<body class=apparel><p>a", "web"),
        ("<body data-x=app><p>a", "web"),
        ("<p>a</p><body class=app>", "app"),
        # Without a mark it counts what the page does.
        (f"<body><button>Start</button>{SCRIPT}", "app"),
        (f"<div contenteditable>a</div>{SCRIPT}", "app"),
        (f"<canvas></canvas>{SCRIPT}", "app"),
        ("<body><button>Start</button>", "web"),
        (f"<body><h1>a</h1>{SCRIPT}", "web"),
        (f"<button>a</button>{SCRIPT.replace('<script', '<script type=application/ld+json')}", "web"),
        (f"{NAV}<button>Buy</button>{SCRIPT}", "web"),
        (f"<header><a href=/>Ember</a></header><input>{SCRIPT}", "web"),
        (f"<nav><a href=#top>Top</a><a>b</a></nav><input>{SCRIPT}", "app"),
        (f"<main><a href=/wiki>More</a></main><input>{SCRIPT}", "app"),
        # Over the kit a page without a mark is one of the web, unless it holds what is only played with.
        (f"<html class='cards mint'><body><form><input><button>Send</button></form>{SCRIPT}", "web"),
        (f"<html class='cards mint'><body><div class=board></div>{SCRIPT}", "app"),
    ],
)
def test_which_world_a_page_is_of(page: str, world: str) -> None:
    assert page_world(page) == world
