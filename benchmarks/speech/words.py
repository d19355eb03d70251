"""The word error rate of speech recognition."""

import re

SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {str(number): word for number, word in enumerate(SPELLED)}
"""Words of numbers that a recognizer may write in digits."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; "to-do" is two words, "Mr." is spelled out, and "10" is "ten"."""
    found: list[str] = re.findall(r"[a-z']+|[0-9]+", text.lower().replace("mr.", "mister"))
    return [NUMBERS.get(word, word) for word in found]


def mistakes(said: str, heard: str) -> int:
    """Return Levenshtein's distance in words: the fewest words to insert, delete or replace in what was heard."""
    wanted, got = words_of(said), words_of(heard)
    row = list(range(len(got) + 1))
    for above, word in enumerate(wanted, 1):
        left = [above]
        for at, other in enumerate(got, 1):
            left.append(min(row[at] + 1, left[-1] + 1, row[at - 1] + (word != other)))
        row = left
    return row[-1]


def error_rate(said: str, heard: str) -> float:
    """Return mistakes divided by the words that were said; it exceeds 1 if many more words were heard than said."""
    return mistakes(said, heard) / len(words_of(said))
