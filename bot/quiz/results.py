"""What a closed round came to: who chose what, what was right, who did best. Functions over a connection."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, case, func, or_, select

from bot.database.tables import answers, digests, exclusions, players, questions, rounds, strikes
from bot.library.keys import Key, counting_answer
from bot.library.questions import Translated
from bot.quiz import longest
from bot.quiz.keyring import keys_of
from bot.quiz.longest import Streak
from bot.quiz.shuffle import shown_order

BEST: Final = 3
"""So many players are named as the round's best."""
_NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a closed round, and how it was answered."""

    id: int
    number: int
    """Its place in the round, from 1."""
    title: str
    """The paper's; empty where that would be the answer."""
    text: str
    options: tuple[str, ...]
    """In the order they are kept in."""
    order: tuple[int, ...]
    """For each place shown, the option's place in `options`."""
    translations: Translated
    made: bool
    """We made it: which of the papers does the text describe?"""
    chosen: tuple[int, ...]
    """How many players chose each option, in the order of `options`."""
    key: Key | None = None
    """None while nobody has said which option is right."""

    def said(self, language: str) -> tuple[str, str, tuple[str, ...]]:
        """The paper's title, the text and the options as shown, in this language where it has one."""
        title, text, options = self.translations.get(language, (self.title, self.text, self.options))
        return title, text, tuple(options[choice] for choice in self.order)


@dataclass(frozen=True, slots=True)
class Best:
    """One of those who did best in a round."""

    name: str
    """As last seen in the server; not escaped."""
    points: int
    answered: int
    """Answers to questions whose key is known."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many played a round, and how they did so far."""

    players: int
    answered: int
    """Answers to questions whose key is known; 0 while verdicts wait for the close."""
    points: int
    """Right ones among these."""

    @property
    def share(self) -> float | None:
        """The share of right answers, 0 to 1; None where nothing can be said of that."""
        return self.points / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class RoundResults:
    """What a round came to."""

    round_id: int
    digest_id: int
    series: str
    date: dt.date
    """The digest's."""
    tally: Tally
    questions: tuple[Asked, ...]
    best: tuple[Best, ...]
    """The best first; those without a point are not among them."""
    streaks: tuple[Streak, ...] = ()
    """The longest of those who played it, the longest first."""


_ROUND = (
    select(rounds.c.id, rounds.c.closed_at, digests.c.series, digests.c.date)
    .join(digests, digests.c.id == rounds.c.digest_id)
    .where(rounds.c.server_id == bindparam("server"), rounds.c.digest_id == bindparam("digest"))
    .where(rounds.c.closed_at.is_not(None))
)
_QUESTIONS = (select(questions).where(questions.c.digest_id == bindparam("digest"))).order_by(
    questions.c.position, questions.c.id
)
_CHOSEN = (
    select(answers.c.question_id, answers.c.choice, func.count().label("number"))
    .join(questions, questions.c.id == answers.c.question_id)
    .where(questions.c.digest_id == bindparam("digest"))
    .where(answers.c.server_id == bindparam("server"), answers.c.round_id == bindparam("round"))
    .group_by(answers.c.question_id, answers.c.choice)
)
_PLAYED = (
    select(answers.c.round_id)
    .join(questions, questions.c.id == answers.c.question_id)
    .join(rounds, rounds.c.digest_id == questions.c.digest_id)
    .where(rounds.c.id == bindparam("round"), answers.c.round_id == rounds.c.id)
    .where(answers.c.server_id == rounds.c.server_id)
    .limit(1)
)
_joined, _known = counting_answer(
    answers.join(questions, questions.c.id == answers.c.question_id).join(
        rounds, rounds.c.digest_id == questions.c.digest_id
    ),
    answers.c.server_id,
    answers.c.question_id,
)
_joined = _joined.outerjoin(
    strikes,
    (strikes.c.server_id == answers.c.server_id)
    & (strikes.c.user_id == answers.c.user_id)
    & (strikes.c.question_id == answers.c.question_id),
)
_spared = answers.c.user_id == bindparam("spared")
"""Whom neither a strike nor an exclusion counts against; 0: nobody."""
_key = case((or_(strikes.c.user_id.is_(None), _spared), _known))
_off = select(exclusions.c.user_id).where(
    exclusions.c.server_id == answers.c.server_id, exclusions.c.user_id == answers.c.user_id
)
_right = func.coalesce(func.sum(case((answers.c.choice == _key, 1), else_=0)), 0)
_OF_ROUND = (
    select()
    .select_from(_joined)
    .where(rounds.c.id == bindparam("round"), answers.c.round_id == rounds.c.id)
    .where(answers.c.server_id == rounds.c.server_id)
)
_SCORES = (
    _OF_ROUND.add_columns(
        answers.c.user_id,
        _right.label("points"),
        func.count(_key).label("answered"),
        func.max(answers.c.answered_at).filter(answers.c.choice == _key).label("scored_at"),
    )
    .where(or_(_spared, ~_off.exists()))
    .group_by(answers.c.user_id)
    .subquery()
)
_BEST = (
    select(_SCORES.c.points, _SCORES.c.answered, func.coalesce(players.c.name, "").label("name"))
    .select_from(
        _SCORES.outerjoin(
            players,
            (players.c.user_id == _SCORES.c.user_id) & (players.c.server_id == bindparam("server")),
        )
    )
    .where(_SCORES.c.points > 0)
    .order_by(_SCORES.c.points.desc(), _SCORES.c.answered, _SCORES.c.scored_at, _SCORES.c.user_id)
    .limit(BEST)
)
_NAMED = (
    select(_SCORES.c.user_id)
    .where(_SCORES.c.points > 0)
    .order_by(_SCORES.c.points.desc(), _SCORES.c.answered, _SCORES.c.scored_at, _SCORES.c.user_id)
    .limit(BEST)
)
_OVER = (
    select(answers.c.round_id)
    .join(rounds, rounds.c.id == answers.c.round_id)
    .where(answers.c.server_id == bindparam("server"), answers.c.user_id == bindparam("user"))
    .where(rounds.c.closed_at.is_not(None))
    .distinct()
)
_TALLY = _OF_ROUND.add_columns(
    func.count(answers.c.user_id.distinct()).label("players"),
    _right.label("points"),
    func.count(_key).label("answered"),
)


def naming(connection: Connection, *, server_id: int, user_id: int) -> set[int]:
    """The closed rounds (ids) whose results may name the player: among the best, or for a streak.

    What an admin did since then may have kept them from being named anew, but not from standing there.
    """
    found = longest.naming(connection, server_id=server_id, user_id=user_id)
    which = {"server": server_id, "user": user_id}
    for round_id in connection.execute(_OVER, which).scalars().all():
        if round_id not in found:
            named = connection.execute(_NAMED, {"round": round_id, "spared": user_id}).scalars()
            found |= {round_id} if user_id in named else set()
    return found


def played(connection: Connection, round_id: int) -> bool:
    """Whether anyone has given an answer that counts in a round."""
    return connection.execute(_PLAYED, {"round": round_id}).first() is not None


def tally(connection: Connection, round_id: int, *, withheld: bool = False) -> Tally:
    """How many have played a round, and how they did; not the latter where that is `withheld`."""
    row = connection.execute(_TALLY, {"round": round_id, "spared": _NOBODY}).one()
    return Tally(row.players, 0, 0) if withheld else Tally(row.players, row.answered, row.points)


def load(connection: Connection, *, server_id: int, digest_id: int) -> RoundResults | None:
    """What a server's round on a digest came to; None while it is open, or where there is none."""
    which = {"server": server_id, "digest": digest_id}
    found = connection.execute(_ROUND, which).first()
    if found is None:
        return None
    chosen: dict[int, dict[int, int]] = {}
    for row in connection.execute(_CHOSEN, {**which, "round": found.id}):
        chosen.setdefault(row.question_id, {})[row.choice] = row.number
    rows = [
        row
        for row in connection.execute(_QUESTIONS, {"digest": digest_id})
        if row.retired_at is None or row.id in chosen
    ]
    keys = keys_of(connection, [row.id for row in rows], server_id)
    return RoundResults(
        round_id=found.id,
        digest_id=digest_id,
        series=found.series,
        date=found.date,
        tally=tally(connection, found.id),
        questions=tuple(
            replace(_asked(row, number, server_id, chosen.get(row.id, {})), key=keys.get(row.id))
            for number, row in enumerate(rows, 1)
        ),
        best=tuple(
            Best(row.name, row.points, row.answered)
            for row in connection.execute(_BEST, {"round": found.id, "server": server_id, "spared": _NOBODY})
        ),
        streaks=longest.of_round(connection, server_id=server_id, round_id=found.id, now=found.closed_at),
    )


def _asked(row: Row[Any], number: int, server_id: int, chosen: dict[int, int]) -> Asked:
    return Asked(
        id=row.id,
        number=number,
        title=row.title,
        text=row.text,
        options=tuple(row.options),
        order=shown_order(server_id, row.id, len(row.options)),
        translations={
            language: (title, text, tuple(options))
            for language, (title, text, options) in row.translations.items()
        },
        made=row.made,
        chosen=tuple(chosen.get(place, 0) for place in range(len(row.options))),
    )
