"""Accessibility of a page by axe-core: the success criteria of WCAG 2 at levels A and AA."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

CONTRAST = "color-contrast"
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}


def accessibility(page: Page) -> dict[str, str]:
    """Run axe-core on a page.

    Returns:
        The checks "axe" and "contrast": an empty string if nothing is violated, otherwise each rule with the first
        element that violates it.
    """
    found: list[dict[str, Any]] = Axe().run(page, options=OPTIONS).response["violations"]
    return {
        "axe": "; ".join(said(one) for one in found if one["id"] != CONTRAST),
        "contrast": "; ".join(said(one) for one in found if one["id"] == CONTRAST),
    }


def said(violation: dict[str, Any]) -> str:
    """Return a violated rule and the first element that violates it."""
    return f"{violation['id']}: {violation['nodes'][0]['html'][:120]}"
