"""The addresses that clients come from, and the networks they stand for."""

from ipaddress import IPv4Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection


def address_of(client: HTTPConnection) -> str:
    """Return the address that a request or websocket comes from, or "" if it is not known."""
    return client.client.host if client.client else ""


def network(address: str) -> str:
    """Return the network that one client has to itself: an IPv4 address, or the first 64 bits of an IPv6 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return address
    return str(found.ipv4_mapped or IPv6Network((int(found) >> 64 << 64, 64)))
