"""Compile every kernel ahead of time, at true shapes, for chips that this machine need not have.

    python -m benchmarks.kernels.aot                        the table of docs/kernels.md: registers, memory, spills
    python -m benchmarks.kernels.aot --chip sm_90 --json    one chip, as JSON

The launchers run on tensors of torch's meta device, which have a shape and no memory, and their launches are compiled
instead of run. Registers and spills are those that the assembler shipped with Triton reports.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import torch
import triton
from torch import Tensor
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from triton.runtime.jit import JITFunction

from benchmarks.kernels.shapes import LARGE, SMALL, Maker, cases
from kernels import chip as chips
from kernels.chip import BLACKWELL, HOPPER, Chip

CHIPS = {"sm_90": HOPPER, "sm_100": BLACKWELL}
ASSEMBLED_FOR = re.compile(r"^\.target (\w+)", re.MULTILINE)
POINTERS = {
    torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32", torch.int8: "i8", torch.uint8: "u8",
    torch.int32: "i32", torch.int64: "i64", torch.float8_e4m3fn: "fp8e4nv",
}  # fmt: skip


@dataclass(frozen=True)
class Launched:
    """A launch that was recorded.

    Attributes:
        kernel: Name of the kernel's function.
        module: Module of the function.
        label: The operation and its shape.
        arguments: Arguments in order, with tensors replaced by their dtypes.
        options: Options of the launch.
    """

    kernel: str
    module: str
    label: str
    arguments: tuple[Any, ...]
    options: dict[str, int]


@dataclass(frozen=True)
class Compiled:
    """What a kernel takes of a chip.

    Attributes:
        chip: Name of the chip's architecture.
        kernel: Name of the kernel's function.
        label: The operation and its shape.
        warps: Warps of a program.
        registers: Registers of a thread.
        shared: Bytes of shared memory of a program.
        spilled: Bytes that a thread spills.
    """

    chip: str
    kernel: str
    label: str
    warps: int
    registers: int
    shared: int
    spilled: int


def record(target: Chip, canvases: Iterable[int] = (1, 8)) -> list[Launched]:
    """Record the distinct launches of all operations for both models, with launch parameters for one chip.

    Args:
        target: The chip.
        canvases: Numbers of canvases a step.

    Returns:
        The launches.
    """
    found: dict[str, Launched] = {}
    label = ""

    def note(self: JITFunction[Any], *args: Any, grid: object, warmup: bool, **options: int) -> None:
        arguments = tuple(arg.dtype if isinstance(arg, Tensor) else arg for arg in args)
        one = Launched(self.fn.__name__, self.fn.__module__, label, arguments, options)
        found.setdefault(repr((one.kernel, one.module, _shape_of(one), options)), one)

    with (
        mock.patch.object(JITFunction, "run", note),
        mock.patch.object(chips, "chip_of", return_value=target),
    ):
        for shape in (LARGE, SMALL):
            for count in canvases:
                for case in cases(shape, Maker("meta"), count):
                    label = f"{case.operation} {case.label}"
                    case.run(*case.inputs())
    return list(found.values())


def _shape_of(one: Launched) -> tuple[Any, ...]:
    """Return what a compilation depends on: types, constants, and whether integers are multiples of 16."""
    function = _function(one)
    return tuple(
        argument
        if parameter.is_constexpr or not isinstance(argument, int | float)
        else (type(argument), _special(argument))
        for parameter, argument in zip(function.params, one.arguments, strict=True)
    )


def _special(argument: float) -> object:
    return None if isinstance(argument, float) else argument == 1 or argument % 16 == 0


def _function(one: Launched) -> JITFunction[Any]:
    found: JITFunction[Any] = getattr(sys.modules[one.module], one.kernel)
    return found


def compile_one(one: Launched, chip: str) -> Compiled:
    """Compile a recorded launch for a chip; raises what Triton raises if it cannot."""
    function = _function(one)
    signature, constants, attributes = {}, {}, {}
    for i, (parameter, argument) in enumerate(zip(function.params, one.arguments, strict=True)):
        whole = isinstance(argument, int) and not isinstance(argument, bool)
        if parameter.is_constexpr or (whole and argument == 1):
            signature[parameter.name], constants[(i,)] = "constexpr", argument
        elif isinstance(argument, torch.dtype):
            signature[parameter.name] = "*" + POINTERS[argument]
        else:
            signature[parameter.name] = ("i32" if abs(argument) < 2**31 else "i64") if whole else "fp32"
        if isinstance(argument, torch.dtype) or (whole and argument % 16 == 0 and signature[parameter.name][0] == "i"):
            attributes[(i,)] = [["tt.divisibility", 16]]
    target = GPUTarget("cuda", int(chip.removeprefix("sm_")), 32)
    made = triton.compile(ASTSource(function, signature, constants, attributes), target=target, options=one.options)
    registers, spilled = resources(made.asm["ptx"])
    return Compiled(chip, one.kernel, one.label, made.metadata.num_warps, registers, made.metadata.shared, spilled)


def resources(ptx: str) -> tuple[int, int]:
    """Return the registers of a thread, and the bytes that it spills according to ptxas.

    The size of its stack would be misleading: it includes the slow path of sine and cosine, which is taken only for
    angles above 100,000.

    Args:
        ptx: The kernel as PTX.

    Raises:
        RuntimeError: ptxas did not report spills and registers.
    """
    folder = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
    architecture = ASSEMBLED_FOR.search(ptx)
    assert architecture, "every PTX names its target"
    newer = folder / "ptxas-blackwell"
    tool = newer if architecture[1] >= "sm_100" and len(architecture[1]) > 6 and newer.is_file() else folder / "ptxas"
    with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file:
        file.write(ptx)
        file.flush()
        command = [str(tool), "-v", f"--gpu-name={architecture[1]}", file.name, "-o", os.devnull]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads.*?Used (\d+) registers", said, re.DOTALL)
    if found is None:
        raise RuntimeError(f"expected spills and registers from ptxas, got {said!r}")
    stores, loads, registers = map(int, found.groups())
    return registers, stores + loads


def _job(job: tuple[Launched, str]) -> Compiled:
    return compile_one(*job)


def compile_all(chips: Iterable[str], workers: int = 2) -> list[Compiled]:
    """Compile every distinct launch for each chip, in several processes."""
    jobs = [(one, chip) for chip in chips for one in record(CHIPS[chip])]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        return list(pool.map(_job, jobs))


def as_table(found: list[Compiled]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| chip | kernel | at | warps | registers | shared memory, bytes | spilled, bytes |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        cells = (one.chip, one.kernel, one.label, one.warps, one.registers, one.shared, one.spilled)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> None:
    """Compile the kernels and print the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chip", choices=CHIPS, action="append", help="compile for this chip only")
    parser.add_argument("--workers", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = compile_all(options.chip or CHIPS, options.workers)
    print(json.dumps([asdict(one) for one in found], indent=1) if options.json else as_table(found))


if __name__ == "__main__":
    main()
