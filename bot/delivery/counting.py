"""The line on a post that counts who plays: a nicety, last in every queue, let go when Discord is busy.

It is an edit of the post's own text, once a minute at most in the round's first hour and once at its close. What
it said last is remembered in memory alone: after a restart a line may be written once more, with the same in it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from bot.clock import Clock
from bot.database import Store
from bot.database.shards import bounds, ours
from bot.database.tables import bodies, deliveries, rounds, steps, subscriptions
from bot.delivery.transport import Failure, Transport, TryAgain
from bot.language import speech
from bot.library.digests import load_body
from bot.posts.digest_post import caption
from bot.quiz import results
from bot.quiz.play import Verdicts
from bot.quiz.results_pages import tally_text
from bot.shards import ALL, Shards

log = logging.getLogger(__name__)

EVERY: Final = 20.0
"""Seconds between two looks."""
APART: Final = dt.timedelta(minutes=1)
"""The least time between two edits of a post."""
FIRST: Final = dt.timedelta(hours=1)
"""How long after its opening a round's line is kept up."""
_AFTER_CLOSE: Final = dt.timedelta(minutes=10)
"""How long after its close the last line may still be written."""
_MOST: Final = 200
"""Posts looked at in one pass, those of the latest rounds first."""

_parts = steps.alias("parts")
_last = (
    select(func.max(_parts.c.part))
    .where(_parts.c.delivery_id == deliveries.c.id, _parts.c.kind == "message")
    .correlate(deliveries)
    .scalar_subquery()
)
_played = (
    select(rounds)
    .where(
        ours(rounds.c.server_id),
        or_(
            and_(rounds.c.closed_at.is_(None), rounds.c.opened_at > bindparam("opened")),
            rounds.c.closed_at > bindparam("closed"),
        ),
    )
    .order_by(rounds.c.opened_at.desc())
    .limit(_MOST)
    .subquery("played")
)
_LIVELY = (
    select(
        steps.c.id,
        steps.c.part,
        steps.c.channel_id,
        steps.c.message_id,
        steps.c.delivery_id,
        deliveries.c.language,
        subscriptions.c.role_id,
        _played.c.id.label("round_id"),
        _played.c.closed_at,
        _played.c.verdicts,
    )
    .select_from(
        _played.join(subscriptions, subscriptions.c.server_id == _played.c.server_id)
        .join(
            deliveries,
            and_(
                deliveries.c.subscription_id == subscriptions.c.id,
                deliveries.c.digest_id == _played.c.digest_id,
            ),
        )
        .join(
            steps,
            and_(
                steps.c.delivery_id == deliveries.c.id,
                steps.c.kind == "message",
                steps.c.state == "sent",
                steps.c.part == _last,
            ),
        )
    )
    .where(subscriptions.c.ended_at.is_(None), steps.c.message_id.is_not(None))
    .order_by(_played.c.opened_at.desc(), steps.c.id)
    .limit(_MOST)
)

_BODY = (
    select(bodies.c.body)
    .join(deliveries, deliveries.c.body_id == bodies.c.id)
    .where(deliveries.c.id == bindparam("delivery"))
)


@dataclass(frozen=True, slots=True)
class Line:
    """What a post is to say of its round."""

    step_id: int
    delivery_id: int
    part: int
    """Which message of the post it is: the last, which has the buttons."""
    channel_id: int
    message_id: int
    role_id: int | None
    language: str
    text: str


def lines(connection: Connection, now: dt.datetime, shards: Shards = ALL) -> list[Line]:
    """The posts whose line is kept up now, with what it is to say; none of a round that nobody has played yet.

    Those in servers of these shards.
    """
    found = []
    moments = {"opened": now - FIRST, "closed": now - _AFTER_CLOSE}
    for row in connection.execute(_LIVELY, {**moments, **bounds(shards)}).all():
        withheld = row.closed_at is None and row.verdicts == Verdicts.AT_CLOSE
        tally = results.tally(connection, row.round_id, withheld=withheld)
        if not tally.players:
            continue
        found.append(
            Line(
                step_id=row.id,
                delivery_id=row.delivery_id,
                part=row.part,
                channel_id=row.channel_id,
                message_id=row.message_id,
                role_id=row.role_id if row.part == 0 else None,
                language=row.language,
                text=tally_text(tally, speech(row.language)),
            )
        )
    return found


def content(connection: Connection, line: Line) -> str:
    """The whole text of the post, the line in it."""
    body = connection.execute(_BODY, {"delivery": line.delivery_id}).scalar_one()
    digest = load_body(connection, body, figures=False)
    heading = caption(digest, line.part, line.part + 1, line.role_id, speech(line.language))
    return f"{heading}\n-# {line.text}"


class CountLine:
    """Keeps the lines up from `start` to `stop`; or call `refresh` yourself."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        transport: Transport,
        *,
        busy: Callable[[], bool],
        shards: Shards = ALL,
    ) -> None:
        """`busy` says whether there is anything better to send."""
        self._store = store
        self._clock = clock
        self._transport = transport
        self._busy = busy
        self._shards = shards
        self._said: dict[int, tuple[dt.datetime, str]] = {}
        """By step: when it was last edited or tried, and what it said."""
        self._quiet_until: dt.datetime | None = None
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Looks every so many seconds, until `stop`."""
        self._running = asyncio.create_task(self._run(), name="counting")

    async def stop(self) -> None:
        """Stops; an edit under way may be lost."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None

    async def refresh(self) -> int:
        """One pass over the posts; how many were edited. It ends as soon as there is anything better to do."""
        now = self._clock.now()
        if self._busy() or (self._quiet_until is not None and now < self._quiet_until):
            return 0
        edited = 0
        for line in await self._store.read(lines, now, self._shards):
            at, said = self._said.get(line.step_id, (None, None))
            if said == line.text or (at is not None and now - at < APART):
                continue
            if self._busy():
                break
            self._said[line.step_id] = now, line.text
            if not await self._edit(line, now):
                break
            edited += 1
        self._forget(now)
        return edited

    async def _edit(self, line: Line, now: dt.datetime) -> bool:
        """Edits a post, or lets it go; False where Discord is busy."""
        try:
            text = await self._store.read(content, line)
            await self._transport.reword(line.channel_id, line.message_id, text)
        except TryAgain as error:
            log.info("a count is let go: %s", error)
            self._quiet_until = now + max(APART, dt.timedelta(seconds=error.after or 0))
            return False
        except Failure as error:
            log.info("a count can't be written: %s", error)
        return True

    def _forget(self, now: dt.datetime) -> None:
        """Lets go of posts that nothing will be written under any more: no round lasts longer than three days."""
        self._said = {step: said for step, said in self._said.items() if now - said[0] < dt.timedelta(days=4)}

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.refresh()
            except Exception:
                log.exception("counts could not be written")
