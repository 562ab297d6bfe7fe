"""What admins do with places on the local Discord, every body checked: forums that need tags, the panel's form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.delivery import subscriptions
from tests.faults.stage import SERIES, make_library
from tests.faults.wired import Wired, wired
from tests.wire import Kind, Reply


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the shipped documents, to be copied."""
    return asyncio.run(make_library(tmp_path_factory.mktemp("shipped") / "library.sqlite3"))


@pytest.fixture
async def house(shipped: Path, tmp_path: Path) -> AsyncIterator[Wired]:
    """The client on the wire; what Discord would refuse fails the test."""
    async with wired(tmp_path, shipped, check_schema=True) as opened:
        yield opened
        assert not opened.discord.violations


async def test_a_forum_that_needs_a_tag_gets_one_or_is_refused(house: Wired) -> None:
    discord = house.discord
    forum = await house.place(Kind.FORUM)
    assert forum.guild is not None
    admin, channel = discord.admin_of(forum.guild), forum.guild.channel

    async def said(command: str, **options: str) -> str:
        return (await discord.command(admin, channel, command, **options)).text

    async def change(*tags: str) -> None:
        discord.set_tags(forum, *tags, needs_tag=True)
        known = house.bot.get_channel(forum.id)
        await discord.until(lambda: [tag.name for tag in known.available_tags] == list(tags))  # type: ignore[union-attr]

    await change("papers", "news")
    terms: dict[str, Any] = {"series": SERIES, "time": "09:00", "zone": "UTC", "channel": forum}
    assert (
        "needs a tag. Name one: papers, news"
        in (await discord.command(admin, channel, "digest subscribe", **terms)).text
    )
    assert "gets" in (await discord.command(admin, channel, "digest subscribe", **terms, tags="news")).text
    assert "needs a tag" in await said("digest edit", tags="none")
    await change("papers")
    assert "each post there needs a tag" in await said("digest doctor")
    assert "on its way" in await said("digest post-now")
    await house.tick()
    assert discord.posts(forum) == []
    assert "need a tag, so I paused" in await said("digest status")
    assert "Saved" in await said("digest edit", tags="papers")
    await said("digest resume")
    await said("digest post-now")
    await house.tick()
    (post,) = discord.posts(forum)
    assert [str(tag) for tag in post.applied_tags] == [tag["id"] for tag in forum.tags]


async def test_the_panel_and_its_form(house: Wired) -> None:
    discord = house.discord
    channel = await house.place()
    assert channel.guild is not None
    admin = discord.admin_of(channel.guild)
    loud = discord.add_role(channel.guild, "loud", mentionable=True)
    subscription_id = await house.subscribe(channel)
    panel: Reply = await discord.command(admin, channel, "digest edit")
    assert panel.ephemeral
    await discord.select(admin, panel, "Mention a role with each post…", [loud])
    await discord.select(admin, panel, "Days of the week…", ["Mon", "Fri"])
    opened = await discord.click(admin, panel, "Time, zone, start…")
    sent = await discord.submit(admin, opened, {"time": "6:30 pm", "zone": "Europe/Berlin"})
    assert "Mon, Fri 18:30 (Europe/Berlin)" in sent.text
    refused = await discord.submit(admin, opened, {"time": "noon", "zone": "Europe/Berlin"})
    assert "no time of day" in refused.text
    kept = await house.store.read(subscriptions.load, subscription_id)
    assert (kept.role_id, f"{kept.local_time:%H:%M}") == (loud.id, "18:30")
    assert house.bot._connection._view_store._modals == {}
    for part in ("change", "days", "role", "tags", "nonsense"):
        reply = await discord.forge_click(admin, panel, f"1es:{subscription_id}:{part}", ["9", "x"])
        assert not reply.failed
    again = await house.store.read(subscriptions.load, subscription_id)
    assert again.weekdays == kept.weekdays


async def test_a_stranger_gets_nowhere_with_a_panels_ids(house: Wired) -> None:
    discord = house.discord
    channel = await house.place()
    assert channel.guild is not None
    subscription_id = await house.subscribe(channel)
    await house.tick()
    post = house.posts(channel)[0]
    reply = await discord.forge_click(discord.add_user("eve"), post, f"1es:{subscription_id}:end")
    assert "Only this server's admins" in reply.text
    elsewhere = await house.place()
    assert elsewhere.guild is not None
    await house.subscribe(elsewhere)
    await house.tick()
    admin = discord.admin_of(elsewhere.guild)
    reply = await discord.forge_click(admin, house.posts(elsewhere)[0], f"1es:{subscription_id}:end")
    assert "no such subscription" in reply.text
    assert (await house.store.read(subscriptions.load, subscription_id)).ended_at is None
