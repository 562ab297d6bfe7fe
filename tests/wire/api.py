"""The REST side: takes a request apart, lets it pass token, limits, checks and faults, and answers it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from aiohttp import BodyPartReader, MultipartReader, web

from . import errors, faults, schema
from .clock import http_date
from .errors import ApiError, InvalidBodyError, Problem
from .faults import Fault, Faults, When
from .rates import Headers, RateLimitedError
from .routes import Answer, Call, Check, Route, Upload
from .table import ROUTER
from .world import World

PREFIX: Final = "/api/v10"
_FILE: Final = re.compile(r"files\[(\d+)\]")
_VIA: Final = {"Via": "1.1 local"}
_NO_LINGER: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was answered; status 0 if it got no answer."""

    method: str
    template: str
    path: str
    body: Any
    files: tuple[str, ...]
    status: int
    answer: Any


@dataclass(frozen=True, slots=True)
class Violation:
    """Something in a request that Discord would refuse."""

    route: str
    problem: Problem

    def __str__(self) -> str:
        """One line for a failed test."""
        where = ".".join(map(str, self.problem.path))
        return f"{self.route}: {where}: {self.problem.message} ({self.problem.code}, {self.problem.source})"


@dataclass(slots=True)
class _Open:
    """A request on its way."""

    request: web.BaseRequest
    route: Route
    params: dict[str, str]
    path: str
    arrived: float
    body: Any = None
    files: list[Upload] = field(default_factory=list)
    answer: Any = None


class _Unanswered(Exception):  # noqa: N818 - not an error: the connection goes away instead of an answer
    """There will be no answer."""


class Api:
    """Answers requests and keeps count of them."""

    def __init__(self, world: World, *, check_schema: bool) -> None:
        """`check_schema` costs some milliseconds a message."""
        self.world = world
        self.faults = Faults()
        self.check_schema = check_schema and schema.available()
        self.requests: Counter[str] = Counter()
        self.log: deque[Request] = deque(maxlen=2_000)
        self.violations: list[Violation] = []
        self.invalid_requests = 0
        """Answers of 401, 403 and 429 (not shared): ten thousand in ten minutes get an address banned."""
        self.stopping = asyncio.Event()
        self.on_gateway_fault: Callable[[Fault], Awaitable[None]] | None = None

    def sent(self, method: str, route: str) -> list[Request]:
        """The latest requests of a method to a route, template or path, with wildcards."""
        return [
            request
            for request in self.log
            if request.method == method
            and (fnmatchcase(request.template, route) or fnmatchcase(request.path, route))
        ]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers a request under /api/v10."""
        arrived = time.monotonic()
        path = request.path.removeprefix(PREFIX)
        try:
            route, params = ROUTER.find(request.method, path)
        except ApiError as error:
            return self._refusal(error)
        self.requests[route.name] += 1
        call = _Open(request, route, params, path, arrived)
        response: web.StreamResponse
        try:
            response = await self._answer(call)
        except _Unanswered:
            self._note(call, 0)
            response = web.Response()
            response.force_close()
        else:
            response.headers["Date"] = http_date(self.world.clock.now())
            self._note(call, response.status)
        return response

    def _note(self, call: _Open, status: int) -> None:
        names = tuple(file.filename for file in call.files)
        self.log.append(
            Request(call.route.method, call.route.template, call.path, call.body, names, status, call.answer)
        )

    async def _answer(self, call: _Open) -> web.StreamResponse:
        try:
            broken = await self._strike(call, "before")
            if broken is not None:
                return broken
            headers = self._admitted(call)
            call.body, call.files = await _taken_apart(call.request)
            answer = self._worked(call)
            call.answer = answer[1]
        except ApiError as error:
            return await self._strike(call, "after") or self._refusal(error)
        return await self._strike(call, "after") or _response(answer, headers)

    def _admitted(self, call: _Open) -> Headers:
        """Past the token and the rate limits. Raises 401 or 429."""
        route, world = call.route, self.world
        if not route.tokenless:
            if call.request.headers.get("Authorization") != f"Bot {world.token}":
                raise errors.unauthorized()
            world.rates.take_overall()
        return world.rates.take(route.name, route.place(call.params), route.limit)

    def _worked(self, call: _Open) -> Answer:
        route, body = call.route, call.body
        problems: list[Problem] = []
        if route.check is not None:
            if not isinstance(body, (dict, list)):
                raise ApiError(400, 50109, "The request body contains invalid JSON.")
            problems.extend(_checked(route.check, body))
        if self.check_schema and body is not None:
            problems.extend(schema.problems(route.method, route.template, body))
        if problems:
            self.violations.extend(Violation(route.name, problem) for problem in problems)
            raise InvalidBodyError(problems)
        try:
            query = dict(call.request.query)
            return route.handler(Call(self.world, call.params, query, body, call.files, call.arrived))
        except InvalidBodyError as error:
            self.violations.extend(Violation(route.name, problem) for problem in error.problems)
            raise
        except ApiError as error:
            if error.code in (50006, 40005):
                problem = Problem((), str(error.code), str(error.body["message"]))
                self.violations.append(Violation(route.name, problem))
            raise

    def _refusal(self, error: ApiError) -> web.StreamResponse:
        headers = error.headers if isinstance(error, RateLimitedError) else {}
        if error.status in (401, 403, 429) and headers.get("X-RateLimit-Scope") != "shared":
            self.invalid_requests += 1
        return _response((error.status, error.body), headers)

    async def _strike(self, call: _Open, when: When) -> web.StreamResponse | None:
        """Lets a fault happen, if one is set for this request; its answer, or None where all goes on."""
        fault = self.faults.strike(call.route.method, call.route.template, call.path, when)
        if fault is None:
            return None
        match fault:
            case faults.Late(seconds):
                await self._unless_stopping(asyncio.sleep(seconds))
            case faults.Held(reached, released):
                reached.set()
                await self._unless_stopping(released.wait())
            case faults.Silent():
                await self.stopping.wait()
                raise _Unanswered
            case faults.Dropped() | faults.Reset():
                _hang_up(call.request, reset=isinstance(fault, faults.Reset))
                raise _Unanswered
            case faults.Failed(status):
                text = f"<html><head><title>{status}</title></head></html>"
                return web.Response(status=status, text=text, content_type="text/html", headers=_VIA)
            case faults.Refused(status, code, message):
                return self._refusal(ApiError(status, code, message))
            case faults.Limited(seconds, scope):
                return self._refusal(RateLimitedError(seconds, scope))
            case faults.GatewayClosed() | faults.SessionsForgotten():
                if self.on_gateway_fault is not None:
                    await self.on_gateway_fault(fault)
        return None

    async def _unless_stopping(self, wait: Awaitable[Any]) -> None:
        waiting, stopping = asyncio.ensure_future(wait), asyncio.ensure_future(self.stopping.wait())
        try:
            await asyncio.wait((waiting, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            stopping.cancel()


def _checked(check: Check, body: Any) -> list[Problem]:
    try:
        return check(body)
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        return [Problem((), "MALFORMED", f"The body has the wrong shape: {error}")]


def _response(answer: Answer, headers: Headers) -> web.StreamResponse:
    status, payload = answer
    if payload is None:
        return web.Response(status=status, headers=headers | _VIA)
    body = json.dumps(payload, separators=(",", ":")).encode()
    return web.Response(status=status, body=body, content_type="application/json", headers=headers | _VIA)


def _hang_up(request: web.BaseRequest, *, reset: bool) -> None:
    transport = request.transport
    if transport is None:
        return
    if reset:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    else:
        transport.close()


async def _taken_apart(request: web.BaseRequest) -> tuple[Any, list[Upload]]:
    """The JSON body and the files of a request."""
    if request.content_type.startswith("multipart/"):
        return await _multipart(MultipartReader(request.headers, request.content))
    raw = await request.content.read()
    return (_json(raw) if raw else None), []


async def _multipart(reader: MultipartReader) -> tuple[Any, list[Upload]]:
    body: Any = None
    files: list[Upload] = []
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        name = _FILE.fullmatch(part.name or "")
        if part.name == "payload_json":
            body = _json(data)
        elif name is not None:
            kind = _kind_of(data) or part.headers.get("Content-Type") or "application/octet-stream"
            files.append(Upload(int(name[1]), part.filename or "file", data, kind))
    return body, files


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


_KINDS: Final[Sequence[tuple[bytes, str]]] = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


def _kind_of(data: bytes) -> str | None:
    return next((kind for start, kind in _KINDS if data.startswith(start)), None)
