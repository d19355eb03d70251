"""The names of what is kept in Redis. All keys of a session share a hash tag, so that a cluster keeps them together."""

FORMAT = 2


class Keys:
    """tenant: services with the same one share sessions."""

    def __init__(self, tenant: str) -> None:
        self._prefix = f"silverprint:{FORMAT}:{tenant}"

    def session(self, session: str) -> str:
        return f"{self._prefix}:session:{{{session}}}"

    def page(self, session: str, page: str) -> str:
        return f"{self.session(session)}:page:{page}"

    def lease(self, session: str) -> str:
        """Who holds a session."""
        return f"{self.session(session)}:lease"

    def owner(self, page: str) -> str:
        """The session that a page belongs to."""
        return f"{self._prefix}:page:{page}"

    def lent(self, name: str) -> str:
        """A value that one taker gets."""
        return f"{self._prefix}:lent:{name}"

    def index(self) -> str:
        """All sessions with pages, by when they were written last: a sorted set."""
        return f"{self._prefix}:sessions"

    def alive(self, process: str) -> str:
        """There as long as the process is."""
        return f"{self._prefix}:process:{process}"

    def use(self) -> str:
        """What each process has in use of tokens with limits: a hash."""
        return f"{self._prefix}:use"

    def inbox(self, process: str) -> str:
        """What other processes tell this one: a stream."""
        return f"{self._prefix}:inbox:{process}"

    def frames(self, token: str) -> str:
        """A page that is made in another process: a stream of its frames."""
        return f"{self._prefix}:frames:{token}"
