"""Discord's rate limits: a bucket for each route and place, fifty requests a second over all, and the headers.

The numbers are ones seen in the wild; Discord promises none of them. Tests may set their own.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import Final

from .errors import ApiError

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds, from the first one on."""

    count: int
    seconds: float


GLOBAL: Final = Limit(50, 1)
CROSSPOSTS: Final = Limit(10, 3600)
OLD_EDITS: Final = Limit(3, 20)
"""Edits of messages older than an hour, in one channel."""
IDENTIFIES: Final = Limit(1, 5)
"""Identifies of the shards whose numbers have the same remainder by max_concurrency."""


@dataclass(slots=True)
class Bucket:
    """A window that opens with the first request and lets a number through."""

    limit: Limit
    left: int = 0
    resets: float = 0.0

    def take(self, now: float) -> float:
        """Takes one; returns how many seconds to wait where none is left, else 0."""
        if now >= self.resets:
            self.left, self.resets = self.limit.count, now + self.limit.seconds
        if self.left <= 0:
            return self.resets - now
        self.left -= 1
        return 0.0


@dataclass(slots=True)
class Rates:
    """The limits in force and how much of them is used."""

    enforced: bool = True
    routes: dict[str, Limit] = field(default_factory=dict)
    """A test's own limits, by `METHOD /template`; they go before the usual ones."""
    overall: Limit = GLOBAL
    crossposts: Limit = CROSSPOSTS
    old_edits: Limit = OLD_EDITS
    identifies: Limit = IDENTIFIES
    max_concurrency: int | None = None
    """So many shards may identify side by side; None: the bot is told one, and nobody is held to it."""
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _overall: Bucket | None = None

    def limit(self, route: str, count: int, seconds: float) -> None:
        """Gives a route (`METHOD /template`) a limit of a test's own."""
        self.routes[route] = Limit(count, seconds)
        for key in [key for key in self._buckets if key[0] == route]:
            del self._buckets[key]

    def take_overall(self) -> None:
        """Counts a request against the global limit. Raises RateLimitedError."""
        if not self.enforced:
            return
        if self._overall is None or self._overall.limit is not self.overall:
            self._overall = Bucket(self.overall)
        wait = self._overall.take(time.monotonic())
        if wait > 0:
            raise RateLimitedError(wait, "global")

    def take_identify(self, shard: int) -> bool:
        """Counts an identify; whether it was the shard's turn."""
        if self.max_concurrency is None:
            return True
        bucket = self._buckets.setdefault(("identify", str(shard % self.max_concurrency)), Bucket(self.identifies))
        return bucket.take(time.monotonic()) == 0

    def take(self, route: str, place: str, usual: Limit | None) -> Headers:
        """Counts a request against its route's bucket; returns the headers. Raises RateLimitedError with them."""
        limit = self.routes.get(route, usual)
        if not self.enforced or limit is None:
            return {}
        now = time.monotonic()
        if len(self._buckets) > 10_000:
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket.resets > now}
        bucket = self._buckets.setdefault((route, place), Bucket(limit))
        wait = bucket.take(now)
        headers = {
            "X-RateLimit-Limit": str(limit.count),
            "X-RateLimit-Remaining": str(max(bucket.left, 0)),
            "X-RateLimit-Reset": f"{time.time() + bucket.resets - now:.3f}",
            "X-RateLimit-Reset-After": f"{bucket.resets - now:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
        }
        if wait > 0:
            raise RateLimitedError(wait, "user", headers=headers)
        return headers

    def take_sub(self, name: str, place: int, limit: Limit, now: float, code: int, message: str) -> None:
        """Counts against a limit that no header tells of (`now` in seconds). Raises RateLimitedError."""
        if not self.enforced:
            return
        bucket = self._buckets.setdefault((name, str(place)), Bucket(limit))
        wait = bucket.take(now)
        if wait > 0:
            raise RateLimitedError(wait, "shared" if code == 0 else "user", code=code, message=message)


class RateLimitedError(ApiError):
    """429, with what Discord says in body and headers."""

    def __init__(
        self,
        seconds: float,
        scope: str,
        *,
        code: int = 0,
        message: str = "You are being rate limited.",
        headers: Headers | None = None,
    ) -> None:
        """`scope` is user, global or shared."""
        seconds = round(seconds + 0.001, 3)
        super().__init__(429, code, message, retry_after=seconds, **{"global": scope == "global"})
        if code == 0:
            del self.body["code"]
        self.headers = (headers or {}) | {
            "Retry-After": str(max(round(seconds + 0.5), 1)),
            "X-RateLimit-Scope": scope,
        }
        if scope == "global":
            self.headers["X-RateLimit-Global"] = "true"
