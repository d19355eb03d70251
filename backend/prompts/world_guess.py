"""Guess from a few words which world a request is for.

The guess is only for checkpoints that were never trained on "any" world (see `ModelCard.chooses`). A checkpoint that
was trained on it decides by itself, better than any list. The guess looks at the thing asked for, which stands before
"about", "with" and similar words. Of it, the last telling word decides, as in "a game shop". What the guess does not
know is a page of the web. The module is pure.
"""

from backend.prompts.brief import World
from backend.prompts.screens import mentioned
from backend.text.cleaning import one_line

THING_ENDS = frozenset({
    "about", "by", "for", "from", "in", "inside", "on", "of", "regarding", "that", "where", "which", "who", "with",
    "without",
})  # fmt: skip
"""Words that separate the thing asked for from what is said of it."""

DESKTOP = frozenset({
    "console", "desktop", "menubar", "os", "program", "screen", "taskbar", "terminal", "window",
})  # fmt: skip
DESKTOP_PHRASES = (
    "operating system", "start menu", "file manager", "task manager", "file explorer", "command line", "command prompt",
)  # fmt: skip
OPENING = frozenset({"open", "launch"})

APPLICATION = frozenset({
    "alarm", "app", "application", "calc", "calculate", "calculator", "checklist", "clicker", "clock", "convert",
    "converter", "count", "countdown", "counter", "dice", "draw", "editor", "encoder", "flashcard", "game", "generator",
    "grocery", "groceries", "maker", "metronome", "notepad", "organiser", "organizer", "packing", "piano", "picker",
    "planner", "play", "player", "puzzle", "quiz", "roll", "scoreboard", "shopping", "simulator", "sketchpad",
    "soundboard", "spinner", "splitter", "stopwatch", "synth", "synthesiser", "synthesizer", "tally", "timer", "todo",
    "tool", "track", "tracker", "trainer", "translator", "tuner", "widget",
})  # fmt: skip
GAMES = frozenset({
    "2048", "asteroids", "breakout", "checkers", "chess", "hangman", "minesweeper", "pong", "snake", "solitaire",
    "sudoku", "tetris", "tictactoe", "wordle",
})  # fmt: skip
WEB = frozenset({
    "advert", "article", "biography", "blog", "cart", "catalogue", "catalog", "directory", "documentation", "docs",
    "encyclopedia", "encyclopaedia", "essay", "faq", "forum", "gallery", "guide", "handbook", "homepage", "magazine",
    "manual", "menu", "news", "newspaper", "page", "portfolio", "post", "profile", "recipe", "review", "shop", "site",
    "store", "story", "thread", "timeline", "webpage", "website", "wiki",
})  # fmt: skip
WORLD_OF: dict[str, World] = {
    **dict.fromkeys(WEB, "web"), **dict.fromkeys(APPLICATION | GAMES, "app"), **dict.fromkeys(DESKTOP, "os"),
}  # fmt: skip
MARKS = ".,;:!?\"'()“”"


def guessed(ask: str) -> World:
    """Return the world that a request is most likely for."""
    words = [word for part in one_line(ask).casefold().split() if (word := part.replace("-", "").strip(MARKS))]
    if OPENING.intersection(words[:2]) and mentioned(ask):
        return "os"
    thing = _thing(words)
    if any(phrase in " ".join(thing) for phrase in DESKTOP_PHRASES):
        return "os"
    found = [world for word in thing if (world := WORLD_OF.get(word) or WORLD_OF.get(word.removesuffix("s")))]
    return found[-1] if found else "web"


def _thing(words: list[str]) -> list[str]:
    """Return the words that name the thing asked for."""
    end = next((at for at, word in enumerate(words) if at and word in THING_ENDS), len(words))
    return words[:end]
