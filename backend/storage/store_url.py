"""Turns the address of the store into a client of one server, of a sentinel's master, or of a cluster.

    redis://[USER:PASSWORD@]HOST[:PORT][/DB]                            one server; rediss:// with TLS
    unix:///PATH[?db=DB]                                                one server on a unix socket
    redis+sentinel://[USER:PASSWORD@]HOST[:PORT],.../SERVICE[/DB]       what the sentinels say is SERVICE's master;
                                  [?user=USER&password=PASSWORD]        for the sentinels themselves, if they ask
    redis+cluster://[USER:PASSWORD@]HOST[:PORT],...                     a cluster, found through any of its nodes

rediss+sentinel:// and rediss+cluster:// are the same with TLS on every connection.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

Client: TypeAlias = Redis | RedisCluster
PORTS = {"sentinel": 26379, "cluster": 6379}
SEVERAL = re.compile(r"(rediss?)\+(sentinel|cluster)://(?:([^@/?#]*)@)?([^@/?#]+)(/[^?#]*)?(?:\?([^#]*))?")
TIMEOUT = 5.0
CONNECTIONS = 1000
"""The most connections to one server.

The client's own limit is 100, and further requests then fail, as when all clients reconnect at once. A server takes
10,000 connections.
"""


@dataclass(frozen=True)
class Several:
    """An address that names several servers.

    Attributes:
        kind: sentinel or cluster.
        tls: Whether connections use TLS.
        hosts: The (host, port) of each server.
        user: The user name, or "".
        password: The password, or "".
        service: The name of a sentinel's service, else "".
        db: The number of the database.
        login: What the sentinels themselves ask for.
    """

    kind: str
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    user: str = ""
    password: str = ""
    service: str = ""
    db: int = 0
    login: Mapping[str, str] = field(default_factory=dict)


def client_of(address: str, ca: Path | None = None) -> Client:
    """Return a client for an address; it does not connect yet.

    Args:
        address: An address of one of the forms above.
        ca: Certificates (PEM) that servers with TLS are checked against. None uses the system's.

    Raises:
        ValueError: The address has none of these forms, or the file of certificates does not exist.
    """
    if ca and not ca.is_file():
        raise ValueError(f"there is no file of certificates at {ca}")
    if "+" not in urlsplit(address).scheme:
        options = options_of(address.startswith("rediss:"), ca, ssl=False)
        return Redis.from_url(address, **options)
    several = parse(address)
    options = options_of(several.tls, ca) | {"username": several.user or None, "password": several.password or None}
    if several.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in several.hosts]
        return RedisCluster(startup_nodes=nodes, **options)
    options |= {"sentinel_kwargs": options_of(several.tls, ca) | dict(several.login), "db": several.db}
    sentinel = Sentinel(several.hosts, **options)  # type: ignore[no-untyped-call]
    master: Redis = sentinel.master_for(several.service)
    return master


async def close(client: Client) -> None:
    """Close a client, and with the client of a sentinel's master also those of the sentinels."""
    await client.aclose()
    manager = getattr(getattr(client, "connection_pool", None), "sentinel_manager", None)
    for sentinel in manager.sentinels if manager else ():
        await sentinel.aclose()


def options_of(tls: bool, ca: Path | None, ssl: bool = True) -> dict[str, Any]:
    """Return the options that every connection is made with.

    Args:
        tls: Whether connections use TLS.
        ca: Certificates (PEM) that servers are checked against. None uses the system's.
        ssl: Whether TLS must be asked for by an option, because no address says so.
    """
    once = Retry(NoBackoff(), 1)  # A connection that broke while it was idle is made again, without waiting.
    options: dict[str, Any] = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "retry": once}
    options["max_connections"] = CONNECTIONS
    if tls and ssl:
        options["ssl"] = True
    return options | ({"ssl_ca_certs": str(ca)} if tls and ca else {})


def parse(address: str) -> Several:
    """Parse an address that names several servers.

    Raises:
        ValueError: The address has a fault; the message contains no password.
    """
    found = SEVERAL.fullmatch(address)
    if not found:
        raise ValueError("expected hosts with commas between them, and nothing after them")
    scheme, kind, given, hosts, path, query = found.groups()
    user, _, password = (given or "").partition(":")
    service, _, db = (path or "").strip("/").partition("/")
    if bool(service) != (kind == "sentinel"):
        raise ValueError("a sentinel needs the name of its service behind the hosts, and a cluster takes none")
    if not re.fullmatch(r"\d*", db):
        raise ValueError(f"the number of a database is no number: {db!r}")
    login = dict(parse_qsl(query or "", keep_blank_values=True))
    if not set(login) <= {"user", "password"} or (login and kind != "sentinel"):
        raise ValueError("after ?, expected nothing but user and password, which are for sentinels")
    if "user" in login:
        login["username"] = login.pop("user")
    several = tuple(host_of(text, PORTS[kind]) for text in hosts.split(","))
    who = (unquote(user), unquote(password))
    return Several(kind, scheme == "rediss", several, *who, unquote(service), int(db or 0), login)


def host_of(text: str, port: int) -> tuple[str, int]:
    """Parse HOST[:PORT], or [ADDRESS][:PORT] for IPv6.

    Args:
        text: The host with or without a port.
        port: The port if the text names none.

    Raises:
        ValueError: There is no host, or the port is no number.
    """
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(f"a host is missing: {text!r}")
    return parts.hostname, parts.port or port


def public(address: str) -> str:
    """Return an address without its user name, password and options."""
    return re.sub(r"//[^/@]*@", "//", address).partition("?")[0]
