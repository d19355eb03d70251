"""Steps that are run to be timed: as many as one likes, of canvases that differ, and without a trace."""

import pytest
import torch

from engine.checkpoint.memory import GIB, free_memory, within
from engine.core.errors import OutOfRows
from engine.model.diffusion_gemma import DiffusionGemma
from engine.runners.graph_state import FOREVER
from tests.unit.engine.runners.test_cuda_graph import PAGE, engine_of, runner, same_frames
from tests.unit.engine.tape import Taped
from tests.unit.engine.test_engine import prompt, run


@pytest.mark.parametrize("canvases", [1, 4])
def test_a_rehearsed_step_is_the_same_work_however_often_it_runs(model: DiffusionGemma, canvases: int) -> None:
    """Far beyond a canvas's last step, at which a seat left by a page would have fallen below temperature 0."""
    ours = runner(model, graphs=Taped())
    with ours.rehearsed(canvases, prefix=40) as (step, shown, prefix):
        assert prefix == 40
        for _ in range(60):
            step()
            assert shown.entropy[:canvases].isfinite().all()
        board = ours._board
        assert board._temperatures(canvases).unique().tolist() == pytest.approx([0.6])
        assert board.ints[:, :canvases].tolist()[1:4] == [[40] * canvases, [*range(canvases)], [60] * canvases]
        assert len(set(board.ints[0, :canvases].tolist())) == canvases
        assert len({tuple(row) for row in board.tokens[:canvases].tolist()}) == canvases
        assert int(board.ints[4, 0]) == FOREVER


def test_a_rehearsal_leaves_no_trace(model: DiffusionGemma) -> None:
    """Pages are the same before and after, though a canvas still sits where the first one ended."""
    ours = runner(model)
    engine = engine_of(ours)
    try:
        first, page = run(engine, prompt(40), PAGE)
        free, before = ours._arena.free + ours._prefixes.kept, [x.clone() for x in ours._board._buffers()]
        with ours.rehearsed(8) as (step, _, _):
            step()
        assert ours._arena.free == free
        assert all(torch.equal(a, b) for a, b in zip(before, ours._board._buffers(), strict=True))
        again, same = run(engine, prompt(40), PAGE)
    finally:
        engine.close()
    assert same_frames(first, again)
    assert page.tokens == same.tokens


def test_a_rehearsal_takes_the_room_there_is(model: DiffusionGemma) -> None:
    ours = runner(model)
    with ours.rehearsed(8, prefix=10**6) as rehearsal:
        assert 0 < rehearsal.prefix < 10**6
    taken = ours._arena.take(ours._arena.free - 1)
    with pytest.raises(OutOfRows), ours.rehearsed(1):
        pass
    ours._arena.give(taken)


def test_tokens_found_among_kept_prefixes_are_counted(model: DiffusionGemma) -> None:
    ours = runner(model)
    engine = engine_of(ours)
    try:
        run(engine, prompt(60), PAGE)
        assert ours.prompts == (60, 0)
        run(engine, prompt(60), PAGE)
        assert ours.prompts == (61, 59)
    finally:
        engine.close()


def test_a_share_of_the_gpu_is_a_smaller_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """24 GiB of 80, of which half a GiB is taken by the driver."""
    assert within(79 * GIB, 80 * GIB, 1.0) == 79 * GIB
    assert within(10 * GIB, 80 * GIB, 0.3) == 0
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (int(79.5 * GIB), 80 * GIB))
    monkeypatch.setattr(torch.cuda, "get_per_process_memory_fraction", lambda _: 24 / 80)
    assert free_memory(torch.device("cuda")) == pytest.approx(23.5 * GIB)
    assert free_memory(torch.device("cpu")) == 2**62
