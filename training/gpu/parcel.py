"""A checkpoint as a few small files: a tar archive cut into pieces, of which the newest is kept.

    cat DIR/checkpoint-*.tar.* | tar x -C models/NAME

This command joins and unpacks the pieces.
"""

import io
import tarfile
from pathlib import Path

PIECE = 15 * 2**20
"""Bytes of a piece."""


def bring(folder: Path, out: Path, number: int, piece: int = PIECE) -> list[Path]:
    """Pack the files of `folder` as checkpoint number `number` of `out`, then remove the one before.

    Names of pieces contain the number. So a run that is ended in between leaves one whole checkpoint or two.

    Args:
        folder: Folder of the checkpoint.
        out: Folder of the pieces.
        number: Number of the checkpoint.
        piece: Bytes of a piece.

    Returns:
        The pieces.
    """
    out.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for file in sorted(path for path in folder.iterdir() if path.is_file()):
            archive.add(file, file.name)
    data, before = packed.getbuffer(), set(out.glob("checkpoint-*.tar.*"))
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    names = [out / f"checkpoint-{number:04}.tar.{chr(ord('a') + place)}" for place in range(len(pieces))]
    for name, part in zip(names, pieces, strict=True):
        fresh = out / f"{name.name}.new"
        fresh.write_bytes(part)
        fresh.rename(name)
    for stale in before - set(names):
        stale.unlink()
    return names
