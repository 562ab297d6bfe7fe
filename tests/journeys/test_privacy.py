"""What the bot keeps: seen, taken away, forgotten; by players, by admins, and when the bot goes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

from sqlalchemy import Connection, func, select

from bot.commands.digest.data import table
from bot.database.tables import answers, metadata, players, servers
from bot.leaderboard.places import Standing
from tests.journeys.conftest import House, labels, text_of
from tests.journeys.test_a_day import answer_ids, play, subscribe


async def begin(house: House) -> Any:
    """The first post."""
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    return house.posts()[0]


async def file_of(done: Any) -> str:
    """The text of the one file that was sent."""
    assert done.ephemeral
    (file,) = done.response.message.attachments
    text: str = (await file.read()).decode("utf-8-sig")
    return text


async def test_a_player_sees_takes_and_has_forgotten_what_is_kept(house: House) -> None:
    post = await begin(house)
    await play(house, house.ada, lambda number: number)
    await play(house, house.ben, lambda number: number)
    shown = await house.ada.slash(house.papers, "privacy show")
    assert shown.ephemeral
    assert "**ada**" in text_of(shown.response)
    assert "9 answers" in text_of(shown.response)
    assert "30 days" in text_of(shown.response)

    taken = json.loads(await file_of(await house.ada.slash(house.papers, "privacy export")))
    assert len(taken["answers"]) == 9
    assert taken["name"] == "ada"
    assert "ben" not in json.dumps(taken)

    asked = await house.ada.slash(house.papers, "privacy forget-me")
    assert asked.ephemeral
    assert asked.response is not None
    assert labels(asked.response) == ["Forget me"]
    await house.ada.click(asked.response.message, label="Forget me")
    assert "9 answers stay, as nobody's" in text_of(asked.response)
    shown = await house.ada.slash(house.papers, "privacy show")
    assert "nothing" in text_of(shown.response)
    board = await house.ben.slash(house.papers, "leaderboard")
    assert "ada" not in text_of(board.response)
    assert "1 player" in text_of(board.response)

    again = await house.ada.click(post, label="Play the round")
    assert again.response is not None
    await house.ada.click(again.response.message, custom_id=answer_ids(again.response)[0])
    assert "it brings no points" in text_of(again.response)
    board = await house.ben.slash(house.papers, "leaderboard")
    assert "1 player" in text_of(board.response)


async def forget_me(house: House, who: Any) -> None:
    """Has themselves forgotten."""
    asked = await who.slash(house.papers, "privacy forget-me")
    assert asked.response is not None
    await who.click(asked.response.message, label="Forget me")


async def test_results_that_were_posted_lose_the_name(house: House) -> None:
    await begin(house)
    await play(house, house.ada, lambda number: number)
    house.clock.move(hours=23)
    await house.tick()
    assert any("**ada**" in text_of(message) for message in house.posts())
    await forget_me(house, house.ada)
    await house.tick()
    assert not any("ada" in text_of(message) for message in house.posts())
    assert any("A player · " in text_of(message) for message in house.posts())
    assert any("1 player · " in text_of(message) for message in house.posts())


async def test_the_leaderboard_as_a_file_is_for_admins(house: House) -> None:
    await begin(house)
    refused = await house.admin.slash(house.papers, "digest export")
    assert "Nobody is on the board" in text_of(refused.response)
    await play(house, house.ada, lambda number: number)
    rows = list(csv.reader(io.StringIO(await file_of(await house.admin.slash(house.papers, "digest export")))))
    assert rows[0] == ["place", "user_id", "name", "points", "answered", "accuracy"]
    assert rows[1][:3] == ["1", f"id {house.ada.id}", "ada"]


def test_no_name_is_a_formula() -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "Ada", "A=1", 'a,b\n"c"']
    text = table([Standing(place, place, name, 1, 2) for place, name in enumerate(names, 1)])
    read = [row[2] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert read == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "Ada", "A=1", 'a,b\n"c"']


def rows_of(connection: Connection, server_id: int) -> int:
    """How many rows name a server."""
    return sum(
        connection.execute(select(func.count()).select_from(kept).where(kept.c[name] == server_id)).scalar_one()
        for kept in metadata.sorted_tables
        for name in ("server_id", "owner_id")
        if name in kept.c
    )


async def test_an_admin_has_the_server_forgotten_and_begins_anew(house: House) -> None:
    await begin(house)
    await play(house, house.ada, lambda number: number)
    asked = await house.admin.slash(house.papers, "digest forget-server")
    assert asked.ephemeral
    assert asked.response is not None
    assert await house.store.read(rows_of, house.guild.id) > 0
    await house.admin.click(asked.response.message, label="Remove everything")
    assert "I know nothing about this server" in text_of(asked.response)
    assert await house.store.read(rows_of, house.guild.id) == 0
    await house.tick()
    assert "3 digests are waiting" in await subscribe(house)
    house.clock.move(days=1)
    await house.tick()
    assert len(house.posts()) == 2


async def test_a_server_is_forgotten_for_those_alone_who_manage_it(house: House) -> None:
    await begin(house)
    [digest] = [command for command in await house.bot.tree.fetch_commands() if command.name == "digest"]
    house.guild.set_command_permissions(digest, {house.ben: True})
    assert "deep-dive" in text_of((await house.ben.slash(house.papers, "digest list")).response)
    refused = await house.ben.slash(house.papers, "digest forget-server")
    assert "Only members with the Manage Server permission" in text_of(refused.response)
    assert "Remove everything" not in text_of(refused.response)


async def test_data_goes_thirty_days_after_the_bot_left(house: House) -> None:
    await begin(house)
    await play(house, house.ada, lambda number: number)
    guild = house.bot.get_guild(house.guild.id)
    assert guild is not None
    await house.bot.on_guild_remove(guild)
    house.clock.move(days=29, hours=23)
    await house.tick()
    assert await house.store.read(lambda c: len(c.execute(select(answers)).all())) == 9
    house.clock.move(hours=1)
    await house.tick()
    assert await house.store.read(rows_of, house.guild.id) == 0
    assert await house.store.read(lambda c: c.execute(select(servers)).all()) == []
    assert await house.store.read(lambda c: c.execute(select(players)).all()) == []


async def arrive(house: House) -> None:
    guild = house.bot.get_guild(house.guild.id)
    assert guild is not None
    await house.bot.on_guild_join(guild)
    await house.env.settle()


async def test_it_says_once_what_to_do_next(house: House) -> None:
    await arrive(house)
    (said,) = house.posts()
    assert "/digest subscribe" in text_of(said)
    await arrive(house)
    await house.restart()
    await arrive(house)
    assert len(house.posts()) == 1
    status = await house.admin.slash(house.papers, "digest settings")
    assert "English" in text_of(status.response)


async def test_what_happened_while_the_bot_was_down_is_made_up_for(house: House) -> None:
    await begin(house)
    gone = house.guild.id + 1
    row = {"id": gone, "language": "en", "joined_at": house.clock.now()}
    await house.store.write(lambda c: c.execute(servers.insert(), row))
    await house.bot._arrivals.compare(house.bot.guilds)
    left = await house.store.read(lambda c: dict(c.execute(select(servers.c.id, servers.c.left_at)).all()))
    assert left == {house.guild.id: None, gone: house.clock.now()}
    assert left[gone].tzinfo is dt.UTC
    assert len(house.posts()) == 1
