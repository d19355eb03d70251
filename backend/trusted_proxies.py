"""Which proxies may say where a client comes from, and which address is taken from what they say. No I/O."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

HOPS = 32
"""The most proxies in a row that are looked at, counted from the nearest."""
ADDRESS_CHARS = 64


def canonical(text: str) -> Address | None:
    """Return the address in a text, without brackets, port and zone, or None if it is no IP address."""
    text = text.strip(" \t")
    if len(text) > ADDRESS_CHARS:
        return None
    port = ""
    if text.startswith("["):
        text, end, after = text[1:].partition("]")
        if not end or after[:1] not in ("", ":"):
            return None
        port = after[1:]
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
    if port and not (port.isascii() and port.isdigit()):
        return None
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


class TrustedProxies:
    """The addresses and networks that are trusted.

    Raises:
        ValueError: An entry is neither an address nor a network.
    """

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        self._networks = tuple(ip_network(one) for one in trusted)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def trusts(self, address: Address | None) -> bool:
        """Return whether an address is that of a trusted proxy."""
        return any(address in network for network in self._networks)

    def client(self, peer: Address, said: str) -> tuple[Address, bool]:
        """Find where a request comes from that a trusted peer sends.

        Each proxy appends the address it received the request from. The client is therefore the first address from the
        right that is no trusted proxy. Anyone may have written what stands to the left of it, or to the left of an
        entry that is no address.

        Args:
            peer: The address of the trusted peer.
            said: The value of X-Forwarded-For.

        Returns:
            The client's address, and whether every entry that was looked at was an address.
        """
        found = peer
        for one in reversed(said.rsplit(",", HOPS)[-HOPS:]):
            address = canonical(one)
            if address is None:
                return found, False
            found = address
            if not self.trusts(found):
                break
        return found, True
