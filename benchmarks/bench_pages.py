"""The pages that the benchmarks ask for, in the words of a visitor."""

from backend.prompts.brief import World

PAGES: tuple[tuple[World, str], ...] = (
    ("web", "an encyclopedia article about volcanoes"),
    ("web", "a forum thread about bicycles"),
    ("web", "a shop that sells teapots"),
    ("app", "a to-do app with sorting and dark mode"),
    ("os", "a desktop with a calculator"),
)
"""The world of each page, and the words that ask for it."""
