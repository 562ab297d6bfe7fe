"""Messages, threads and history over the wire: nonces, permissions, files, limits."""

import io

import discord as library
import pytest

from . import Guild, Kind, LocalDiscord, Permission
from .probe import Probe, buttons

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def guild(discord: LocalDiscord, probe: Probe) -> Guild:
    return next(iter(discord.world.guilds.values()))


@pytest.fixture
def channel(probe: Probe, guild: Guild) -> library.TextChannel:
    return probe.text(guild.channel.id)


async def test_the_same_nonce_makes_one_message(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    first = await channel.send("once", nonce="n1")
    again = await channel.send("once", nonce="n1")
    other = await channel.send("twice", nonce="n2")
    assert first.id == again.id != other.id
    assert [message.nonce for message in discord.messages(guild.channel)] == ["n1", "n2"]


async def test_a_nonce_counts_across_channels_for_a_while(
    discord: LocalDiscord, probe: Probe, guild: Guild, channel: library.TextChannel
) -> None:
    elsewhere = discord.add_channel(guild, "elsewhere")
    await discord.until(lambda: probe.get_channel(elsewhere.id))
    first = await channel.send("once", nonce="n1")
    assert (await probe.text(elsewhere.id).send("once", nonce="n1")).id == first.id
    discord.advance(181)
    assert (await probe.text(elsewhere.id).send("once", nonce="n1")).id != first.id


async def test_the_nonce_of_a_deleted_message_is_not_found(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    await channel.send("once", nonce="n1")
    discord.delete_message(discord.messages(guild.channel)[0])
    with pytest.raises(library.NotFound) as caught:
        await channel.send("once", nonce="n1")
    assert caught.value.code == 10008


async def test_two_pictures_travel_with_an_embed(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    embeds = [library.Embed(title=name).set_image(url=f"attachment://{name}.png") for name in ("a", "b")]
    files = [library.File(io.BytesIO(PNG + name.encode()), f"{name}.png", description=name) for name in ("a", "b")]
    sent = await channel.send(embeds=embeds, files=files, view=buttons("go"))
    (message,) = discord.messages(guild.channel)
    assert message.file("b.png").data == PNG + b"b"
    assert [one.description for one in message.attachments] == ["a", "b"]
    assert await sent.attachments[1].read() == PNG + b"b"
    assert sent.embeds[1].image.url == sent.attachments[1].url
    await sent.edit(content="now one", embeds=embeds[:1], attachments=sent.attachments[:1], view=None)
    assert [one.filename for one in message.attachments] == ["a.png"]
    assert not message.controls
    assert not discord.violations


async def test_a_picture_that_is_not_attached_is_a_violation(
    discord: LocalDiscord, channel: library.TextChannel
) -> None:
    with pytest.raises(library.HTTPException, match="No such file is attached"):
        await channel.send(embed=library.Embed(title="a").set_image(url="attachment://a.png"))
    assert [violation.problem.code for violation in discord.violations] == ["ATTACHMENT_NOT_FOUND"]


async def test_history_is_read_in_pages(channel: library.TextChannel, discord: LocalDiscord) -> None:
    discord.world.rates.enforced = False
    sent = [await channel.send(str(number)) for number in range(7)]
    assert [message.content async for message in channel.history(limit=2)] == ["6", "5"]
    assert [message.content async for message in channel.history(before=sent[2])] == ["1", "0"]
    assert [message.content async for message in channel.history(after=sent[4])] == ["5", "6"]
    around = [message.content async for message in channel.history(around=sent[3], limit=3)]
    assert sorted(around) == ["2", "3", "4"]
    assert (await channel.fetch_message(sent[1].id)).content == "1"


async def test_history_is_empty_without_the_permission(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    sent = await channel.send("there")
    discord.deny(guild.channel, Permission.READ_MESSAGE_HISTORY)
    assert [message async for message in channel.history()] == []
    with pytest.raises(library.Forbidden):
        await channel.fetch_message(sent.id)


async def test_missing_permissions_are_told_by_their_codes(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    discord.world.rates.enforced = False
    embed = library.Embed(title="a")
    discord.deny(guild.channel, Permission.EMBED_LINKS)
    await channel.send("plain")
    assert await _code(channel.send(embed=embed)) == 50013
    discord.deny(guild.channel, Permission.ATTACH_FILES)
    assert await _code(channel.send(file=library.File(io.BytesIO(PNG), "a.png"))) == 50013
    discord.deny(guild.channel, Permission.SEND_MESSAGES)
    assert await _code(channel.send("plain")) == 50013
    discord.deny(guild.channel, Permission.VIEW_CHANNEL)
    assert await _code(channel.send("plain")) == 50001
    discord.allow(guild.channel, Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
    await channel.send("plain")
    discord.delete_channel(guild.channel)
    assert await _code(channel.send("plain")) == 10003
    assert discord.api.invalid_requests == 4


async def _code(coroutine: object) -> int:
    with pytest.raises(library.HTTPException) as caught:
        await coroutine  # type: ignore[misc]
    return caught.value.code


async def test_what_the_bot_may_do_is_what_discord_py_computes(
    discord: LocalDiscord, probe: Probe, guild: Guild
) -> None:
    place = discord.add_channel(guild, "papers", deny=Permission.SEND_MESSAGES)
    await discord.until(lambda: probe.get_channel(place.id))
    seen = probe.text(place.id)
    computed = seen.permissions_for(seen.guild.me)
    assert not computed.send_messages
    assert computed.view_channel
    assert not discord.world.may(place) & Permission.SEND_MESSAGES


async def test_a_thread_hangs_from_its_message_once(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    message = await channel.send("talk about it")
    thread = await message.create_thread(name="Talk", auto_archive_duration=60)
    await thread.send("first")
    (post,) = discord.messages(guild.channel)
    assert post.thread is not None
    assert [one.content for one in discord.messages(post.thread)] == ["first"]
    with pytest.raises(library.HTTPException) as caught:
        await message.create_thread(name="Talk")
    assert caught.value.code == 160004
    await thread.edit(archived=True)
    assert post.thread.archived


async def test_a_forum_takes_posts(discord: LocalDiscord, probe: Probe, guild: Guild) -> None:
    place = discord.add_channel(guild, "forum", Kind.FORUM)
    await discord.until(lambda: probe.get_channel(place.id))
    forum = probe.get_channel(place.id)
    assert isinstance(forum, library.ForumChannel)
    file = library.File(io.BytesIO(PNG), "a.png")
    made = await forum.create_thread(name="Papers of today", content="here", file=file)
    (thread,) = guild.threads.values()
    assert (thread.id, thread.name, made.message.id) == (made.thread.id, "Papers of today", thread.id)
    assert discord.messages(thread)[0].file("a.png")
    assert not discord.violations


async def test_announcements_are_published_once(discord: LocalDiscord, probe: Probe, guild: Guild) -> None:
    place = discord.add_channel(guild, "news", Kind.NEWS)
    await discord.until(lambda: probe.get_channel(place.id))
    message = await probe.text(place.id).send("news")
    await message.publish()
    assert discord.messages(place)[0].published
    assert await _code(message.publish()) == 40033


async def test_direct_messages_reach_those_who_take_them(discord: LocalDiscord, probe: Probe) -> None:
    ada, bob = discord.add_user("ada"), discord.add_user("bob", takes_messages=False)
    await (await probe.fetch_user(ada.id)).send("hello")
    assert [message.content for message in discord.messages(discord.direct(ada))] == ["hello"]
    assert await _code((await probe.fetch_user(bob.id)).send("hello")) == 50007


async def test_pings_are_only_those_that_are_allowed(
    discord: LocalDiscord, guild: Guild, channel: library.TextChannel
) -> None:
    role = discord.add_role(guild, "Readers", mentionable=True)
    text = f"<@&{role.id}> @everyone <@1>"
    await channel.send(text, allowed_mentions=library.AllowedMentions.none())
    await channel.send(
        text, allowed_mentions=library.AllowedMentions(everyone=True, roles=[library.Object(role.id)])
    )
    assert [message.pings for message in discord.messages(guild.channel)] == [[], [f"<@&{role.id}>", "<@1>"]]


@pytest.mark.parametrize(
    ("embed", "code"),
    [
        (library.Embed(title="x" * 257), "BASE_TYPE_MAX_LENGTH"),
        (library.Embed(title="a").add_field(name=" ", value="x"), "BASE_TYPE_REQUIRED"),
        (library.Embed(title="a", url="javascript:alert(1)"), "URL_TYPE_INVALID_URL"),
        (library.Embed(description="x" * 4096).set_footer(text="y" * 1905), "MAX_EMBED_SIZE_EXCEEDED"),
        (library.Embed(title="𝒳" * 129), "BASE_TYPE_MAX_LENGTH"),
    ],
)
async def test_what_breaks_a_limit_is_refused_and_noted(
    discord: LocalDiscord, channel: library.TextChannel, embed: library.Embed, code: str
) -> None:
    with pytest.raises(library.HTTPException) as caught:
        await channel.send(embed=embed)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    assert code in [violation.problem.code for violation in discord.violations]


async def test_the_published_description_is_checked_where_it_is_at_hand(
    discord: LocalDiscord, probe: Probe, guild: Guild
) -> None:
    if not discord.api.check_schema:
        pytest.skip("Discord's description is not beside the repository")
    route = library.http.Route("POST", "/channels/{channel_id}/messages", channel_id=guild.channel.id)
    with pytest.raises(library.HTTPException):
        await probe.http.request(route, json={"content": "a", "tts": "yes"})
    assert [(one.problem.source, one.problem.path) for one in discord.violations] == [("schema", ("tts",))]


async def test_a_body_of_the_wrong_shape_is_refused(discord: LocalDiscord, probe: Probe, guild: Guild) -> None:
    discord.api.check_schema = False
    route = library.http.Route("POST", "/channels/{channel_id}/messages", channel_id=guild.channel.id)
    bodies: list[object] = [[], {"embeds": "none"}, {"components": [1]}]
    for body in bodies:
        with pytest.raises(library.HTTPException) as caught:
            await probe.http.request(route, json=body)
        assert caught.value.status == 400
    assert {violation.problem.code for violation in discord.violations} >= {"MALFORMED"}
