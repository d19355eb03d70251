"""Runs a fused model on a GPU, with one CUDA graph for a whole denoising step.

Each step is launched before the host has looked at the results of the step before, so the GPU need not wait for the
host.
A canvas may turn out to have ended in between; the results of its surplus step are then ignored.
"""

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
"""How many tokens of all requests are encoded in one pass: the most that a matrix product of the kernels takes."""

RING = 2
"""How many steps' results may be on their way to the host at once."""


class CudaGraphRunner:
    """Serves the same requests as engine.runners.eager.EagerRunner.

    Random numbers are drawn on the device. Their seed is the first thing drawn from a request's noise.

    Attributes:
        model: The model.
        config: The model's configuration.
        device: The device that it runs on.
        seats: The number of slots that share a step.
    """

    def __init__(
        self, model: FusedModel, seats: int | None = None, graphs: Graphs | None = None, reads: bool = False,
        sampler: Sampler = ENTROPY_BOUND,
    ) -> None:  # fmt: skip
        """Allocate the buffers; `settle` captures the graphs.

        Args:
            model: The model to run.
            seats: The number of slots; None takes what `seats_for` returns.
            graphs: Captures work; None captures CUDA graphs.
            reads: Whether most requests will have their canvases read, so that `settle` captures that graph too.
            sampler: Decides after each step which tokens are kept.
        """
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
        # [hidden] of each side's last encoded token, from which a reading predicts the first token of the canvas.
        self._last: dict[Side, Tensor] = {}
        # Steps launched for each canvas: more than the request has seen, as one may still be running.
        self._launched: dict[Canvas, int] = {}
        self._flight: PendingStep | None = None  # launched by the last call of `step`, which did not wait for it
        self._flights = 0

    def settle(self) -> None:
        """Configure the calling thread for this model, and capture the graphs that most requests need. Call it once.

        The largest graph comes first, since the others share its memory.
        """
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        with torch.inference_mode():
            for size in reversed([size for size in SIZES if size <= self.seats]):
                self._graph(StepKind(size))
            self._graph(StepKind(1, committing=True))
            if self._reads:
                self._reading()

    def release(self, request: Request) -> None:
        """Give back the room of a request that has ended for whatever reason."""
        for side in request.sides:
            self._prefixes.release(side)
            self._last.pop(side, None)
        self._seeds.pop(request, None)
        if self._waiting and self._waiting[0] is request:
            self._waiting = None

    def holds(self, request: Request) -> bool:
        """Tell whether room for keys and values becomes free when the request ends."""
        return request in self._prefixes

    @torch.inference_mode()
    def encode(self, requests: Sequence[Request]) -> None:
        """Encode pending ids of each side into its prefix, up to ENCODE_CHUNK tokens in all.

        A request that is alone may leave the end of its prompt, or a committed canvas, to its next denoising step.
        That step reads the weights anyway, so this saves a pass. At most one canvas's length of tokens can be left to
        it.

        Raises:
            OutOfRows: There is no room for a request's keys and values.
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
        """Read the unread tokens of denoised canvases (see EagerRunner.read): one as a graph, several in one pass."""
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
        """Return the results of one denoising step, and launch the next step before waiting for them.

        The step that was launched by the call before may advance only some of the requests, but always at least one.
        The results are of those requests.
        """
        # This precedes `_sit`, which copies the prefix's length to the device: it then includes the committed tokens.
        committing = self._commits(requests)
        self._sit(requests)
        flight, self._flight = self._flight, None
        # The step in flight is of no use if all its canvases have ended. That is always so when committing: tokens
        # wait only for a new canvas of a request that is alone. A committing step is thus always launched here.
        if flight is None or not self._wanted(flight):
            flight = self._launch(committing)
        # The next step is queued before the host waits for this one, and runs while the host handles its results.
        # The host cannot know yet whether a canvas stops early, but it knows which have had all their steps.
        if any(self._launched[seat.canvas] < seat.canvas.params.max_steps for seat in self._seats):
            self._flight = self._launch()
        flight.wait()
        rows = self._wanted(flight)
        shown = flight.shown
        requests_of = tuple(flight.seats[row].request for row in rows)
        return Step(shown.argmax[rows], shown.accepted[rows], shown.entropy[rows], requests_of)

    @contextmanager
    def rehearsed(self, canvases: int, prefix: int = 1024) -> Iterator[TimedStep]:
        """Prepare a step of some canvases to be timed while no request is served. This forgets all kept prefixes.

        Args:
            canvases: How many canvases the step has.
            prefix: How many random tokens precede each canvas; fewer if there is no room for so many.

        Yields:
            The step, which may be launched any number of times.

        Raises:
            OutOfRows: There is no room for the canvases.
        """
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
        """Drop all kept prefixes. Call it only while no request is served."""
        self._prefixes.forget()

    @property
    def prompts(self) -> tuple[int, int]:
        """Return how many tokens of all prompts so far were encoded, and how many were found among kept prefixes."""
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
        spare = self.config.canvas_length - len(tokens)  # the block's padding rows, which precede the tokens
        reading = request.judged(*(column[spare:].clone() for column in doubts.columns))
        self._keep(request, tokens[: reading.right], self._reader.hidden[spare:])
        return reading

    def _reading(self) -> Work:
        self._read_graph = self._read_graph or self._capture(self._reader.read, "a reading")
        return self._read_graph

    def _wanted(self, flight: PendingStep) -> list[int]:
        """Return the rows of a step whose results are used and whose canvases still have their slots."""
        return [row for row, seat in enumerate(flight.seats) if seat.counts and seat in self._seats]

    def _may_wait(self, requests: Sequence[Request]) -> bool:
        """Tell whether a single canvas takes the next step, and whether its pending ids fit into one padded block."""
        first = requests[0]
        # A slot may still name a request that has ended, until the next `_sit`; such a request has no lease any more.
        company = any(seat.request is not first and seat.request in self._prefixes for seat in self._seats)
        alone = len(requests) == len(first.sides) == 1 and not company and self._waiting is None
        return alone and len(first.pending) <= self.config.canvas_length

    def _commits(self, requests: Sequence[Request]) -> bool:
        """Tell whether the next step encodes the ids that were left to it; if it cannot, encode them now."""
        if self._waiting is None:
            return False
        request, tokens = self._waiting
        alone = list(requests) == [request]
        if alone:
            # They count as part of the prefix from now on, though only the step itself encodes them. In each layer,
            # it stores their keys and values before the canvas attends to them.
            self._prefixes[request].ids.extend(tokens)
            self._board.commit(tokens)
        else:
            self._keep(request, tokens, *self._encode([request], [tokens]))
        self._waiting = None
        return alone

    def _sit(self, requests: Sequence[Request]) -> None:
        """Give each canvas its slots, without gaps between them."""
        wanted = [Slot(request, request.canvas, side) for request in requests for side in request.sides]
        before = list(self._seats)
        # It goes backwards, so that the canvas that `_leave` moves into a gap has been checked already.
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
        """Tell whether any canvas is guided, and so has a slot whose results are not used."""
        return any(not seat.counts for seat in self._seats)

    def _holding(self) -> bool:
        """Tell whether any request holds tokens of its canvas."""
        return any(seat.request.holds for seat in self._seats)

    def _pair(self) -> None:
        """Tell the graph state which slots belong to one request."""
        rows = {seat.side: row for row, seat in enumerate(self._seats)}
        asked = [seat.request for seat in self._seats]
        self._board.pair(
            [rows[request.sides[0]] for request in asked],
            [rows[request.sides[-1]] for request in asked],
            [request.weight if request.unconditional else 1.0 for request in asked],
        )

    def _leave(self, row: int) -> None:
        """Free a slot; the canvas in the last slot moves into it."""
        self._launched.pop(self._seats[row].canvas, None)
        last = self._seats.pop()
        if row < len(self._seats):
            self._board.move(len(self._seats), row)
            self._seats[row] = last
        self._board.clear(len(self._seats))

    def _start(self, seat: Slot) -> Start:
        request = seat.request
        if request not in self._seeds:
            # Two draws of 31 bits make a seed of 62. It comes from the request's noise, so that its seed fixes it.
            high, low = request.noise.tokens(2, 2**31).tolist()
            self._seeds[request] = high << 31 | low
        lease, params = self._prefixes[seat.side], request.params
        return Start(
            request.tokens, lease.range.start, lease.length, self._seeds[request], sum(request.steps), params.max_steps,
            params.stability, params.temperature, params.entropy_bound, params.confidence, request.held,
        )  # fmt: skip

    def _launch(self, committing: bool = False) -> PendingStep:
        """Launch a step of all slots, and the copy of its results to the host, behind all work launched before."""
        count = len(self._seats)
        # Graphs exist for a few sizes only. The slots past `count` are empty and compute on the scratch rows.
        size = next(size for size in SIZES if size >= count)
        self._graph(StepKind(size, committing, self._guiding(), self._holding()))()
        # The results go to one of two host buffers in turn, as the host may still read those of the step before.
        shown = self._ring[self._flights % RING]
        self._flights += 1
        shown.copy(self._board.shown, count)
        landed = self._landing()
        if committing:
            # The clone is queued behind the step, so it is this step's value and safe from the next one.
            self._last[self._seats[0].side] = self._board.last.clone()
        for seat in self._seats:
            self._launched[seat.canvas] += seat.counts  # a guided canvas has two slots, but only one of them counts
        return PendingStep(tuple(self._seats), shown, landed)

    def _graph(self, kind: StepKind) -> Work:
        if kind not in self._captured:
            # Warming up for a capture runs real steps, so the canvases are restored behind them.
            with self._board.kept():
                self._captured[kind] = self._capture(lambda: self._board.step(*kind), f"a step of {kind}")
        return self._captured[kind]

    def _capture(self, work: Work, name: str) -> Work:
        """Capture work as a graph; if there is no memory for one, return the work itself."""
        try:
            return self._graphs.captured(work)
        except torch.OutOfMemoryError:
            log.warning("no memory for a graph of %s", name)
            return work

    def _landing(self) -> "torch.cuda.Event | None":
        """Return an event that signals when all work launched so far is done.

        On a CPU it is None, since work is done there when it returns.
        """
        if self.device.type != "cuda":
            return None
        landed = torch.cuda.Event()  # type: ignore[no-untyped-call]
        landed.record()
        return landed

    def _lease(self, request: Request) -> None:
        """Lease room for a request when it is first encoded; what is already in a kept prefix leaves its pending ids.

        Raises:
            OutOfRows: There is no room; the request then holds no lease.
        """
        taken: list[tuple[Side, list[int]]] = []
        for side in request.sides:
            if side in self._prefixes:
                continue
            # The lease covers the whole page, so that a request that has begun never runs out of rows.
            size = len(side.pending) + (request.canvases - len(request.steps)) * self.config.canvas_length
            try:
                known = self._prefixes.lease(side, side.pending, size)
            except OutOfRows:
                # Half a guided request would hold room without being able to run: undo the sides leased so far.
                for other, pending in taken:
                    self._prefixes.release(other)
                    other.pending = pending
                raise
            taken.append((side, side.pending))
            side.pending = side.pending[known:]

    def _encode(self, sides: Sequence[Side], chunks: Sequence[Sequence[int]]) -> list[Tensor]:
        """Return hidden states [n, hidden] of each chunk behind its side's prefix; the prefix does not grow by it."""
        leases = [self._prefixes[side] for side in sides]
        spans = [Span(x.range.start, x.length, len(chunk)) for x, chunk in zip(leases, chunks, strict=True)]
        ids = torch.tensor(list(chain.from_iterable(chunks)), device=self.device)
        attend, where = encode_attend(self.model, spans), places(spans, self.device)
        hidden = self.model.run(self.model.embed(ids), where, attend, encoded=len(ids))
        return list(torch.split(hidden, [len(chunk) for chunk in chunks]))

    def _keep(self, side: Side, tokens: Sequence[int], hidden: Tensor) -> None:
        """Add tokens that were encoded last to the prefix; the first rows of `hidden` are their hidden states."""
        if tokens:
            self._prefixes[side].ids.extend(tokens)
            self._last[side] = hidden[len(tokens) - 1].clone()
