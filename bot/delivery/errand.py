"""One delivery's way through its steps: each is committed as `sending`, tried, and committed as done.

A step that was left in `sending`, by a crash or a reply that never came, is settled first: the channel is
searched for its key. Found, it is done; not found, it is tried again with the same nonce; where nobody can find
out and the nonce may have lost its hold, it is `unknown`, the admin is told and it is left at that. A forum post
is made without a nonce, so it is searched for in any case, once a request that is still under way has come to its
end.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.database import StoreError
from bot.delivery import composing, ledger, results, weekly
from bot.delivery.entries import Delivery, Step, StepKind, StepState
from bot.delivery.sentences import MALFORMED, NO_POST, NOT_ALLOWED, POST_SHUT, UNKNOWN
from bot.delivery.tools import Tools
from bot.delivery.transport import Absent, Blocked, Failure, Gone, Rejected, Shut, TryAgain
from bot.library.recent import Recent
from bot.model import Digest
from bot.posts.message import Message

log = logging.getLogger(__name__)

T = TypeVar("T")
Target = tuple[int, int, Message]

NONCE_HOLDS: Final = dt.timedelta(minutes=2)
"""How long after the first try a nonce surely keeps Discord from making a second message."""
SETTLING: Final = 60.0
"""Seconds after a doubtful try until a forum post is looked for: a request that was cut off may take so long."""
LONGEST_WAIT: Final = 900.0
"""Seconds between two tries at most, unless Discord asks for more."""
REJECTIONS: Final = 3
"""After so many tries, two of them refused as malformed in the same words, a message isn't tried any more."""
FAILURES: Final = 6
"""After so many tries, two of them failed by the same mistake of ours, a message isn't tried any more."""
RESULTS_TRIES: Final = 10
"""The results of a round are tried so many times, some hour altogether, so that they hold up no digest."""
EXTRA_TRIES: Final = 8
"""A thread or a publishing is tried so many times; a message as long as it takes."""


class Errand:
    """One delivery on its way."""

    def __init__(self, tools: Tools, delivery_id: int) -> None:
        self._tools = tools
        self._delivery_id = delivery_id
        self._title = ""
        """Of a forum post."""
        self._posted: dict[int, int | None] = {}
        """The post's messages so far, by part; None: not there."""

    async def run(self) -> bool:
        """Does the delivery's steps one after the other, as far as that goes now.

        False where nothing was done because somebody else is at it.
        """
        try:
            loaded = await self._tools.store.read(_load, self._delivery_id, self._tools.recent)
            if loaded is None:
                return True
            delivery, digest = loaded
            messages = self._compose(delivery, digest) if results.any_open(delivery, StepKind.MESSAGE) else ()
            outcome, weeks = await self._told(delivery)
        except StoreError:
            raise
        except Exception:
            log.exception("a delivery can't be composed")
            await self._give_up()
            return True
        planned = sum(step.kind is StepKind.MESSAGE for step in delivery.steps)
        if len(messages) > planned:  # composed by a newer version than it was planned by
            missing = range(planned, len(messages))
            await self._tools.store.write(ledger.plan, delivery.id, StepKind.MESSAGE, missing)
            return await self.run()
        if missing := results.missing(delivery, outcome):
            where = next(step.channel_id for step in delivery.steps if step.kind is StepKind.RESULTS)
            await self._tools.store.write(ledger.plan, delivery.id, StepKind.RESULTS, missing, channel_id=where)
            return await self.run()
        self._title = composing.thread_name(digest, delivery.language)
        self._posted = {step.part: step.message_id for step in delivery.steps if step.kind is StepKind.MESSAGE}
        for step in delivery.steps:
            if not step.open:
                continue
            attempt = await self._hold(delivery, step)
            if attempt is None:
                return False
            if step.kind is StepKind.MESSAGE:
                message = messages[step.part] if step.part < len(messages) else None
                done = await self._message(delivery, step, message, attempt)
            elif step.kind is StepKind.RESULTS:
                message = outcome[step.part] if step.part < len(outcome) else None
                done = await self._message(delivery, step, message, attempt)
            elif step.kind is StepKind.STANDINGS:
                done = await self._message(delivery, step, weeks[step.part], attempt)
            elif step.kind is StepKind.CORRECTION:
                target = weekly.correction(delivery, step, weeks) or results.correction(delivery, step, outcome)
                done = await self._correction(delivery, step, target, attempt)
            else:
                done = await self._extra(delivery, step, attempt)
            if not done:
                return True
        return True

    async def _give_up(self) -> None:
        """By a mistake of ours the delivery, or its digest, can't be made into messages: an admin is told."""
        self._tools.counts["failed"] += 1
        delivery = await self._tools.store.read(ledger.load_delivery, self._delivery_id)
        if delivery is not None:
            await self._tools.store.write(ledger.give_up, delivery, error=MALFORMED, now=self._now)
            self._tell(delivery, MALFORMED)

    def _compose(self, delivery: Delivery, digest: Digest) -> tuple[Message, ...]:
        keys = {step.part: step.nonce for step in delivery.steps if step.kind is StepKind.MESSAGE}
        return self._tools.compose(
            digest,
            digest_id=delivery.digest_id,
            look=delivery.look,
            language=delivery.language,
            role=delivery.role_id,
            over=delivery.round_over,
            keys=lambda part: keys.get(part, "unplanned"),
        )

    async def _told(self, delivery: Delivery) -> tuple[tuple[Message, ...], dict[int, Message]]:
        """The results of the round and, by part, weeks' standings, where any are to be posted or corrected."""
        if not results.any_open(delivery, StepKind.RESULTS, StepKind.STANDINGS, StepKind.CORRECTION):
            return (), {}
        return await self._tools.store.read(_compose_told, delivery)

    async def _hold(self, delivery: Delivery, step: Step) -> int | None:
        """Commits that the step is being tried; which attempt that is, or None."""
        if step.state is StepState.SENDING:
            return await self._tools.store.write(ledger.take_up, step, now=self._now)
        return await self._tools.store.write(
            ledger.begin, delivery, step, now=self._now, open_round=self._tools.open_round
        )

    async def _message(self, delivery: Delivery, step: Step, message: Message | None, attempt: int) -> bool:
        """Posts a message of the post or of the results, or finds it posted; whether the next step may follow."""
        doubtful = step.state is StepState.SENDING
        where = delivery.whereto(step, self._posted)
        message_id: int | None
        if where is None:
            return await self._refuse(delivery, step, NO_POST, tell=False)
        try:
            if doubtful:
                found = await self._find(where, step)
                if isinstance(found, int):
                    return await self._sent(delivery, step, found, where)
                if found is Absent.UNREADABLE and (delivery.opens_post(step) or not self._nonce_holds(step)):
                    return await self._forsake(delivery, step)
                doubtful = found is Absent.UNREADABLE
            if message is None:
                return await self._refuse(delivery, step, tell=step.kind is StepKind.MESSAGE)
            message_id = await self._kept(step, self._send(delivery, step, message, where))
        except Gone:
            message_id = None
        except Exception as error:  # noqa: BLE001  # sorted there, and logged where it is a bug
            return await self._failed(error, delivery, step, attempt, where, doubtful=doubtful)
        return await self._sent(delivery, step, message_id, where)

    def _send(self, delivery: Delivery, step: Step, message: Message, where: int) -> Coroutine[Any, Any, int]:
        transport = self._tools.transport
        if delivery.opens_post(step):
            return transport.open_post(where, message, title=self._title, tags=delivery.tags)
        return transport.send(where, message, nonce=step.nonce)

    async def _failed(
        self, error: Exception, delivery: Delivery, step: Step, attempt: int, where: int, *, doubtful: bool
    ) -> bool:
        """Sorts why a message could not be posted; whether the next step may follow.

        `doubtful`: an earlier try may have posted it.
        """
        tools = self._tools
        repeated = step.error == _reason(error)
        told = step.kind in (StepKind.RESULTS, StepKind.STANDINGS)
        if told and (isinstance(error, Blocked) or attempt >= RESULTS_TRIES):
            return await self._telling_failed(error, delivery, step, doubtful=doubtful)
        match error:
            case TryAgain():
                log.info("a message has to wait: %s", error)
                doubtful, after = doubtful or error.doubtful, error.after
                if doubtful and delivery.opens_post(step):
                    after = max(after or 0.0, SETTLING)
                await self._postpone(step, error, attempt, doubtful=doubtful, after=after)
            case Shut() if (
                step.kind is StepKind.MESSAGE and where != delivery.channel_id
            ):  # somebody closed the post that it belongs to
                self._posted[0] = None
                return await self._refuse(delivery, step, POST_SHUT)
            case Blocked():
                log.warning("the channel takes no posts: %s (%s)", error, error.__cause__)
                tools.counts["blocked"] += 1
                if await tools.store.write(
                    ledger.block, delivery, step, reason=str(error), doubtful=doubtful, now=self._now
                ):
                    self._tell(delivery, str(error))
            case Rejected():
                log.error("Discord takes a message of ours for malformed: %s", error, exc_info=error.__cause__)
                tools.counts["failed"] += 1
                if repeated and attempt >= REJECTIONS:
                    return await (self._forsake if doubtful else self._refuse)(delivery, step)
                await self._postpone(step, error, attempt, doubtful=doubtful)
            case _:
                log.error("a message could not be posted, by a mistake of ours", exc_info=error)
                tools.counts["failed"] += 1
                if repeated and attempt >= FAILURES:
                    return await self._conclude(delivery, step, where)
                await self._postpone(step, error, attempt, doubtful=True)
        return False

    async def _telling_failed(self, error: Exception, delivery: Delivery, step: Step, *, doubtful: bool) -> bool:
        """Results that a thread doesn't take go to the channel; what that doesn't take is let go.

        Where a channel doesn't take the week's standings, later ones wait, and an admin is told.
        """
        log.warning("%s are not taken: %s (%s)", step.kind, error, error.__cause__)
        if isinstance(error, Blocked) and step.kind is StepKind.STANDINGS and not doubtful:
            if await self._tools.store.write(weekly.block, delivery, step, now=self._now):
                self._tell(delivery, weekly.BLOCKED, step.channel_id)
            return True
        in_thread = step.kind is StepKind.RESULTS and step.channel_id not in (None, delivery.channel_id)
        if isinstance(error, Blocked) and in_thread and not delivery.forum and not doubtful:
            await self._tools.store.write(results.redirect, delivery, step)
            return False
        doubtful = doubtful or (isinstance(error, TryAgain) and error.doubtful)
        if doubtful:
            return await self._forsake(delivery, step)
        return await self._refuse(delivery, step, _reason(error), tell=False)

    async def _correction(self, delivery: Delivery, step: Step, target: Target | None, attempt: int) -> bool:
        """Edits what was told, by what is known now; done twice, it comes to the same."""
        if target is None:
            return await self._refuse(delivery, step, "The results aren't there.", tell=False)
        try:
            await self._kept(step, self._tools.transport.edit(*target))
        except Gone:
            pass
        except Exception as error:
            if not isinstance(error, TryAgain):
                log.exception("results could not be corrected")
            if attempt >= EXTRA_TRIES or isinstance(error, Blocked):
                return await self._refuse(delivery, step, _reason(error), tell=False)
            after = error.after if isinstance(error, TryAgain) else None
            await self._postpone(step, error, attempt, doubtful=False, after=after)
            return False
        await self._tools.store.write(results.corrected, delivery, step, now=self._now)
        self._tools.counts["corrected"] += 1
        return True

    async def _conclude(self, delivery: Delivery, step: Step, where: int) -> bool:
        """The last look for a message whose sending failed in ways that say nothing."""
        try:
            found = await self._find(where, step)
        except Exception:
            log.exception("nor could it be looked for")
            found = Absent.UNREADABLE
        if isinstance(found, int):
            return await self._sent(delivery, step, found, where)
        return await (self._refuse if found is Absent.NOT_FOUND else self._forsake)(delivery, step)

    async def _extra(self, delivery: Delivery, step: Step, attempt: int) -> bool:
        """Opens the post's thread or publishes a message of it; whether the next step may follow.

        Done twice, the second time counts as done, so there is nothing to settle.
        """
        transport, message_id = self._tools.transport, self._posted.get(step.part)
        thread_id: int | None = None
        if message_id is None:
            return await self._refuse(delivery, step, NO_POST, tell=False)
        try:
            if step.kind is StepKind.THREAD:
                opening = transport.open_thread(delivery.channel_id, message_id, name=self._title)
                thread_id = await self._kept(step, opening)
            else:
                await self._kept(step, transport.publish(delivery.channel_id, message_id))
        except Gone:
            pass
        except Blocked as error:
            log.warning("%s is refused: %s (%s)", step.kind, error, error.__cause__)
            self._tools.counts["refused"] += 1
            sentence = NOT_ALLOWED[step.kind]
            if await self._tools.store.write(ledger.give_up_extra, delivery, step, error=sentence, now=self._now):
                self._tell(delivery, sentence)
            return True
        except Exception as error:
            if not isinstance(error, TryAgain):
                log.exception("%s failed", step.kind)
                self._tools.counts["failed"] += 1
            after = error.after if isinstance(error, TryAgain) else None
            if attempt >= EXTRA_TRIES and after is None:  # else Discord has said when, as it does of publishing
                return await self._refuse(delivery, step, _reason(error), tell=False)
            await self._postpone(step, error, attempt, doubtful=False, after=after)
            return False
        return await self._sent(delivery, step, thread_id, delivery.channel_id)

    async def _find(self, where: int, step: Step) -> int | Absent:
        around = step.attempted_at or self._now
        return await self._kept(step, self._tools.transport.find(where, step.nonce, around=around))

    def _nonce_holds(self, step: Step) -> bool:
        age = self._now - step.attempted_at if step.attempted_at else NONCE_HOLDS
        return dt.timedelta(0) <= age < NONCE_HOLDS

    async def _kept(self, step: Step, request: Coroutine[Any, Any, T]) -> T:
        """Awaits a request, however long it takes, and keeps others from the step meanwhile.

        It is never cut short: discord.py doesn't recover from being cancelled while it waits for a rate limit.
        """
        task = asyncio.ensure_future(request)
        try:
            while True:
                done, _ = await asyncio.wait({task}, timeout=ledger.LEASE.total_seconds() / 3)
                if done:
                    return task.result()
                with contextlib.suppress(StoreError, SQLAlchemyError):
                    await self._tools.store.write(ledger.renew, step, now=self._now)
        finally:
            task.cancel()

    async def _sent(self, delivery: Delivery, step: Step, message_id: int | None, where: int) -> bool:
        """Writes down that a step is done, which leads to this message or thread there."""
        place = message_id if message_id is not None and delivery.opens_post(step) else where
        write = self._tools.store.write
        await write(ledger.sent, delivery, step, channel_id=place, message_id=message_id, now=self._now)
        if step.kind is StepKind.MESSAGE:
            self._posted[step.part] = message_id
        log.info("done: %s", step.kind)
        self._tools.counts["sent"] += 1
        return True

    async def _postpone(
        self, step: Step, error: Exception, attempt: int, *, doubtful: bool, after: float | None = None
    ) -> None:
        wait = after if after is not None else min(LONGEST_WAIT, 2.0**attempt) * self._tools.jitter(0.5, 1.0)
        wait = min(wait, ledger.LONGEST_WAIT.total_seconds() / 2)
        self._tools.counts["retried"] += 1
        until = self._now + dt.timedelta(seconds=wait)
        await self._tools.store.write(ledger.postpone, step, until=until, error=_reason(error), doubtful=doubtful)

    async def _refuse(
        self, delivery: Delivery, step: Step, sentence: str = MALFORMED, *, tell: bool = True
    ) -> bool:
        await self._tools.store.write(ledger.refuse, delivery, step, error=sentence, now=self._now)
        self._tools.counts["refused"] += 1
        if tell:
            self._tell(delivery, sentence)
        return True

    async def _forsake(self, delivery: Delivery, step: Step) -> bool:
        log.warning("nobody can find out whether a message was posted", extra={"channel": delivery.channel_id})
        sentence = UNKNOWN.get(step.kind, UNKNOWN[StepKind.MESSAGE])
        await self._tools.store.write(ledger.forsake, delivery, step, error=sentence, now=self._now)
        self._tools.counts["unknown"] += 1
        self._tell(delivery, sentence, step.channel_id if step.kind is StepKind.STANDINGS else None)
        return True

    def _tell(self, delivery: Delivery, sentence: str, channel_id: int | None = None) -> None:
        self._tools.tell(delivery.server_id, delivery.subscription_id, sentence, channel_id)

    @property
    def _now(self) -> dt.datetime:
        return self._tools.clock.now()


def _reason(error: Exception) -> str:
    """What stands in the ledger while the step waits."""
    return str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"


def _load(connection: Connection, delivery_id: int, recent: Recent) -> tuple[Delivery, Digest] | None:
    delivery = ledger.load_delivery(connection, delivery_id)
    return None if delivery is None else (delivery, recent.load(connection, delivery.body))


def _compose_told(connection: Connection, delivery: Delivery) -> tuple[tuple[Message, ...], dict[int, Message]]:
    return results.compose(connection, delivery), weekly.compose(connection, delivery)
