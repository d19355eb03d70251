"""Two versions of the kit, as a service has them once there is a second."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.kit import bundle

REMEMBERED = (bundle.sheets, bundle.whole, bundle.pictures, bundle.address, bundle.styles_for, bundle.scripts_for)


@contextmanager
def two_kits(folder: Path) -> Iterator[None]:
    """v1 as it is, and in `folder` a v2, the newest, in which cards have dotted borders."""
    second = folder / "kit2"
    shutil.copytree(bundle.KIT, second)
    (second / "components" / "card.css").write_text(".card { border: 2px dotted red; }")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "VERSION", "v2")
        patch.setitem(bundle.FOLDERS, "v2", second)
        forget()
        yield
    forget()


@contextmanager
def gone(version: str) -> Iterator[None]:
    """A version that no service has any more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(bundle.FOLDERS, version)
        forget()
        yield
    forget()


def forget() -> None:
    for remembered in REMEMBERED:
        remembered.cache_clear()
