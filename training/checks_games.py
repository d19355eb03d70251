"""Behaviour of the apps to play, learn and vote with, in a browser (DOM conventions: each app's own module)."""

from playwright.sync_api import Locator, Page

from training.checks import Check, expect, number
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


def memory(page: Page, _: Checks) -> None:
    """Two cards that differ turn back, all pairs can be found, and a new game hides all cards."""
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
    expect("moves at first", 0, number(page, ".moves b"))
    play(page, (0, 1, 2, 3))
    expect("moves after four cards", 2, number(page, ".moves b"))
    page.locator("button.new").click()
    expect("moves in a new game", 0, number(page, ".moves b"))


def peek(page: Page, _: Checks) -> None:
    """All cards show for a moment, and only then."""
    shown = "() => getComputedStyle(document.querySelector('.tile:not(.up)'), '::before').opacity"
    expect("how far a card's figure shows", "0", page.evaluate(shown))
    page.locator("button.peek").click()
    expect("how far it shows at a peek", "1", page.evaluate(shown))
    page.wait_for_function("() => !document.querySelector('.seen')")
    expect("how far it shows after a peek", "0", page.evaluate(shown))


def figures(page: Page) -> list[str | None]:
    """The figures of the cards, in order."""
    return [card.get_attribute("data-kind") for card in page.locator(".board > .tile").all()]


def quiz(page: Page, _: Checks) -> None:
    """Right and wrong answers are told apart and counted, in a round of first answers and one of right ones."""
    right = [answer(page, 0) for _ in range(5)]
    expect("what is said after a round", f"You got {right.count(0)} of 5", page.locator(".ask").inner_text())
    page.locator("button.next").click()
    expect("places of the right answers in a second round", right, [answer(page, place) for place in right])
    expect("what is said after a round of right answers", "You got 5 of 5", page.locator(".ask").inner_text())


def answer(page: Page, place: int) -> int:
    """Click the answer at a place and go on; the place of the right one."""
    answers = page.locator("button.answer")
    expect("that there is no going on before an answer", False, page.locator("button.next").is_visible())
    answers.nth(place).click()
    classes = [(one.get_attribute("class") or "").split() for one in answers.all()]
    marked = [number for number, names in enumerate(classes) if "right" in names]
    expect("answers that are marked right", 1, len(marked))
    hit = marked == [place]
    expect(
        "the answers that are marked wrong", [] if hit else [place], [n for n, c in enumerate(classes) if "wrong" in c]
    )
    expect("what is said of the answer", "Right" if hit else "No", says(page)[: 5 if hit else 2])
    page.locator("button.next").click()
    return marked[0]


def quiz_score(page: Page, _: Checks) -> None:
    """The score is the number of right answers; a new round begins with 0."""
    expect("the score at first", 0, number(page, ".score b"))
    right = 0
    for _question in range(5):
        right += answer(page, 0) == 0
        expect("the score after an answer", right, number(page, ".score b"))
    page.locator("button.next").click()
    expect("the score in a new round", 0, number(page, ".score b"))


def progress(page: Page, _: Checks) -> None:
    shown = "() => document.querySelector('progress.steps').value"
    expect("the progress at first", 0, page.evaluate(shown))
    for answered in (1, 2):
        answer(page, 0)
        expect("the progress after an answer", answered, page.evaluate(shown))


def hint(page: Page, _: Checks) -> None:
    """A hint rules out one answer, which is not the right one."""
    page.locator("button.hint").click()
    answers = page.locator("button.answer").all()
    out = [place for place, one in enumerate(answers) if one.is_disabled()]
    expect("answers ruled out by a hint", 1, len(out))
    left = next(place for place in range(4) if place not in out)
    expect("that the right answer was left", True, answer(page, left) not in out)


def flashcards(page: Page, _: Checks) -> None:
    """A card flips by a click on it and by the button; next and previous go round the deck."""
    fronts = cards(page)
    for flipper in (".deck > li", "button.flip"):
        expect("the front of the first card, and its back", (fronts[0], False), shown(page))
        page.locator(flipper).first.click(position={"x": 9, "y": 9})
        expect("the front of a flipped card, and its back", ("", True), shown(page))
        page.locator("button.flip").click()
    for front in (*fronts[1:], fronts[0]):
        page.locator("button.flip").click()
        page.locator("button.next").click()
        expect("the front of the next card", (front, False), shown(page))
    page.locator("button.previous").click()
    expect("the front of the card before the first", (fronts[-1], False), shown(page))


def shuffle(page: Page, _: Checks) -> None:
    """The same cards come in another order, soon."""
    before = cards(page)
    for _try in range(30):
        page.locator("button.shuffle").click()
        expect("the cards shuffled", sorted(before), sorted(cards(page)))
        if cards(page) != before:
            return
    expect("the order of the cards shuffled", "another order", before)


def card_counter(page: Page, _: Checks) -> None:
    count = len(cards(page))
    for place in (1, 2):
        expect("the counter", f"Card {place} of {count}", page.locator(".at").inner_text())
        page.locator("button.next").click()


def cards(page: Page) -> list[str]:
    """The fronts of the deck, in order."""
    return page.locator(".deck .front").all_text_contents()


def shown(page: Page) -> tuple[str, bool]:
    """The text of the fronts that show, and whether a back shows."""
    fronts = page.locator(".deck .front").filter(visible=True).all_text_contents()
    return "".join(fronts), page.locator(".deck .back").filter(visible=True).count() == 1


def poll(page: Page, _: Checks) -> None:
    """Votes are counted, and bars are as wide as an option's share of them."""
    expect("votes at first", [0, 0], votes(page))
    for option, share in ((0, 100), (1, 50)):
        page.locator("button.vote").nth(option).click()
        expect("the width of an option's bar, in percent", share, bar(page, option))
    page.locator("button.vote").nth(1).click()
    expect("votes after three", [1, 2], votes(page))


def votes(page: Page) -> list[int]:
    """The votes of the first two options."""
    return [int(page.locator("button.vote b").nth(option).inner_text()) for option in (0, 1)]


def bar(page: Page, option: int) -> int:
    """How wide the bar of an option is, in percent of its button, once it has come to rest."""
    page.wait_for_function("() => document.getAnimations().every(a => a.playState != 'running')")
    wide = page.locator("button.vote i").nth(option)
    return round(float(wide.evaluate("bar => 100 * bar.offsetWidth / bar.parentNode.clientWidth")))


def poll_reset(page: Page, _: Checks) -> None:
    page.locator("button.vote").first.click(click_count=2)
    page.locator("button.reset").click()
    expect("votes after reset", [0, 0], votes(page))
    expect("the width of a bar after reset", 0, bar(page, 0))


def poll_total(page: Page, _: Checks) -> None:
    for option, total in ((0, "1 vote"), (1, "2 votes")):
        page.locator("button.vote").nth(option).click()
        expect("the total", total, page.locator(".total").inner_text())


def percentages(page: Page, _: Checks) -> None:
    for option, share in ((0, "100%"), (1, "50%"), (1, "67%")):
        page.locator("button.vote").nth(option).click()
        expect("the share", share, page.locator("button.vote em").nth(option).inner_text())


def habits(page: Page, _: Checks) -> None:
    """Each habit has a week of days that can be set and unset, each for itself."""
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
    expect("the streak at first", 0, number(page, ".streak"))
    press(page, 0, 2, 3, 4, 6)
    expect("the streak of three days in a row", 3, number(page, ".streak"))
    press(page, 3)
    expect("the streak when the middle one is unset", 1, number(page, ".streak"))


def habit_total(page: Page, _: Checks) -> None:
    press(page, 0, 8, 1, 1)
    expect("the total", "2 done", page.locator(".total").inner_text())


def habit_clear(page: Page, _: Checks) -> None:
    press(page, 0, 6, 7)
    page.locator("button.clear").click()
    expect("days set in a new week", 0, sum(pressed(page)))


def days(page: Page) -> list[Locator]:
    return page.locator("button.day").all()


def press(page: Page, *places: int) -> None:
    """Click days, counted from 0 over all habits."""
    for place in places:
        page.locator("button.day").nth(place).click()


def pressed(page: Page) -> list[bool]:
    return [day.get_attribute("aria-pressed") == "true" for day in days(page)]


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
    "memory": memory,
    "memory: moves": moves,
    "memory: peek": peek,
    "quiz": quiz,
    "quiz: score": quiz_score,
    "quiz: progress": progress,
    "quiz: hint": hint,
    "flashcards": flashcards,
    "flashcards: shuffle": shuffle,
    "flashcards: counter": card_counter,
    "poll": poll,
    "poll: reset": poll_reset,
    "poll: total": poll_total,
    "poll: percentages": percentages,
    "habits": habits,
    "habits: streak": streak,
    "habits: total": habit_total,
    "habits: clear": habit_clear,
}
