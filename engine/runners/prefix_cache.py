"""Whose keys and values lie where: leases of the arena, and prefixes kept for prompts that begin alike. Pure.

A prompt often begins as one before it: the same instructions, the same session. What an ended request has encoded is
kept until the room is needed, the least recently used first out, and a new request begins with a copy of the longest
beginning that it shares.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from engine.core.errors import OutOfRows
from engine.runners.kv_arena import KeyValueArena, Range

LEAST = 32
"""Tokens that must be shared for a copy to be worth it."""


@dataclass
class PrefixLease:
    """A request's range, and which tokens' keys and values lie in it from its start."""

    range: Range
    ids: list[int] = field(default_factory=list)

    @property
    def length(self) -> int:
        return len(self.ids)


def shared(a: Sequence[int], b: Sequence[int]) -> int:
    """How many tokens two sequences begin with alike."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


class PrefixStore:
    """copy: (source row, target row, rows) moves keys and values of all layers. asked, found: tokens of all prompts so
    far, and those of them that were there already."""

    def __init__(self, arena: KeyValueArena, copy: Callable[[int, int, int], None]) -> None:
        self.arena, self._copy = arena, copy
        self._leases: dict[Hashable, PrefixLease] = {}
        self._kept: OrderedDict[int, PrefixLease] = OrderedDict()  # by where they start
        self.asked = self.found = 0

    def __getitem__(self, owner: Hashable) -> PrefixLease:
        return self._leases[owner]

    def __contains__(self, owner: Hashable) -> bool:
        return owner in self._leases

    @property
    def kept(self) -> int:
        """Tokens kept for prompts to come."""
        return sum(lease.length for lease in self._kept.values())

    def lease(self, owner: Hashable, prompt: Sequence[int], size: int) -> int:
        """Room for `size` tokens. Returns how many of the prompt's are there already; the last one never is, since what
        it encodes to is wanted, too. Raises OutOfRows."""
        best = self._like(prompt)
        lease = self._leases[owner] = PrefixLease(self._take(size))
        if best and best.range.start in self._kept:  # else room was made by dropping it
            count = min(shared(best.ids, prompt), len(prompt) - 1)
            self._copy(best.range.start, lease.range.start, count)
            lease.ids += prompt[:count]
        self.asked += len(prompt)
        self.found += lease.length
        return lease.length

    def _like(self, prompt: Sequence[int]) -> PrefixLease | None:
        """The kept prefix that shares most with a prompt, if that is worth a copy; it is now the last to go."""
        best = max(self._kept, key=lambda key: shared(self._kept[key].ids, prompt), default=None)
        if best is None or min(shared(self._kept[best].ids, prompt), len(prompt) - 1) < LEAST:
            return None
        self._kept.move_to_end(best)
        return self._kept[best]

    def release(self, owner: Hashable) -> None:
        """A request has ended: its range is kept as far as it is filled. Unknown owners are ignored."""
        lease = self._leases.pop(owner, None)
        if lease is None:
            return
        self.arena.give(lease.range)
        if lease.length >= LEAST:
            kept = PrefixLease(self.arena.take_at(lease.range.start, lease.length), lease.ids)
            self._kept[kept.range.start] = kept

    def forget(self) -> None:
        """Give back all that is kept."""
        while self._kept:
            self._drop()

    def _take(self, size: int) -> Range:
        while True:
            try:
                return self.arena.take(size)
            except OutOfRows:
                if not self._kept:
                    raise
                self._drop()

    def _drop(self) -> None:
        self.arena.give(self._kept.popitem(last=False)[1].range)
