"""Which proxies may say where a client comes from, and what of their words is taken: an address, nothing else. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

HOPS = 32
"""Proxies behind each other that are looked at, from the nearest."""
ADDRESS_CHARS = 64


def canonical(text: str) -> Address | None:
    """The address in text, less its brackets, port and zone; None for anything that is no IP address."""
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
    """Addresses and networks that are trusted. Raises ValueError for what is neither."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        self._networks = tuple(ip_network(one) for one in trusted)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def trusts(self, address: Address | None) -> bool:
        return any(address in network for network in self._networks)

    def client(self, peer: Address, said: str) -> tuple[Address, bool]:
        """Where a request comes from that a trusted peer sends, and whether all that was looked at were addresses.

        said: X-Forwarded-For, to which each proxy adds whom it heard: the first from the right that is no proxy of
        ours. What stands left of that, or of what is no address, anyone may have written.
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
