"""Two versions of the kit, as a service has them once there is a second one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.kit import bundle

REMEMBERED = (bundle.sheets, bundle.whole, bundle.pictures, bundle.address, bundle.styles_for, bundle.scripts_for)
"""The cached functions of the bundle."""


@contextmanager
def two_kits(folder: Path) -> Iterator[None]:
    """Provide v1 as it is, and in `folder` a newer v2, in which cards have dotted borders."""
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
    """Let a version be one that the service no longer has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(bundle.FOLDERS, version)
        forget()
        yield
    forget()


def forget() -> None:
    """Clear the caches of the bundle."""
    for remembered in REMEMBERED:
        remembered.cache_clear()
