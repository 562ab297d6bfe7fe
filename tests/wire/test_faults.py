"""Rate limits and misbehaviour on order, and what discord.py makes of each."""

import asyncio
import errno

import aiohttp
import discord as library
import pytest

from . import Dropped, Failed, Guild, Held, Kind, Late, Limited, LocalDiscord, Refused, Reset, Silent
from .probe import Probe

MESSAGES = "/channels/*/messages"
CREATE = "POST /channels/{channel_id}/messages"


@pytest.fixture
def guild(discord: LocalDiscord, probe: Probe) -> Guild:
    return next(iter(discord.world.guilds.values()))


@pytest.fixture
def channel(probe: Probe, guild: Guild) -> library.TextChannel:
    return probe.text(guild.channel.id)


async def test_a_bad_gateway_is_tried_again_by_discord_py(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    discord.fault(MESSAGES, "POST", Failed(502))
    await channel.send("there")
    assert [message.content for message in discord.messages(guild.channel)] == ["there"]
    assert [request.status for request in discord.sent("POST", MESSAGES)] == [502, 200]


async def test_a_failure_after_the_work_doubles_what_has_no_nonce(
    discord: LocalDiscord, probe: Probe, guild: Guild, channel: library.TextChannel
) -> None:
    place = discord.add_channel(guild, "forum", Kind.FORUM)
    await discord.until(lambda: probe.get_channel(place.id))
    forum = probe.get_channel(place.id)
    assert isinstance(forum, library.ForumChannel)
    discord.fault("*", "POST", Failed(500), when="after", times=2)
    await asyncio.gather(channel.send("there"), forum.create_thread(name="post", content="there"))
    assert len(discord.messages(guild.channel)) == 1  # discord.py draws a nonce of its own for each message
    assert len(guild.threads) == 2


@pytest.mark.parametrize(("status", "code"), [(503, 0), (403, 50001)])
async def test_some_failures_are_raised(
    discord: LocalDiscord, channel: library.TextChannel, status: int, code: int
) -> None:
    fault = Failed(status) if not code else Refused(status, code, "Missing Access")
    rule = discord.fault(MESSAGES, "POST", fault, times=None)
    with pytest.raises(library.HTTPException) as caught:
        await channel.send("there")
    assert (caught.value.status, caught.value.code, rule.hits) == (status, code, 1)
    rule.end()
    await channel.send("there")


async def test_a_lost_reply_and_the_same_nonce_make_one_message(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    discord.fault(MESSAGES, "POST", Dropped(), when="after")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("once", nonce="n1")
    assert len(discord.messages(guild.channel)) == 1
    again = await channel.send("once", nonce="n1")
    assert [message.id for message in discord.messages(guild.channel)] == [again.id]


async def test_a_reset_connection_reaches_the_bot_as_an_error(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    discord.fault(MESSAGES, "POST", Reset())
    with pytest.raises(aiohttp.ClientOSError) as caught:
        await channel.send("there")
    assert caught.value.errno == errno.ECONNRESET
    assert discord.messages(guild.channel) == []


async def test_silence_lasts_until_the_bot_gives_up(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    discord.fault(MESSAGES, "POST", Silent(), when="after")
    sending = asyncio.create_task(channel.send("there"))
    await discord.until(lambda: discord.messages(guild.channel))
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_a_held_request_waits_for_the_test(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    held = Held()
    discord.fault(MESSAGES, "POST", held, when="after")
    sending = asyncio.create_task(channel.send("there"))
    await held.reached.wait()
    assert len(discord.messages(guild.channel)) == 1
    assert not sending.done()
    held.released.set()
    await sending


async def test_a_late_answer_is_an_answer(discord: LocalDiscord, channel: library.TextChannel) -> None:
    discord.fault(MESSAGES, "POST", Late(0.05), skip=1)
    await channel.send("at once")
    await channel.send("late")
    assert [request.status for request in discord.sent("POST", MESSAGES)] == [200, 200]


async def test_a_route_limit_is_waited_for_by_its_headers(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    discord.world.rates.limit(CREATE, 2, 0.4)
    await asyncio.gather(*(channel.send(str(number)) for number in range(5)))
    assert len(discord.messages(guild.channel)) == 5
    assert 429 not in [request.status for request in discord.sent("POST", MESSAGES)]


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
async def test_a_429_is_waited_for_and_tried_again(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel, scope: str
) -> None:
    discord.fault(MESSAGES, "POST", Limited(0.2, scope))  # type: ignore[arg-type]
    await channel.send("there")
    assert [request.status for request in discord.sent("POST", MESSAGES)] == [429, 200]
    assert len(discord.messages(guild.channel)) == 1
    assert discord.api.invalid_requests == (0 if scope == "shared" else 1)


async def test_all_requests_together_are_limited(discord: LocalDiscord, probe: Probe, guild: Guild) -> None:
    users = [discord.add_user(str(number)) for number in range(60)]
    discord.world.rates.limit("GET /users/{user_id}", 1_000, 10)
    await probe.fetch_user(users[0].id)
    await asyncio.gather(*(probe.fetch_user(user.id) for user in users))
    assert 429 in [request.status for request in discord.sent("GET", "/users/*")]
    assert discord.api.invalid_requests > 0


async def test_old_messages_can_be_edited_only_so_often(
    discord: LocalDiscord, channel: library.TextChannel
) -> None:
    message = await channel.send("old")
    discord.advance(3_601)
    discord.world.rates.limit("PATCH /channels/{channel_id}/messages/{message_id}", 10, 1)
    for number in range(3):
        await message.edit(content=str(number))
    editing = asyncio.create_task(message.edit(content="4"))
    await discord.until(lambda: discord.sent("PATCH", "/channels/*")[-1].status == 429)
    editing.cancel()
    discord.advance(21)
    await message.edit(content="5")


async def test_a_reply_to_a_click_can_fail_too(discord: LocalDiscord, probe: Probe, guild: Guild) -> None:
    discord.fault("/interactions/*/callback", "POST", Failed(502))
    reply = await discord.command(discord.add_user("ada"), guild.channel, "hello")
    assert reply.text == "hello in en-US"
