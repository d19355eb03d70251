"""Runs a packed model on a GPU: a denoising step is one graph, and the next one is under way before the host has looked
at what the last one gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor

from engine import ops
from engine.arena import Arena
from engine.board import Board, Shown, Start
from engine.canvas import Canvas
from engine.graphs import CudaGraphs, Graphs, Work
from engine.packed import PackedModel
from engine.packed_attention import Span, encode_attend, places
from engine.prefixes import Prefixes
from engine.request import Reading, Request
from engine.runner import Step, read_rows

ENCODE_CHUNK = 2048
"""Tokens that are encoded in one pass, of all requests: what a product of the kernels takes."""

SIZES = (1, 2, 4, 8, 16)
"""Numbers of canvases for which there is a graph."""

RING = 2
"""Steps whose results may be on their way to the host at once."""


@dataclass(frozen=True)
class Flight:
    """A step under way: whose canvases it advances, by seat, and where its results arrive."""

    seats: tuple[tuple[Request, Canvas], ...]
    shown: Shown
    landed: "torch.cuda.Event | None"

    def wait(self) -> None:
        if self.landed:
            self.landed.synchronize()


def seats_for(model: PackedModel) -> int:
    """Canvases that may share a step: as many as half of the free memory holds logits of, with what is made of them."""
    if model.device.type != "cuda":
        return SIZES[-1]
    each = 3 * model.config.canvas_length * model.config.vocab_size * model.dtype.itemsize
    free, _ = torch.cuda.mem_get_info(model.device)
    return max(size for size in SIZES if size == 1 or size * each <= free // 2)


class GraphRunner:
    """Serves the same requests as engine.runner.Runner does; random numbers are drawn on the device, from a seed that
    is the first thing drawn of a request's noise."""

    def __init__(self, model: PackedModel, seats: int | None = None, graphs: Graphs | None = None) -> None:
        self.seats = seats = seats or seats_for(model)
        self.model, self.config, self.device = model, model.config, model.device
        cuda = self.device.type == "cuda"
        self._graphs: Graphs = graphs or CudaGraphs()
        self._arena = Arena(model.rows)
        scratch = self._arena.take(2 * self.config.canvas_length)
        self._prefixes = Prefixes(self._arena, model.copy_rows)
        self._board = Board(model, seats, min(model.rows, self.config.max_positions), scratch.start)
        self._ring = [Shown.empty(seats, self.config.canvas_length, torch.device("cpu"), cuda) for _ in range(RING)]
        self._captured: dict[tuple[int, bool], Work] = {}
        self._waiting: tuple[Request, list[int]] | None = None  # a committed canvas for the next step to encode
        self._seats: list[tuple[Request, Canvas]] = []
        self._seeds: dict[Request, int] = {}
        self._last: dict[Request, Tensor] = {}
        self._launched: dict[Canvas, int] = {}
        self._flight: Flight | None = None
        self._flights = 0

    def settle(self) -> None:
        """Set up the thread that calls, once, for this model: captures the graphs of a single canvas."""
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        with torch.inference_mode():
            self._graph(1)
            self._graph(1, committing=True)

    def release(self, request: Request) -> None:
        """A request has ended, one way or another."""
        self._prefixes.release(request)
        self._last.pop(request, None)
        self._seeds.pop(request, None)
        if self._waiting and self._waiting[0] is request:
            self._waiting = None

    @torch.inference_mode()
    def encode(self, requests: Sequence[Request]) -> None:
        """Take pending ids of each request into its prefix, up to ENCODE_CHUNK of all together. Raises OutOfRows.

        A committed canvas of a request that is alone is left to its next step, which reads the weights anyway.
        """
        for request in requests:
            self._lease(request)
        if self._may_wait(requests):
            self._waiting = requests[0], requests[0].pending
            requests[0].pending = []
            return
        share = max(1, ENCODE_CHUNK // len(requests))
        chunks = [request.pending[:share] for request in requests]
        for request, chunk, hidden in zip(requests, chunks, self._encode(requests, chunks), strict=True):
            self._keep(request, chunk, hidden)
            request.pending = request.pending[len(chunk) :]

    @torch.inference_mode()
    def read(self, requests: Sequence[Request]) -> list[Reading]:
        """Read what is unread of written canvases (see Runner.read)."""
        chunks = [request.unread() for request in requests]
        hidden = self._encode(requests, chunks)
        before = [torch.cat([self._last[r][None], h[:-1]]) for r, h in zip(requests, hidden, strict=True)]
        logits = ops.soft_cap(self.model.logits(torch.cat(before)), self.config.logit_cap)
        readings = read_rows(logits, chunks, [float(request.params.doubt or 0) for request in requests])
        for request, chunk, rows, reading in zip(requests, chunks, hidden, readings, strict=True):
            self._keep(request, chunk[: reading.right], rows)
        return readings

    @torch.inference_mode()
    def step(self, requests: Sequence[Request]) -> Step:
        """Launch the next denoising step of all requests, and return what the one under way has given meanwhile, of
        those that it advances: at least of one."""
        committing = self._commits(requests)
        self._sit(requests)
        flight, self._flight = self._flight, None
        if flight is None or not self._wanted(flight):
            flight = self._launch(committing)
        if any(self._launched[canvas] < canvas.params.max_steps for _, canvas in self._seats):
            self._flight = self._launch()
        flight.wait()
        rows = self._wanted(flight)
        shown = flight.shown
        requests_of = tuple(flight.seats[row][0] for row in rows)
        return Step(shown.argmax[rows], shown.accepted[rows], shown.entropy[rows], requests_of)

    def replayed(self, canvases: int) -> Work:
        """The step of so many canvases, to be measured while nobody is served: it moves what happens to be seated."""
        with torch.inference_mode():
            return self._graph(canvases)

    def _wanted(self, flight: Flight) -> list[int]:
        """Seats of a flight whose canvases are still at work."""
        return [row for row, seat in enumerate(flight.seats) if seat in self._seats]

    def _may_wait(self, requests: Sequence[Request]) -> bool:
        first = requests[0]
        behind = self._prefixes[first].length and len(first.pending) == self.config.canvas_length
        return bool(behind) and len(requests) == 1 and first.params.doubt is None

    def _commits(self, requests: Sequence[Request]) -> bool:
        """Whether the step of these requests encodes the canvas that waits. One that cannot is encoded now."""
        if self._waiting is None:
            return False
        (request, tokens), self._waiting = self._waiting, None
        if list(requests) != [request]:
            self._keep(request, tokens, *self._encode([request], [tokens]))
            return False
        self._prefixes[request].ids.extend(tokens)
        self._board.commit(tokens)
        return True

    def _sit(self, requests: Sequence[Request]) -> None:
        """Give every canvas a seat, without gaps between them."""
        wanted = [(request, request.canvas) for request in requests]
        for row in reversed(range(len(self._seats))):
            if self._seats[row] not in wanted:
                self._leave(row)
        for request, canvas in wanted:
            if (request, canvas) not in self._seats:
                self._board.begin(len(self._seats), self._start(request))
                self._seats.append((request, canvas))
                self._launched[canvas] = 0

    def _leave(self, row: int) -> None:
        """The last seat takes the place of one that is left."""
        self._launched.pop(self._seats[row][1])
        last = self._seats.pop()
        if row < len(self._seats):
            self._board.move(len(self._seats), row)
            self._seats[row] = last
        self._board.clear(len(self._seats))

    def _start(self, request: Request) -> Start:
        if request not in self._seeds:
            high, low = request.noise.tokens(2, 2**31).tolist()
            self._seeds[request] = high << 31 | low
        lease, params = self._prefixes[request], request.params
        return Start(
            request.tokens, lease.range.start, lease.length, self._seeds[request], sum(request.steps), params.max_steps,
            params.stability, params.temperature, params.entropy_bound, params.confidence,
        )  # fmt: skip

    def _launch(self, committing: bool = False) -> Flight:
        """A step of all seats, and the way of its results to the host, behind whatever is under way."""
        count = len(self._seats)
        self._graph(next(size for size in SIZES if size >= count), committing)()
        shown = self._ring[self._flights % RING]
        self._flights += 1
        shown.copy(self._board.shown, count)
        landed = None
        if self.device.type == "cuda":
            landed = torch.cuda.Event()  # type: ignore[no-untyped-call]
            landed.record()
        for _, canvas in self._seats:
            self._launched[canvas] += 1
        return Flight(tuple(self._seats), shown, landed)

    def _graph(self, size: int, committing: bool = False) -> Work:
        key = size, committing
        if key not in self._captured:
            with self._board.kept():
                self._captured[key] = self._graphs.captured(lambda: self._board.step(size, committing))
        return self._captured[key]

    def _lease(self, request: Request) -> None:
        """Room for a request from its first encoding on; what is there already need not be encoded."""
        if request not in self._prefixes:
            size = len(request.pending) + (request.canvases - len(request.steps)) * self.config.canvas_length
            request.pending = request.pending[self._prefixes.lease(request, request.pending, size) :]

    def _encode(self, requests: Sequence[Request], chunks: Sequence[Sequence[int]]) -> list[Tensor]:
        """Hidden states [n, hidden] of each chunk behind its request's prefix, which it does not become part of."""
        leases = [self._prefixes[request] for request in requests]
        spans = [Span(x.range.start, x.length, len(chunk)) for x, chunk in zip(leases, chunks, strict=True)]
        ids = torch.tensor(list(chain.from_iterable(chunks)), device=self.device)
        attend, where = encode_attend(self.model, spans), places(spans, self.device)
        hidden = self.model.run(self.model.embed(ids), where, attend, encoded=len(ids))
        return list(torch.split(hidden, [len(chunk) for chunk in chunks]))

    def _keep(self, request: Request, tokens: Sequence[int], hidden: Tensor) -> None:
        """Make tokens that were encoded last, the first of them with these hidden states, part of the prefix."""
        if tokens:
            self._prefixes[request].ids.extend(tokens)
            self._last[request] = hidden[len(tokens) - 1].clone()
