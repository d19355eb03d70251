"""Where the store is: an address as text -> a client of one server, of a sentinel's master, or of a cluster.

    redis://[USER:PASSWORD@]HOST[:PORT][/DB]                            one server; rediss:// with TLS
    unix:///PATH[?db=DB]                                                one server on a unix socket
    redis+sentinel://[USER:PASSWORD@]HOST[:PORT],.../SERVICE[/DB]       what the sentinels say is SERVICE's master;
                                  [?user=USER&password=PASSWORD]        for the sentinels themselves, if they ask
    redis+cluster://[USER:PASSWORD@]HOST[:PORT],...                     a cluster, found through any of its nodes

rediss+sentinel:// and rediss+cluster:// are the same with TLS, everywhere.
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
"""To one server at most. The client's own limit is 100, and fails whoever comes then, as when all visitors come back
at once; a server takes 10,000."""


@dataclass(frozen=True)
class Several:
    """An address that names several servers. hosts: (host, port) each. service: of a sentinel, else "". login: what the
    sentinels themselves ask for."""

    kind: str
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    user: str = ""
    password: str = ""
    service: str = ""
    db: int = 0
    login: Mapping[str, str] = field(default_factory=dict)


def client_of(address: str, ca: Path | None = None) -> Client:
    """A client; nothing is connected yet. ca: certificates (PEM) that servers with TLS are checked against; None: the
    system's. Raises ValueError for an address that is none of those above.
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
    """Close a client, and with that of a sentinel's master those of the sentinels."""
    await client.aclose()
    manager = getattr(getattr(client, "connection_pool", None), "sentinel_manager", None)
    for sentinel in manager.sentinels if manager else ():
        await sentinel.aclose()


def options_of(tls: bool, ca: Path | None, ssl: bool = True) -> dict[str, Any]:
    """What every connection is made with. ssl: whether TLS must be asked for, as an address alone does not."""
    once = Retry(NoBackoff(), 1)  # a connection that broke while idle is made anew, without waiting
    options: dict[str, Any] = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "retry": once}
    options["max_connections"] = CONNECTIONS
    if tls and ssl:
        options["ssl"] = True
    return options | ({"ssl_ca_certs": str(ca)} if tls and ca else {})


def parse(address: str) -> Several:
    """Raises ValueError for an address with a fault in it; its message names no password."""
    found = SEVERAL.fullmatch(address)
    if not found:
        raise ValueError("hosts with commas between them are missing, or something stands behind them")
    scheme, kind, given, hosts, path, query = found.groups()
    user, _, password = (given or "").partition(":")
    service, _, db = (path or "").strip("/").partition("/")
    if bool(service) != (kind == "sentinel"):
        raise ValueError("a sentinel needs the name of its service behind the hosts, and a cluster takes none")
    if not re.fullmatch(r"\d*", db):
        raise ValueError(f"the number of a database is no number: {db!r}")
    login = dict(parse_qsl(query or "", keep_blank_values=True))
    if not set(login) <= {"user", "password"} or (login and kind != "sentinel"):
        raise ValueError("behind ? may stand nothing but user and password, which are for sentinels")
    if "user" in login:
        login["username"] = login.pop("user")
    several = tuple(host_of(text, PORTS[kind]) for text in hosts.split(","))
    who = (unquote(user), unquote(password))
    return Several(kind, scheme == "rediss", several, *who, unquote(service), int(db or 0), login)


def host_of(text: str, port: int) -> tuple[str, int]:
    """HOST[:PORT], or [ADDRESS][:PORT] for IPv6."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(f"a host is missing: {text!r}")
    return parts.hostname, parts.port or port


def public(address: str) -> str:
    """An address without its user name, password and options."""
    return re.sub(r"//[^/@]*@", "//", address).partition("?")[0]
