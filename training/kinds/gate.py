"""The checks that every kind has to pass before a model is trained on its pages.

    python -m training.kinds.gate                            every kind
    python -m training.kinds.gate tip todo                   two of them
    python -m training.kinds.gate todo --show todo.html      write its plain page to a file, with the kit inside
    python -m training.kinds.gate todo --sheet todo.png      one picture of all cases
    python -m training.kinds.gate todo --words 20            twenty requests and changes, to be read
    python -m training.kinds.gate --plain                    the plain page of each alone: a quarter of an hour for all
    python -m training.kinds.gate --texts                    no browser: files, templates and words alone

Each kind is tried with its defaults, with each feature and each slot, and with other subjects, languages and lengths.
The markup has to parse without errors and must not be too long. The clicks have to do what they should, without errors
in scripts and without requests. axe finds nothing in light or dark colours, and nothing scrolls sideways at 320 pixels.
The exit code is 1 if a page fails.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize
from playwright.sync_api import Error as BrowserError
from tqdm import tqdm

from backend.banks.bank import Subject, subjects_for
from backend.kit.bundle import dressed
from backend.pages.documents import live_frame
from training.evaluation.accessibility import accessibility
from training.evaluation.browse import browser, opened
from training.evaluation.checks.base import UnmetError
from training.evaluation.checks.markup import parse
from training.evaluation.contact_sheet import framed, side_by_side
from training.kinds.clicks import Click, try_clicks
from training.kinds.drawn import DESIGNS, PALETTES, Drawn, Look, other_value
from training.kinds.examples import example
from training.kinds.kind import Kind, kinds
from training.kinds.languages import NAMES
from training.kinds.page import page_of, title_of
from training.kinds.plain import plain
from training.texts.source import Source

MOST = 6000
"""Most characters of a page; more would take a small model too many canvases."""

PER_SHEET = 42
"""Most cases in one picture, which are seven rows."""

PHONE: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 960, "height": 720}
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Case:
    """One page of a kind to be judged.

    Attributes:
        name: What differs from the plain page.
        drawn: The page.
        steps: The clicks that it has to pass.
    """

    name: str
    drawn: Drawn
    steps: tuple[Click, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether axe checks it, which takes seconds: the plain page, the dark one, and the one with everything."""
        return self.name in ("plain", "dark", "with everything")


@dataclass(frozen=True)
class Verdict:
    """The result of judging a case.

    Attributes:
        case: The case.
        wrong: What is wrong; empty if it passes.
        picture: The page as PNG.
    """

    case: Case
    wrong: tuple[str, ...]
    picture: bytes = b""


def cases(kind: Kind, source: Source) -> Iterator[Case]:
    """Yield the pages by which a kind is judged: the plain one, and one for each thing that may differ."""
    rng = random.Random(kind.name)

    def look(dark: bool = False) -> Look:
        return Look(rng.choice(DESIGNS), rng.choice(PALETTES), dark)

    start = Drawn(kind, look(), subject=first_subject(kind))
    yield Case("plain", start, kind.check)
    yield Case("dark", replace(start, look=look(dark=True)), kind.check)
    for feature in kind.features.values():
        on = not feature.default
        turned = replace(start, look=look(), features={feature.name: on})
        yield Case(("with " if on else "without ") + feature.name, turned, feature.check if on else ())
    if len(kind.features) > 1:
        yield Case("with everything", replace(start, features=dict.fromkeys(kind.features, True)))
    for slot in kind.slots.values():
        yield Case(
            f"other {slot.name}",
            replace(start, look=look(), slots={slot.name: other_value(slot, rng, source, "train")}),
        )
    if kind.bank:
        found = subjects_for(kind.bank, kind.needs)
        for subject in rng.sample(found, min(len(found), 3)):
            yield Case(subject.noun, replace(start, look=look(), subject=subject))
        strange = plain("llama grooming")
        if strange.has(kind.needs):
            yield Case("plain words", replace(start, look=look(), subject=strange))
    if "length" in kind.uses:
        for length in (0, 2):
            yield Case(f"length {length}", replace(start, length=length))
    if kind.translated:
        for lang in ("de", "fr", "es"):
            if start.subject is None or start.subject.has(kind.needs, lang):
                yield Case(NAMES[lang][0], replace(start, look=look(), lang=lang))


def first_subject(kind: Kind) -> Subject | None:
    """Return the subject of a kind's plain page."""
    return subjects_for(kind.bank, kind.needs)[0] if kind.bank else None


def judge(running: Browser, case: Case) -> Verdict:
    """Try a case in a browser."""
    page = page_of(case.drawn)
    wrong = list(markup(case.drawn, page))
    picture = b""
    try:
        with opened(running, live_frame(page, [])) as seen:
            picture = seen.page.screenshot()
            found = accessibility(seen.page) if case.whole else {}
            wrong += [f"{name}: {why}" for name, why in found.items() if why]
            seen.page.set_viewport_size(PHONE)
            if (over := seen.page.evaluate(SIDEWAYS)) > 0:
                wrong.append(f"scrolls sideways by {over} px at 320 px")
            if case.steps:
                seen.page.set_viewport_size(DESK)
                wrong += _tried(seen.page, case.steps)
            wrong += [f"console: {one[:200]}" for one in seen.errors[:2]]
    except BrowserError as error:
        wrong.append(f"did not open: {error.message.splitlines()[0]}")
    return Verdict(case, tuple(wrong), picture)


def _tried(page: Page, steps: tuple[Click, ...]) -> list[str]:
    try:
        try_clicks(page, steps)
    except (UnmetError, BrowserError) as error:
        return [f"click {str(error).split('Call log')[0].strip()[:300]}"]
    return []


def markup(drawn: Drawn, page: str) -> Iterator[str]:
    """Yield what is wrong with a page's markup."""
    parsed = parse(page)
    if parsed.errors:
        yield f"html: {'; '.join(parsed.errors[:3])}"
    title = title_of(drawn)
    if parsed.texts("title") != [title]:
        yield f"<title>: expected {title!r}, got {parsed.texts('title')!r}"
    if len(parsed.texts("h1")) != 1:
        yield f"expected one <h1>, got {len(parsed.texts('h1'))}"
    if len(page) > MOST:
        yield f"expected at most {MOST} characters, got {len(page)}"


def texts(kind: Kind, source: Source, count: int) -> Iterator[str]:
    """Yield requests and changes of a kind.

    Raises:
        KindError: A page cannot be made.
        ValueError: A request or a change cannot be made.
    """
    rng = random.Random(f"{kind.name} words")
    for _ in range(count):
        pair = example(kind, rng, source, "train")
        yield f"{pair.ask}\n      -> {pair.edit}" if pair.edit else pair.ask


def sheet(verdicts: Sequence[Verdict]) -> bytes:
    """Return one picture of all cases, in which the failed ones have a red edge."""
    return side_by_side(
        framed(one.picture, f"{one.case.drawn.kind.name}: {one.case.name}", "; ".join(one.wrong)[:160])
        for one in verdicts
    )


def write_sheets(path: Path, verdicts: Sequence[Verdict]) -> None:
    """Write a picture of all cases, or numbered pictures of PER_SHEET cases each: plain-01.png, plain-02.png, ..."""
    if len(verdicts) <= PER_SHEET:
        path.write_bytes(sheet(verdicts))
        return
    for number, start in enumerate(range(0, len(verdicts), PER_SHEET), 1):
        path.with_stem(f"{path.stem}-{number:02}").write_bytes(sheet(verdicts[start : start + PER_SHEET]))


def told(one: Verdict) -> Verdict:
    """Print at once what is wrong with a case, because a run over all kinds takes hours."""
    if one.wrong:
        tqdm.write(f"{one.case.drawn.kind.name}, {one.case.name}:\n    " + "\n    ".join(one.wrong))
    return one


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the kinds that the command line names; return 1 if a page fails, otherwise 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", help="all by default")
    parser.add_argument("--show", type=Path, help="write the plain page of the first kind to a file")
    parser.add_argument("--sheet", type=Path, help="write one picture of all cases")
    parser.add_argument("--words", type=int, default=0, help="print so many requests and changes of each kind")
    parser.add_argument("--plain", action="store_true", help="the plain page of each kind alone")
    parser.add_argument("--texts", action="store_true", help="without a browser")
    given = parser.parse_args(arguments)
    every = kinds()
    if unknown := set(given.kinds) - set(every):
        parser.error(f"expected kinds among {', '.join(every)}; got {', '.join(sorted(unknown))}")
    chosen = [every[name] for name in given.kinds or every]
    source = Source.load()
    if given.show:
        given.show.write_text(dressed(page_of(next(iter(cases(chosen[0], source))).drawn)))
        return 0
    for kind in chosen:
        found = list(texts(kind, source, given.words or 30))
        if given.words:
            print(f"{kind.name}\n  " + "\n  ".join(found))
    if given.words:
        return 0
    tried = [case for kind in chosen for case in islice(cases(kind, source), 1 if given.plain else None)]
    if given.texts:
        verdicts = [told(Verdict(case, tuple(markup(case.drawn, page_of(case.drawn))))) for case in tqdm(tried)]
    else:
        with browser() as running:
            verdicts = [told(judge(running, case)) for case in tqdm(tried, unit="page")]
    failed = [one for one in verdicts if one.wrong]
    if given.sheet:
        write_sheets(given.sheet, verdicts)
    print(f"{len(verdicts) - len(failed)} of {len(verdicts)} pages of {len(chosen)} kinds passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
