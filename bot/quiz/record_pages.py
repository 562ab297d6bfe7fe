"""A player's own record as a message. Pure composing."""

from __future__ import annotations

from typing import Final

from bot.language import Speech
from bot.leaderboard.pages import COLOUR
from bot.posts.message import Embed, Message
from bot.quiz.played import Record

_WIDTH: Final = 16
"""Characters of the chart's longest bar."""


def page(record: Record, *, say: Speech) -> Message:
    """Points, accuracy, place, rounds and streaks, with a chart of the last weeks' points; it is all text."""
    title = say("Your record in this server")
    if not record.streaks.rounds:
        text = say("You haven't played here yet. The button under a digest starts a round.")
        return Message(embeds=(Embed(title=title, description=text, colour=COLOUR),))
    lines = [say("Points: **{points}**", points=record.points)]
    if record.answered:
        lines.append(
            say(
                "Right answers: **{share}** ({points} of {answered})",
                share=f"{record.points / record.answered:.0%}",
                points=record.points,
                answered=record.answered,
            )
        )
    if record.excluded:
        lines.append(say("An admin of this server has taken you off its leaderboard. Your answers are kept."))
    elif record.place is not None:
        place, players = record.place.standing.place, record.place.players
        lines.append(say("Place over all time: **{place}** of {players}", place=place, players=players))
    played = record.streaks
    lines += [
        say("Rounds played: **{number}**", number=played.rounds),
        say(
            "Streak: **{current}** now, **{best}** at best",
            current=say.count("{number} round", "{number} rounds", played.current),
            best=say.count("{number} round", "{number} rounds", played.best),
        ),
    ]
    if record.struck:
        lines.append(
            say.count(
                "{number} answer of yours was struck by an admin and doesn't count.",
                "{number} answers of yours were struck by an admin and don't count.",
                record.struck,
            )
        )
    lines += ["", say("Points in the last {number} weeks, by their Mondays:", number=len(record.weeks))]
    return Message(
        embeds=(Embed(title=title, description="\n".join([*lines, _chart(record)]), colour=COLOUR),),
    )


def _chart(record: Record) -> str:
    """A bar and a number for each week, in a block of equally wide characters."""
    most = max(week.points for week in record.weeks) or 1
    wide = len(str(most))
    lines = []
    for week in record.weeks:
        bar = "█" * round(_WIDTH * week.points / most) or ("▏" if week.points else "")
        lines.append(f"{week.monday:%m-%d}  {week.points:>{wide}}  {bar}".rstrip())
    return "```\n" + "\n".join(lines) + "\n```"
