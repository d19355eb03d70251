"""What the banks know of the subject that a request names."""

import pytest

from backend.banks.bank import banks
from backend.banks.lookup import by_name, known, plural


@pytest.mark.parametrize(
    ("request_", "noun", "lang"),
    [
        ("Landing page for a Dog Walking Service", "dog walking service", "en"),
        ("website for our bakery in Leeds", "bakery", "en"),
        ("three bakeries compared", "bakery", "en"),
        ("page about bees auf Deutsch", "bees", "de"),
        ("a page about bees in French", "bees", "fr"),
        ("website for a plumber: no dogs, please", "plumber", "en"),
    ],
)
def test_the_subject_that_is_named_is_known(request_: str, noun: str, lang: str) -> None:
    found = known(request_)
    assert found is not None
    assert (found.subject.noun, found.lang) == (noun, lang)


def test_a_subject_is_known_by_its_name_in_another_language_and_told_of_in_it() -> None:
    subject = next(one for one in banks()["trade"] if "noun" in one.fields.get("de", {}))
    found = known(f"Seite für {subject.fields['de']['noun']}")
    assert found is not None
    assert (found.subject, found.lang) == (subject, "de")
    assert f"\nclaim: {subject.fields['de']['claim']}" in found.told


def test_the_longest_name_is_meant() -> None:
    """ "Coffee shop", not "coffee", and never a part of a word."""
    names = by_name()
    longer = next(name for name in names if " " in name and any(part in names for part in name.split()))
    assert known(f"a page for a {longer}") is not None
    assert known(f"a page for a {longer}").subject is names[longer][0]  # type: ignore[union-attr]


@pytest.mark.parametrize("request_", ["a snake game", "", "!!!", "bakeryish", "\ud800"])
def test_what_no_bank_has_is_not_known(request_: str) -> None:
    assert known(request_) is None


def test_all_that_is_told_is_one_line_a_field() -> None:
    for subject, lang in by_name().values():
        lines = known(subject.noun).told.splitlines()[1:]  # type: ignore[union-attr]
        assert all(": " in line and "<" not in line for line in lines), (subject.noun, lang)
        break


@pytest.mark.parametrize(
    ("noun", "many"), [("bakery", "bakeries"), ("coach", "coaches"), ("day", "days"), ("bus", "buses")]
)
def test_plurals(noun: str, many: str) -> None:
    assert plural(noun) == many
