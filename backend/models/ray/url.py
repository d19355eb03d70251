"""What `--engine ray://...` names: a Ray cluster and the application in it."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from backend.errors import SettingsError

SCHEME = "ray"
APP = "silverprint"
FORMS = "ray://auto, ray://local?replicas=2 or ray://HOST:PORT, with /APP behind it if it is not called silverprint"


@dataclass(frozen=True)
class ClusterUrl:
    """A parsed ray:// address.

    Attributes:
        address: auto for the cluster that this machine belongs to, local for one of our own, or HOST:PORT of its head.
        app: The application's name.
        replicas: How many replicas a cluster of our own has.
    """

    address: str = "auto"
    app: str = APP
    replicas: int = 1

    @property
    def local(self) -> bool:
        """Whether the cluster is one of our own."""
        return self.address == "local"

    @classmethod
    def parse(cls, url: str) -> "ClusterUrl":
        """Parse an address.

        Raises:
            SettingsError: The address is not one of FORMS.
        """
        parts = urlsplit(url)
        app = parts.path.strip("/") or APP
        known = re.fullmatch(r"auto|local|[\w.-]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", parts.netloc)
        if parts.scheme != SCHEME or not known or not re.fullmatch(r"[\w-]{1,64}", app) or parts.fragment:
            raise SettingsError(f"expected engine to be {FORMS}, got {url!r}")
        return cls(parts.netloc, app, replicas_in(parts.query, parts.netloc == "local", url))


def replicas_in(query: str, local: bool, url: str) -> int:
    """Return the number of replicas in a query, which may hold nothing else.

    Raises:
        SettingsError: The query holds anything else, or the cluster is not our own.
    """
    if not query:
        return 1
    pairs = parse_qsl(query, keep_blank_values=True)
    if not local or len(pairs) != 1 or pairs[0][0] != "replicas" or not re.fullmatch(r"[1-9]\d{0,2}", pairs[0][1]):
        raise SettingsError(f"expected engine to be {FORMS}, got {url!r}")
    return int(pairs[0][1])
