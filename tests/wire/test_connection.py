"""The gateway: being let in, the guilds, leaving and coming, and what survives a broken connection."""

import asyncio

import discord as library
import pytest

from . import GatewayClosed, ImpossibleError, LocalDiscord, SessionsForgotten, running
from .probe import Probe, buttons
from .rates import Limit


async def test_a_client_logs_in_and_sees_its_guilds(discord: LocalDiscord) -> None:
    guild = discord.add_guild("Lab", locale="de")
    role = discord.add_role(guild, "Readers", mentionable=True)
    probe = Probe()
    async with running(probe, discord):
        (seen,) = probe.guilds
        assert (seen.id, seen.name, seen.preferred_locale) == (guild.id, "Lab", library.Locale.german)
        assert [channel.name for channel in seen.text_channels] == ["general"]
        assert [one.name for one in seen.roles] == ["@everyone", "Paper Round", "Readers"]
        assert seen.get_role(role.id) is not None
        assert seen.me.guild_permissions.send_messages
        assert probe.application_id == discord.world.bot.id
    assert not discord.violations


async def test_a_bad_token_is_refused(discord: LocalDiscord) -> None:
    discord.token = "another"
    with pytest.raises(library.LoginFailure):
        async with running(Probe(), discord):
            pass
    assert discord.api.invalid_requests == 1


async def test_several_shards_share_the_guilds(discord: LocalDiscord) -> None:
    discord.world.shards = 3
    discord.add_guilds(7)
    probe = Probe()
    async with running(probe, discord):
        assert len(probe.guilds) == 7
        assert sorted({guild.shard_id for guild in probe.guilds}) == [0, 1, 2]
        assert discord.gateway.identifies == 3


async def test_several_clients_share_the_shards(discord: LocalDiscord) -> None:
    discord.world.shards = 4
    discord.add_guilds(8)
    first, second = Probe(shard_ids=[0, 1], shard_count=4), Probe(shard_ids=[2, 3], shard_count=4)
    async with running(first, discord), running(second, discord):
        assert {guild.id for guild in first.guilds}.isdisjoint(guild.id for guild in second.guilds)
        assert len(first.guilds) == len(second.guilds) == 4
        ada = discord.add_user("ada")
        for guild in discord.world.guilds.values():
            assert (await discord.command(ada, guild.channel, "hello")).text
        late = discord.add_guild("Late")
        await discord.until(lambda: [*first.events, *second.events] == [f"join {late.id}"])
        first.go.set()
        assert (await discord.command(ada, discord.direct(ada), "late")).text == "late"  # of the first shard's
    assert not [*first.errors, *second.errors]


async def test_shards_that_identify_out_of_turn_are_turned_away(discord: LocalDiscord) -> None:
    discord.world.rates.max_concurrency = 2
    discord.world.rates.identifies = Limit(1, 3600)

    async def let_in() -> None:
        await discord.until(lambda: discord.gateway.hasty)
        discord.world.rates.max_concurrency = 4

    async with running(Probe(shard_ids=[0, 1], shard_count=4), discord):  # each is the first of its bucket
        assert (discord.gateway.identifies, discord.gateway.hasty) == (2, [])
        letting_in = asyncio.create_task(let_in())
        async with running(Probe(shard_ids=[3], shard_count=4), discord):
            await letting_in
            assert set(discord.gateway.hasty) == {3}
            assert discord.gateway.identifies == 3


async def test_the_bot_is_told_how_many_may_identify_side_by_side(discord: LocalDiscord) -> None:
    discord.world.rates.max_concurrency = 16
    probe = Probe()
    async with running(probe, discord):
        assert (await probe.fetch_session_start_limits()).max_concurrency == 16


async def test_a_given_number_of_shards_needs_no_question(discord: LocalDiscord) -> None:
    discord.add_guilds(4)
    probe = Probe(shard_count=2)
    async with running(probe, discord):
        assert len(probe.guilds) == 4
    assert not discord.requests["GET /gateway/bot"]


async def test_a_thousand_guilds_are_soon_there(discord: LocalDiscord) -> None:
    discord.add_guilds(1_000, channels=2)
    probe = Probe()
    async with running(probe, discord):
        assert len(probe.guilds) == 1_000


async def test_comings_and_goings_are_told(discord: LocalDiscord, probe: Probe) -> None:
    first = discord.add_guild("New")
    await discord.until(lambda: f"join {first.id}" in probe.events)
    discord.outage(first)
    await discord.until(lambda: f"unavailable {first.id}" in probe.events)
    discord.recover(first)
    await discord.until(lambda: not probe.get_guild(first.id).unavailable)  # type: ignore[union-attr]
    discord.delete_channel(first.channel)
    await discord.until(lambda: any(event.startswith("delete") for event in probe.events))
    discord.leave(first)
    await discord.until(lambda: f"remove {first.id}" in probe.events)
    assert probe.get_guild(first.id) is None


async def test_a_click_during_a_broken_connection_arrives_after_the_resume(
    discord: LocalDiscord, probe: Probe
) -> None:
    (guild,) = discord.world.guilds.values()
    user = discord.add_user("ada")
    await probe.text(guild.channel.id).send("press", view=buttons("go"))
    (post,) = discord.messages(guild.channel)
    closing = asyncio.create_task(discord.gateway.close(4000))
    await asyncio.sleep(0)
    assert not discord.gateway.connected
    reply = await discord.click(user, post, "go")
    await closing
    assert reply.text == "go"
    assert (discord.gateway.resumes, discord.gateway.identifies) == (1, 1)


async def test_a_cut_connection_is_resumed(discord: LocalDiscord, probe: Probe) -> None:
    discord.gateway.reset()
    await discord.until(lambda: "resumed" in probe.events)


async def test_a_request_to_reconnect_is_followed(discord: LocalDiscord, probe: Probe) -> None:
    discord.gateway.ask_to_reconnect()
    await discord.until(lambda: "resumed" in probe.events)


async def test_a_forgotten_session_identifies_anew(discord: LocalDiscord, probe: Probe) -> None:
    (guild,) = discord.world.guilds.values()
    discord.gateway.forget()
    await discord.gateway.close(4000)
    await discord.until(lambda: discord.gateway.identifies == 2)
    reply = await discord.command(discord.add_user("ada"), guild.channel, "hello")
    assert reply.text == "hello in en-US"
    assert discord.gateway.resumes == 0


async def test_the_connection_can_break_with_a_request(discord: LocalDiscord, probe: Probe) -> None:
    (guild,) = discord.world.guilds.values()
    discord.fault("/channels/*/messages", "POST", GatewayClosed(4000), when="after")
    await probe.text(guild.channel.id).send("one")
    await discord.until(lambda: "resumed" in probe.events)
    discord.fault("/channels/*/messages", "POST", SessionsForgotten())
    await probe.text(guild.channel.id).send("two")
    await discord.until(lambda: discord.gateway.identifies == 2)
    assert [message.content for message in discord.messages(guild.channel)] == ["one", "two"]


async def test_heartbeats_are_answered() -> None:
    async with LocalDiscord(heartbeat=0.05) as discord:
        discord.add_guild()
        probe = Probe()
        async with running(probe, discord):
            (session,) = discord.gateway.connected
            await discord.until(lambda: not session.unseen)
            await asyncio.sleep(0)
            assert probe.latency < 10


async def test_two_processes_on_one_token_both_hear_a_command(discord: LocalDiscord, probe: Probe) -> None:
    (guild,) = discord.world.guilds.values()
    other = Probe()
    async with running(other, discord):
        probe.go.set()
        other.go.set()
        reply = await discord.command(discord.add_user("bob"), guild.channel, "late")
        await discord.until(lambda: any(error.code == 40060 for error in [*probe.errors, *other.errors]))
        assert reply.text == "late"


async def test_nobody_can_do_what_is_not_offered(discord: LocalDiscord, probe: Probe) -> None:
    (guild,) = discord.world.guilds.values()
    with pytest.raises(ImpossibleError, match="no command /nonsense"):
        await discord.command(discord.add_user("ada"), guild.channel, "nonsense")
    assert probe.is_ready()
