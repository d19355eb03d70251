"""What visitors may ask for: the pages that benchmarks make."""

from backend.prompts.brief import World

PAGES: tuple[tuple[World, str], ...] = (
    ("web", "an encyclopedia article about volcanoes"),
    ("web", "a forum thread about bicycles"),
    ("web", "a shop that sells teapots"),
    ("app", "a to-do app with sorting and dark mode"),
    ("os", "a desktop with a calculator"),
)
