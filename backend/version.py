"""Which release of Silverprint this is."""

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """Return the installed version, or "(not installed)" when run from a folder that is not installed."""
    try:
        return version("silverprint")
    except PackageNotFoundError:
        return "(not installed)"
