"""Practice: questions of rounds that have closed in a server and that a player hasn't answered; without points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from bot.database.tables import answers, deliveries, practice, questions, rounds, subscriptions
from bot.language import Refusal
from bot.library.keys import counting_answer
from bot.quiz import rounds as play
from bot.quiz.play import Answered, Asked, PlayerRound


class StillOpen(Refusal):
    """The round is still being played for points."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("This round is still open: play it with the button under its digest.")


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question to practise on."""

    round: PlayerRound
    question: Asked
    left: int
    """How many there are, this one included."""


_joined, _key = counting_answer(
    questions.join(rounds, rounds.c.digest_id == questions.c.digest_id)
    .outerjoin(
        answers,
        and_(
            answers.c.server_id == rounds.c.server_id,
            answers.c.user_id == bindparam("user"),
            answers.c.question_id == questions.c.id,
        ),
    )
    .outerjoin(
        practice,
        and_(
            practice.c.server_id == rounds.c.server_id,
            practice.c.user_id == bindparam("user"),
            practice.c.question_id == questions.c.id,
        ),
    ),
    rounds.c.server_id,
    questions.c.id,
)
_NEXT = (
    select(rounds.c.id.label("round_id"), questions.c.id, func.count().over().label("left"))
    .select_from(_joined)
    .where(rounds.c.server_id == bindparam("server"))
    .where(or_(rounds.c.closed_at.is_not(None), rounds.c.closes_at <= bindparam("now")))
    .where(questions.c.retired_at.is_(None), _key.is_not(None))
    .where(answers.c.user_id.is_(None), practice.c.user_id.is_(None))
    .where(
        rounds.c.digest_id.in_(
            select(deliveries.c.digest_id)
            .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
            .where(subscriptions.c.server_id == bindparam("server"))
            .where(deliveries.c.channel_id.in_(bindparam("channels", expanding=True)))
        )
    )
    .order_by(rounds.c.opened_at.desc(), rounds.c.id.desc(), questions.c.position, questions.c.id)
    .limit(1)
)


def following(
    connection: Connection, *, server_id: int, channels: Sequence[int], user_id: int, now: dt.datetime
) -> Exercise | None:
    """The next question to practise on, of the latest round first; None where there is none.

    It is one of a digest that went to one of these channels of the server.
    Questions that have no key yet are left out: nothing could be learned from them.
    """
    whose = {"server": server_id, "channels": list(channels), "user": user_id, "now": now}
    row = connection.execute(_NEXT, whose).first()
    if row is None:
        return None
    found = play.look(connection, round_id=row.round_id, server_id=server_id, user_id=user_id, now=now)
    question = found.question(row.id)
    return None if question is None else Exercise(found, question, row.left)


def answer(
    connection: Connection,
    *,
    round_id: int,
    question_id: int,
    server_id: int,
    user_id: int,
    name: str,
    shown: int,
    now: dt.datetime,
) -> Answered:
    """Takes an answer in practice: the option shown in this place (from 0).

    Raises StillOpen, RoundNotFound, NotYourServer or StaleQuestion.
    """
    found = play.look(connection, round_id=round_id, server_id=server_id, user_id=user_id, now=now)
    if not found.closed:
        raise StillOpen
    return play.answer(
        connection,
        round_id=round_id,
        question_id=question_id,
        server_id=server_id,
        user_id=user_id,
        name=name,
        shown=shown,
        now=now,
    )
