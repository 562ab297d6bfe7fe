"""A week's standings as they are posted for all to see. Pure composing."""

from __future__ import annotations

import datetime as dt
from typing import Final

from bot.language import Speech
from bot.leaderboard.pages import COLOUR, line
from bot.posts.custom_ids import Leaderboard, format_custom_id
from bot.posts.message import Button, ButtonStyle, Embed, Message
from bot.posts.style import date_in_words
from bot.quiz.results_pages import streaks_text, tally_text
from bot.quiz.week import WeekResults

_LAST: Final = dt.timedelta(days=6)


def week_message(week: WeekResults, *, say: Speech, key: str) -> Message:
    """The best, how the server did, the streaks; its step's key is in a button. Nobody is mentioned."""
    lines = [line(standing, say) for standing in week.best]
    if not lines:
        lines.append(say("No points are known yet: they follow with the keys, on the leaderboard."))
    rounds = say.count("{number} round", "{number} rounds", week.rounds)
    lines += ["", f"{rounds} · {tally_text(week.tally, say)}"]
    if week.streaks:
        lines.append(say("🔥 Rounds in a row: {streaks}", streaks=streaks_text(week.streaks, say)))
    title = say(
        "🏆 The week from {monday} to {sunday}",
        monday=date_in_words(week.monday, say),
        sunday=date_in_words(week.monday + _LAST, say),
    )
    return Message(
        embeds=(Embed(title=title, description="\n".join(lines), colour=COLOUR),),
        rows=((Button(say("Leaderboard"), format_custom_id(Leaderboard(key)), ButtonStyle.PRIMARY),),),
    )
