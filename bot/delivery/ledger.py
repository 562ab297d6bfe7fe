"""The ledger: a delivery's steps and how their state moves on. Functions over a connection.

    planned ──begin──> sending ──sent──> sent
       ^                  │ ├──refuse──> refused
       └──── postpone ────┘ └──forsake─> unknown

`sending` is committed before a request leaves, so a step that isn't `sending` is known for sure. Whoever works
on one holds it by its `retry_at` (a lease): nobody else touches it before that, and who finds it expired
knows that the other has died.

A step is known by its nonce, which no other ever has: a delivery that is given back, or a server that is
forgotten, frees ids that SQLite uses again, while somebody may still be at what had them.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Row, bindparam, case, delete, exists, func, insert, or_, select, update

from bot.database import holding
from bot.database.shards import bounds, ours
from bot.database.tables import answers, bodies, deliveries, questions, rounds, steps, subscriptions
from bot.delivery import schedule
from bot.delivery.entries import Delivery, DeliveryKind, Ready, Step, StepKind, StepState
from bot.delivery.subscriptions import UnknownZone, load, pause_for
from bot.library.digests import AS_KEPT
from bot.model import Look
from bot.shards import ALL, Shards

LEASE: Final = dt.timedelta(seconds=40)
"""How long a step in `sending` is left alone by others before it counts as left behind by a crash."""
LONGEST_WAIT: Final = dt.timedelta(hours=1)
"""No step waits longer; one that seems to was written before the clock was set back."""


class OpenRound(Protocol):
    """Opens the round on a digest in a server; called again, nothing happens. See bot.quiz.rounds."""

    def __call__(
        self,
        connection: Connection,
        *,
        server_id: int,
        digest_id: int,
        now: dt.datetime,
        closes_at: dt.datetime,
    ) -> int:
        """The round's id."""
        ...


_OPEN = ("planned", "sending")

_waiting = (
    select(func.max(steps.c.retry_at))
    .where(steps.c.delivery_id == deliveries.c.id, steps.c.state.in_(_OPEN))
    .scalar_subquery()
)
_posts = (
    exists()
    .where(steps.c.delivery_id == deliveries.c.id, steps.c.state.in_(_OPEN))
    .where(steps.c.kind.in_([StepKind.MESSAGE.value, StepKind.THREAD.value, StepKind.PUBLISH.value]))
)
_heads = (
    select(
        deliveries.c.id.label("delivery_id"),
        deliveries.c.subscription_id,
        subscriptions.c.server_id,
        deliveries.c.channel_id,
        deliveries.c.claimed_at,
        func.max(case((_posts, 1), else_=0)).over(partition_by=deliveries.c.channel_id).label("posts"),
        _waiting.label("retry_at"),
        func.row_number()
        .over(partition_by=deliveries.c.channel_id, order_by=(deliveries.c.claimed_at, deliveries.c.id))
        .label("place"),
    )
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .where(deliveries.c.finished_at.is_(None), ours(subscriptions.c.server_id))
    .subquery()
)
_turn = func.row_number().over(
    partition_by=_heads.c.server_id, order_by=(_heads.c.claimed_at, _heads.c.delivery_id)
)
_READY = (
    select(_heads.c.delivery_id, _heads.c.subscription_id, _heads.c.server_id, _heads.c.channel_id)
    .where(_heads.c.place == 1)
    .where(
        or_(
            _heads.c.retry_at.is_(None),
            _heads.c.retry_at <= bindparam("now"),
            _heads.c.retry_at > bindparam("absurd"),
        )
    )
    .order_by(_heads.c.posts.desc(), _turn, _heads.c.claimed_at, _heads.c.delivery_id)
    .limit(bindparam("most"))
)
_round_over = (
    exists()
    .where(rounds.c.server_id == subscriptions.c.server_id, rounds.c.digest_id == deliveries.c.digest_id)
    .where(or_(rounds.c.closed_at <= deliveries.c.claimed_at, rounds.c.closes_at <= deliveries.c.claimed_at))
    .label("round_over")
)
_DELIVERY = (
    select(
        deliveries,
        *(subscriptions.c[name] for name in ("server_id", "role_id", "forum", "tags")),
        _round_over,
        AS_KEPT,
    )
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .join(bodies, bodies.c.id == deliveries.c.body_id)
    .where(deliveries.c.id == bindparam("delivery"))
)
_STEPS = select(steps).where(steps.c.delivery_id == bindparam("delivery"))
_free = or_(
    steps.c.retry_at.is_(None), steps.c.retry_at <= bindparam("now"), steps.c.retry_at > bindparam("absurd")
)
_this = steps.c.nonce == bindparam("step")
_BEGIN = (
    update(steps)
    .where(_this, steps.c.state == "planned", _free)
    .values(
        state="sending", attempts=steps.c.attempts + 1, attempted_at=bindparam("now"), retry_at=bindparam("lease")
    )
    .returning(steps.c.attempts)
)
_TAKE_UP = (
    update(steps)
    .where(_this, steps.c.state == "sending", _free)
    .values(attempts=steps.c.attempts + 1, retry_at=bindparam("lease"))
    .returning(steps.c.attempts)
)
_CHANGE = update(steps).where(_this, steps.c.state.in_(_OPEN))
_PLAN = insert(steps)
_REOPEN = update(deliveries).where(deliveries.c.id == bindparam("delivery")).values(finished_at=None)
_these = steps.c.nonce.in_(bindparam("steps", expanding=True))
_REFUSE_REST = (
    update(steps)
    .where(_these, steps.c.state == "planned")
    .values(state="refused", retry_at=None, error=bindparam("why"))
)
_FORSAKE_REST = (
    update(steps)
    .where(_these, steps.c.state == "sending")
    .values(state="unknown", retry_at=None, error=bindparam("why"))
)
_FINISH = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"), deliveries.c.finished_at.is_(None))
    .where(~exists().where(steps.c.delivery_id == deliveries.c.id, steps.c.state.in_(_OPEN)))
    .values(finished_at=bindparam("now"))
)
_UNPOST_ROUND = (
    delete(rounds)
    .where(rounds.c.server_id == bindparam("server"), rounds.c.digest_id == bindparam("digest"))
    .where(
        ~exists().where(
            answers.c.question_id == questions.c.id,
            questions.c.digest_id == rounds.c.digest_id,
            answers.c.server_id == rounds.c.server_id,
        )
    )
    .where(
        ~select(steps.c.id)
        .join(deliveries, deliveries.c.id == steps.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(deliveries.c.digest_id == rounds.c.digest_id, subscriptions.c.server_id == rounds.c.server_id)
        .where(steps.c.kind == "message", steps.c.state.in_(["sending", "sent", "unknown"]))
        .correlate(rounds)
        .exists()
    )
)
_SWITCH_OFF = {
    StepKind.THREAD: update(subscriptions)
    .where(subscriptions.c.id == bindparam("subscription"))
    .values(thread=False),
    StepKind.PUBLISH: update(subscriptions)
    .where(subscriptions.c.id == bindparam("subscription"))
    .values(publish=False),
}


def new_nonce() -> str:
    """A nonce that no other step has and nobody can guess: 24 letters, digits, `_` and `-`."""
    return secrets.token_urlsafe(18)


def plan(
    connection: Connection,
    delivery_id: int,
    kind: StepKind,
    parts: Iterable[int],
    *,
    channel_id: int | None = None,
) -> None:
    """Writes planned steps of a delivery down, each with its nonce; `channel_id`: if not in its channel."""
    row = {"delivery_id": delivery_id, "kind": kind.value, "state": "planned", "channel_id": channel_id}
    rows = [{**row, "part": part, "nonce": new_nonce()} for part in parts]
    if rows:
        connection.execute(_PLAN, rows)


def reopen(connection: Connection, delivery_id: int) -> None:
    """Something more is to be done for a delivery that may be finished already."""
    connection.execute(_REOPEN, {"delivery": delivery_id})


def ready(connection: Connection, *, now: dt.datetime, most: int, shards: Shards = ALL) -> list[Ready]:
    """Deliveries of these shards that something can be done about now, `most` at most.

    Of each channel only the oldest, so that posts keep their order. Channels that wait for a digest come before
    those that wait for results alone, then each server's first before any's second.
    """
    rows = connection.execute(_READY, {**_moments(now), "most": most, **bounds(shards)})
    return [Ready(row.delivery_id, row.subscription_id, row.server_id, row.channel_id) for row in rows]


def load_delivery(connection: Connection, delivery_id: int) -> Delivery | None:
    """A delivery with its steps; None where it was given back or skipped."""
    row = connection.execute(_DELIVERY, {"delivery": delivery_id}).first()
    if row is None:
        return None
    found = [_step(step) for step in connection.execute(_STEPS, {"delivery": delivery_id})]
    return Delivery(
        id=row.id,
        subscription_id=row.subscription_id,
        server_id=row.server_id,
        channel_id=row.channel_id,
        digest_id=row.digest_id,
        kind=DeliveryKind(row.kind),
        look=Look(row.look),
        language=row.language,
        role_id=row.role_id,
        forum=row.forum,
        tags=tuple(row.tags),
        round_over=row.round_over,
        body=row.body,
        steps=tuple(sorted(found, key=lambda step: step.place)),
    )


def begin(
    connection: Connection, delivery: Delivery, step: Step, *, now: dt.datetime, open_round: OpenRound
) -> int | None:
    """A planned step is about to be tried: `sending`. Which attempt it is; None where somebody else was faster.

    The round on the digest opens with the first message that is about to be sent. One that opened for a try
    which surely posted nothing is not what anybody has seen: it begins anew.
    """
    if step.kind is StepKind.MESSAGE:
        holding.server(connection, delivery.server_id)
        connection.execute(_UNPOST_ROUND, {"server": delivery.server_id, "digest": delivery.digest_id})
    holding.subscription(connection, delivery.subscription_id)
    attempt: int | None = connection.execute(_BEGIN, {"step": step.nonce, **_moments(now)}).scalar()
    if attempt is not None and step.kind is StepKind.MESSAGE:
        open_round(
            connection,
            server_id=delivery.server_id,
            digest_id=delivery.digest_id,
            now=now,
            closes_at=_closing(connection, delivery.subscription_id, now),
        )
    return attempt


def take_up(connection: Connection, step: Step, *, now: dt.datetime) -> int | None:
    """A step that was left in `sending` is held by the caller now. Which attempt it is; None: somebody else's."""
    attempt: int | None = connection.execute(_TAKE_UP, {"step": step.nonce, **_moments(now)}).scalar()
    return attempt


def renew(connection: Connection, step: Step, *, now: dt.datetime) -> None:
    """The step is still being worked on."""
    _change(connection, step, retry_at=now + LEASE)


def sent(
    connection: Connection,
    delivery: Delivery,
    step: Step,
    *,
    channel_id: int,
    message_id: int | None,
    now: dt.datetime,
) -> None:
    """The step is done; `message_id` is the message's or thread's (None: it was deleted since).

    `channel_id` is where that is: of a forum post, the thread.
    """
    values = {"state": "sent", "channel_id": channel_id, "message_id": message_id}
    _change(connection, step, **values, retry_at=None, error=None)
    finish(connection, delivery, now)


def postpone(connection: Connection, step: Step, *, until: dt.datetime, error: str, doubtful: bool) -> None:
    """The step is tried again at `until` (UTC); unless it is `doubtful` it is known not to be done."""
    _change(connection, step, state="sending" if doubtful else "planned", retry_at=until, error=error)


def refuse(connection: Connection, delivery: Delivery, step: Step, *, error: str, now: dt.datetime) -> bool:
    """The step isn't done and not tried any more. False where it is gone, as its server was forgotten."""
    refused = _change(connection, step, state="refused", retry_at=None, error=error)
    finish(connection, delivery, now)
    return refused


def forsake(connection: Connection, delivery: Delivery, step: Step, *, error: str, now: dt.datetime) -> None:
    """Nobody can find out whether the step is done; it is not tried any more."""
    _change(connection, step, state="unknown", retry_at=None, error=error)
    finish(connection, delivery, now)


def block(
    connection: Connection, delivery: Delivery, step: Step, *, reason: str, doubtful: bool, now: dt.datetime
) -> bool:
    """The place refuses posts: the subscription is paused. Whether its admin has to be told.

    Where nothing of the delivery was posted it is given back, and its digest is next again; what is missing
    of one that had begun is refused.
    """
    holding.server(connection, delivery.server_id)
    if not _change(connection, step, state="unknown" if doubtful else "planned", retry_at=None, error=reason):
        return False  # it was given back meanwhile
    newly = pause_for(connection, delivery.subscription_id, reason=reason, now=now)
    connection.execute(_REFUSE_REST, {**_of(delivery), "why": reason})
    finish(connection, delivery, now)
    connection.execute(_UNPOST_ROUND, {"server": delivery.server_id, "digest": delivery.digest_id})
    return newly or delivery.kind is DeliveryKind.NOW


def give_up(connection: Connection, delivery: Delivery, *, error: str, now: dt.datetime) -> None:
    """Nothing more of the delivery is tried."""
    for statement in (_REFUSE_REST, _FORSAKE_REST):
        connection.execute(statement, {**_of(delivery), "why": error})
    finish(connection, delivery, now)


def give_up_extra(connection: Connection, delivery: Delivery, step: Step, *, error: str, now: dt.datetime) -> bool:
    """A thread or a publishing that Discord refuses is switched off. Whether it was on till now."""
    if not refuse(connection, delivery, step, error=error, now=now):
        return False
    was_on = getattr(load(connection, delivery.subscription_id), step.kind.value)
    connection.execute(_SWITCH_OFF[step.kind], {"subscription": delivery.subscription_id})
    return bool(was_on)


def finish(connection: Connection, delivery: Delivery, now: dt.datetime) -> None:
    """Writes down that a delivery is finished, if nothing of it is left to be done."""
    holding.delivery(connection, delivery.id)
    connection.execute(_FINISH, {"delivery": delivery.id, "now": now})


def _change(connection: Connection, step: Step, **values: Any) -> bool:
    """Moves on a step that isn't done; whether it was still there."""
    return connection.execute(_CHANGE, {"step": step.nonce, **values}).rowcount > 0


def _of(delivery: Delivery) -> dict[str, Any]:
    return {"steps": [step.nonce for step in delivery.steps]}


def _closing(connection: Connection, subscription_id: int, now: dt.datetime) -> dt.datetime:
    subscription = load(connection, subscription_id)
    if subscription.paused_at is not None or subscription.ended_at is not None:
        return schedule.round_closes(None, now)
    try:
        return schedule.round_closes(subscription.schedule, now)
    except UnknownZone:
        return schedule.round_closes(None, now)


def _moments(now: dt.datetime) -> dict[str, dt.datetime]:
    return {"now": now, "lease": now + LEASE, "absurd": now + LONGEST_WAIT}


def _step(row: Row[Any]) -> Step:
    return Step(
        kind=StepKind(row.kind),
        part=row.part,
        nonce=row.nonce,
        state=StepState(row.state),
        channel_id=row.channel_id,
        message_id=row.message_id,
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        error=row.error,
    )
