"""Another server's ids, in every kind of custom_id that there is: nothing of it is told, nothing there changes."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, select

from bot.commands.digest.panel import Part
from bot.database.tables import (
    answers,
    audit,
    deliveries,
    digests,
    exclusions,
    keys,
    practice,
    questions,
    rounds,
    seasons,
    servers,
    standings,
    strikes,
    subscriptions,
)
from bot.delivery.subscriptions import Again
from bot.leaderboard import seasons as seasons_of
from bot.posts import custom_ids
from bot.posts.custom_ids import (
    CustomId,
    EditTimes,
    ForgetServer,
    ShareLeaderboard,
    StartSeason,
    format_custom_id,
    to_word,
)
from tests.faults import crowd
from tests.faults.crowd import Round
from tests.faults.wired import Wired
from tests.library import kit
from tests.wire import Message, Reply, User

SECRET: Final = "xyzzy"
"""Stands in everything that the one server has of its own."""

KINDS: Final = tuple(custom_ids._kinds.values())


@dataclasses.dataclass(frozen=True)
class Ids:
    """What would lead there."""

    server: int
    subscription: int
    digest: int
    round: int
    question: int

    def of(self, name: str) -> tuple[int | str, ...]:
        """What stands in a custom_id's field of this name, one after the other."""
        known: dict[str, tuple[int | str, ...]] = {
            "subscription": (self.subscription,),
            "digest": (self.digest,),
            "round": (self.round,),
            "question": (self.question,),
            "series": (0, self.digest),
            "season": (0, 1),
            "after": (0, 1),
            "page": (0,),
            "shown": (0, 1, 2),
            "step": ("x",),
            "period": ("all", "season"),
            "again": tuple(again.value for again in Again),
            "words": (to_word(SECRET),),
            "name": (to_word("forged"),),
        }
        return known[name]

    def forged(self, kind: type[CustomId]) -> Iterator[CustomId]:
        """Custom_ids of a kind that name what is there."""
        names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
        for values in itertools.product(*(self._values(kind, name) for name in names)):
            yield kind(*values)

    def _values(self, kind: type[CustomId], name: str) -> tuple[int | str, ...]:
        if name == "part":
            return tuple(Part) if kind is custom_ids.EditSubscription else (0,)
        return self.of(name)

    @property
    def picks(self) -> tuple[list[str] | None, ...]:
        """What may have been picked, were it a menu."""
        return None, ["1"], [str(self.question)], [f"{self.digest}-1"], [str(self.subscription)]


async def secretive(house: Wired) -> tuple[Round, Ids]:
    """A server with a document, a season, a player and a subscription of its own."""
    channel = await house.place()
    assert channel.guild is not None
    server_id = channel.guild.id
    await house.store.write(_own, server_id)
    subscription = await house.subscribe(channel, series=SECRET)
    await house.tick()
    (post,) = house.posts(channel)
    player = house.discord.add_user(f"{SECRET} player")
    house.discord.add_member(channel.guild, player, nick=f"{SECRET} player")
    asked = await crowd.ask(house, player, post)
    assert SECRET in (await house.discord.forge_click(player, post, asked[0])).text
    await house.store.write(_begin_season, server_id, house)
    return Round(channel, post, subscription), await house.store.read(_ids, server_id)


def _own(connection: Connection, server_id: int) -> None:
    what = kit.digest(
        (kit.question(1, f"{SECRET}?", answer=1), kit.question(2, f"{SECRET}??", answer=1)), series=SECRET
    )
    papers = tuple(replace(paper, title=f"{SECRET} paper") for paper in what.papers)
    kit.put(connection, replace(what, papers=papers), owner_id=server_id, source=f"{SECRET}.txt")


def _begin_season(connection: Connection, server_id: int, house: Wired) -> None:
    seasons_of.start(connection, server_id=server_id, after=0, name=SECRET, started_by=1, now=house.now)


def _ids(connection: Connection, server_id: int) -> Ids:
    round_ = connection.execute(select(rounds).where(rounds.c.server_id == server_id)).one()
    asked = select(questions.c.id).where(questions.c.digest_id == round_.digest_id).order_by(questions.c.id)
    order = select(subscriptions.c.id).where(subscriptions.c.server_id == server_id)
    return Ids(
        server_id,
        connection.execute(order).scalar_one(),
        round_.digest_id,
        round_.id,
        list(connection.execute(asked).scalars())[-1],
    )


def _all_of(connection: Connection, ids: Ids) -> list[Any]:
    """Every row of the one server's."""
    tables = (subscriptions, rounds, answers, practice, standings, seasons, exclusions, strikes, audit)
    found = [select(table).where(table.c.server_id == ids.server) for table in tables]
    found += [
        select(servers).where(servers.c.id == ids.server),
        select(digests).where(digests.c.owner_id == ids.server),
        select(questions).where(questions.c.digest_id == ids.digest),
        select(keys),
        select(deliveries).where(deliveries.c.subscription_id == ids.subscription),
    ]
    return [connection.execute(statement).all() for statement in found]


def _answered(reply: Reply, told: list[str], *, shared: bool = False) -> None:
    """Answered in private, unless it was to be shared, without a reference to our log."""
    assert not reply.failed, reply
    if reply.interaction.modal is None:
        assert reply.ephemeral or shared
        told.append(json.dumps([reply.text, reply.message.components, reply.message.embeds], ensure_ascii=False))
    else:
        told.append(json.dumps(reply.modal, ensure_ascii=False))
    assert "reference" not in reply.text


async def test_another_servers_ids_tell_nothing_and_change_nothing_there(house: Wired) -> None:
    _, ids = await secretive(house)
    mine = await Round.begin(house)
    assert mine.channel.guild is not None
    player, admin = house.discord.add_user("ada"), house.discord.admin_of(mine.channel.guild)
    before = await house.store.read(_all_of, ids)
    told: list[str] = []

    async def click(who: User, source: Message, forged: CustomId, pick: list[str] | None) -> None:
        reply = await house.discord.forge_click(who, source, format_custom_id(forged), pick)
        _answered(reply, told, shared=isinstance(forged, ShareLeaderboard))

    for who in (player, admin):
        private = (await house.discord.click(who, mine.post, "Play the round")).message
        for kind in KINDS:
            if kind in (ForgetServer, StartSeason):
                continue  # they carry no id: an admin would do it to the server that they are in
            for forged in ids.forged(kind):
                for source in (mine.post, private):
                    for pick in ids.picks:
                        await click(who, source, forged, pick)
        form = format_custom_id(EditTimes(ids.subscription))
        _answered(await house.discord.forge_form(who, mine.channel, form, private), told)
    everything = "".join(told) + "".join(message.text for message in mine.channel.messages.values())
    assert SECRET not in everything.replace(to_word(SECRET), "").replace(f"“{SECRET}”", "")
    assert await house.store.read(_all_of, ids) == before
