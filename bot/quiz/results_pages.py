"""A round's results as they are posted for all to see. Pure composing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from bot.language import Speech
from bot.posts.custom_ids import Leaderboard, ReviewAnswers, format_custom_id
from bot.posts.markdown import bold, escape, escape_line
from bot.posts.message import Button, ButtonStyle, Message, Row
from bot.posts.packing import Paragraph, Part, pack
from bot.posts.splitting import shorten
from bot.posts.style import colour, date_in_words, series_name
from bot.quiz.pages import asked_text, blocks, option_line
from bot.quiz.results import Asked, RoundResults, Tally

_BAR: Final = 10
"""Characters of a bar for all who answered."""
_NAME: Final = 100
_MEDALS: Final = ("🥇", "🥈", "🥉")


def result_messages(
    results: RoundResults,
    *,
    say: Speech,
    language: str,
    keys: Callable[[int], str],
    reply_to: int | None = None,
) -> tuple[Message, ...]:
    """The results in as few messages as they fit, nothing cut, nobody mentioned.

    Each carries its step's key (by its place, from 0) in a button. The first replies to the message `reply_to`.
    """
    head = Part(
        colour=colour(results.series),
        title=say("🏁 Results"),
        paragraphs=tuple(Paragraph(text) for text in _head(results, say)),
        gap="\n",
    )
    sheets = pack([head, *(_question(question, results, say, language) for question in results.questions)])
    caption = say(
        "{series} · {date} · the round is over",
        series=bold(shorten(series_name(results.series, say), _NAME)) or bold(say("Digest")),
        date=date_in_words(results.date, say),
    )
    return tuple(
        Message(
            content=caption if index == 0 else None,
            embeds=sheet.embeds,
            rows=(_buttons(results, keys(index), say, last=index == len(sheets) - 1),),
            reply_to=reply_to if index == 0 else None,
        )
        for index, sheet in enumerate(sheets)
    )


def left_over(key: str, say: Speech) -> Message:
    """What a further message of results becomes when a correction makes them shorter."""
    return Message(
        content=say("The results above are complete."),
        rows=((Button(say("Leaderboard"), format_custom_id(Leaderboard(key))),),),
    )


def tally_text(tally: Tally, say: Speech) -> str:
    """How many played and how they did, in a line: `12 players · 64% right`."""
    players = say.count("{number} player", "{number} players", tally.players)
    if tally.share is None:
        return players
    return say("{players} · {share} right", players=players, share=f"{tally.share:.0%}")


def bar(number: int, total: int) -> str:
    """How large a share `number` is of `total`, as a bar of ten characters; any share at all is seen."""
    filled = round(_BAR * number / total) if total else 0
    filled = max(filled, 1) if number else 0
    return "█" * filled + "░" * (_BAR - filled)


def _head(results: RoundResults, say: Speech) -> Iterable[str]:
    yield tally_text(results.tally, say)
    for medal, best in zip(_MEDALS, results.best, strict=False):
        yield say(
            "{medal} {name} · {points} of {answered} right",
            medal=medal,
            name=bold(best.name) or escape_line(say("A player")),
            points=best.points,
            answered=best.answered,
        )


def _question(question: Asked, results: RoundResults, say: Speech, language: str) -> Part:
    title, text, _ = question.said(language)
    paper = escape_line(title)
    texts = [
        *([f"*{paper}*"] if paper else ()),
        asked_text(text, say, made=question.made),
        *blocks(_options(question, say, language)),
    ]
    if question.key is None:
        texts.append(say("Nobody has said yet which answer is right: points follow when the key is known."))
    elif question.key.reason:
        texts.append(escape(question.key.reason))
    return Part(
        colour=colour(results.series),
        title=say("Question {number}", number=question.number),
        paragraphs=tuple(Paragraph(text) for text in texts),
        gap="\n",
    )


def _options(question: Asked, say: Speech, language: str) -> Iterable[str]:
    """Each option in the place that players saw it in, with who chose it; the right one says so in words."""
    _, _, options = question.said(language)
    total = sum(question.chosen)
    for place, text in enumerate(options):
        choice = question.order[place]
        number = question.chosen[choice]
        right = question.key is not None and question.key.answer == choice
        line = option_line(place, text)
        if right:
            line = f"✅ {line} · {say('right')}"
        yield f"{line}\n`{bar(number, total)}` {number}"


def _buttons(results: RoundResults, key: str, say: Speech, *, last: bool) -> Row:
    leaderboard = Button(say("Leaderboard"), format_custom_id(Leaderboard(key)))
    if not last:
        return (leaderboard,)
    review = format_custom_id(ReviewAnswers(results.round_id, 0))
    return (Button(say("Look at my answers"), review, ButtonStyle.PRIMARY), leaderboard)
