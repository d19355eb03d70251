"""Decide who may see a page that is requested by its id: one rule for every route and API. The module is pure."""

import hmac

from backend.storage.records import PageRecord


def owns(page: PageRecord, key: str) -> bool:
    """Return whether a key is the page's own, which only the session that made the page knows.

    The comparison takes the same time for any key.
    """
    same = hmac.compare_digest(key.encode(errors="surrogatepass"), page.key.encode())
    return same and page.key != ""


def sees(page: PageRecord | None, key: str = "") -> bool:
    """Return whether a page is shown to a caller with its id and this key.

    The page must be over. The page's own key shows it in any case. Without that key, the page must have something to
    show and must not be private.
    """
    if page is None or page.state == "running":
        return False
    return owns(page, key) or (page.html != "" and not page.private)
