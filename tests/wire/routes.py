"""Which request is which: the table of what the local Discord answers, and what a handler is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .errors import Problem, no_route
from .rates import Limit
from .state import Json
from .world import World


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request."""

    index: int
    filename: str
    data: bytes
    content_type: str


@dataclass(slots=True)
class Call:
    """One request, taken apart."""

    world: World
    params: dict[str, str]
    query: dict[str, str]
    body: Any
    files: list[Upload]
    arrived: float
    """Monotonic seconds."""


Answer = tuple[int, Any]
Handler = Callable[[Call], Answer]
Check = Callable[[Any], list[Problem]]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """An address with its handler."""

    method: str
    template: str
    handler: Handler
    limit: Limit | None = None
    check: Check | None = None
    tokenless: bool = False
    """Not in need of the bot's token and outside the global limit: an interaction's token is in the address."""

    @property
    def name(self) -> str:
        """METHOD /template, as requests are counted."""
        return f"{self.method} {self.template}"

    def place(self, params: dict[str, str]) -> str:
        """What its bucket is for: the channel, guild or webhook."""
        for key in ("channel_id", "guild_id", "webhook_token"):
            if key in params:
                return params[key]
        return ""


class Router:
    """Finds the route of a request."""

    def __init__(self, routes: list[Route]) -> None:
        """A fixed part goes before a parameter."""
        self._found: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
        for route in sorted(routes, key=lambda route: route.template.count("{")):
            parts = route.template.strip("/").split("/")
            self._found.setdefault((route.method, len(parts)), []).append((parts, route))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and its parameters. Raises 404."""
        given = path.strip("/").split("/")
        for parts, route in self._found.get((method, len(given)), ()):
            params: dict[str, str] = {}
            for part, value in zip(parts, given, strict=True):
                if part.startswith("{"):
                    params[part[1:-1]] = value
                elif part != value:
                    break
            else:
                return route, params
        raise no_route()


EMPTY: Final[Answer] = (204, None)


def ok(payload: Json | list[Json]) -> Answer:
    """200 with JSON."""
    return 200, payload
