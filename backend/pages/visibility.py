"""Who may see a page that is asked for by its id: one answer for every route and face. Pure."""

import hmac

from backend.storage.records import PageRecord


def owns(page: PageRecord, key: str) -> bool:
    """Whether a key is the page's own, which the session that made it alone is told. Takes as long for any key."""
    same = hmac.compare_digest(key.encode(errors="surrogatepass"), page.key.encode())
    return same and page.key != ""


def sees(page: PageRecord | None, key: str = "") -> bool:
    """Whether a page is shown to whoever has its id and this key: one that is over, and that has something to show and
    is not private, unless the key is its own."""
    if page is None or page.state == "running":
        return False
    return owns(page, key) or (page.html != "" and not page.private)
