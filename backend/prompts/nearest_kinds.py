"""Find which kinds of page, of those that a checkpoint knows, are nearest to a request by their words.

The module compares words and the trigrams of their letters. They are weighted by how few kinds have them (tf-idf and
cosine similarity, as in any search engine). So "calculate my morgage" finds the mortgage calculator and not everything
that calculates. The module is pure.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.prompts.brief import ANY, WORLDS, World, WorldOrAny

READ_CHARS = 400
"""How many characters of a request are read.

What is wanted stands at the beginning of a request, and reading a long one takes longer.
"""

GRAM, GRAM_WEIGHT = 3, 0.6
"""How many letters are compared at a time, and the weight of such a match relative to a whole word."""

HINTS, LEAST_NEAR, NEAR_SHARE = 3, 0.08, 0.5
"""How many kinds a prompt names at most, how near a kind must be for a prompt to name it, and the share of the nearest
one's nearness that others must have."""

HEAD_WEIGHT = 0.5
BEHIND = re.compile(
    r"[,.:;]|\b(?:with|which|that|plus|including|titled|called|named|name it|call it|has|for|by|near|in)\b"
)
"""What the head of a request, up to such a word, counts beside the whole of it."""

EMPTY_WORDS = frozenset({
    "a", "about", "an", "and", "at", "build", "can", "create", "do", "for", "from", "get", "give", "have", "i", "in",
    "how", "is", "it", "like", "make", "me", "my", "need", "of", "on", "one", "please", "s", "show", "some", "that",
    "the", "to", "want", "what", "where", "which", "with", "you",
})  # fmt: skip
"""Words that any two requests may share."""

QUESTIONS = frozenset({"how", "what", "where", "which"})
"""Words with which a question begins."""


@dataclass(frozen=True)
class KnownKind:
    """A kind of page that a checkpoint knows.

    Attributes:
        name: The name of the kind.
        world: The world of its pages.
        texts: A request for it, as people type it, then other words for it.
    """

    name: str
    world: World
    texts: tuple[str, ...]

    @property
    def ask(self) -> str:
        """A request for the kind."""
        return self.texts[0]


def parse_kinds(data: Any) -> tuple[KnownKind, ...]:
    """Return the kinds in a manifest, which holds a list of texts by world and by name.

    Raises:
        ValueError: The data have another form.
    """
    if not isinstance(data, Mapping) or not set(data) <= set(WORLDS):
        raise ValueError(f"kinds {data!r}, not kinds by world ({', '.join(WORLDS)})")
    return tuple(_known(world, name, texts) for world in WORLDS for name, texts in _table(data.get(world, {})))


def _table(data: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(data, Mapping):
        raise ValueError(f"kinds of a world {data!r}, not a list of texts by name")
    yield from data.items()


def _known(world: World, name: str, texts: Any) -> KnownKind:
    if not (isinstance(texts, list) and texts and all(isinstance(text, str) and text.strip() for text in texts)):
        raise ValueError(f"kind {name} with {texts!r}, not a list of texts of which the first asks for it")
    return KnownKind(name, world, tuple(texts))


class Nearest:
    """Finds the nearest of some kinds. What does not depend on a request is computed once."""

    def __init__(self, kinds: Sequence[KnownKind]) -> None:
        self._kinds = tuple(kinds)
        found = [[features(text) for text in (*kind.texts, kind.name.replace("_", " "))] for kind in kinds]
        uses = Counter(feature for texts in found for feature in frozenset().union(*texts))
        self._weights = {feature: weight(feature, len(found) / count) for feature, count in uses.items()}
        self._texts = [(at, self._size(text)) for at, texts in enumerate(found) for text in texts]
        self._where: defaultdict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(text for texts in found for text in texts):
            for feature in text:
                self._where[feature].append(number)

    def find(self, request: str, count: int, world: WorldOrAny = ANY) -> tuple[KnownKind, ...]:
        """Return at most `count` kinds, the nearest first.

        Args:
            request: The words of the request.
            count: The maximum number of kinds.
            world: The world of the kinds; kinds of all worlds for "any".

        Returns:
            The kinds. Of equally near kinds, the one listed first comes first.
        """
        near = self._near(request)
        order = sorted(range(len(self._kinds)), key=lambda at: (-near.get(at, 0.0), at))
        return tuple(kind for at in order if (kind := self._kinds[at]).world == world or world == ANY)[:count]

    def hints(self, request: str, world: WorldOrAny = ANY) -> tuple[str, ...]:
        """Return the names of at most HINTS kinds for a prompt, the nearest first.

        Every one has something in common with the request, and at least half of what the nearest has.

        Args:
            request: What was asked for, or the words that were clicked.
            world: The world that was chosen; "any" for none.
        """
        near, begin = self._near(request), head(request)
        first = near if begin == request else self._near(begin)
        score = {at: near[at] + HEAD_WEIGHT * first.get(at, 0.0) for at in near}
        kinds = [(score[at], -at) for at in score if self._kinds[at].world == world or world == ANY]
        best = max(kinds, default=(0.0, 0))[0]
        if best < LEAST_NEAR:
            return ()
        order = sorted((one for one in kinds if one[0] >= best * NEAR_SHARE), reverse=True)
        return tuple(self._kinds[-at].name for _, at in order[:HINTS])

    def nearness(self, request: str) -> float:
        """Return how near the nearest kind is, from 0 (nothing in common) to 1 (the same words)."""
        return max(self._near(request).values(), default=0.0)

    def _near(self, request: str) -> dict[int, float]:
        """Return the nearness of every kind that has anything in common with a request.

        The nearness of a kind is that of its nearest text.
        """
        wanted, common = features(request[:READ_CHARS]), defaultdict[int, float](float)
        for feature in wanted & self._weights.keys():
            for number in self._where[feature]:
                common[number] += self._weights[feature] ** 2
        size, near = self._size(wanted), defaultdict[int, float](float)
        for number, shared in common.items():
            at, own = self._texts[number]
            near[at] = max(near[at], shared / (size * own))
        return near

    def _size(self, found: frozenset[str]) -> float:
        """Return the length of the vector of some features."""
        rarest = len(self._kinds)
        return math.sqrt(sum(self._weights.get(one, weight(one, rarest)) ** 2 for one in found))


def head(request: str) -> str:
    """Return the request up to the first word behind which people name parts and values.

    What they ask for stands before such a word.
    """
    for match in BEHIND.finditer(request[:READ_CHARS]):
        if features(request[: match.start()]):
            return request[: match.start()]
    return request


def weight(feature: str, rare: float) -> float:
    """Return the weight of a feature that two texts have in common.

    Args:
        feature: A word between blanks, or a trigram.
        rare: The number of kinds for each kind that has the feature.
    """
    return math.log(1 + rare) * (1.0 if feature.endswith(" ") and feature.startswith(" ") else GRAM_WEIGHT)


def features(text: str) -> frozenset[str]:
    """Return the words of a text that say something, each between blanks, and the trigrams of these words.

    The beginning of a question says something, though neither of its two words does ("how to", "what is").
    """
    letters = "".join(letter if letter.isalnum() else " " for letter in text.casefold())
    every = letters.split()
    words = [f" {word} " for word in every if word not in EMPTY_WORDS]
    grams = (word[at : at + GRAM] for word in words for at in range(len(word) - GRAM + 1))
    begin = [f" {' '.join(every[:2])} "] if len(every) > 1 and every[0] in QUESTIONS and every[1] in EMPTY_WORDS else []
    return frozenset((*words, *begin, *grams))
