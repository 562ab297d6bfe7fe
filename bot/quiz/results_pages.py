"""A round's results: in brief as they are posted for all, a question in full for who asks. Pure composing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bot.language import Speech
from bot.posts.custom_ids import Leaderboard, ReadQuestion, ReviewAnswers, format_custom_id
from bot.posts.limits import OPTION
from bot.posts.markdown import bold, escape, escape_line
from bot.posts.message import Button, ButtonStyle, Menu, Message, Option, Row
from bot.posts.packing import Paragraph, Part, pack
from bot.posts.splitting import shorten
from bot.posts.style import colour, date_in_words, series_name
from bot.quiz.longest import Streak
from bot.quiz.pages import asked_text, blocks, letter, option_line
from bot.quiz.results import Asked, RoundResults, Tally

_BAR: Final = 5
"""Characters of a bar for all who answered."""
_NAME: Final = 100
_MEDALS: Final = ("🥇", "🥈", "🥉")
_GROUP: Final = 10
"""So many questions at most in a message: in brief, they fit it."""
_TEXT: Final = 150
_CHOICE: Final = 100
_REASON: Final = 160
_BARS: Final = 90
"""Characters of what is told in brief: the question, the right option, the reason, how many chose what."""


def result_messages(
    results: RoundResults,
    *,
    say: Speech,
    language: str,
    keys: Callable[[int], str],
    reply_to: int | None = None,
) -> tuple[Message, ...]:
    """The results in brief, a message for ten questions, nobody mentioned; a menu opens each question in full.

    Each carries its step's key (by its place, from 0) in a button. The first replies to the message `reply_to`.
    """
    asked = results.questions
    groups = [asked[start : start + _GROUP] for start in range(0, len(asked), _GROUP)] or [()]
    head = Part(
        colour=colour(results.series),
        title=say("🏁 Results"),
        paragraphs=(Paragraph("\n".join(_head(results, say))),),
    )
    sheets = []
    for number, group in enumerate(groups):
        texts = tuple(Paragraph(_briefly(question, say, language)) for question in group)
        part = Part(colour=colour(results.series), paragraphs=texts)
        of_group = pack([part] if number else [head, part])
        sheets += [(sheet, group if sheet is of_group[-1] else ()) for sheet in of_group]
    caption = say(
        "{series} · {date} · the round is over",
        series=bold(shorten(series_name(results.series, say), _NAME)) or bold(say("Digest")),
        date=date_in_words(results.date, say),
    )
    return tuple(
        Message(
            content=caption if index == 0 else None,
            embeds=sheet.embeds,
            rows=(
                *_menu(results, group, index, say, language),
                _buttons(results, keys(index), say, last=index == len(sheets) - 1),
            ),
            reply_to=reply_to if index == 0 else None,
        )
        for index, (sheet, group) in enumerate(sheets)
    )


def question_messages(
    results: RoundResults, question: Asked, *, say: Speech, language: str
) -> tuple[Message, ...]:
    """A question in full: every option with who chose it, which was right, and why."""
    return tuple(Message(embeds=sheet.embeds) for sheet in pack([_question(question, results, say, language)]))


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
    """How large a share `number` is of `total`, as a bar of five characters; any share at all is seen."""
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
    if results.streaks:
        yield say("🔥 Rounds in a row: {streaks}", streaks=streaks_text(results.streaks, say))


def streaks_text(streaks: Iterable[Streak], say: Speech) -> str:
    """Who has played how many rounds in a row: `**Ada** 12 · **Ben** 5`."""
    named = ((bold(streak.name) or escape_line(say("A player")), streak.rounds) for streak in streaks)
    return " · ".join(f"{name} {rounds}" for name, rounds in named)


def _briefly(question: Asked, say: Speech, language: str) -> str:
    """A question, the right option, why it is right, and how many chose which."""
    _, text, options = question.said(language)
    number = f"**{question.number}**"
    lines = [" ".join(part for part in (number, bold(shorten(text, _TEXT))) if part)]
    if question.key is None:
        lines.append(say("Right: nobody has said yet; points follow when the key is known."))
    else:
        place = question.order.index(question.key.answer)
        lines.append(say("Right: {option}", option=option_line(place, shorten(options[place], _CHOICE))))
        lines.append(escape_line(shorten(question.key.reason or "", _REASON)))
    return "\n".join(line for line in (*lines, _bars(question)) if line)


def _bars(question: Asked) -> str:
    """How many chose each option, in the order shown, in a line: `A ███░░ 6 · B ██░░░ 4 · C ░░░░░ 0`."""
    total = sum(question.chosen)
    numbers = [question.chosen[choice] for choice in question.order]
    said = " · ".join(f"{letter(place)} {bar(number, total)} {number}" for place, number in enumerate(numbers))
    if len(said) > _BARS:
        said = shorten(" · ".join(f"{letter(place)} {number}" for place, number in enumerate(numbers)), _BARS)
    return f"`{said}`"


def _menu(
    results: RoundResults, group: Sequence[Asked], part: int, say: Speech, language: str
) -> tuple[Menu, ...]:
    """Opens a question in full; none where there is none."""
    if not group:
        return ()
    options = tuple(
        Option(shorten(f"{question.number} · {question.said(language)[1]}", OPTION), str(question.id))
        for question in group
    )
    custom_id = format_custom_id(ReadQuestion(results.digest_id, part))
    return (Menu(custom_id, options, say("See a question in full…")),)


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
