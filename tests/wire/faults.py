"""How the local Discord is told to misbehave: which requests, how, how often, before the work or after it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

When = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Late:
    """The answer comes so many seconds late; `before`: the work is late too."""

    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The request is held until the test lets it go; `reached` is set when it is there."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Silent:
    """There is never an answer; the connection stays open."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection is closed without an answer; `after` the work, this is the lost reply."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (RST) without an answer."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An answer of 500, 502, 503, 504 and the like, as a proxy gives it: no JSON."""

    status: int = 502


@dataclass(frozen=True, slots=True)
class Refused:
    """An error of Discord's, with its code."""

    status: int
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Limited:
    """429."""

    seconds: float
    scope: Literal["user", "global", "shared"] = "user"


@dataclass(frozen=True, slots=True)
class GatewayClosed:
    """Every gateway connection is closed with a code; the request itself goes on."""

    code: int = 4000


@dataclass(frozen=True, slots=True)
class SessionsForgotten:
    """Every gateway connection is closed and no session can be resumed; the request itself goes on."""


Fault = Late | Held | Silent | Dropped | Reset | Failed | Refused | Limited | GatewayClosed | SessionsForgotten


@dataclass(slots=True)
class Rule:
    """A fault for the requests that match, `times` times (None: always), the first `skip` of them left alone."""

    route: str
    method: str
    fault: Fault
    times: int | None
    when: When
    skip: int
    hits: int = 0
    """How often it struck."""

    def strikes(self, method: str, template: str, path: str, when: When) -> bool:
        """Whether it strikes this request; counts if so."""
        if self.when != when or self.times == self.hits or self.method not in ("*", method):
            return False
        if not fnmatchcase(template, self.route) and not fnmatchcase(path, self.route):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits += 1
        return True

    def end(self) -> None:
        """Strikes no more."""
        self.times = self.hits


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        """Starts with none: all is well."""
        self.rules: list[Rule] = []

    def add(self, rule: Rule) -> Rule:
        """Puts a rule in force after those that are."""
        self.rules.append(rule)
        return rule

    def strike(self, method: str, template: str, path: str, when: When) -> Fault | None:
        """The fault for this request, of the first rule that strikes it."""
        for rule in self.rules:
            if rule.strikes(method, template, path, when):
                return rule.fault
        return None
