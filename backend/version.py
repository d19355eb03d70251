"""Which Silverprint this is."""

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The installed version; "(not installed)" when run from a folder that is not."""
    try:
        return version("silverprint")
    except PackageNotFoundError:
        return "(not installed)"
