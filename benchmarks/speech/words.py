"""How much of what was said was heard."""

import re

SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {str(number): word for number, word in enumerate(SPELLED)}
"""A recogniser may write a number in digits."""


def words_of(text: str) -> list[str]:
    """The words of a text in small letters; to-do is two words, Mr. one that is spelled out, 10 is ten."""
    found: list[str] = re.findall(r"[a-z']+|[0-9]+", text.lower().replace("mr.", "mister"))
    return [NUMBERS.get(word, word) for word in found]


def mistakes(said: str, heard: str) -> int:
    """Fewest words to put in, take out or exchange (Levenshtein's distance) in what was heard to have what was said."""
    wanted, got = words_of(said), words_of(heard)
    row = list(range(len(got) + 1))
    for above, word in enumerate(wanted, 1):
        left = [above]
        for at, other in enumerate(got, 1):
            left.append(min(row[at] + 1, left[-1] + 1, row[at - 1] + (word != other)))
        row = left
    return row[-1]


def error_rate(said: str, heard: str) -> float:
    """Mistakes for every word that was said; more than 1 if more was heard than said."""
    return mistakes(said, heard) / len(words_of(said))
