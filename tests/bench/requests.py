"""How many requests to Discord a delivered digest, a click, and a digest with its results take."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any, Final

from sqlalchemy import update

from bot.database.tables import rounds
from tests.bench import stock
from tests.bench.processes import Discord, local_discord, our_bot, ready
from tests.bench.rows import Report, Row
from tests.faults.books import opened
from tests.faults.stage import HOUR

_PLAY: Final = "Play the round"
_STARTING: Final = ("/gateway", "/users/@me", "/applications", "/oauth2")
"""Routes that belong to connecting, and to registering the commands once."""


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """Some servers get a digest in the look `brief`, a player in each plays it, the rounds end."""
    number = 3 if tiny else 20
    database = stock.copy(await stock.shipped(folder), folder / "house")
    async with local_discord(guilds=number) as discord:
        guilds = await discord.do("guilds")
        stock.subscribe(database, guilds, stock.this_minute())
        async with our_bot(discord, database, DELIVERY__TICK_SECONDS=1) as bot:
            await ready(bot)
            posts = [await _post(discord, guild["channels"][0]) for guild in guilds]
            posted = await _spent(discord)
            pictures = sum(bool(post["files"]) for post in posts)
            clicks = sum([await _play(discord, guild, post) for guild, post in zip(guilds, posts, strict=True)])
            answered = await _spent(discord) - posted
            _end_rounds(database)
            for guild in guilds:
                await _post(discord, guild["channels"][0], number=2)
            whole = await _spent(discord) - answered
            state = await discord.do("state")
    assert not state["violations"], state["violations"]
    return Report(
        rows=(
            Row("requests per delivered digest", posted.total() / number, 1, target=1.0),
            Row("requests per click", answered.total() / clicks, 1, target=1.0),
            Row("requests per digest with its results", whole.total() / number, 2, target=1.0),
        ),
        said=f"{number} digests, {pictures} of them with pictures; {clicks} clicks.",
    )


async def _post(discord: Discord, channel: str, *, number: int = 1) -> dict[str, Any]:
    """Waits for the bot's so-manieth message in a channel."""
    message: dict[str, Any] = await discord.do("await_message", channel=channel, number=number)
    return message


async def _spent(discord: Discord) -> Counter[str]:
    """The requests so far, without those that connecting takes."""
    await asyncio.sleep(0.5)  # for what nobody has asked for
    found = await discord.requests()
    return Counter(
        {route: number for route, number in found.items() if not route.split(" ")[1].startswith(_STARTING)}
    )


async def _play(discord: Discord, guild: stock.Guild, post: dict[str, Any]) -> int:
    """A player opens the round and answers every question with A; how many clicks that took."""
    where = {"channel": guild["channels"][0], "user": int(guild["id"])}
    reply = await discord.do("click", message=post["id"], control=_PLAY, **where)
    clicks = 1
    while any(control.get("label") == "A" for control in reply["message"]["controls"]):
        reply = await discord.do("click", message=reply["message"]["id"], control="A", **where)
        clicks += 1
    return clicks


def _end_rounds(database: Path) -> None:
    """Sets the rounds' closing time back, so that the next tick closes them."""
    with opened(database, keep=True) as connection:
        connection.execute(update(rounds).values(closes_at=dt.datetime.now(dt.UTC) - HOUR))
