"""Behaviour of games and of the habit tracker in a browser (DOM conventions: each app's own module)."""

from playwright.sync_api import Locator, Page

from training.corpus.design import Checks
from training.evaluation.checks.base import Check, expect, number, says

X_WINS = (0, 3, 1, 4, 2)
O_WINS = (0, 6, 1, 7, 3, 8)
DRAWN = (0, 1, 2, 4, 3, 5, 7, 6, 8)


def tictactoe(page: Page, _: Checks) -> None:
    """Check that two players alternate, and that both can win, in a row and in a column.

    A full board is a draw, and a new game can be begun.
    """
    play(page, X_WINS)
    expect("the marks", list("XXXOO...."), marks(page))
    expect("what is said when X has won", "X wins", says(page))
    play(page, (8,))
    expect("the marks after a move too late", list("XXXOO...."), marks(page))
    page.locator("button.new").click()
    expect("the marks of a new game", ["."] * 9, marks(page))
    expect("what is said at first", "X to move", says(page))
    play(page, (4, 4))
    expect("the marks after X took a square and O clicked it", list("....X...."), marks(page))
    expect("what is said after a move", "O to move", says(page))
    page.locator("button.new").click()
    play(page, O_WINS)
    expect("what is said when O has won", "O wins", says(page))
    page.locator("button.new").click()
    play(page, DRAWN)
    expect("what is said of a full board", "A draw", says(page))


def score(page: Page, _: Checks) -> None:
    """Check that each game that is won counts once for its winner."""
    for moves in (X_WINS, O_WINS, DRAWN, X_WINS):
        play(page, moves)
        page.locator(".board > .tile").last.click()
        page.locator("button.new").click()
    expect("the score", ["2", "1"], page.locator(".score b").all_inner_texts())


def undo(page: Page, _: Checks) -> None:
    """Check that the last move can be taken back."""
    play(page, (4, 0))
    page.locator("button.undo").click()
    expect("the marks after O's move was taken back", list("....X...."), marks(page))
    play(page, (8,))
    expect("the marks after O moved again", list("....X...O"), marks(page))


def memory(page: Page, _: Checks) -> None:
    """Check that two different cards turn back, that all pairs can be found, and that a new game hides all cards."""
    kinds = figures(page)
    expect("the cards with each figure", [2] * 6, [kinds.count(kind) for kind in dict.fromkeys(kinds)])
    expect("cards turned up at first", 0, page.locator(".up").count())
    other = next(place for place, kind in enumerate(kinds) if kind != kinds[0])
    play(page, (0, other))
    expect("cards turned up after two clicks", 2, page.locator(".up").count())
    page.wait_for_function("() => !document.querySelector('.up')")
    for found, kind in enumerate(dict.fromkeys(kinds), 1):
        play(page, tuple(place for place, figure in enumerate(kinds) if figure == kind))
        expect("cards turned up after a pair was found", 2 * found, page.locator(".up").count())
        if found == 1:
            expect("what is said after a pair was found", "1 of 6 pairs", says(page))
    page.locator("button.new").click()
    expect("cards turned up in a new game", 0, page.locator(".up").count())
    expect("what is said in a new game", "0 of 6 pairs", says(page))


def moves(page: Page, _: Checks) -> None:
    """Check that two cards count as one move."""
    expect("moves at first", 0, number(page, ".moves b"))
    play(page, (0, 1, 2, 3))
    expect("moves after four cards", 2, number(page, ".moves b"))
    page.locator("button.new").click()
    expect("moves in a new game", 0, number(page, ".moves b"))


def peek(page: Page, _: Checks) -> None:
    """Check that all cards are visible for a moment, and only then."""
    shown = "() => getComputedStyle(document.querySelector('.tile:not(.up)'), '::before').opacity"
    expect("how far a card's figure shows", "0", page.evaluate(shown))
    page.locator("button.peek").click()
    expect("how far it shows at a peek", "1", page.evaluate(shown))
    page.wait_for_function("() => !document.querySelector('.seen')")
    expect("how far it shows after a peek", "0", page.evaluate(shown))


def figures(page: Page) -> list[str | None]:
    """Return the figures of the cards, in order."""
    return [card.get_attribute("data-kind") for card in page.locator(".board > .tile").all()]


def habits(page: Page, _: Checks) -> None:
    """Check that each habit has a week of days, each of which can be set and unset."""
    weeks = page.locator("fieldset").all()
    expect("days of each habit", [7] * len(weeks), [week.locator("button.day").count() for week in weeks])
    for at, day in enumerate(days(page)):
        press(page, at)
        expect("whether a day is set", "true", day.get_attribute("aria-pressed"))
        if at % 3:
            press(page, at)
            expect("whether it is after a second click", "false", day.get_attribute("aria-pressed"))
    expect("days that are set", [at % 3 == 0 for at in range(7 * len(weeks))], pressed(page))


def streak(page: Page, _: Checks) -> None:
    """Check that the streak is the longest row of days that are set."""
    expect("the streak at first", 0, number(page, ".streak"))
    press(page, 0, 2, 3, 4, 6)
    expect("the streak of three days in a row", 3, number(page, ".streak"))
    press(page, 3)
    expect("the streak when the middle one is unset", 1, number(page, ".streak"))


def habit_total(page: Page, _: Checks) -> None:
    """Check that the total counts the days that are set."""
    press(page, 0, 8, 1, 1)
    expect("the total", "2 done", page.locator(".total").inner_text())


def habit_clear(page: Page, _: Checks) -> None:
    """Check that a new week has no days that are set."""
    press(page, 0, 6, 7)
    page.locator("button.clear").click()
    expect("days set in a new week", 0, sum(pressed(page)))


def days(page: Page) -> list[Locator]:
    """Return the buttons of all days."""
    return page.locator("button.day").all()


def press(page: Page, *places: int) -> None:
    """Click days, counted from 0 over all habits."""
    for place in places:
        page.locator("button.day").nth(place).click()


def pressed(page: Page) -> list[bool]:
    """Return whether each day is set."""
    return [day.get_attribute("aria-pressed") == "true" for day in days(page)]


def play(page: Page, moves: tuple[int, ...]) -> None:
    """Click squares, counted from 0, row by row."""
    for square in moves:
        page.locator(".board > .tile").nth(square).click()


def marks(page: Page) -> list[str]:
    """Return the marks on the board, row by row; an empty square is a dot."""
    return [mark or "." for mark in page.locator(".board > .tile").all_text_contents()]


FEATURES: dict[str, Check] = {
    "tictactoe": tictactoe,
    "tictactoe: score": score,
    "tictactoe: undo": undo,
    "memory": memory,
    "memory: moves": moves,
    "memory: peek": peek,
    "habits": habits,
    "habits: streak": streak,
    "habits: total": habit_total,
    "habits: clear": habit_clear,
}
