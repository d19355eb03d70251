"""Behaviour of the apps to learn and vote with, in a browser (conventions of the DOM: each app's own module)."""

from playwright.sync_api import Page

from training.corpus.design import Checks
from training.evaluation.checks.base import Check, expect, number, says


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


FEATURES: dict[str, Check] = {
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
}
