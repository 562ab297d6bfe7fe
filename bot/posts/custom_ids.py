"""What stands in the custom_id of every button and menu of the bot, as values, to text and back.

A custom_id is `<version><prefix>:<field>:<field>…`, for instance `1rp:17:0:k3J9…`. Everything a click needs
is in it, so a button works after a restart and on a message of any age. It holds nothing that a reader may
not know: an answer's button says in which place the option was shown, never which one the author meant.

A new kind is one frozen dataclass with `@kind("prefix")`; its fields are whole numbers (0 to 2**63 - 1) or
words (letters, digits, `_` and `-`), whose longest length stands in `Word(n)`. That every value fits
Discord's 100 characters is checked when the kind is declared. A custom_id comes from the network: `parse`
answers None to whatever is not exactly what `format_custom_id` writes.
"""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar, get_args, get_origin, get_type_hints

from bot.posts.limits import CUSTOM_ID

VERSION: Final = "1"
"""Goes up when a kind's fields change their meaning; older buttons then parse to None."""

_MOST: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_WORD: Final = re.compile(r"[0-9A-Za-z_-]*")
_PREFIX: Final = re.compile(r"[a-z]{1,3}")


@dataclass(frozen=True, slots=True)
class Word:
    """Marks a text field of a custom_id with the most characters it may have."""

    most: int


Key = Annotated[str, Word(25)]
"""A step's key: 25 characters at most, as Discord's nonce."""
Period = Annotated[str, Word(12)]
"""The name of a leaderboard's period."""


TEXT: Final = 60
Text = Annotated[str, Word(TEXT)]
"""A short text of any characters, spelled by `to_word`."""


class CustomId:
    """What all kinds of custom_id have in common: see `parse` and `format_custom_id`."""

    __slots__ = ()


Kind = TypeVar("Kind", bound=type[CustomId])

_kinds: dict[str, type[CustomId]] = {}
_prefixes: dict[type[CustomId], str] = {}
_fields: dict[type[CustomId], tuple[tuple[str, int | None], ...]] = {}
"""Each kind's fields by name; a word's longest length, None for a number."""


def kind(prefix: str) -> Callable[[Kind], Kind]:
    """Declares a kind of custom_id under its prefix: one to three small letters, taken by no other kind."""

    def declare(cls: Kind) -> Kind:
        if not _PREFIX.fullmatch(prefix) or prefix in _kinds:
            raise ValueError(f"{prefix!r} is no free prefix of one to three small letters")
        hints = get_type_hints(cls, include_extras=True)
        fields: list[tuple[str, int | None]] = []
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            hint = hints[field.name]
            if hint is int:
                fields.append((field.name, None))
            elif get_origin(hint) is Annotated and isinstance(get_args(hint)[1], Word):
                fields.append((field.name, get_args(hint)[1].most))
            else:
                raise TypeError(f"{cls.__name__}.{field.name} is neither a number nor a word")
        longest = len(VERSION + prefix) + sum(
            1 + (len(str(_MOST)) if most is None else most) for _, most in fields
        )
        if longest > CUSTOM_ID:
            raise ValueError(f"{cls.__name__} can take {longest} characters, {CUSTOM_ID} are allowed")
        _kinds[prefix], _prefixes[cls], _fields[cls] = cls, prefix, tuple(fields)
        return cls

    return declare


@kind("rp")
@dataclass(frozen=True, slots=True)
class ReadPaper(CustomId):
    """A menu under a post; the value picked is a paper's number, or `tips`. See bot.posts.paper.open_choice."""

    digest: int
    part: int
    """Which of the message's menus it is, from 0."""
    step: Key


@kind("pr")
@dataclass(frozen=True, slots=True)
class PlayRound(CustomId):
    """The button under a post that starts or resumes the player's round on the digest."""

    digest: int
    step: Key


@kind("lb")
@dataclass(frozen=True, slots=True)
class Leaderboard(CustomId):
    """The button under a post that shows the server's leaderboard."""

    step: Key


@kind("an")
@dataclass(frozen=True, slots=True)
class Answer(CustomId):
    """A choice in a round: the option shown in this place (from 0), whichever that is in the author's order."""

    round: int
    question: int
    shown: int


@kind("pa")
@dataclass(frozen=True, slots=True)
class PractiseAnswer(CustomId):
    """A choice in practice, on a question of a closed round: the option shown in this place (from 0)."""

    round: int
    question: int
    shown: int


@kind("ra")
@dataclass(frozen=True, slots=True)
class ReviewAnswers(CustomId):
    """A player's own answers in a round, one page of them (from 0)."""

    round: int
    page: int


@kind("rq")
@dataclass(frozen=True, slots=True)
class ReadQuestion(CustomId):
    """A menu under a round's results; the value picked is a question's id, which is shown in full."""

    digest: int
    part: int
    """Which message of the results it stands under, from 0."""


@kind("lp")
@dataclass(frozen=True, slots=True)
class LeaderboardPage(CustomId):
    """Another page (from 0) of a leaderboard over a period, a season, or a series."""

    period: Period
    page: int
    season: int = 0
    """Its number; 0: any."""
    series: int = 0
    """A digest of the series; 0: all series."""


@kind("la")
@dataclass(frozen=True, slots=True)
class LeaderboardAround(CustomId):
    """The page of a leaderboard that holds the place of whoever clicks; fields as in LeaderboardPage."""

    period: Period
    season: int = 0
    series: int = 0


@kind("ls")
@dataclass(frozen=True, slots=True)
class ShareLeaderboard(CustomId):
    """Posts a page of a leaderboard for all to see; fields as in LeaderboardPage."""

    period: Period
    page: int
    season: int = 0
    series: int = 0


@kind("sa")
@dataclass(frozen=True, slots=True)
class SubscribeAgain(CustomId):
    """Whether a channel that had a series before goes on with it or starts over."""

    subscription: int
    again: Annotated[str, Word(12)]
    """A value of bot.delivery.subscriptions.Again."""


@kind("es")
@dataclass(frozen=True, slots=True)
class EditSubscription(CustomId):
    """A button or a menu of the panel with a subscription's settings."""

    subscription: int
    part: Annotated[str, Word(12)]
    """Which one: see bot.commands.digest.panel."""


@kind("et")
@dataclass(frozen=True, slots=True)
class EditTimes(CustomId):
    """The form of that panel, sent off: when a subscription is due."""

    subscription: int


@kind("dp")
@dataclass(frozen=True, slots=True)
class DocumentsPage(CustomId):
    """Another page (from 0) of the list of a server's own documents."""

    page: int


@kind("dr")
@dataclass(frozen=True, slots=True)
class RemoveDocument(CustomId):
    """Takes a document out of the server's own library, now that the admin has said so twice."""

    digest: int


@kind("fm")
@dataclass(frozen=True, slots=True)
class ForgetMe(CustomId):
    """Forgets the player who clicks, now that they have said so twice."""


@kind("fs")
@dataclass(frozen=True, slots=True)
class ForgetServer(CustomId):
    """Removes all that is kept about the server, now that an admin has said so twice."""


@kind("up")
@dataclass(frozen=True, slots=True)
class AuditPage(CustomId):
    """Another page (from 0) of the list of what admins did."""

    page: int


@kind("se")
@dataclass(frozen=True, slots=True)
class StartSeason(CustomId):
    """Starts a season, now that the admin has said so twice."""

    after: int
    """The number of the season it ends; 0: none."""
    name: Text


@kind("sf")
@dataclass(frozen=True, slots=True)
class FoundPapers(CustomId):
    """Another page (from 0) of the papers found by words."""

    words: Text
    page: int


@kind("of")
@dataclass(frozen=True, slots=True)
class OpenFound(CustomId):
    """A menu of papers that were found; the value picked is `<digest>-<paper>`."""

    page: int


def to_word(text: str) -> str:
    """A text of up to 45 bytes (UTF-8) as a word that a custom_id can hold. Raises ValueError for a longer one."""
    word = base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode("ascii").rstrip("=")
    if len(word) > TEXT:
        raise ValueError("a custom_id holds no longer text")
    return word


def from_word(word: str) -> str:
    """The text that `to_word` spelled; empty where it didn't."""
    try:
        return base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("utf-8")
    except ValueError:
        return ""


def format_custom_id(custom_id: CustomId) -> str:
    """The text of a custom_id, 100 characters at most.

    Raises ValueError for a number or a word that no custom_id can hold.
    """
    texts = [VERSION + _prefixes[type(custom_id)]]
    for name, most in _fields[type(custom_id)]:
        value = getattr(custom_id, name)
        text = str(value)
        if (most is None and not 0 <= value <= _MOST) or (
            most is not None and (len(text) > most or not _WORD.fullmatch(text))
        ):
            raise ValueError(f"{type(custom_id).__name__}.{name} can't be {value!r}")
        texts.append(text)
    return ":".join(texts)


def parse(custom_id: str) -> CustomId | None:
    """The custom_id that a text spells, or None if it is none of ours; never an error, whatever the text."""
    head, *texts = custom_id[: CUSTOM_ID + 1].split(":")
    cls = _kinds.get(head.removeprefix(VERSION)) if head.startswith(VERSION) else None
    if cls is None or len(custom_id) > CUSTOM_ID or len(texts) != len(_fields[cls]):
        return None
    values: dict[str, int | str] = {}
    for (name, most), text in zip(_fields[cls], texts, strict=True):
        if most is None:
            if not _NUMBER.fullmatch(text) or int(text) > _MOST:
                return None
            values[name] = int(text)
        else:
            if len(text) > most or not _WORD.fullmatch(text):
                return None
            values[name] = text
    return cls(**values)
