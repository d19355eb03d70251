"""Check that pages of the corpus are correct before a model is trained on them.

    python -m training.evaluation.corpus_gate                          ten pages of every family
    python -m training.evaluation.corpus_gate quiz kanban -n 20        twenty pages each of two families
    python -m training.evaluation.corpus_gate quiz --sheet quiz.png    with one picture of all pages

Each page is judged as evaluation judges a model's. It is parsed without errors, its title and links are checked, and
its features are proved by clicking. There may be no console message, no request to another address, and no violation
of WCAG 2 that axe finds. The exit code is 1 if a page fails.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from backend.pages.documents import live_frame
from training.corpus import FAMILIES, sample
from training.evaluation.browse import browser
from training.evaluation.contact_sheet import contact_sheet
from training.evaluation.evaluate import Judged, Written
from training.evaluation.judge import judge
from training.texts.source import Source


def gate(families: Sequence[str], count: int, seed: int, source: Source) -> list[Judged]:
    """Draw and judge `count` pages of each family, with a progress bar on stderr."""
    judged = []
    with browser() as running, tqdm(total=count * len(families), unit="page") as bar:
        for name in families:
            for number in range(count):
                example = sample(FAMILIES[name], random.Random(f"{seed} gate {number}"), source, "train")
                written = Written(example.page, "", 0, (), (), 0.0)
                found = judge(running, lambda page: live_frame(page, []), example, example.page, example.before)
                judged.append(Judged(example, written, found))
                bar.update()
    return judged


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the pages that the command line names; return 1 if a page fails, otherwise 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", help="all by default")
    parser.add_argument("-n", type=int, default=10, help="pages of each (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sheet", type=Path, help="write one picture of all pages")
    given = parser.parse_args(arguments)
    if unknown := set(given.families) - set(FAMILIES):
        parser.error(f"expected families among {', '.join(FAMILIES)}; got {', '.join(sorted(unknown))}")
    judged = gate(given.families or list(FAMILIES), given.n, given.seed, Source.load())
    failed = [one for one in judged if not one.judgement.ok]
    for one in failed:
        unmet = {name: why for name, why in one.judgement.outcome.items() if why}
        print(f"{one.example.family}: {one.example.brief}\n    {unmet}")
    if given.sheet:
        given.sheet.write_bytes(contact_sheet(judged))
    print(f"{len(judged) - len(failed)} of {len(judged)} pages passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
