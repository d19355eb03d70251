"""Behaviour of the apps to play and learn with, in a browser (DOM conventions: each app's module in training/corpus)."""

from playwright.sync_api import Page

from training.checks import Check, expect
from training.corpus.design import Checks

X_WINS = (0, 3, 1, 4, 2)
O_WINS = (0, 6, 1, 7, 3, 8)
DRAWN = (0, 1, 2, 4, 3, 5, 7, 6, 8)


def tictactoe(page: Page, _: Checks) -> None:
    """Two play in turn; both can win, in a row and in a column; a full board is a draw; a game can be begun anew."""
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
    """Each game won counts once for its winner."""
    for moves in (X_WINS, O_WINS, DRAWN, X_WINS):
        play(page, moves)
        page.locator(".board > .tile").last.click()
        page.locator("button.new").click()
    expect("the score", ["2", "1"], page.locator(".score b").all_inner_texts())


def undo(page: Page, _: Checks) -> None:
    play(page, (4, 0))
    page.locator("button.undo").click()
    expect("the marks after O's move was taken back", list("....X...."), marks(page))
    play(page, (8,))
    expect("the marks after O moved again", list("....X...O"), marks(page))


def play(page: Page, moves: tuple[int, ...]) -> None:
    """Click squares, counted from 0, row by row."""
    for square in moves:
        page.locator(".board > .tile").nth(square).click()


def marks(page: Page) -> list[str]:
    """The marks on the board, row by row; an empty square is a dot."""
    return [mark or "." for mark in page.locator(".board > .tile").all_text_contents()]


def says(page: Page) -> str:
    return page.locator(".say").inner_text()


FEATURES: dict[str, Check] = {
    "tictactoe": tictactoe,
    "tictactoe: score": score,
    "tictactoe: undo": undo,
}
