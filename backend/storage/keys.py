"""The names of the keys in Redis. All keys of a session share a hash tag, so that a cluster keeps them together."""

FORMAT = 2


class Keys:
    """The names of the keys of one tenant; services with the same tenant share sessions."""

    def __init__(self, tenant: str) -> None:
        self._prefix = f"silverprint:{FORMAT}:{tenant}"

    def session(self, session: str) -> str:
        """Return the key of a session's record."""
        return f"{self._prefix}:session:{{{session}}}"

    def page(self, session: str, page: str) -> str:
        """Return the key of a page's record."""
        return f"{self.session(session)}:page:{page}"

    def lease(self, session: str) -> str:
        """Return the key that says who holds a session."""
        return f"{self.session(session)}:lease"

    def owner(self, page: str) -> str:
        """Return the key that names the session of a page."""
        return f"{self._prefix}:page:{page}"

    def lent(self, name: str) -> str:
        """Return the key of a value that only one taker gets."""
        return f"{self._prefix}:lent:{name}"

    def index(self) -> str:
        """Return the key of all sessions with pages: a sorted set by the time when they were last written."""
        return f"{self._prefix}:sessions"

    def alive(self, process: str) -> str:
        """Return the key that exists as long as a process is alive."""
        return f"{self._prefix}:process:{process}"

    def use(self) -> str:
        """Return the key of what each process uses of the limits of tokens: a hash."""
        return f"{self._prefix}:use"

    def inbox(self, process: str) -> str:
        """Return the key of the messages from other processes to this one: a stream."""
        return f"{self._prefix}:inbox:{process}"

    def frames(self, token: str) -> str:
        """Return the key of the frames of a page that another process makes: a stream."""
        return f"{self._prefix}:frames:{token}"
