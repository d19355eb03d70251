"""For checkpoints that were never asked for any world, one is guessed from the words."""

import pytest

from backend.prompts.world_guess import guessed


@pytest.mark.parametrize(
    ("world", "ask"),
    [
        ("app", "a snake game"),
        ("app", "A to-do app with sorting and dark mode"),
        ("app", "tic-tac-toe"),
        ("app", "a timer for five minutes"),
        ("app", "I want to play chess."),
        ("app", "a quiz about volcanoes"),
        ("os", "my desktop"),
        ("os", "A retro desktop with notes open"),
        ("os", "open the calculator"),
        ("os", "show me the login screen"),
        ("os", "a window with my files"),
        ("web", "an encyclopedia article about volcanoes"),
        ("web", "an article about games"),
        ("web", "a game shop"),
        ("web", "app landing page"),
        ("web", "a website with a calculator"),
        ("web", "volcanoes"),
        ("web", ""),
        ("web", "open letter to my landlord"),
    ],
)
def test_the_world_that_words_are_most_likely_for(world: str, ask: str) -> None:
    assert guessed(ask) == world
