"""Which process holds a session. Each change is one script in Redis, so that two processes cannot both hold it."""

from dataclasses import dataclass
from typing import Any

from backend.storage.keys import Keys
from backend.storage.store_url import Client

FIELDS = ("holder", "page", "maker")
TAKE = """
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[1] and holder ~= ARGV[2] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[1], 'holder', ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
return 1
"""
RELEASE = """
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'holder')
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'page', ARGV[2], 'maker', ARGV[3]) end
return 1
"""
SAVE = """
if ARGV[1] ~= '' then
  local holder = redis.call('HGET', KEYS[1], 'holder')
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'holder', ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
local values = #ARGV - 2
for i = 1, values do redis.call('SET', KEYS[1 + i], ARGV[2 + i], 'EX', ARGV[2]) end
for i = values + 2, #KEYS do redis.call('DEL', KEYS[i]) end
return 1
"""


@dataclass(frozen=True)
class Lease:
    """The lease on a session.

    Attributes:
        holder: The process that has the session in memory, or "" for none.
        page: A page of the session that was being made when the session changed hands, or "" for none.
        maker: The process that makes that page, or "" for none.
    """

    holder: str = ""
    page: str = ""
    maker: str = ""


class Leases:
    """Takes, releases and checks the leases of one process.

    Attributes:
        process: The id of this process.
    """

    def __init__(self, client: Client, keys: Keys, process: str, seconds: int) -> None:
        self._client, self._keys, self.process, self._seconds = client, keys, process, seconds

    async def of(self, session: str) -> Lease:
        """Return the lease on a session."""
        found: Any = await self._client.hmget(self._keys.lease(session), list(FIELDS))
        return Lease(*((value or b"").decode() for value in found))

    async def take(self, session: str, holder: str) -> bool:
        """Hold a session, if nobody but `holder` holds it; return whether this process may have it.

        No lease is written for a session that is not in the store.
        """
        keys = (self._keys.lease(session), self._keys.session(session))
        return await self._run(TAKE, keys, self.process, holder, self._seconds)

    async def release(self, session: str, page: str = "", maker: str = "") -> bool:
        """Stop holding a session; return whether this process held it.

        Args:
            session: The session's id.
            page: A page of it that is still being made, or "".
            maker: The process that makes that page, or "".
        """
        return await self._run(RELEASE, (self._keys.lease(session),), self.process, page, maker)

    async def save(self, session: str, values: dict[str, bytes], gone: list[str], seconds: int) -> bool:
        """Write and drop keys of a session that this process holds or nobody holds.

        Args:
            session: The session's id.
            values: The values to write, by key.
            gone: The keys to drop.
            seconds: How long the values and the lease are kept.

        Returns:
            True if everything was written; False, with nothing written, if another process holds the session.
        """
        keys = (self._keys.lease(session), *values, *gone)
        return await self._run(SAVE, keys, self.process, seconds, *values.values())

    async def _run(self, script: str, keys: tuple[str, ...], *values: Any) -> bool:
        return bool(await self._client.eval(script, len(keys), *keys, *values))
