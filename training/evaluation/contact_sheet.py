"""A contact sheet: the pictures of all pages of an evaluation in one picture."""

import base64
import html
from collections.abc import Iterable, Sequence

from training.evaluation.browse import browser
from training.evaluation.evaluate import Judged
from training.evaluation.report import prompt

COLUMNS = 6
WIDTH = 1920
STYLE = (
    "body{margin:16px;font:13px/1.3 'DejaVu Sans',sans-serif;background:#eee;color:#222}"
    f"main{{display:grid;grid-template-columns:repeat({COLUMNS},1fr);gap:14px}}"
    "figure{margin:0;background:#fff;border-top:5px solid #2a7d46}figure.unmet{border-color:#b3261e}"
    "img{display:block;width:100%;aspect-ratio:4/3;object-fit:cover;object-position:top;background:#ccc}"
    "figcaption{padding:6px 8px;height:4.2em;overflow:hidden;overflow-wrap:anywhere}small{color:#b3261e}"
)


def contact_sheet(judged: Sequence[Judged]) -> bytes:
    """Return a PNG with each page and its prompt below it.

    A page has a green edge if every check holds; otherwise it has a red edge, and the failed checks are listed.
    """
    return side_by_side(map(figure, judged))


def side_by_side(figures: Iterable[str]) -> bytes:
    """Return a PNG of figures that `framed` makes."""
    document = f"<!doctype html><title>Contact sheet</title><style>{STYLE}</style><main>{''.join(figures)}</main>"
    with browser() as running:
        page = running.new_page(viewport={"width": WIDTH, "height": 100})
        page.set_content(document)
        picture: bytes = page.screenshot(full_page=True)
    return picture


def figure(one: Judged) -> str:
    """Return one page of the sheet as HTML."""
    unmet = [name for name, why in one.judgement.outcome.items() if why]
    return framed(one.judgement.picture, f"{one.example.family}: {prompt(one)}", ", ".join(unmet))


def framed(picture: bytes, words: str, unmet: str) -> str:
    """Return a picture as HTML, with words below it and what is wrong with it.

    Args:
        picture: The picture as PNG.
        words: The words.
        unmet: What is wrong; empty if nothing is.
    """
    said = f" <small>{html.escape(unmet)}</small>" if unmet else ""
    return (
        f"<figure class={'unmet' if unmet else 'met'}>"
        f"<img alt='' src='data:image/png;base64,{base64.b64encode(picture).decode()}'>"
        f"<figcaption>{html.escape(words)}{said}</figcaption></figure>"
    )
