"""How people ask for a page: typed or spoken, short or long; every value that is not the kind's default is said.

A request consists of a beginning ("make me a"), one of the kind's asks or wishes, and what else is named: a title, a
place, values, features, a look, a language.
"""

import random
import re
from collections.abc import Sequence

from training.kinds.drawn import Drawn, Look
from training.kinds.kind import PLACE
from training.kinds.languages import NAMES
from training.kinds.wordings import ASK, DESIGNS

SPOKEN_SHARE, TYPO_SHARE, WISH_SHARE = 0.22, 0.05, 0.25
NUMBERS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
TENS = {25: "twenty five", 30: "thirty", 40: "forty", 45: "forty five", 50: "fifty", 60: "sixty", 90: "ninety"}
DIGITS = re.compile(r"(?<![:.-])\b\d{1,3}\b(?![:.]\d)")
ARTICLE = re.compile(r"\b(a|an) (\{\w+\})")
DETERMINERS = frozenset({"a", "an", "the", "my", "our", "some", "two", "three"})
ADJECTIVE = re.compile(r"\b(simple|nice|small|my|new) \{np\}")
VOWEL = re.compile(
    r"^(?:[aeiou]|hour|8|11\b|18\b|faq|html|sms|rsvp|x-)(?!ne|ni[cqtvx]|rl|uid|uro|ser|til)", re.IGNORECASE
)


def request(drawn: Drawn, rng: random.Random) -> str:
    """Return a request that names everything the page is to be, as somebody types or says it."""
    spoken = rng.random() < SPOKEN_SHARE
    wishes = [wish for wish in drawn.kind.wishes if fits(wish, drawn)]
    asks = [ask for ask in drawn.kind.asks if fits(ask, drawn) and not (drawn.title and ask[0] == "=")]
    if wishes and (rng.random() < WISH_SHARE or not asks):
        base, begin = rng.choice(wishes), rng.choice(ASK["wish_starts"])
    else:
        base = rng.choice(asks)
        begin = rng.choice(
            ASK["spoken_starts"] if spoken else ASK["open_starts"] if opens(drawn, rng) else ASK["plain_starts"]
        )
    told = set(PLACE.findall(base))
    words = slipped(base, rng) if rng.random() < TYPO_SHARE else base
    whole = words.startswith("=")  # the wording is a whole request and not a noun
    noun = filled(words.lstrip("="), drawn)
    if stands_alone(noun) and ADJECTIVE.search(begin):
        begin = "{np}"
    said = noun if whole else begin.format(np=noun, anp=with_article(noun), wish=noun)
    said = said + "".join(rest(drawn, rng, told))
    return as_spoken(said, rng) if spoken else as_typed(said, rng)


def opens(drawn: Drawn, rng: random.Random) -> bool:
    """Return whether a program of a desktop is opened, instead of being asked for."""
    return drawn.kind.world == "os" and rng.random() < 0.5


def fits(wording: str, drawn: Drawn) -> bool:
    """Return whether a wording suits a page.

    It names only what the page has values for, and everything that nothing else can name.
    """
    known = {
        *drawn.slots,
        *(["subject"] if drawn.subject else []),
        *(["place"] if drawn.place else []),
        *(["title"] if drawn.title else []),
    }
    mute = {name for name in drawn.slots if not drawn.kind.slots[name].say}
    return mute <= set(PLACE.findall(wording)) <= known


def filled(wording: str, drawn: Drawn) -> str:
    """Return a wording with its values."""
    values = {name: spelled(drawn.slots[name]) for name in drawn.slots}
    if drawn.subject:
        values["subject"] = drawn.called
    values |= {"place": drawn.place, "title": drawn.title}
    with_articles = ARTICLE.sub(lambda match: with_article(f"\0{match[2]}", values), wording)
    return PLACE.sub(lambda match: values[match[1]], with_articles.replace("\0", ""))


def with_article(noun: str, values: dict[str, str] | None = None) -> str:
    """Return a noun with its article, such as "a dog" or "an egg timer".

    Nothing is put before a noun that has an article, or is plural or proper.

    Args:
        noun: The noun, or a place for one of the values.
        values: Values by name.
    """
    if noun.startswith("\0"):
        name = noun[2:-1]
        return f"{article((values or {})[name])} {noun[1:]}"
    return noun if stands_alone(noun) else f"{article(noun)} {noun}"


def stands_alone(noun: str) -> bool:
    """Return whether a noun needs no article.

    It has one, or is a plural, a name or a mass noun, which asks mark with `~` in front.
    """
    return noun.startswith("~") or noun.split(" ", 1)[0].lower() in DETERMINERS


def article(noun: str) -> str:
    """Return "an" or "a", as the noun requires."""
    return "an" if VOWEL.match(noun) else "a"


def spelled(value: object) -> str:
    """Return a value as a request says it; lists have commas and "and"."""
    if isinstance(value, (tuple, list)):
        return joined([str(one) for one in value])
    return str(value)


def joined(words: Sequence[str]) -> str:
    """Return words as a list with commas and "and"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def rest(drawn: Drawn, rng: random.Random, told: set[str]) -> list[str]:
    """Return what else a request names, in any order, but with the language last."""
    parts = [
        filled(prefixed(rng.choice(drawn.kind.slots[name].say)), drawn)
        for name in drawn.slots
        if name not in told and drawn.kind.slots[name].say
    ]
    features = [rng.choice(drawn.kind.features[name].words) for name, on in drawn.features.items() if on]
    if features:
        parts.append(rng.choice(ASK["with"]).format(joined(features)))
    gone = [rng.choice(drawn.kind.features[name].words) for name, on in drawn.features.items() if not on]
    if gone:
        parts.append(f" without {joined(gone)}")
    if drawn.place and "place" not in told:
        parts.append(rng.choice(ASK["placed"]).format(drawn.place))
    rng.shuffle(parts)
    if drawn.title and "title" not in told:
        parts.insert(0 if rng.random() < 0.7 else len(parts), rng.choice(ASK["titled"]).format(drawn.title))
    parts += looks(drawn.look, rng)
    if drawn.lang != "en":
        english, own = NAMES[drawn.lang]
        form = rng.choice(ASK["speak"])
        parts.append(form.format(own if form[:4] in (" auf", " en ") else english))
    return parts


def prefixed(say: str) -> str:
    """Return an ending of a request with a blank in front, unless it begins with a blank or a mark."""
    return say if say.startswith((" ", ",", ":")) else f" {say}"


def looks(look: Look, rng: random.Random) -> list[str]:
    """Return what a request says of the look: what its words say and the drawn style does not (see examples.py)."""
    said = [word[2:] for word in look.words if word.startswith("~")]
    found = []
    for what in said:
        kind, _, value = what.partition("=")
        if kind == "dark":
            found.append(rng.choice(ASK["dark"]))
        elif kind == "palette":
            found.append(rng.choice(ASK["colour"]).format(value))
        else:
            found.append(rng.choice(ASK["designed"]).format(rng.choice(DESIGNS[value])))
    return found


def slipped(words: str, rng: random.Random) -> str:
    """Return words with one typing error in a word of five letters or more."""
    long = list(re.finditer(r"(?<![{\w])[a-z]{5,}(?![}\w])", words))
    if not long:
        return words
    match = rng.choice(long)
    at = rng.randrange(match.start() + 1, match.end() - 1)
    swapped = words[:at] + words[at + 1] + words[at] + words[at + 2 :]
    return rng.choice((swapped, words[:at] + words[at + 1 :], words[:at] + words[at] + words[at:]))


def as_typed(words: str, rng: random.Random) -> str:
    """Return words with capitals and a full stop as people type them."""
    words = words.replace("~", "")
    roll = rng.random()
    if roll < 0.25:
        return words[:1].upper() + words[1:] + ("." if rng.random() < 0.5 else "")
    return words if roll < 0.95 else words.title()


def as_spoken(words: str, rng: random.Random) -> str:
    """Return words in small letters, without commas, and with some numbers as words."""
    words = words.replace("~", "").replace(",", "").replace("?", "")
    words = DIGITS.sub(lambda match: number_word(int(match[0])) if rng.random() < 0.5 else match[0], words)
    return rng.choice(ASK["fillers"]) + (words if rng.random() < 0.4 else words[:1].lower() + words[1:])


def number_word(number: int) -> str:
    """Return a number as a word if it is known, otherwise as digits."""
    return NUMBERS[number] if number < len(NUMBERS) else TENS.get(number, str(number))
