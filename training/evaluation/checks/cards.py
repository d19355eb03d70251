"""Behaviour of apps for learning and voting in a browser (DOM conventions: each app's own module)."""

from playwright.sync_api import Page

from training.corpus.design import Checks
from training.evaluation.checks.base import Check, expect, number, says


def quiz(page: Page, _: Checks) -> None:
    """Check that right and wrong answers are distinguished and counted.

    The first round gives the first answer each time, and the second one gives the right answers.
    """
    right = [answer(page, 0) for _ in range(5)]
    expect("what is said after a round", f"You got {right.count(0)} of 5", page.locator(".ask").inner_text())
    page.locator("button.next").click()
    expect("places of the right answers in a second round", right, [answer(page, place) for place in right])
    expect("what is said after a round of right answers", "You got 5 of 5", page.locator(".ask").inner_text())


def answer(page: Page, place: int) -> int:
    """Click the answer at a place and go on; return the place of the right answer."""
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
    """Check that the score is the number of right answers, and that a new round begins with 0."""
    expect("the score at first", 0, number(page, ".score b"))
    right = 0
    for _question in range(5):
        right += answer(page, 0) == 0
        expect("the score after an answer", right, number(page, ".score b"))
    page.locator("button.next").click()
    expect("the score in a new round", 0, number(page, ".score b"))


def progress(page: Page, _: Checks) -> None:
    """Check that the progress bar follows the answers."""
    shown = "() => document.querySelector('progress.steps').value"
    expect("the progress at first", 0, page.evaluate(shown))
    for answered in (1, 2):
        answer(page, 0)
        expect("the progress after an answer", answered, page.evaluate(shown))


def hint(page: Page, _: Checks) -> None:
    """Check that a hint rules out one answer, which is not the right one."""
    page.locator("button.hint").click()
    answers = page.locator("button.answer").all()
    out = [place for place, one in enumerate(answers) if one.is_disabled()]
    expect("answers ruled out by a hint", 1, len(out))
    left = next(place for place in range(4) if place not in out)
    expect("that the right answer was left", True, answer(page, left) not in out)


def flashcards(page: Page, _: Checks) -> None:
    """Check that a click and the button flip a card, and that next and previous go around the deck."""
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
    """Check that the same cards come in another order after a few tries."""
    before = cards(page)
    for _try in range(30):
        page.locator("button.shuffle").click()
        expect("the cards shuffled", sorted(before), sorted(cards(page)))
        if cards(page) != before:
            return
    expect("the order of the cards shuffled", "another order", before)


def card_counter(page: Page, _: Checks) -> None:
    """Check that the counter shows the place of the card."""
    count = len(cards(page))
    for place in (1, 2):
        expect("the counter", f"Card {place} of {count}", page.locator(".at").inner_text())
        page.locator("button.next").click()


def cards(page: Page) -> list[str]:
    """Return the fronts of the deck, in order."""
    return page.locator(".deck .front").all_text_contents()


def shown(page: Page) -> tuple[str, bool]:
    """Return the text of the fronts that are visible, and whether a back is visible."""
    fronts = page.locator(".deck .front").filter(visible=True).all_text_contents()
    return "".join(fronts), page.locator(".deck .back").filter(visible=True).count() == 1


def poll(page: Page, _: Checks) -> None:
    """Check that votes are counted, and that each bar is as wide as its option's share of them."""
    expect("votes at first", [0, 0], votes(page))
    for option, share in ((0, 100), (1, 50)):
        page.locator("button.vote").nth(option).click()
        expect("the width of an option's bar, in percent", share, bar(page, option))
    page.locator("button.vote").nth(1).click()
    expect("votes after three", [1, 2], votes(page))


def votes(page: Page) -> list[int]:
    """Return the votes of the first two options."""
    return [int(page.locator("button.vote b").nth(option).inner_text()) for option in (0, 1)]


def bar(page: Page, option: int) -> int:
    """Return the width of an option's bar, in per cent of its button, once it has stopped moving."""
    page.wait_for_function("() => document.getAnimations().every(a => a.playState != 'running')")
    wide = page.locator("button.vote i").nth(option)
    return round(float(wide.evaluate("bar => 100 * bar.offsetWidth / bar.parentNode.clientWidth")))


def poll_reset(page: Page, _: Checks) -> None:
    """Check that reset removes all votes."""
    page.locator("button.vote").first.click(click_count=2)
    page.locator("button.reset").click()
    expect("votes after reset", [0, 0], votes(page))
    expect("the width of a bar after reset", 0, bar(page, 0))


def poll_total(page: Page, _: Checks) -> None:
    """Check that the total follows the votes."""
    for option, total in ((0, "1 vote"), (1, "2 votes")):
        page.locator("button.vote").nth(option).click()
        expect("the total", total, page.locator(".total").inner_text())


def percentages(page: Page, _: Checks) -> None:
    """Check that each option shows its share of the votes."""
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
