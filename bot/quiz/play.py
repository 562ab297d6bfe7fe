"""A round as one player sees it, and what a click on an option does to that; without a database or Discord.

A question carries its key only once its player has answered it, so what is composed from these values can't
tell more than the player may know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.library.keys import Key
from bot.library.questions import Translated, wanted
from bot.model import Digest
from bot.quiz.shuffle import shown_order


class Verdicts(StrEnum):
    """When a player learns whether an answer was right."""

    AT_ONCE = "at-once"
    AT_CLOSE = "at-close"
    """When the round closes, so that nobody can look up what is right with a second account."""


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """A player's answer to a question."""

    choice: int
    """The option's place in the order it is kept in, from 0."""
    at: dt.datetime
    counts: bool = True
    """False: given after the round closed, so it brings nothing."""
    key: Key | None = None
    """None while nobody has said which option is right."""

    @property
    def right(self) -> bool | None:
        """Whether it is the right one; None without a key."""
        return None if self.key is None else self.choice == self.key.answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a round, and what the player answered."""

    id: int
    number: int
    """Its place in the player's round, from 1."""
    paper: int
    title: str
    """The paper's."""
    text: str
    options: tuple[str, ...]
    """In the order they are kept in."""
    order: tuple[int, ...]
    """For each place shown, the option's place in `options`."""
    translations: Translated
    own: OwnAnswer | None = None
    made: bool = False
    """We made it: `text` describes one of the papers whose titles are the options."""
    retired: bool = False
    """Its document says it otherwise now; it is here because the player answered it."""

    def said(self, language: str) -> tuple[str, str, tuple[str, ...]]:
        """The paper's title, the text and the options as shown, in this language where it has one."""
        title, text, options = self.translations.get(language, (self.title, self.text, self.options))
        return title, text, tuple(options[choice] for choice in self.order)

    def place(self, choice: int) -> int:
        """The place, from 0, in which an option is shown."""
        return self.order.index(choice)


@dataclass(frozen=True, slots=True)
class Score:
    """What a player's answers in a round came to."""

    points: int
    keyed: int
    """Answers to questions whose key is known."""
    waiting: int
    """Answers that wait for a key."""
    practice: int
    """Answers given after the round closed."""
    questions: int


@dataclass(frozen=True, slots=True)
class PlayerRound:
    """A round as one player sees it."""

    id: int
    digest_id: int
    series: str
    date: dt.date
    closes_at: dt.datetime
    closed: bool
    questions: tuple[Asked, ...]
    language: str | None = None
    """What the player chose; None: their client's."""
    verdicts: Verdicts = Verdicts.AT_ONCE
    some_forgotten: bool = False
    """Somebody had themselves forgotten in it; see bot.quiz.forgotten."""

    @property
    def withheld(self) -> bool:
        """Whether nobody may know yet what was right."""
        return self.verdicts is Verdicts.AT_CLOSE and not self.closed

    @property
    def next(self) -> Asked | None:
        """The first question the player hasn't answered."""
        return next((question for question in self.questions if question.own is None), None)

    @property
    def score(self) -> Score:
        """What the player's answers came to so far."""
        own = [question.own for question in self.questions if question.own is not None]
        counted = [answer for answer in own if answer.counts]
        return Score(
            points=sum(answer.right is True for answer in counted),
            keyed=sum(answer.right is not None for answer in counted),
            waiting=sum(answer.right is None for answer in counted),
            practice=len(own) - len(counted),
            questions=len(self.questions),
        )

    def question(self, question_id: int) -> Asked | None:
        """The question with this id, or None."""
        return next((question for question in self.questions if question.id == question_id), None)

    def answered(self, own: Mapping[int, OwnAnswer]) -> PlayerRound:
        """The round with the player's answers by question id."""
        return replace(
            self,
            questions=tuple(
                replace(question, own=own[question.id]) if question.id in own else question
                for question in self.questions
            ),
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """What a click came to."""

    round: PlayerRound
    """After it. While there are questions left, no other answer than this one carries its key."""
    question: Asked
    """The one that was clicked, with the answer that stands."""
    accepted: bool
    """False: there was an answer already, and that one stands."""


def from_digest(digest: Digest) -> tuple[PlayerRound, dict[int, Key]]:
    """A round on a digest that is nowhere kept, for a player who has answered nothing, and its keys by question.

    Ids are made up: the round's is 0, a question's its place.
    """
    questions, keys = [], {}
    for question in wanted(digest):
        number = question.position + 1
        questions.append(
            Asked(
                id=number,
                number=number,
                paper=question.paper,
                title=question.title,
                text=question.text,
                options=question.options,
                order=shown_order(0, number, len(question.options)),
                translations=question.translations,
                made=question.made,
            )
        )
        if question.answer is not None:
            keys[number] = Key(question.answer, question.reason)
    closes_at = dt.datetime.combine(digest.date, dt.time.max, dt.UTC)
    return PlayerRound(0, 0, digest.series, digest.date, closes_at, closed=False, questions=tuple(questions)), keys


def imagine(round_: PlayerRound, question: Asked, shown: int, key: Key | None) -> Answered:
    """What a click on the option shown in this place would come to."""
    own = OwnAnswer(question.order[shown], round_.closes_at, counts=not round_.closed, key=key)
    return Answered(round_.answered({question.id: own}), replace(question, own=own), accepted=True)
