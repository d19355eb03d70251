"""Ways to ask for a page: a subject in the forms people type it, put into phrases, sometimes as if spoken."""

import random
from collections.abc import Sequence

OPENERS = ("um", "hey", "okay", "ok so", "please", "hi", "so", "well", "uh", "now")
WISHES = (
    "can you show me", "i want", "i would like", "could you make", "give me", "show me", "let me see", "make me",
    "i need",
)  # fmt: skip
ENDINGS = ("", "", "", "", " please", " thanks", " if you can", " now")
SAME_PLURAL = ("s", "ics", "ing", "ism", "ness", "ity", "sheep", "fish")
SPOKEN_SHARE = 0.25


def ask(rng: random.Random, phrases: Sequence[str], title: str) -> str:
    """A request for a page about title, as typed or as spoken.

    phrases: with {one} (the subject as a lower-case thing), {many} (its plural) or {title} (as headings spell it).
    A phrase that begins with a noun phrase can be spoken behind a wish: begin it with "a ", "an ", "the " or "my ".
    """
    phrase = rng.choice(phrases)
    request = phrase.format(one=lowered(title), many=plural(lowered(title)), title=title)
    if rng.random() < SPOKEN_SHARE:
        return spoken(rng, request)
    return request[:1].upper() + request[1:] if rng.random() < 0.2 else request


def spoken(rng: random.Random, request: str) -> str:
    """A request as speech recognition writes it: lower case, no punctuation, fillers, a wish, perhaps a please."""
    words = "".join(c for c in request.lower() if c not in ',.?!:()"')
    wish = f"{rng.choice(WISHES)} " if words.startswith(("a ", "an ", "the ", "my ")) and rng.random() < 0.8 else ""
    opener = f"{rng.choice(OPENERS)} " if rng.random() < 0.5 else ""
    return f"{opener}{wish}{words}{rng.choice(ENDINGS)}"


def lowered(title: str) -> str:
    """A heading as it stands inside a sentence: lower case, but words with inner capitals kept."""
    return " ".join(word if word[1:] != word[1:].lower() or len(word) == 1 else word.lower() for word in title.split())


def plural(noun: str) -> str:
    """The plural of a noun by its ending; what has none to speak of (physics, sailing) stays as it is."""
    if noun.endswith(SAME_PLURAL) or not noun[-1:].isalpha():
        return noun
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("x", "z", "ch", "sh", "ano", "ato")) else f"{noun}s"


def article(noun: str) -> str:
    """A noun with "a" or "an" by its first letter."""
    return f"{'an' if noun[:1].lower() in 'aeiou' and noun[:1] else 'a'} {noun}"
