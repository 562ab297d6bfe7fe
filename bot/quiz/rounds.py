"""Rounds kept: opened with a post, looked at and played by click, closed when their time has come.

Every click is one transaction of few statements, and the database decides: a player's first answer is the
row that is there, whatever is clicked after.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, and_, bindparam, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database import holding
from bot.database.shards import bounds, ours
from bot.database.tables import answers, digests, players, practice, questions, rounds, servers
from bot.language import Refusal
from bot.leaderboard import standings
from bot.quiz import forgotten
from bot.quiz.keyring import keys_of
from bot.quiz.play import Answered, Asked, OwnAnswer, PlayerRound, Verdicts
from bot.quiz.shuffle import shown_order
from bot.shards import ALL, Shards

NAME_LENGTH = 100
"""A display name is kept up to so many characters; Discord's own limit is 32."""


class RoundNotFound(Refusal):
    """There is no such round."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("This round is not there any more.")


class NotYourServer(Refusal):
    """The round is another server's."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("This round isn't played in this server.")


class StaleQuestion(Refusal):
    """The question, or that option of it, is not asked in this round any more."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__(
            "This question has changed since it was shown. The button under the digest goes on with the round."
        )


_OPEN = (
    insert(rounds)
    .values(
        verdicts=func.coalesce(
            select(servers.c.verdicts).where(servers.c.id == bindparam("of_server")).scalar_subquery(),
            Verdicts.AT_ONCE.value,
        )
    )
    .on_conflict_do_nothing(index_elements=[rounds.c.server_id, rounds.c.digest_id])
    .returning(rounds.c.id)
)
_FIND = select(rounds.c.id).where(
    rounds.c.server_id == bindparam("server"), rounds.c.digest_id == bindparam("digest")
)


def open_round(
    connection: Connection, *, server_id: int, digest_id: int, now: dt.datetime, closes_at: dt.datetime
) -> int:
    """The server's round on a digest, opened if it isn't there; one that is keeps its closing time.

    When its verdicts come is the server's setting at this moment, and stays so.
    """
    row = {"server_id": server_id, "digest_id": digest_id, "opened_at": now, "closes_at": closes_at}
    row["of_server"] = server_id
    opened: int | None = connection.execute(_OPEN, row).scalar()
    return opened or connection.execute(_FIND, {"server": server_id, "digest": digest_id}).scalar_one()


def find(connection: Connection, server_id: int, digest_id: int) -> int | None:
    """The server's round on a digest, or None."""
    found: int | None = connection.execute(_FIND, {"server": server_id, "digest": digest_id}).scalar()
    return found


def _own(table: Any) -> Any:
    return and_(
        table.c.server_id == rounds.c.server_id,
        table.c.user_id == bindparam("user"),
        table.c.question_id == questions.c.id,
    )


_LOOK: Select[Any] = (
    select(
        rounds.c.server_id,
        rounds.c.digest_id,
        rounds.c.closes_at,
        rounds.c.closed_at,
        rounds.c.verdicts,
        digests.c.series,
        digests.c.date,
        players.c.name,
        players.c.language,
        forgotten.IN_ROUND.label("some_forgotten"),
        questions.c.id,
        questions.c.paper,
        questions.c.title,
        questions.c.text,
        type_coerce(questions.c.options, Text).label("options"),
        type_coerce(questions.c.translations, Text).label("translations"),
        questions.c.made,
        questions.c.retired_at.is_not(None).label("retired"),
        answers.c.choice,
        answers.c.answered_at,
        practice.c.choice.label("practised"),
        practice.c.answered_at.label("practised_at"),
    )
    .select_from(
        rounds.join(digests, digests.c.id == rounds.c.digest_id)
        .outerjoin(questions, questions.c.digest_id == rounds.c.digest_id)
        .outerjoin(answers, _own(answers))
        .outerjoin(practice, _own(practice))
        .outerjoin(
            players, and_(players.c.server_id == rounds.c.server_id, players.c.user_id == bindparam("user"))
        )
    )
    .where(rounds.c.id == bindparam("round"))
    .order_by(questions.c.position, questions.c.id)
)


def look(connection: Connection, *, round_id: int, server_id: int, user_id: int, now: dt.datetime) -> PlayerRound:
    """The round as the player sees it at this moment.

    Raises RoundNotFound or NotYourServer.
    """
    found, _ = _load(connection, round_id, server_id, user_id, now)
    return _with_keys(connection, found, server_id)


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
    """Takes a player's answer: the option shown in this place (from 0) of a question in a round.

    The first answer stands. After the round has closed it is practice, which brings nothing, and likewise for
    who had themselves forgotten in it (bot.quiz.forgotten). `name` is the
    player's display name as it is now.

    Raises RoundNotFound, NotYourServer or StaleQuestion.
    """
    holding.server(connection, server_id)
    found, known_as = _load(connection, round_id, server_id, user_id, now)
    question = found.question(question_id)
    if question is None or not 0 <= shown < len(question.options):
        raise StaleQuestion
    accepted = False
    if question.own is None:
        counts = not found.closed and not (
            found.some_forgotten and forgotten.was_here(connection, round_id=round_id, user_id=user_id)
        )
        own = OwnAnswer(question.order[shown], now, counts=counts)
        accepted = _insert(connection, found, question_id, server_id, user_id, own)
        if accepted:
            found = found.answered({question_id: own})
        else:  # another click came in between
            found, known_as = _load(connection, round_id, server_id, user_id, now)
    found = _with_keys(connection, found, server_id, of=None if found.next is None else question_id)
    question = found.question(question_id)
    assert question is not None and question.own is not None  # noqa: S101, PT018  # it was put there above
    if accepted and question.own.counts:
        standings.apply(
            connection,
            server_id=server_id,
            user_id=user_id,
            round_id=round_id,
            question_id=question_id,
            right=question.own.right,
            now=now,
        )
    if accepted and known_as != name[:NAME_LENGTH]:
        meet(connection, server_id=server_id, user_id=user_id, name=name, now=now)
    return Answered(found, question, accepted)


def _insert(
    connection: Connection, found: PlayerRound, question_id: int, server_id: int, user_id: int, own: OwnAnswer
) -> bool:
    """Writes the answer down unless there is one; whether it did."""
    row = {
        "server_id": server_id,
        "user_id": user_id,
        "question_id": question_id,
        "choice": own.choice,
        "answered_at": own.at,
    }
    if own.counts:
        return connection.execute(_ANSWER, {**row, "round_id": found.id}).first() is not None
    return connection.execute(_PRACTISE, row).first() is not None


_ANSWER = insert(answers).on_conflict_do_nothing().returning(answers.c.question_id)
_PRACTISE = insert(practice).on_conflict_do_nothing().returning(practice.c.question_id)
_MEET = insert(players)
_MEET = _MEET.on_conflict_do_update(
    index_elements=[players.c.server_id, players.c.user_id],
    set_={"name": _MEET.excluded.name, "seen_at": _MEET.excluded.seen_at},
)


def meet(connection: Connection, *, server_id: int, user_id: int, name: str, now: dt.datetime) -> None:
    """Remembers a player's display name in a server as it is now."""
    connection.execute(
        _MEET, {"server_id": server_id, "user_id": user_id, "name": name[:NAME_LENGTH], "seen_at": now}
    )


def _load(
    connection: Connection, round_id: int, server_id: int, user_id: int, now: dt.datetime
) -> tuple[PlayerRound, str | None]:
    """The round without any keys, and the player's name as last seen."""
    rows: Sequence[Row[Any]] = connection.execute(_LOOK, {"round": round_id, "user": user_id}).all()
    if not rows:
        raise RoundNotFound
    head = rows[0]
    if head.server_id != server_id:
        raise NotYourServer
    shown = [
        row
        for row in rows
        if row.id is not None and (not row.retired or row.choice is not None or row.practised is not None)
    ]
    found = PlayerRound(
        id=round_id,
        digest_id=head.digest_id,
        series=head.series,
        date=head.date,
        closes_at=head.closes_at,
        closed=head.closed_at is not None or now >= head.closes_at,
        verdicts=Verdicts(head.verdicts),
        questions=tuple(_asked(row, number, server_id) for number, row in enumerate(shown, 1)),
        language=head.language,
        some_forgotten=head.some_forgotten,
    )
    return found, head.name


def _asked(row: Row[Any], number: int, server_id: int) -> Asked:
    asked = _as_kept(
        row.id,
        number,
        row.paper,
        row.title,
        row.text,
        row.options,
        row.translations,
        row.made,
        row.retired,
        server_id,
    )
    if row.choice is not None:
        return replace(asked, own=OwnAnswer(row.choice, row.answered_at))
    if row.practised is not None:
        return replace(asked, own=OwnAnswer(row.practised, row.practised_at, counts=False))
    return asked


@functools.lru_cache(maxsize=5_000)  # by all that is kept of it, and players are asked the same all day
def _as_kept(
    question_id: int,
    number: int,
    paper: int,
    title: str,
    text: str,
    options: str,
    translations: str,
    made: bool,
    retired: bool,
    server_id: int,
) -> Asked:
    """A question without an answer, made of its row, where `options` and `translations` stand as JSON."""
    read: list[str] = json.loads(options)
    return Asked(
        id=question_id,
        number=number,
        paper=paper,
        title=title,
        text=text,
        options=tuple(read),
        order=shown_order(server_id, question_id, len(read)),
        translations={
            language: (title, text, tuple(options))
            for language, (title, text, options) in json.loads(translations).items()
        },
        made=made,
        retired=retired,
    )


def _with_keys(
    connection: Connection, found: PlayerRound, server_id: int, *, of: int | None = None
) -> PlayerRound:
    """The round with the keys of the questions that the player may know: answered, and told at once or closed.

    `of`: no other question's is asked for.
    """
    if found.withheld:
        return found
    own = {
        question.id: question.own
        for question in found.questions
        if question.own is not None and of in (None, question.id)
    }
    by_question = keys_of(connection, own, server_id)
    return found.answered(
        {
            question_id: OwnAnswer(answer.choice, answer.at, answer.counts, by_question.get(question_id))
            for question_id, answer in own.items()
        }
    )


_DUE = (
    select(rounds.c.id, rounds.c.verdicts)
    .where(rounds.c.closed_at.is_(None), rounds.c.closes_at <= bindparam("now"), ours(rounds.c.server_id))
    .order_by(rounds.c.closes_at, rounds.c.id)
    .limit(bindparam("most"))
)
_SERVER_OF = select(rounds.c.server_id, rounds.c.verdicts).where(rounds.c.id == bindparam("round"))
_ASKED = (
    select(questions.c.id)
    .join(rounds, rounds.c.digest_id == questions.c.digest_id)
    .where(rounds.c.id == bindparam("round"))
)
_CLOSE = (
    update(rounds)
    .where(rounds.c.id == bindparam("round"), rounds.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"))
)


def close(connection: Connection, round_id: int, now: dt.datetime) -> bool:
    """Closes a round for good; False if it was closed already.

    Where its verdicts waited for that, its answers count in the standings from now on.
    """
    found = connection.execute(_SERVER_OF, {"round": round_id}).first()
    if found is None:
        return False
    holding.server(connection, found.server_id)
    if not connection.execute(_CLOSE, {"round": round_id, "now": now}).rowcount:
        return False
    if found.verdicts == Verdicts.AT_CLOSE:
        asked = list(connection.execute(_ASKED, {"round": round_id}).scalars())
        if asked:
            standings.recount_for(connection, asked, found.server_id)
    return True


def close_due(connection: Connection, now: dt.datetime, *, most: int, shards: Shards = ALL) -> tuple[int, ...]:
    """Closes these shards' rounds whose time has come, the earliest first, `most` at most; which they were.

    One whose verdicts waited for that is the last: counting its server's answers takes as long as many others.
    """
    closed = []
    for due in connection.execute(_DUE, {"now": now, "most": most, **bounds(shards)}).all():
        if close(connection, due.id, now):
            closed.append(due.id)
            if due.verdicts == Verdicts.AT_CLOSE:
                break
    return tuple(closed)
