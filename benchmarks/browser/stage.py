"""The frames of the shell's stage: each page has a frame of its own, inside the document that guards it."""

from playwright.sync_api import Frame, Page


def page_frame(page: Page, selector: str) -> Frame:
    """Return the frame of a page, once the document that the guard's address names has loaded.

    Args:
        page: The browser's page with the shell.
        selector: Finds the guard's iframe.
    """
    element = page.locator(selector).element_handle()
    source, guard = element.get_attribute("src"), element.content_frame()
    assert source
    assert guard
    guard.wait_for_url(lambda url: url == source)
    frame = guard.locator("iframe").element_handle().content_frame()
    assert frame
    frame.wait_for_url(lambda url: url.partition("#")[0] == document(source))
    return frame


def document(source: str) -> str:
    """Return the address of the page that a guard's address names."""
    guard, _, path = source.partition("#")
    return guard.removesuffix("/frame/guard") + path
