"""Text for pages: the interface the page families draw from (see docs/design.md)."""
