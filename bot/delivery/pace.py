"""How fast requests may leave: below the 50 a second that Discord lets a bot have, however it counts a second."""

from __future__ import annotations

import asyncio
import math
from contextlib import AbstractAsyncContextManager
from typing import Final

_SECOND: Final = 1.0
_DEFAULT: Final = 49.0


class Pace(AbstractAsyncContextManager[None]):
    """Held around each request; who waits for it gets it in turn.

    Requests leave evenly, and one more leaves only when a second has passed since the answer to the one so many
    before it. Whenever a request got there was before its answer, so in no second do more arrive than are allowed,
    whatever the network does to them on their way.
    """

    def __init__(self, per_second: float = _DEFAULT) -> None:
        """At most `per_second`, rounded up, in any second; it may be less than one."""
        self._apart = 1 / per_second
        self._free = asyncio.Semaphore(math.ceil(per_second))
        self._next = 0.0
        """When another may leave, on the loop's clock."""

    def has_capacity(self) -> bool:
        """Whether a request could leave at once."""
        return not self._free.locked() and self._next <= asyncio.get_running_loop().time()

    async def __aenter__(self) -> None:
        """Waits until a request may leave."""
        await self._free.acquire()
        now = asyncio.get_running_loop().time()
        leaves = max(now, self._next)
        self._next = leaves + self._apart
        try:
            await asyncio.sleep(leaves - now)
        except BaseException:
            self._free.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        """The answer is there, or none comes."""
        asyncio.get_running_loop().call_later(_SECOND, self._free.release)
