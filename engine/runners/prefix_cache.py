"""The prefix cache: leases of the key-value arena, and prefixes kept for prompts that begin alike. This module is pure.

A prompt often begins like an earlier one, with the same instructions or in the same session.
The keys and values of an ended request are therefore kept until their room is needed.
The least recently used prefix is dropped first. A new request begins with a copy of the longest prefix that it shares.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from engine.core.errors import OutOfRows
from engine.runners.kv_arena import KeyValueArena, Range

LEAST = 32
"""How many tokens must be shared for a copy to be worth it."""


@dataclass
class PrefixLease:
    """A request's range of rows, and the tokens whose keys and values lie in it.

    Attributes:
        range: The rows.
        ids: The tokens encoded so far, from the range's first row on.
    """

    range: Range
    ids: list[int] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Return the number of encoded tokens."""
        return len(self.ids)


def shared(a: Sequence[int], b: Sequence[int]) -> int:
    """Return how many leading tokens two sequences have in common."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


class PrefixStore:
    """Leases ranges of an arena to requests and keeps the prefixes of ended ones.

    Attributes:
        arena: The arena that the ranges come from.
        asked: The tokens of all prompts so far.
        found: Those of them that were already encoded.
    """

    def __init__(self, arena: KeyValueArena, copy: Callable[[int, int, int], None]) -> None:
        """Create a store without leases.

        Args:
            arena: The arena to take ranges from.
            copy: Copies keys and values of all layers; it takes the source row, the target row and the number of rows.
        """
        self.arena, self._copy = arena, copy
        self._leases: dict[Hashable, PrefixLease] = {}
        self._kept: OrderedDict[int, PrefixLease] = OrderedDict()  # keyed by their first row
        self.asked = self.found = 0

    def __getitem__(self, owner: Hashable) -> PrefixLease:
        return self._leases[owner]

    def __contains__(self, owner: Hashable) -> bool:
        return owner in self._leases

    @property
    def kept(self) -> int:
        """Return the number of tokens that are kept for later prompts."""
        return sum(lease.length for lease in self._kept.values())

    def lease(self, owner: Hashable, prompt: Sequence[int], size: int) -> int:
        """Lease room for `size` tokens to `owner`, which begins with the longest kept prefix of its prompt.

        Args:
            owner: The one whose keys and values will lie there.
            prompt: The token ids to be encoded first.
            size: The number of rows to lease.

        Returns:
            How many of the prompt's tokens are already encoded. The last token never is, since its hidden state is
                needed too.

        Raises:
            OutOfRows: There is no room, even without any kept prefix.
        """
        best = self._like(prompt)
        lease = self._leases[owner] = PrefixLease(self._take(size))
        if best and best.range.start in self._kept:  # else `_take` has dropped it to make room
            count = min(shared(best.ids, prompt), len(prompt) - 1)
            self._copy(best.range.start, lease.range.start, count)
            lease.ids += prompt[:count]
        self.asked += len(prompt)
        self.found += lease.length
        return lease.length

    def _like(self, prompt: Sequence[int]) -> PrefixLease | None:
        """Return the kept prefix that shares most with a prompt, if that is worth a copy, and mark it as used last."""
        best = max(self._kept, key=lambda key: shared(self._kept[key].ids, prompt), default=None)
        if best is None or min(shared(self._kept[best].ids, prompt), len(prompt) - 1) < LEAST:
            return None
        self._kept.move_to_end(best)
        return self._kept[best]

    def release(self, owner: Hashable) -> None:
        """End an owner's lease, and keep its range as far as it is filled. Unknown owners are ignored."""
        lease = self._leases.pop(owner, None)
        if lease is None:
            return
        self.arena.give(lease.range)
        if lease.length >= LEAST:
            kept = PrefixLease(self.arena.take_at(lease.range.start, lease.length), lease.ids)
            self._kept[kept.range.start] = kept

    def forget(self) -> None:
        """Give back all kept prefixes."""
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
