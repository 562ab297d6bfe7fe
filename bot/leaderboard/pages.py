"""The leaderboard as a message: private with everything one can do, or public as it is shared. Pure composing."""

from __future__ import annotations

from typing import Final

from bot.language import Speech
from bot.leaderboard.boards import Board, StandingsPage
from bot.leaderboard.periods import Period
from bot.leaderboard.places import Standing
from bot.leaderboard.seasons import Season
from bot.posts.custom_ids import LeaderboardAround, LeaderboardPage, ShareLeaderboard, format_custom_id
from bot.posts.limits import TITLE
from bot.posts.markdown import bold, escape_line
from bot.posts.message import Button, ButtonStyle, Embed, Message, Row
from bot.posts.splitting import shorten
from bot.posts.style import series_name

COLOUR: Final = 0xE8B33A
_MEDALS: Final = {1: "🥇", 2: "🥈", 3: "🥉"}


def leaderboard(page: StandingsPage, *, say: Speech, server_name: str | None = None) -> Message:
    """A page as its caller sees it: their own place under it, buttons to page, change the period and share."""
    if page.own is None:
        own = say("You aren't on it: no answer of yours counts here so far. `/me record` says more.")
    elif page.own in page.rows:
        own = say("You are number {place} of {players}.", place=page.own.place, players=page.players)
    else:
        own = say("You: {line}", line=line(page.own, say))
    text = f"{_rows(page, say)}\n\n{own}" if page.rows else _empty(page.board, say)
    return Message(embeds=(_embed(page, text, server_name, say),), rows=_buttons(page, say))


def shared(page: StandingsPage, *, say: Speech, server_name: str | None = None) -> Message:
    """A page as it is posted for all to see: nothing in it is about who shared it, and nobody is mentioned."""
    text = _rows(page, say) if page.rows else _empty(page.board, say)
    return Message(embeds=(_embed(page, text, server_name, say),))


def line(standing: Standing, say: Speech) -> str:
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


def period_name(period: Period, say: Speech) -> str:
    """A period as people call it."""
    names = {
        Period.TODAY: say("Today"),
        Period.WEEK: say("This week"),
        Period.MONTH: say("This month"),
        Period.ALL: say("All time"),
    }
    return names[period]


def season_name(season: Season, say: Speech) -> str:
    """A season as people call it, on one line, escaped: its number, and the name it was given."""
    number = say("Season {number}", number=season.number)
    name = escape_line(season.name or "")
    return f"{number}: {name}" if name else number


def board_name(board: Board, say: Speech) -> str:
    """What a leaderboard counts, escaped."""
    names = [season_name(board.season, say)] if board.season else []
    if board.period is not Period.ALL or not names:
        names.append(period_name(board.period, say))
    if board.series is not None:
        names.append(escape_line(series_name(board.series, say)))
    return " · ".join(names)


def _embed(page: StandingsPage, text: str, server_name: str | None, say: Speech) -> Embed:
    title = shorten(say("Leaderboard · {period}", period=board_name(page.board, say)), TITLE)
    players = say.count("{number} player", "{number} players", page.players)
    paging = say("page {page} of {pages}", page=page.page + 1, pages=page.pages)
    footer = f"{players} · {paging}" if page.pages > 1 else players
    return Embed(
        title=title,
        description=text,
        colour=COLOUR,
        author=server_name,
        footer=footer if page.players else None,
    )


def _rows(page: StandingsPage, say: Speech) -> str:
    return "\n".join(line(standing, say) for standing in page.rows)


def _empty(board: Board, say: Speech) -> str:
    if board == Board():
        return say(
            "Nobody is on the board yet. Play the round under a digest: the first right answer takes first place."
        )
    return say("Nobody has scored in this time yet. The first place is free: play the round under a digest.")


def _buttons(page: StandingsPage, say: Speech) -> tuple[Row, ...]:
    board = page.board
    season = board.season.number if board.season else 0
    choices = [(period_name(period, say), period, 0) for period in Period]
    if page.current is not None:
        label = say("Season {number}", number=page.current.number)
        choices.append((label, Period.ALL, page.current.number))
    shown = (board.period, season)
    periods = tuple(
        Button(
            label,
            # the board that is shown leads to the page that is shown: no two buttons may have one custom_id
            format_custom_id(
                LeaderboardPage(period.value, page.page if (period, of) == shown else 0, of, board.series_id)
            ),
            ButtonStyle.PRIMARY if (period, of) == shown else ButtonStyle.SECONDARY,
        )
        for label, period, of in choices
    )
    which = (board.period.value, season, board.series_id)
    second = []
    if page.pages > 1:
        for label, target, possible in (
            (say("Previous"), page.page - 1, page.page > 0),
            (say("Next"), page.page + 1, page.page + 1 < page.pages),
        ):
            if possible:
                turn = LeaderboardPage(board.period.value, target, season, board.series_id)
                second.append(Button(label, format_custom_id(turn)))
        if page.own is not None and page.own not in page.rows:
            second.append(Button(say("Around me"), format_custom_id(LeaderboardAround(*which))))
    if page.rows:
        share = ShareLeaderboard(board.period.value, page.page, season, board.series_id)
        second.append(Button(say("Share"), format_custom_id(share), ButtonStyle.SUCCESS))
    return (periods, tuple(second)) if second else (periods,)
