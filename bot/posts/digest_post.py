"""The public post of a digest: what it shows in which look, with the menus and buttons under it.

Every message of a post carries its step's key in the custom_id of a menu or button, so that a message that
was sent can be told from one that wasn't by looking at the channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from bot.model import Look
from bot.posts import deep_dive, round_up
from bot.posts.custom_ids import Leaderboard, PlayRound, ReadPaper, format_custom_id
from bot.posts.limits import OPTION, OPTIONS
from bot.posts.markdown import bold
from bot.posts.message import Button, ButtonStyle, Menu, Message, Option, Row
from bot.posts.packing import Part, Sheet, pack
from bot.posts.paper import TIPS, tips_of, tips_part, title_of, translated
from bot.posts.splitting import shorten
from bot.posts.style import date_in_words, series_name

if TYPE_CHECKING:
    from bot.language import Speech
    from bot.model import Digest, Paper

Keys = Callable[[int], str]
"""A step's key by the number of its message in the post, from 0: letters, digits, `_`, `-`, 25 at most."""

_MENUS: Final = 4
"""Menus in a message; the fifth row is the buttons'."""


def compose(
    digest: Digest,
    *,
    digest_id: int,
    look: Look,
    say: Speech,
    language: str,
    keys: Keys,
    role: int | None = None,
    playable: bool | None = None,
    over: bool = False,
) -> tuple[Message, ...]:
    """The post of a digest in a language: one message wherever it fits one, none for a digest without papers.

    How many messages there are, and what they show, doesn't depend on the keys: to plan the steps before
    they have keys, compose with any. The look matters to digests whose papers have sections. `role` is
    mentioned in the first message. `playable` says whether there is a round to play, by default whether
    the digest has questions; `over`, that it has closed already, so that playing is practice.
    """
    papers = _papers(digest, language)
    tips = tips_part(digest, say=say, language=language)
    sheets, tips_shown = _sheets(digest, papers, tips, look, say)
    if playable is None:
        playable = any(paper.questions for paper in digest.papers)
    messages = []
    for index, sheet in enumerate(sheets):
        last, key = index == len(sheets) - 1, keys(index)
        options = [_option(paper, say) for paper in papers if paper.number in sheet.papers]
        if last and tips is not None and not (tips_shown and len(tips_of(digest)) == 1):
            options.append(Option(say("Reading tips"), TIPS))
        rows: list[Row] = [*_menus(options, digest_id, key, say)]
        if last:
            rows.append(_buttons(digest_id, key, playable, over, say))
        messages.append(
            Message(
                content=caption(digest, index, len(sheets), role if index == 0 else None, say),
                embeds=sheet.embeds,
                rows=tuple(rows),
                files=sheet.files,
                role_mentions=(role,) if role is not None and index == 0 else (),
            )
        )
    return tuple(messages)


def _papers(digest: Digest, language: str) -> list[Paper]:
    """The papers in a language, each number once."""
    numbers = dict.fromkeys(paper.number for paper in digest.papers)
    papers = (translated(digest, number, language) for number in numbers)
    return [paper for paper in papers if paper is not None]


def _sheets(
    digest: Digest, papers: Sequence[Paper], tips: Part | None, look: Look, say: Speech
) -> tuple[tuple[Sheet, ...], bool]:
    """What the messages hold, and whether the reading tips are among it.

    A full post ends with them unless that takes a message more, since each message must have a paper to
    open; otherwise the menu opens them. It opens them as well where they come in two languages, since the post
    is in one.
    """
    if not any(paper.sections for paper in papers):
        parts = [round_up.listing(digest, papers, say)]
    elif look is Look.BRIEF:
        parts = list(deep_dive.brief(digest, papers, say))
    else:
        parts = list(deep_dive.full(digest, papers, say))
    most = _MENUS * OPTIONS - (1 if tips else 0)
    sheets = pack(parts, most_papers=most)
    if tips is not None and look is Look.FULL:
        longer = pack([*parts, tips], most_papers=most)
        if len(longer) == len(sheets):
            return longer, True
    return sheets, False


def caption(digest: Digest, index: int, number: int, role: int | None, say: Speech) -> str:
    """The line above a message: what it is, of which day, how much; the role that is called."""
    series = bold(shorten(series_name(digest.series, say), OPTION)) or bold(say("Digest"))
    date = date_in_words(digest.date, say)
    if index:
        return say(
            "{series} · {date} · part {part} of {parts}", series=series, date=date, part=index + 1, parts=number
        )
    papers = say.count("{number} paper", "{number} papers", len(digest.papers))
    caption = say("{series} · {date} · {papers}", series=series, date=date, papers=papers)
    return caption if role is None else f"{caption} · <@&{role}>"


def _option(paper: Paper, say: Speech) -> Option:
    return Option(shorten(f"{paper.number} · {title_of(paper, say)}", OPTION), str(paper.number))


def _menus(options: Sequence[Option], digest_id: int, key: str, say: Speech) -> Iterator[Menu]:
    """Menus of 25 that open a paper privately; where there are several each says what it holds."""
    groups = [options[start : start + OPTIONS] for start in range(0, len(options), OPTIONS)]
    for part, group in enumerate(groups):
        numbers = [option.value for option in group if option.value != TIPS]
        if len(groups) == 1 or not numbers:
            placeholder = say("Read a paper in full…") if numbers else say("Reading tips")
        else:
            placeholder = say("Read a paper in full: {first} to {last}…", first=numbers[0], last=numbers[-1])
        yield Menu(format_custom_id(ReadPaper(digest_id, part, key)), tuple(group), placeholder)


def _buttons(digest_id: int, key: str, playable: bool, over: bool, say: Speech) -> tuple[Button, ...]:
    label = say("Practise the round") if over else say("Play the round")
    play = Button(label, format_custom_id(PlayRound(digest_id, key)), ButtonStyle.PRIMARY)
    leaderboard = Button(say("Leaderboard"), format_custom_id(Leaderboard(key)))
    return (play, leaderboard) if playable else (leaderboard,)
