"""What a player sees of a round, privately: questions, verdicts, the score, their answers again. Pure composing.

Every page is a tuple of messages, nearly always one: only texts beyond Discord's limits go on in another. The
first takes the place of what was clicked, the buttons stand under the last.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from bot.language import Speech
from bot.leaderboard.places import Place
from bot.posts.custom_ids import (
    Answer,
    CustomId,
    Leaderboard,
    PlayRound,
    PractiseAnswer,
    ReviewAnswers,
    format_custom_id,
)
from bot.posts.limits import BUTTONS, ROWS, units
from bot.posts.markdown import bold, escape, escape_line
from bot.posts.message import Button, ButtonStyle, Message, Row
from bot.posts.packing import Paragraph, Part, Sheet, pack
from bot.posts.splitting import shorten
from bot.posts.style import colour, date_in_words, series_name
from bot.quiz.play import Answered, Asked, PlayerRound

_RIGHT: Final = 0x3BA55D
_WRONG: Final = 0xE5534B
_KEPT: Final = 0x8A93A6

_BLOCK: Final = 1_800
"""Options stand together, a line each, up to so many characters; more begin a paragraph of their own."""
_BOLD: Final = 800
"""A question is bold up to so many characters."""


def letter(place: int) -> str:
    """What an option shown in this place (from 0) is called: A to Z, then AA, AB and so on."""
    letters = ""
    place += 1
    while place:
        place, last = divmod(place - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def question_pages(
    round_: PlayerRound, *, say: Speech, language: str, question: Asked | None = None
) -> tuple[Message, ...]:
    """A question of the round, by default the next one, with a button for each option.

    A round without questions, or with none left, says so instead.
    """
    question = question or round_.next
    if question is None:
        return final_pages(round_, None, say=say)
    return _messages((_question(round_, question, say, language),), _answer_rows(round_, question))


def verdict_pages(
    answered: Answered, *, say: Speech, language: str, place: Place | None = None
) -> tuple[Message, ...]:
    """What the click came to, and the next question or, after the last, the score and the player's place."""
    round_, following = answered.round, answered.round.next
    verdict = _verdict(round_, answered.question, say, language, accepted=answered.accepted)
    if following is None:
        return _messages((verdict, _final(round_, place, say)), (_final_buttons(round_, say),))
    return _messages((verdict, _question(round_, following, say, language)), _answer_rows(round_, following))


def final_pages(round_: PlayerRound, place: Place | None, *, say: Speech) -> tuple[Message, ...]:
    """The player's score in the round and their place on the leaderboard (None: not on it yet)."""
    if not round_.questions:
        return nothing_to_play(say)
    return _messages((_final(round_, place, say),), (_final_buttons(round_, say),))


def nothing_to_play(say: Speech) -> tuple[Message, ...]:
    """For a digest that has no questions."""
    return (Message(content=say("This digest comes without questions, so there is no round to play.")),)


def no_round(say: Speech) -> tuple[Message, ...]:
    """For a digest on which this server has no round."""
    return (Message(content=say("There is no round on this digest in this server.")),)


def review_pages(round_: PlayerRound, *, say: Speech, language: str) -> tuple[Message, ...]:
    """The player's answers in the round with what was right and why, as pages that each are one message."""
    parts = [
        _verdict(round_, question, say, language, numbered=True)
        for question in round_.questions
        if question.own is not None
    ]
    if not parts and round_.closed:
        return (Message(content=say("You didn't play this round. `/quiz practice` asks you its questions now.")),)
    if not parts:
        return (Message(content=say("You haven't answered anything in this round yet.")),)
    sheets = pack(parts)
    score = _points(round_, say)
    pages = []
    for number, sheet in enumerate(sheets):
        paging = say("page {page} of {pages}", page=number + 1, pages=len(sheets)) if len(sheets) > 1 else ""
        heading = say("Your answers · {score}", score=" · ".join(text for text in (score, paging) if text))
        pages.append(
            Message(content=heading, embeds=sheet.embeds, rows=_review_rows(round_, number, len(sheets), say))
        )
    return tuple(pages)


def asked_text(text: str, say: Speech, *, made: bool) -> str:
    """A question's text as markdown; one that we made says what is asked about it."""
    if made:
        quoted = "\n".join(f"> {line}" for line in escape(text).split("\n"))
        return f"**{say('Which of these papers does this describe?')}**\n{quoted}"
    return (bold(text) if units(text) <= _BOLD and "\n" not in text.strip() else escape(text)) or say(
        "The question has no text."
    )


def practice_pages(
    asked: tuple[PlayerRound, Asked] | None,
    *,
    say: Speech,
    language: str,
    before: tuple[PlayerRound, Asked, bool] | None = None,
    left: int = 0,
) -> tuple[Message, ...]:
    """A question of a closed round to practise on, `left` of them in all; under the verdict on the one `before`.

    `before` says also whether that answer was taken, or another one stood already. Without a question: that
    there is none left.
    """
    parts = []
    if before is not None:
        parts.append(_verdict(before[0], before[1], say, language, accepted=before[2]))
    if asked is None:
        text = (
            say("That was the last one: you have answered every question of the rounds that closed here.")
            if before is not None
            else say(
                "There is nothing to practise on: you have answered every question of the rounds that closed "
                "here, or none has closed yet."
            )
        )
        parts.append(Part(colour=_KEPT, paragraphs=(Paragraph(text),)))
        return _messages(tuple(parts), ())
    round_, question = asked
    part = _question(round_, question, say, language, practice=True)
    more = say.count("{number} question left.", "{number} questions left.", left)
    parts.append(replace(part, footer=f"{part.footer} {more}"))
    buttons = _buttons_for(question, lambda place: PractiseAnswer(round_.id, question.id, place))
    return _messages(tuple(parts), buttons)


def _practice_title(round_: PlayerRound, say: Speech) -> str:
    return say(
        "Practice · {series} · {date}",
        series=escape_line(shorten(series_name(round_.series, say), 100)),
        date=date_in_words(round_.date, say),
    )


def _question(round_: PlayerRound, question: Asked, say: Speech, language: str, *, practice: bool = False) -> Part:
    title, text, options = question.said(language)
    paper = escape_line(title)
    notes = []
    if practice:
        notes.append(say("Practice: this brings no points."))
    elif round_.closed:
        notes.append(say("This round is closed: answers are practice now and bring no points."))
    elif round_.next is question and question.number == 1:
        notes.append(say("Only you see this. Your first answer counts."))
    if question.made and (practice or question.number == 1):
        notes.append(say("▒▒▒ stands for words that also stand in the titles."))
    lines = [option_line(place, option) for place, option in enumerate(options)]
    return Part(
        colour=colour(round_.series),
        title=_practice_title(round_, say)
        if practice
        else say("Question {number} of {total}", number=question.number, total=len(round_.questions)),
        paragraphs=(
            *([Paragraph(f"*{paper}*")] if paper else ()),
            Paragraph(asked_text(text, say, made=question.made)),
            *(Paragraph(block) for block in blocks(lines)),
        ),
        footer=" ".join(notes) or None,
        gap="\n\n",
    )


def option_line(place: int, text: str) -> str:
    """An option with its letter, as markdown."""
    return f"**{letter(place)}**  {escape(text)}".rstrip()


def blocks(lines: Iterable[str]) -> Iterator[str]:
    """Lines joined as long as they make one paragraph."""
    block = ""
    for line in lines:
        if block and units(block) + 1 + units(line) > _BLOCK:
            yield block
            block = line
        else:
            block = f"{block}\n{line}" if block else line
    if block:
        yield block


def _verdict(
    round_: PlayerRound,
    question: Asked,
    say: Speech,
    language: str,
    *,
    accepted: bool = True,
    numbered: bool = False,
) -> Part:
    own = question.own
    if own is None:
        raise ValueError("there is no verdict on a question that wasn't answered")
    _, text, options = question.said(language)
    chosen = question.place(own.choice)
    number = say("Question {number}", number=question.number)
    texts = [asked_text(text, say, made=True) if question.made else escape(text)]
    if round_.withheld:
        head, tint = say("📝 Your answer is kept"), _KEPT
        texts += [_line(say("You chose"), chosen, options)]
        texts += [say("Right or wrong is told when the round closes, {when}.", when=_moment(round_))]
    elif own.key is None:
        head, tint = say("📝 Your answer is kept"), _KEPT
        texts += [
            _line(say("You chose"), chosen, options),
            say("Nobody has said yet which answer is right: points follow when the key is known."),
        ]
    elif own.right:
        head, tint = say("✅ Right"), _RIGHT
        texts += [_line(say("You chose"), chosen, options)]
    else:
        head, tint = say("❌ Not this time"), _WRONG
        right = question.place(own.key.answer)
        lines = (_line(say("You chose"), chosen, options), _line(say("The right answer is"), right, options))
        texts += ["\n".join(lines)]
    if own.key is not None and own.key.reason:
        texts.append(escape(own.key.reason))
    if not accepted:
        texts.insert(0, say("You had answered this one already; the first answer counts."))
    if not own.counts:
        texts.append(
            say("Practice: the round was closed, so this brings no points.")
            if round_.closed
            else say("Practice: you had yourself forgotten after beginning this round, so it brings no points.")
        )
    return Part(
        colour=tint,
        title=f"{number} · {head}" if numbered else head,
        paragraphs=tuple(Paragraph(text) for text in texts),
        gap="\n\n",
    )


def _line(label: str, place: int, options: Sequence[str]) -> str:
    return f"{label} {option_line(place, options[place])}"


def _moment(round_: PlayerRound) -> str:
    """When the round closes, shown in each reader's own time."""
    return f"<t:{int(round_.closes_at.timestamp())}:R>"


def _final(round_: PlayerRound, place: Place | None, say: Speech) -> Part:
    score = round_.score
    texts = [f"**{_points(round_, say)}**"]
    if round_.withheld:
        place = None
        texts.append(say("The results come when the round closes, {when}.", when=_moment(round_)))
    elif score.waiting:
        texts.append(
            say.count(
                "{number} answer waits for its key; its points follow when that is known.",
                "{number} answers wait for their keys; their points follow when those are known.",
                score.waiting,
            )
        )
    if score.practice:
        texts.append(
            say.count(
                "{number} answer was practice: the round was closed.",
                "{number} answers were practice: the round was closed.",
                score.practice,
            )
        )
    if place is not None:
        standing = place.standing
        texts.append(
            say(
                "Your place in this server: **{place}** of {players}, with {points} and {accuracy} right.",
                place=standing.place,
                players=place.players,
                points=say.count("{number} point", "{number} points", standing.points),
                accuracy=f"{standing.accuracy:.0%}",
            )
        )
    return Part(
        colour=colour(round_.series),
        title=say("🏁 That was the round"),
        paragraphs=tuple(Paragraph(text) for text in texts),
        gap="\n",
    )


def _points(round_: PlayerRound, say: Speech) -> str:
    """How many were right; of those that count where any do, else of the practice."""
    score = round_.score
    if score.keyed or not score.practice:
        return (
            say("{points} of {keyed} right", points=score.points, keyed=score.keyed)
            if score.keyed
            else say("All answers kept")
        )
    own = [question.own for question in round_.questions if question.own is not None]
    keyed = [answer.right for answer in own if answer.right is not None]
    return say("{points} of {keyed} right, in practice", points=sum(keyed), keyed=len(keyed))


def _answer_rows(round_: PlayerRound, question: Asked) -> tuple[Row, ...]:
    return _buttons_for(question, lambda place: Answer(round_.id, question.id, place))


def _buttons_for(question: Asked, click: Callable[[int], CustomId]) -> tuple[Row, ...]:
    """A button for each option, by the place it is shown in."""
    buttons = [
        Button(letter(place), format_custom_id(click(place)), ButtonStyle.PRIMARY)
        for place in range(len(question.options))
    ]
    return tuple(tuple(buttons[start : start + BUTTONS]) for start in range(0, len(buttons), BUTTONS))


def _final_buttons(round_: PlayerRound, say: Speech) -> Row:
    return (
        Button(say("Look at my answers"), format_custom_id(ReviewAnswers(round_.id, 0)), ButtonStyle.PRIMARY),
        Button(say("Leaderboard"), format_custom_id(Leaderboard(""))),
    )


def _review_rows(round_: PlayerRound, page: int, pages: int, say: Speech) -> tuple[Row, ...]:
    buttons = []
    if page > 0:
        buttons.append(Button(say("Previous"), format_custom_id(ReviewAnswers(round_.id, page - 1))))
    if page + 1 < pages:
        buttons.append(Button(say("Next"), format_custom_id(ReviewAnswers(round_.id, page + 1))))
    if round_.next is not None:
        play = PlayRound(round_.digest_id, "")
        buttons.append(Button(say("Go on with the round"), format_custom_id(play), ButtonStyle.PRIMARY))
    return (tuple(buttons),) if buttons else ()


@functools.lru_cache(maxsize=500)  # what players of a round are shown is the same as often as not
def _messages(parts: tuple[Part, ...], rows: tuple[Row, ...]) -> tuple[Message, ...]:
    """The parts in as few messages as they fit, the rows under the last and, five to a message, after it."""
    sheets: tuple[Sheet, ...] = pack(parts)
    last = len(sheets) - 1
    messages = [
        Message(embeds=sheet.embeds, rows=rows[:ROWS] if index == last else ())
        for index, sheet in enumerate(sheets)
    ]
    for start in range(ROWS, len(rows), ROWS):
        more = rows[start : start + ROWS]
        labels = [button.label for row in more if isinstance(row, tuple) for button in row]
        messages.append(Message(content=f"{labels[0]} – {labels[-1]}", rows=more))
    return tuple(messages)
