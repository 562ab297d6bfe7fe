"""Commands, buttons, menus and modals: how they reach the bot, and Discord's rules for answering them."""

import asyncio

import discord as library
import pytest

from . import Guild, ImpossibleError, Kind, LocalDiscord, Permission, Response, User
from .probe import Probe, buttons


@pytest.fixture
def guild(discord: LocalDiscord, probe: Probe) -> Guild:
    return next(iter(discord.world.guilds.values()))


@pytest.fixture
def ada(discord: LocalDiscord, guild: Guild) -> User:
    return discord.admin_of(guild, "ada", locale="de")


async def test_a_command_is_answered_in_private(discord: LocalDiscord, guild: Guild, ada: User) -> None:
    reply = await discord.command(ada, guild.channel, "hello")
    assert (reply.text, reply.ephemeral, reply.response) == ("hello in de", True, Response.MESSAGE)
    assert discord.messages(guild.channel) == []
    assert 0 < reply.seconds < 3
    assert not discord.violations


async def test_options_arrive_with_what_they_name(discord: LocalDiscord, guild: Guild, ada: User) -> None:
    readers = discord.add_role(guild, "Readers")
    papers = discord.add_channel(guild, "papers")
    reply = await discord.command(
        ada, guild.channel, "admin choose", series="deep-dive", size=2, where=papers, who=readers
    )
    assert reply.text == "deep-dive 2 papers Readers True"


async def test_only_what_is_offered_can_be_chosen(discord: LocalDiscord, guild: Guild, ada: User) -> None:
    where = guild.channel
    with pytest.raises(ImpossibleError, match="offers"):
        await discord.command(ada, where, "admin choose", series="x", size=3, where=where)
    with pytest.raises(ImpossibleError, match="needs the option 'where'"):
        await discord.command(ada, where, "admin choose", series="x", size=1)
    voice = discord.add_channel(guild, "stage", Kind.VOICE)
    with pytest.raises(ImpossibleError, match="channels of the kinds"):
        await discord.command(ada, where, "admin choose", series="x", size=1, where=voice)
    with pytest.raises(ImpossibleError, match="has the sub-commands"):
        await discord.command(ada, where, "admin")
    with pytest.raises(ImpossibleError, match="direct messages"):
        await discord.command(ada, discord.direct(ada), "admin choose", series="x", size=1, where=where)


async def test_a_command_for_admins_is_not_offered_to_others_but_can_be_forged(
    discord: LocalDiscord, guild: Guild
) -> None:
    bob, where = discord.add_user("bob"), guild.channel
    with pytest.raises(ImpossibleError, match="isn't offered"):
        await discord.command(bob, where, "admin choose", series="x", size=1, where=where)
    reply = await discord.forge_command(bob, where, "admin choose", series="x", size=1, where=where)
    assert reply.text == "x 1 general - False"


async def test_suggestions_follow_what_is_typed(discord: LocalDiscord, guild: Guild, ada: User) -> None:
    choices = await discord.autocomplete(ada, guild.channel, "admin choose", "series", "round")
    assert choices == [{"name": "round-up", "value": "round-up"}]


async def test_a_file_can_be_given_and_read(discord: LocalDiscord, guild: Guild, ada: User) -> None:
    file = discord.upload("keys.toml", b"answer = 1")
    reply = await discord.command(ada, guild.channel, "read", file=file)
    assert reply.text == "keys.toml: 10 bytes"


async def test_a_deferred_answer_comes_later(discord: LocalDiscord, guild: Guild, ada: User) -> None:
    reply = await discord.settled(await discord.command(ada, guild.channel, "think"))
    await discord.until(lambda: reply.followups)
    assert (reply.response, reply.text) == (Response.DEFERRED, "thought")
    assert [message.text for message in reply.followups] == ["and more"]
    assert reply.ephemeral
    assert reply.followups[0].ephemeral


async def test_a_modal_is_filled_in(discord: LocalDiscord, guild: Guild, ada: User) -> None:
    opened = await discord.command(ada, guild.channel, "ask")
    with pytest.raises(ImpossibleError, match="must be filled in"):
        await discord.submit(ada, opened, {})
    reply = await discord.submit(ada, opened, {"reason": "it rains"})
    assert reply.text == "because it rains"


async def test_a_click_edits_the_message(discord: LocalDiscord, probe: Probe, guild: Guild, ada: User) -> None:
    await probe.text(guild.channel.id).send("press", view=buttons("one", "two"))
    (post,) = discord.messages(guild.channel)
    reply = await discord.click(ada, post, "Two")
    assert reply.message is post
    assert (post.content, post.edits) == ("two", 1)


async def test_a_private_message_is_edited_by_its_own_buttons(
    discord: LocalDiscord, probe: Probe, guild: Guild, ada: User
) -> None:
    await probe.text(guild.channel.id).send("press", view=buttons("private"))
    (post,) = discord.messages(guild.channel)
    private = await discord.click(ada, post, "private")
    assert private.ephemeral
    with pytest.raises(ImpossibleError, match="doesn't see"):
        await discord.click(discord.add_user("bob"), private, "edit")
    await discord.click(ada, private, "edit")
    assert private.text == "edit"
    assert discord.messages(guild.channel) == [post]


async def test_a_menu_gives_its_values(discord: LocalDiscord, probe: Probe, guild: Guild, ada: User) -> None:
    menu: library.ui.Select[library.ui.View] = library.ui.Select(custom_id="menu", max_values=2)
    for label in ("One", "Two", "Three"):
        menu.add_option(label=label, value=label.lower())
    await probe.text(guild.channel.id).send("choose", view=library.ui.View(timeout=None).add_item(menu))
    (post,) = discord.messages(guild.channel)
    with pytest.raises(ImpossibleError, match="1 to 2 picks"):
        await discord.select(ada, post, "menu", ["one", "two", "three"])
    reply = await discord.select(ada, post, "menu", ["One", "three"])
    assert reply.text == "menu ['one', 'three']"


async def test_a_forged_click_reaches_the_bot(
    discord: LocalDiscord, probe: Probe, guild: Guild, ada: User
) -> None:
    await probe.text(guild.channel.id).send("press", view=buttons("one"))
    (post,) = discord.messages(guild.channel)
    with pytest.raises(LookupError, match="no control 'other'"):
        await discord.click(ada, post, "other")
    assert (await discord.forge_click(ada, post, "other")).text == "other"


async def test_many_click_at_once_and_each_is_answered(discord: LocalDiscord, probe: Probe, guild: Guild) -> None:
    await probe.text(guild.channel.id).send("press", view=buttons("private"))
    (post,) = discord.messages(guild.channel)
    users = [discord.add_user(f"player {number}") for number in range(60)]
    replies = await asyncio.gather(*(discord.click(user, post, "private") for user in users))
    assert all(reply.text == "only you" for reply in replies)
    assert len({reply.message.id for reply in replies}) == 60


async def test_an_answer_after_three_seconds_is_too_late(
    discord: LocalDiscord, probe: Probe, guild: Guild, ada: User
) -> None:
    acting = asyncio.create_task(discord.command(ada, guild.channel, "late"))
    await asyncio.sleep(0)
    discord.advance(3.5)
    probe.go.set()
    reply = await acting
    assert reply.failed
    assert reply.interaction.refusals == [10062]
    await discord.until(lambda: probe.errors)
    assert [error.code for error in probe.errors] == [10062]


async def test_only_the_first_answer_counts(discord: LocalDiscord, probe: Probe, guild: Guild, ada: User) -> None:
    await probe.text(guild.channel.id).send("press", view=buttons("twice"))
    (post,) = discord.messages(guild.channel)
    reply = await discord.click(ada, post, "twice")
    await discord.until(lambda: probe.errors)
    assert reply.response is Response.DEFERRED_UPDATE
    assert [error.code for error in probe.errors] == [40060]


async def test_after_fifteen_minutes_the_answer_cannot_be_edited(
    discord: LocalDiscord, probe: Probe, guild: Guild, ada: User
) -> None:
    reply = await discord.command(ada, guild.channel, "edit")
    discord.advance(15 * 60 + 1)
    probe.go.set()
    await discord.until(lambda: probe.errors)
    assert reply.text == "first"
    assert [error.code for error in probe.errors] == [50027]


async def test_a_bot_without_permission_to_write_can_still_answer(
    discord: LocalDiscord, probe: Probe, guild: Guild, ada: User
) -> None:
    discord.deny(guild.channel, Permission.SEND_MESSAGES | Permission.VIEW_CHANNEL)
    assert (await discord.command(ada, guild.channel, "hello")).text == "hello in de"
