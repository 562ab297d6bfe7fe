"""What the local Discord answers has the shape that Discord publishes, whatever a bot like ours asks."""

import io

import discord as library
import pytest

from . import Kind, LocalDiscord, User, running, schema
from .api import Request
from .probe import Probe, buttons


def _differences(requests: list[Request]) -> list[str]:
    return [
        problem
        for request in requests
        for problem in schema.answer_problems(request.method, request.template, request.status, request.answer)
    ]


@pytest.mark.skipif(not schema.available(), reason="Discord's description is not beside the repository")
async def test_answers_have_the_published_shape() -> None:
    async with LocalDiscord(limit_rates=False) as discord:
        guild = discord.add_guild()
        ada = discord.admin_of(guild)
        discord.add_channel(guild, "news", Kind.NEWS)
        discord.add_channel(guild, "forum", Kind.FORUM, tags=("papers",), needs_tag=True)
        discord.add_channel(guild, "voice", Kind.VOICE)
        probe = Probe()
        async with running(probe, discord):
            await _post(probe, guild.channel.id)
            await _ask(probe, guild.channel.id, ada)
            await _act(discord, ada)
        routes = {(request.method, request.template) for request in discord.api.log}
        assert len(routes) >= 25
        assert not _differences(list(discord.api.log))
        assert not discord.violations


async def _post(probe: Probe, channel_id: int) -> None:
    """Messages, threads and posts of every kind."""
    channel = probe.text(channel_id)
    embed = library.Embed(title="a", description="b", url="https://example.org", timestamp=library.utils.utcnow())
    embed.set_image(url="attachment://a.png").add_field(name="a", value="b").set_footer(text="f").set_author(
        name="x"
    )
    message = await channel.send(
        "x", embed=embed, view=buttons("private"), file=library.File(io.BytesIO(b"x"), "a.png", description="alt")
    )
    await message.edit(content="y")
    assert [one.id async for one in channel.history()] == [message.id]
    await channel.fetch_message(message.id)
    thread = await message.create_thread(name="t")
    await thread.send("x")
    await thread.join()
    await thread.edit(archived=True)
    await (await channel.send("z")).delete()
    for other in channel.guild.channels:
        if isinstance(other, library.ForumChannel):
            made = await other.create_thread(name="x", content="y", applied_tags=other.available_tags)
            assert made.thread in await channel.guild.active_threads()
            await made.thread.edit(archived=True)
            assert [one.id async for one in other.archived_threads()] == [made.thread.id]
        elif isinstance(other, library.TextChannel) and other.is_news():
            await (await other.send("n")).publish()


async def _ask(probe: Probe, channel_id: int, ada: User) -> None:
    """Everything that can be fetched."""
    guild = probe.text(channel_id).guild
    await (await probe.fetch_user(ada.id)).send("x")
    await probe.fetch_channel(channel_id)
    await probe.fetch_guild(guild.id)
    await guild.fetch_channels()
    await guild.fetch_roles()
    await guild.fetch_member(ada.id)
    await probe.tree.fetch_commands()


async def _act(discord: LocalDiscord, ada: User) -> None:
    """Interactions of every kind."""
    channel = next(iter(discord.world.guilds.values())).channel
    thinking = await discord.command(ada, channel, "think")
    await discord.until(lambda: thinking.followups)
    await discord.command(ada, channel, "hello")
    await discord.autocomplete(ada, channel, "admin choose", "series", "")
    await discord.submit(ada, await discord.command(ada, channel, "ask"), {"reason": "x"})
    private = await discord.click(ada, discord.messages(channel)[0], "private")
    await discord.click(ada, private, "edit")
