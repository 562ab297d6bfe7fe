"""How fast requests leave: below the 50 a second that Discord lets a bot have, however it counts a second."""

from __future__ import annotations

import asyncio
import math
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import yarl

_SECOND: Final = 1.0
_DEFAULT: Final = 49.0
_UNCOUNTED: Final = ("/interactions/", "/webhooks/")
"""What is answered to a click or a command: Discord doesn't count it there."""


class Pace:
    """Lets requests leave one after the other, those that wait longest first.

    They leave evenly, and one more leaves only when a second has passed since the answer to the one so many before
    it. A request got there before its answer came, so in no second do more arrive than are allowed, whatever the
    network does to them on their way. The price is a little speed where the way is long.
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

    async def leave(self) -> None:
        """Waits until a request may leave; `arrived` is called when it is answered, or comes to nothing."""
        await self._free.acquire()
        now = asyncio.get_running_loop().time()
        leaves = max(now, self._next)
        self._next = leaves + self._apart
        try:
            await asyncio.sleep(leaves - now)
        except BaseException:
            self._free.release()
            raise

    def arrived(self) -> None:
        """One that has left was answered, or none is coming."""
        asyncio.get_running_loop().call_later(_SECOND, self._free.release)

    def keep(self, trace: aiohttp.TraceConfig) -> None:
        """Keeps it for the requests that are traced: whoever sends them, and each try of each of them."""
        trace.on_request_start.append(self._leave)
        trace.on_request_end.append(self._arrive)
        trace.on_request_exception.append(self._arrive)

    async def _leave(
        self, _: aiohttp.ClientSession, way: SimpleNamespace, params: aiohttp.TraceRequestStartParams
    ) -> None:
        way.paced = _counts(params.url)
        if way.paced:
            await self.leave()

    async def _arrive(self, _: aiohttp.ClientSession, way: SimpleNamespace, __: Any) -> None:
        if way.paced:
            self.arrived()


def _counts(url: yarl.URL) -> bool:
    """Whether Discord counts a request to this address: not one that opens the gateway, nor an interaction's."""
    return url.scheme in ("http", "https") and not any(part in url.path for part in _UNCOUNTED)
