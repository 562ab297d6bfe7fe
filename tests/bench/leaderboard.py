"""How long a page of `/leaderboard` takes to read, with few answers and with many.

The floor is the same page, through the same seam, from a table that was made for it: a row for each player, with
their place and all that a line shows.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from bot.commands import services
from bot.database import Store
from bot.leaderboard import boards, seasons
from bot.leaderboard.boards import Board, StandingsPage
from bot.leaderboard.periods import Period
from bot.quiz import played
from tests.bench import masses
from tests.bench.masses import NOW, SERVER, USER
from tests.bench.rows import Growth, Report, Row
from tests.bench.samples import Act, in_turns, p95

_MADE: Final = """
CREATE TABLE made AS SELECT
    row_number() OVER (ORDER BY points DESC, answered, scored_at, standings.user_id) AS place,
    standings.user_id, name, points, answered
FROM standings JOIN players ON players.server_id = standings.server_id AND players.user_id = standings.user_id
WHERE season = 2
"""
_PAGE: Final = text(
    "SELECT place, user_id, name, points, answered FROM made WHERE place > :skip AND place <= :skip + 10 "
    "OR user_id = :user"
)


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """A server with ten thousand players and 1, 10 and 100 answers of each."""
    players = 50 if tiny else 10_000
    sizes = (1, 10) if tiny else (1, 10, 100)
    taken: dict[str, list[float]] = {}
    async with contextlib.AsyncExitStack() as stack:
        acts: dict[str, Act] = {}
        for each in sizes:
            store = await stack.enter_async_context(masses.opened(folder, str(each)))
            await store.write(masses.add_game, players=players, each=each)
            await store.write(_make_table)
            acts |= {f"{name} {each}": act for name, act in _acts(store, players).items()}
        taken = await in_turns(acts, 5 if tiny else 200, seconds=2 if tiny else 100)
    few, many = sizes[0], sizes[-1]
    rows = []
    for each in (few, many):
        count = f"{players * each:,} answers"
        floor = p95(taken[f"floor {each}"])
        for name, what in _TARGETED.items():
            rows.append(Row(f"`/leaderboard`{what}, {count}, p95", p95(taken[f"{name} {each}"]), floor, "ms", 3.0))
    for name, what in _TARGETED.items():
        of_many, of_few = (p95(taken[f"{name} {each}"]) for each in (many, few))
        rows.append(Row(f"`/leaderboard`{what}, many answers beside few", of_many, of_few, "ms", 2.0))
    for name, what in _COUNTED.items():
        floor = p95(taken[f"floor {many}"])
        count = f"{players * many:,} answers"
        rows.append(Row(f"`/leaderboard`{what}, {count}, p95", p95(taken[f"{name} {many}"]), floor, "ms"))
    lines = {
        name: [(players * each, p95(taken[f"{key} {each}"])) for each in sizes]
        for name, key in (("season", "season"), ("all time", "all time"), ("week", "week"), ("floor", "floor"))
    }
    samples = min(map(len, taken.values()))
    return Report(
        rows,
        f"{players:,} players of one server, {samples} samples of each; answers of one year, a season of 60 days. "
        "The last rows are counted from the answers each time.",
        (Growth("Reading a page of the leaderboard", "answers", "ms, p95", lines),),
    )


_TARGETED: Final = {
    "season": "",
    "around": " around me",
    "all time": " period: all time",
}
_COUNTED: Final = {
    "today": " period: today",
    "week": " period: this week",
    "month": " period: this month",
    "series": " series: deep-dive",
}


def _make_table(connection: Connection) -> None:
    connection.execute(text(_MADE))
    connection.execute(text("CREATE UNIQUE INDEX made_place ON made (place)"))
    connection.execute(text("CREATE UNIQUE INDEX made_user ON made (user_id)"))


def _acts(store: Store, players: int) -> Mapping[str, Act]:
    """What is measured; whoever asks stands in the middle of the board, more or less."""
    user = USER + players // 2

    def read(function: Callable[..., object], **more: Any) -> Act:
        return partial(store.read, partial(function, user=user, **more))

    return {
        "floor": read(_floor),
        "season": read(_ours),
        "around": read(_ours, page=None),
        "all time": read(_ours, period=Period.ALL),
        "today": read(_ours, period=Period.TODAY),
        "week": read(_ours, period=Period.WEEK),
        "month": read(_ours, period=Period.MONTH),
        "series": read(_ours, period=Period.ALL, series="deep-dive"),
    }


def _floor(connection: Connection, *, user: int) -> object:
    return connection.execute(_PAGE, {"skip": 0, "user": user}).all()


def _ours(
    connection: Connection,
    *,
    user: int,
    period: Period | None = None,
    series: str | None = None,
    page: int | None = 0,
) -> StandingsPage:
    """All that the command reads: bot.commands.leaderboard."""
    services._chosen(connection, SERVER, user)
    current = seasons.current(connection, SERVER)
    season = current if period is None else None
    series_id = 0
    if series is not None:
        series_id = {name: digest for digest, name in played.series(connection, SERVER)}[series]
    board = Board(period or Period.ALL, season, series, series_id)
    zone: dt.tzinfo = dt.UTC if board.period is Period.ALL else services.server(connection, SERVER).zone
    return boards.page(
        connection,
        server_id=SERVER,
        board=board,
        zone=zone,
        now=NOW,
        page=page,
        user_id=user,
        current=current,
    )
