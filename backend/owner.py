"""Who a page is made for."""

from typing import TYPE_CHECKING, Protocol

from backend.errors import ProtocolError

if TYPE_CHECKING:
    from backend.making import Making


class Owner(Protocol):
    """Who wants the page. None of these is called once the page is stopped or has ended."""

    def queued(self, making: "Making") -> None:
        """It waits at another making.position now; at 0 its turn has come."""

    def drafted(self, making: "Making") -> None:
        """There is a newer draft in making.live."""

    def kept(self, making: "Making") -> None:
        """Another canvas is committed: making.record holds more of the page."""

    def ended(self, making: "Making", failure: ProtocolError | None) -> None:
        """making.record is committed or stopped. failure: prompt_too_long or page_failed, if the model failed."""
