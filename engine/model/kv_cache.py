"""The keys and values of one request's prefix: its prompt and committed canvases.

Each layer owns one buffer with room behind the prefix. A denoising step writes the canvas's keys and values there and
attends to one contiguous view. Nothing is concatenated, and the next step overwrites them. Sliding layers keep the last
window - 1 tokens, which is all that a following token may see (as transformers' DynamicSlidingWindowLayer).
"""

import torch
from torch import Tensor

from engine.core.config import ModelConfig


class LayerCache:
    """The keys and values of one layer, each [capacity, kv_heads, head_dim]; rows [start, end) hold the prefix."""

    def __init__(self, shape: tuple[int, int], keep: int | None, like: Tensor, capacity: int) -> None:
        """Allocate the buffers.

        Args:
            shape: The number of key-value heads and the head size.
            keep: How many tokens of the prefix to keep; None keeps all.
            like: A tensor that gives dtype and device.
            capacity: Room in tokens; it grows when needed.
        """
        self.keep = keep
        self.start = self.end = 0
        self.keys = like.new_empty(capacity, *shape)
        self.values = like.new_empty(capacity, *shape)

    @property
    def length(self) -> int:
        """Return the number of prefix tokens that later tokens may attend to."""
        return self.end - self.start

    def lay(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write keys and values [n, kv_heads, head_dim] behind the prefix, without making them part of it.

        Returns:
            Views [length + n, kv_heads, head_dim] of keys and values, valid until the next call.
        """
        stop = self.end + keys.shape[0]
        if stop > self.keys.shape[0]:
            self._make_room(keys.shape[0])
            stop = self.end + keys.shape[0]
        self.keys[self.end : stop] = keys
        self.values[self.end : stop] = values
        return self.keys[self.start : stop], self.values[self.start : stop]

    def commit(self, count: int) -> None:
        """Make the `count` tokens that were written last part of the prefix."""
        self.end += count
        if self.keep is not None:
            self.start = max(self.start, self.end - self.keep)

    def _make_room(self, count: int) -> None:
        """Copy the prefix to the front of a new buffer that has room for `count` more rows.

        The new buffer keeps the old size if that is at least twice the rows needed; else it has exactly twice those.
        """
        needed = self.length + count
        grown = self.keys.shape[0] if 2 * needed <= self.keys.shape[0] else 2 * needed
        for name in ("keys", "values"):
            old = getattr(self, name)
            new = old.new_empty(grown, *old.shape[1:])
            new[: self.length] = old[self.start : self.end]
            setattr(self, name, new)
        self.start, self.end = 0, self.length


class PrefixCache:
    """The prefix of one request in every layer.

    Attributes:
        length: The number of tokens in the prefix.
        window: The window of sliding layers, in tokens.
        layers: The cache of each layer.
    """

    def __init__(self, config: ModelConfig, like: Tensor, capacity: int) -> None:
        """Allocate the caches of all layers.

        Args:
            config: The model's configuration.
            like: A tensor that gives dtype and device.
            capacity: Room in tokens; it grows when needed.
        """
        self.length = 0
        self.window = config.window
        self.layers = [self._layer(config, i, like, capacity) for i in range(config.layers)]

    @staticmethod
    def _layer(config: ModelConfig, layer: int, like: Tensor, capacity: int) -> LayerCache:
        if not config.is_sliding(layer):
            return LayerCache(config.kv_shape(layer), None, like, capacity)
        return LayerCache(config.kv_shape(layer), config.window - 1, like, min(capacity, 2 * config.window))

    def commit(self, count: int) -> None:
        """Make the `count` tokens that were written last in every layer part of the prefix."""
        self.length += count
        for layer in self.layers:
            layer.commit(count)

    def band(self, layer: int, count: int, device: torch.device) -> Tensor | None:
        """Return which keys the next `count` tokens may see.

        Returns:
            bool [count, length + count], or None for plain causal attention.
        """
        cache = self.layers[layer]
        if cache.length == 0 and (cache.keep is None or count <= self.window):
            return None
        query = torch.arange(cache.length, cache.length + count, device=device)[:, None]
        key = torch.arange(cache.length + count, device=device)
        seen = key <= query
        return seen if cache.keep is None else seen & (key > query - self.window)
