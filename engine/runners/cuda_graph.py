"""Runs a packed model on a GPU: a denoising step is one graph, and the next one is under way before the host has looked
at what the last one gave."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

import torch
from torch import Tensor

from engine.core.errors import OutOfRows
from engine.model import ops
from engine.model.fused_attention import Span, encode_attend, places
from engine.model.fused_model import FusedModel
from engine.model.sampler import ENTROPY_BOUND, Sampler
from engine.requests.canvas import Canvas
from engine.requests.request import Reading, Request, Side
from engine.runners.eager import Step, judged_rows
from engine.runners.graph_capture import CudaGraphs, Graphs, Work
from engine.runners.graph_slots import SIZES, PendingStep, Slot, StepKind, TimedStep, seats_for
from engine.runners.graph_state import GraphState, Shown, Start
from engine.runners.kv_arena import KeyValueArena, Range
from engine.runners.prefix_cache import PrefixStore
from engine.runners.readings import CanvasReader, Doubts

log = logging.getLogger(__name__)

ENCODE_CHUNK = 2048
"""Tokens that are encoded in one pass, of all requests: what a product of the kernels takes."""

RING = 2
"""Steps whose results may be on their way to the host at once."""


class CudaGraphRunner:
    """Serves the same requests as engine.runners.eager.EagerRunner does; random numbers are drawn on the device, from a
    seed that is the first thing drawn of a request's noise. reads: whether most requests will have their canvases
    read."""

    def __init__(
        self, model: FusedModel, seats: int | None = None, graphs: Graphs | None = None, reads: bool = False,
        sampler: Sampler = ENTROPY_BOUND,
    ) -> None:  # fmt: skip
        self._reads = reads
        self.seats = seats = seats or seats_for(model)
        self.model, self.config, self.device = model, model.config, model.device
        cuda = self.device.type == "cuda"
        self._graphs: Graphs = graphs or CudaGraphs()
        self._arena = KeyValueArena(model.rows)
        scratch = self._arena.take(2 * self.config.canvas_length)
        self._prefixes = PrefixStore(self._arena, model.copy_rows)
        most_keys = min(model.rows, self.config.max_positions)
        self._board = GraphState(model, seats, most_keys, scratch.start, sampler)
        self._reader = CanvasReader(model, most_keys, scratch.start)
        self._doubts = Doubts.empty(self.config.canvas_length, torch.device("cpu"), cuda)
        self._ring = [Shown.empty(seats, self.config.canvas_length, torch.device("cpu"), cuda) for _ in range(RING)]
        self._captured: dict[StepKind, Work] = {}
        self._read_graph: Work | None = None
        self._waiting: tuple[Request, list[int]] | None = None  # the end of a prefix for the next step to encode
        self._seats: list[Slot] = []
        self._seeds: dict[Request, int] = {}
        self._last: dict[Side, Tensor] = {}
        self._launched: dict[Canvas, int] = {}
        self._flight: PendingStep | None = None
        self._flights = 0

    def settle(self) -> None:
        """Set up the thread that calls, once, for this model: captures the graphs that most requests need, the largest
        first, whose memory the others share."""
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        with torch.inference_mode():
            for size in reversed([size for size in SIZES if size <= self.seats]):
                self._graph(StepKind(size))
            self._graph(StepKind(1, committing=True))
            if self._reads:
                self._reading()

    def release(self, request: Request) -> None:
        """A request has ended, one way or another."""
        for side in request.sides:
            self._prefixes.release(side)
            self._last.pop(side, None)
        self._seeds.pop(request, None)
        if self._waiting and self._waiting[0] is request:
            self._waiting = None

    def holds(self, request: Request) -> bool:
        """Whether room for keys and values comes free when the request ends."""
        return request in self._prefixes

    @torch.inference_mode()
    def encode(self, requests: Sequence[Request]) -> None:
        """Take pending ids of each side into its prefix, up to ENCODE_CHUNK of all together. Raises OutOfRows.

        The end of a prompt and a committed canvas are left to the next step of a request that is alone, which reads the
        weights anyway: where that saves a pass, as no more is left than a canvas has tokens.
        """
        for request in requests:
            self._lease(request)
        if self._may_wait(requests):
            self._waiting = requests[0], requests[0].pending
            requests[0].pending = []
            return
        sides = [side for request in requests for side in request.unencoded]
        share = max(1, ENCODE_CHUNK // len(sides))
        chunks = [side.pending[:share] for side in sides]
        for side, chunk, hidden in zip(sides, chunks, self._encode(sides, chunks), strict=True):
            self._keep(side, chunk, hidden)
            side.pending = side.pending[len(chunk) :]

    @torch.inference_mode()
    def read(self, requests: Sequence[Request]) -> list[Reading]:
        """Read what is unread of written canvases (see Runner.read): one as a graph, several in one pass."""
        if len(requests) == 1:
            return [self._read(requests[0])]
        chunks = [request.unread() for request in requests]
        hidden = self._encode(requests, chunks)
        before = [torch.cat([self._last[r][None], h[:-1]]) for r, h in zip(requests, hidden, strict=True)]
        logits = ops.soft_cap(self.model.logits(torch.cat(before)), self.config.logit_cap)
        readings = judged_rows(logits, requests)
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
        if any(self._launched[seat.canvas] < seat.canvas.params.max_steps for seat in self._seats):
            self._flight = self._launch()
        flight.wait()
        rows = self._wanted(flight)
        shown = flight.shown
        requests_of = tuple(flight.seats[row].request for row in rows)
        return Step(shown.argmax[rows], shown.accepted[rows], shown.entropy[rows], requests_of)

    @contextmanager
    def rehearsed(self, canvases: int, prefix: int = 1024) -> Iterator[TimedStep]:
        """The step of so many canvases, each behind `prefix` random tokens (fewer where there is no room for as many):
        to be measured while nobody is served. Forgets all prefixes. Raises OutOfRows."""
        length, board = self.config.canvas_length, self._board
        self._prefixes.forget()
        prefix = max(0, min(prefix, self._arena.free // canvases - length, board.most_keys - length))
        ranges: list[Range] = []
        try:
            for _ in range(canvases):
                ranges.append(self._arena.take(prefix + length))
            with torch.inference_mode(), board.kept():
                board.rehearse([taken.start for taken in ranges], prefix)
                yield TimedStep(self._graph(StepKind(canvases)), board.shown, prefix)
        finally:
            for taken in ranges:
                self._arena.give(taken)

    def forget(self) -> None:
        """Keep no prefix for prompts to come; while nobody is served."""
        self._prefixes.forget()

    @property
    def prompts(self) -> tuple[int, int]:
        """Tokens of all prompts so far: those that were encoded, and those found among kept prefixes."""
        return self._prefixes.asked - self._prefixes.found, self._prefixes.found

    def _read(self, request: Request) -> Reading:
        tokens, lease, doubts = request.unread(), self._prefixes[request], self._doubts
        self._reader.take(
            tokens, lease.range.start, lease.length, self._last[request], float(request.params.doubt or 0)
        )
        self._reading()()
        doubts.copy(self._reader.found)
        if landed := self._landing():
            landed.synchronize()
        spare = self.config.canvas_length - len(tokens)
        reading = request.judged(*(column[spare:].clone() for column in doubts.columns))
        self._keep(request, tokens[: reading.right], self._reader.hidden[spare:])
        return reading

    def _reading(self) -> Work:
        self._read_graph = self._read_graph or self._capture(self._reader.read, "a reading")
        return self._read_graph

    def _wanted(self, flight: PendingStep) -> list[int]:
        """Seats of a flight that count and whose canvases are still at work."""
        return [row for row, seat in enumerate(flight.seats) if seat.counts and seat in self._seats]

    def _may_wait(self, requests: Sequence[Request]) -> bool:
        """Whether a single canvas will step next, and has room for what is pending before it."""
        first = requests[0]
        company = any(seat.request is not first and seat.request in self._prefixes for seat in self._seats)
        alone = len(requests) == len(first.sides) == 1 and not company and self._waiting is None
        return alone and len(first.pending) <= self.config.canvas_length

    def _commits(self, requests: Sequence[Request]) -> bool:
        """Whether the step of these requests encodes what waits for it. What cannot wait longer is encoded now."""
        if self._waiting is None:
            return False
        request, tokens = self._waiting
        alone = list(requests) == [request]
        if alone:
            self._prefixes[request].ids.extend(tokens)
            self._board.commit(tokens)
        else:
            self._keep(request, tokens, *self._encode([request], [tokens]))
        self._waiting = None
        return alone

    def _sit(self, requests: Sequence[Request]) -> None:
        """Give every canvas its seats, without gaps between them."""
        wanted = [Slot(request, request.canvas, side) for request in requests for side in request.sides]
        before = list(self._seats)
        for row in reversed(range(len(self._seats))):
            if self._seats[row] not in wanted:
                self._leave(row)
        for seat in wanted:
            if seat not in self._seats:
                self._board.begin(len(self._seats), self._start(seat))
                self._seats.append(seat)
                self._launched[seat.canvas] = 0
        if self._guiding() and self._seats != before:
            self._pair()

    def _guiding(self) -> bool:
        return any(not seat.counts for seat in self._seats)

    def _holding(self) -> bool:
        return any(seat.request.holds for seat in self._seats)

    def _pair(self) -> None:
        """Tell the board who sits where: a request's seats are those of its sides."""
        rows = {seat.side: row for row, seat in enumerate(self._seats)}
        asked = [seat.request for seat in self._seats]
        self._board.pair(
            [rows[request.sides[0]] for request in asked],
            [rows[request.sides[-1]] for request in asked],
            [request.weight if request.unconditional else 1.0 for request in asked],
        )

    def _leave(self, row: int) -> None:
        """The last seat takes the place of one that is left."""
        self._launched.pop(self._seats[row].canvas, None)
        last = self._seats.pop()
        if row < len(self._seats):
            self._board.move(len(self._seats), row)
            self._seats[row] = last
        self._board.clear(len(self._seats))

    def _start(self, seat: Slot) -> Start:
        request = seat.request
        if request not in self._seeds:
            high, low = request.noise.tokens(2, 2**31).tolist()
            self._seeds[request] = high << 31 | low
        lease, params = self._prefixes[seat.side], request.params
        return Start(
            request.tokens, lease.range.start, lease.length, self._seeds[request], sum(request.steps), params.max_steps,
            params.stability, params.temperature, params.entropy_bound, params.confidence, request.held,
        )  # fmt: skip

    def _launch(self, committing: bool = False) -> PendingStep:
        """A step of all seats, and the way of its results to the host, behind whatever is under way."""
        count = len(self._seats)
        size = next(size for size in SIZES if size >= count)
        self._graph(StepKind(size, committing, self._guiding(), self._holding()))()
        shown = self._ring[self._flights % RING]
        self._flights += 1
        shown.copy(self._board.shown, count)
        landed = self._landing()
        if committing:
            self._last[self._seats[0].side] = self._board.last.clone()
        for seat in self._seats:
            self._launched[seat.canvas] += seat.counts
        return PendingStep(tuple(self._seats), shown, landed)

    def _graph(self, kind: StepKind) -> Work:
        if kind not in self._captured:
            with self._board.kept():
                self._captured[kind] = self._capture(lambda: self._board.step(*kind), f"a step of {kind}")
        return self._captured[kind]

    def _capture(self, work: Work, name: str) -> Work:
        """Work as a graph; where there is no memory for one, call by call."""
        try:
            return self._graphs.captured(work)
        except torch.OutOfMemoryError:
            log.warning("no memory for a graph of %s", name)
            return work

    def _landing(self) -> "torch.cuda.Event | None":
        """Tells when everything launched so far has arrived; None where nothing is ever under way."""
        if self.device.type != "cuda":
            return None
        landed = torch.cuda.Event()  # type: ignore[no-untyped-call]
        landed.record()
        return landed

    def _lease(self, request: Request) -> None:
        """Room for a request from its first encoding on; what is there already need not be encoded. Raises OutOfRows,
        and then it has none."""
        taken: list[tuple[Side, list[int]]] = []
        for side in request.sides:
            if side in self._prefixes:
                continue
            size = len(side.pending) + (request.canvases - len(request.steps)) * self.config.canvas_length
            try:
                known = self._prefixes.lease(side, side.pending, size)
            except OutOfRows:
                for other, pending in taken:
                    self._prefixes.release(other)
                    other.pending = pending
                raise
            taken.append((side, side.pending))
            side.pending = side.pending[known:]

    def _encode(self, sides: Sequence[Side], chunks: Sequence[Sequence[int]]) -> list[Tensor]:
        """Hidden states [n, hidden] of each chunk behind its side's prefix, which it does not become part of."""
        leases = [self._prefixes[side] for side in sides]
        spans = [Span(x.range.start, x.length, len(chunk)) for x, chunk in zip(leases, chunks, strict=True)]
        ids = torch.tensor(list(chain.from_iterable(chunks)), device=self.device)
        attend, where = encode_attend(self.model, spans), places(spans, self.device)
        hidden = self.model.run(self.model.embed(ids), where, attend, encoded=len(ids))
        return list(torch.split(hidden, [len(chunk) for chunk in chunks]))

    def _keep(self, side: Side, tokens: Sequence[int], hidden: Tensor) -> None:
        """Make tokens that were encoded last, the first of them with these hidden states, part of the prefix."""
        if tokens:
            self._prefixes[side].ids.extend(tokens)
            self._last[side] = hidden[len(tokens) - 1].clone()
