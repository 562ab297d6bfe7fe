"""The leaderboard as a message: private with everything one can do, or public as it is shared. Pure composing."""

from __future__ import annotations

from typing import Final

from bot.language import Speech
from bot.leaderboard.periods import Period
from bot.leaderboard.standings import Standing, StandingsPage
from bot.posts.custom_ids import LeaderboardPage, ShareLeaderboard, format_custom_id
from bot.posts.markdown import bold, escape_line
from bot.posts.message import Button, ButtonStyle, Embed, Message, Row

_COLOUR: Final = 0xE8B33A
_MEDALS: Final = {1: "🥇", 2: "🥈", 3: "🥉"}


def leaderboard(page: StandingsPage, *, say: Speech, server_name: str | None = None) -> Message:
    """A page as its caller sees it: their own place under it, buttons to page, change the period and share."""
    if page.own is None:
        own = say("You aren't on it yet: play a round, and you are.")
    elif page.own in page.rows:
        own = say("You are number {place} of {players}.", place=page.own.place, players=page.players)
    else:
        own = say("You: {line}", line=_line(page.own, say))
    text = f"{_rows(page, say)}\n\n{own}" if page.rows else _empty(page.period, say)
    return Message(embeds=(_embed(page, text, server_name, say),), rows=_buttons(page, say))


def shared(page: StandingsPage, *, say: Speech, server_name: str | None = None) -> Message:
    """A page as it is posted for all to see: nothing in it is about who shared it, and nobody is mentioned."""
    text = _rows(page, say) if page.rows else _empty(page.period, say)
    return Message(embeds=(_embed(page, text, server_name, say),))


def period_name(period: Period, say: Speech) -> str:
    """A period as people call it."""
    names = {
        Period.TODAY: say("Today"),
        Period.WEEK: say("This week"),
        Period.MONTH: say("This month"),
        Period.ALL: say("All time"),
    }
    return names[period]


def _embed(page: StandingsPage, text: str, server_name: str | None, say: Speech) -> Embed:
    title = say("Leaderboard · {period}", period=period_name(page.period, say))
    players = say.count("{number} player", "{number} players", page.players)
    paging = say("page {page} of {pages}", page=page.page + 1, pages=page.pages)
    footer = f"{players} · {paging}" if page.pages > 1 else players
    return Embed(
        title=title,
        description=text,
        colour=_COLOUR,
        author=server_name,
        footer=footer if page.players else None,
    )


def _rows(page: StandingsPage, say: Speech) -> str:
    return "\n".join(_line(standing, say) for standing in page.rows)


def _line(standing: Standing, say: Speech) -> str:
    """`🥇 1. **Ada** · 42 points · 88% right`; nothing hangs on the medal."""
    medal = _MEDALS.get(standing.place)
    place = f"{medal} {standing.place}\\." if medal else f"{standing.place}\\."
    name = bold(standing.name) or escape_line(say("A player"))
    points = say.count("{number} point", "{number} points", standing.points)
    return say(
        "{place} {name} · {points} · {accuracy} right",
        place=place,
        name=name,
        points=points,
        accuracy=f"{standing.accuracy:.0%}",
    )


def _empty(period: Period, say: Speech) -> str:
    if period is Period.ALL:
        return say(
            "Nobody is on the board yet. Play the round under a digest: the first right answer takes first place."
        )
    return say("Nobody has scored in this time yet. The first place is free: play the round under a digest.")


def _buttons(page: StandingsPage, say: Speech) -> tuple[Row, ...]:
    periods = tuple(
        Button(
            period_name(period, say),
            # the period that is shown leads to the page that is shown: no two buttons may have one custom_id
            format_custom_id(LeaderboardPage(period.value, page.page if period is page.period else 0)),
            ButtonStyle.PRIMARY if period is page.period else ButtonStyle.SECONDARY,
        )
        for period in Period
    )
    second = []
    if page.pages > 1:
        for label, target, possible in (
            (say("Previous"), page.page - 1, page.page > 0),
            (say("Next"), page.page + 1, page.page + 1 < page.pages),
        ):
            if possible:
                second.append(Button(label, format_custom_id(LeaderboardPage(page.period.value, target))))
    if page.rows:
        share = ShareLeaderboard(page.period.value, page.page)
        second.append(Button(say("Share"), format_custom_id(share), ButtonStyle.SUCCESS))
    return (periods, tuple(second)) if second else (periods,)
