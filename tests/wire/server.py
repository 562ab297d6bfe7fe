"""The local Discord as one thing to open: REST and gateway on one loopback port, and the tests' hand on it."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import TracebackType

from aiohttp import web

from bot.clock import Clock

from . import payloads
from .actions import Actions
from .api import PREFIX, Api, Request, Violation
from .clock import MovableClock
from .control import control
from .faults import Fault, GatewayClosed, Rule, When
from .gateway import Gateway
from .state import User
from .world import World

TOKEN = "local.discord.token"


class LocalDiscord(Actions):
    """Discord on a loopback port, while it is open.

    The API is at `api_url`, the gateway at `gateway_url`; the bot's token is `token`.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        token: str = TOKEN,
        shards: int = 1,
        max_concurrency: int | None = None,
        heartbeat: float = 41.25,
        check_schema: bool = True,
        limit_rates: bool = True,
        way: float = 0.0,
        port: int = 0,
    ) -> None:
        """`shards` is what the bot is told to use; `clock` is MovableClock() unless given.

        `way`: seconds that a request takes to get here and its answer to get back, together.

        `max_concurrency` is how many shards may identify side by side in five seconds; unless given, the bot is
        told one and nobody is held to it, since most tests shrink such waits.
        """
        self.clock = clock or MovableClock()
        self.token = token
        world = World(self.clock, token)
        super().__init__(world, Gateway(world, heartbeat=heartbeat))
        world.emit = self.gateway.emit
        world.shards = shards
        world.rates.enforced = limit_rates
        world.rates.max_concurrency = max_concurrency
        self.api = Api(world, check_schema=check_schema)
        self.api.on_gateway_fault = self._gateway_fault
        self.port = port
        self._way = way
        self.players: dict[str, User] = {}
        """Those that another process plays with, by name."""
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> LocalDiscord:
        """Listens."""
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.world.base = f"http://127.0.0.1:{self.port}"
        self.world.gateway_url = self.gateway_url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hangs up on everybody and stops listening."""
        self.api.stopping.set()
        await self.gateway.close(1001)
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """Where the API is, version included."""
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"ws://127.0.0.1:{self.port}/gateway"

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith(PREFIX):
            await asyncio.sleep(self._way / 2)
            response = await self.api.handle(request)
            await asyncio.sleep(self._way / 2)
            return response
        if path in ("/gateway", "/gateway/", "/"):
            return await self.gateway.handle(request)
        if path.startswith(payloads.CDN):
            return self._file(path)
        if path == "/control":
            return await control(self, request)
        return web.Response(status=404)

    def _file(self, path: str) -> web.Response:
        key = path.removeprefix(payloads.CDN).strip("/").partition("/")[0]
        file = self.world.files.get(int(key)) if key.isdecimal() else None
        if file is None:
            return web.Response(status=404)
        return web.Response(body=file.data, headers={"Content-Type": file.content_type})

    def advance(self, seconds: float) -> None:
        """Lets that many seconds pass at once for nonces, interactions and ids; rate limits take real time."""
        if not isinstance(self.clock, MovableClock):
            raise TypeError("this local Discord goes by a clock of the test's own: move that one")
        self.clock.advance(seconds)

    # What came in

    @property
    def requests(self) -> Counter[str]:
        """How many requests of each route, by `METHOD /template`."""
        return self.api.requests

    @property
    def violations(self) -> list[Violation]:
        """Everything that Discord would have refused in a body."""
        return self.api.violations

    def sent(self, method: str, route: str) -> list[Request]:
        """The latest requests of a method to a route (template or path, wildcards allowed)."""
        return self.api.sent(method, route)

    # Misbehaving

    def fault(
        self, route: str, method: str, fault: Fault, *, times: int | None = 1, when: When = "before", skip: int = 0
    ) -> Rule:
        """Lets a fault happen to requests of a method (or "*") to a route, a template or path with wildcards.

        It strikes `times` times (None: until `end()`), after leaving the first `skip` alone, before the work is
        done or `after` it.
        """
        return self.api.faults.add(Rule(route, method, fault, times, when, skip))

    def no_faults(self) -> None:
        """Ends every fault."""
        self.api.faults.rules.clear()

    async def _gateway_fault(self, fault: Fault) -> None:
        if isinstance(fault, GatewayClosed):
            await self.gateway.close(fault.code)
        else:
            self.gateway.forget()
            await self.gateway.close(4000)
