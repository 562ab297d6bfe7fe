"""Posts in forums over the real discord.py: made once whatever happens, found again, refused with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.delivery.transport import Absent, Blocked, Shut, TryAgain
from bot.outgoing import DiscordTransport
from bot.posts.message import Button, File, Message
from tests.faults.wired import brisk
from tests.wire import Channel, Dropped, Failed, Kind, Limited, LocalDiscord, Permission, running
from tests.wire.faults import Fault
from tests.wire.probe import Probe

KEY = "the-key-of-a-step-0123456"
PICTURE = b"\x89PNG\r\n\x1a\n0123456789"
BARE = Message(content="News", rows=((Button("Play", f"1pr:1:{KEY}"),),))
PICTURED = Message(content="News", rows=BARE.rows, files=(File("figure.png", PICTURE, "A figure"),))
THREADS = "/channels/{channel_id}/threads"


@dataclass
class Forum:
    """A forum and the bot's hand."""

    discord: LocalDiscord
    channel: Channel
    transport: DiscordTransport
    probe: Probe

    async def post(self, message: Message = BARE, **more: object) -> int:
        tags = [int(tag["id"]) for tag in self.channel.tags]
        return await self.transport.open_post(self.channel.id, message, title="A day", tags=tags)

    async def find(self) -> int | Absent:
        return await self.transport.find(self.channel.id, KEY, around=self.discord.clock.now())

    @property
    def posts(self) -> list[Channel]:
        return self.discord.posts(self.channel)


@pytest.fixture
async def forum() -> AsyncIterator[Forum]:
    async with LocalDiscord(limit_rates=False) as discord:
        guild = discord.add_guild()
        channel = discord.add_channel(guild, "forum", Kind.FORUM, tags=("papers", "news"))
        probe = Probe()
        with brisk():
            async with running(probe, discord):
                yield Forum(discord, channel, DiscordTransport(probe), probe)
        assert not discord.violations


@pytest.mark.parametrize("message", [BARE, PICTURED])
async def test_a_post_is_a_thread_with_its_first_message(forum: Forum, message: Message) -> None:
    made = await forum.post(message)
    (post,) = forum.posts
    assert (post.id, post.name) == (made, "A day")
    assert [str(tag) for tag in post.applied_tags] == [tag["id"] for tag in forum.channel.tags]
    (first,) = post.messages.values()
    assert (first.id, first.content, len(first.attachments)) == (made, "News", len(message.files))
    assert await forum.transport.send(made, Message(content="More"), nonce="n") in post.messages


@pytest.mark.parametrize("message", [BARE, PICTURED])
@pytest.mark.parametrize("fault", [Failed(500), Failed(502), Failed(503), Failed(504), Dropped()])
async def test_what_may_have_done_its_work_is_not_done_again(forum: Forum, message: Message, fault: Fault) -> None:
    forum.discord.fault(THREADS, "POST", fault, times=None, when="after")
    with pytest.raises(TryAgain) as caught:
        await forum.post(message)
    assert caught.value.doubtful
    assert len(forum.posts) == 1
    assert await forum.find() == forum.posts[0].id


@pytest.mark.parametrize("message", [BARE, PICTURED])
async def test_a_rate_limit_is_waited_for(forum: Forum, message: Message) -> None:
    forum.discord.fault(THREADS, "POST", Limited(0.5))
    made = await forum.post(message)
    assert [post.id for post in forum.posts] == [made]


async def test_it_is_found_among_open_and_archived_posts_and_not_elsewhere(forum: Forum) -> None:
    assert await forum.find() is Absent.NOT_FOUND
    made = await forum.post()
    assert await forum.find() == made
    for _ in range(3):
        await forum.transport.open_post(forum.channel.id, Message(content="x"), title="Another", tags=())
    forum.discord.archive(forum.posts[0])
    assert await forum.find() == made
    forum.discord.delete_message(forum.posts[0].messages[made])
    assert await forum.find() is Absent.NOT_FOUND


async def test_it_is_found_among_many_archived_posts(forum: Forum) -> None:
    made = await forum.post()
    for number in range(120):
        await forum.transport.open_post(forum.channel.id, Message(content="x"), title=f"Post {number}", tags=())
    for post in forum.posts:
        forum.discord.archive(post)
        forum.discord.advance(1)
    assert await forum.find() == made


async def test_without_the_history_nobody_knows(forum: Forum) -> None:
    await forum.post()
    forum.discord.deny(forum.channel, Permission.READ_MESSAGE_HISTORY)
    known: Any = forum.probe.get_channel(forum.channel.id)
    await forum.discord.until(lambda: not known.permissions_for(known.guild.me).read_message_history)
    assert await forum.find() is Absent.UNREADABLE


async def test_tags_that_are_gone_are_left_out_and_one_that_is_needed_is_asked_for(forum: Forum) -> None:
    both = [int(tag["id"]) for tag in forum.channel.tags]
    forum.discord.set_tags(forum.channel, "news", needs_tag=True)
    await forum.discord.until(
        lambda: len(forum.probe.get_channel(forum.channel.id).available_tags) == 1  # type: ignore[union-attr]
    )
    await forum.transport.open_post(forum.channel.id, BARE, title="A day", tags=both)
    assert forum.posts[0].applied_tags == [both[1]]
    with pytest.raises(Blocked, match="need a tag"):
        await forum.transport.open_post(forum.channel.id, BARE, title="A day", tags=())


async def test_a_full_server_is_said_to_be_full(forum: Forum) -> None:
    forum.discord.world.active_threads = 0
    with pytest.raises(Blocked, match="as many open threads"):
        await forum.post()


async def test_a_post_that_was_closed_or_deleted_takes_no_more(forum: Forum) -> None:
    made = await forum.post()
    forum.discord.archive(forum.posts[0])
    await forum.transport.send(made, Message(content="It opens again"), nonce="1")
    assert not forum.posts[0].archived
    forum.discord.archive(forum.posts[0], locked=True)
    with pytest.raises(Shut):
        await forum.transport.send(made, Message(content="More"), nonce="2")
    forum.discord.delete_channel(forum.posts[0])
    with pytest.raises(Shut):
        await forum.transport.send(made, Message(content="More"), nonce="3")


async def test_what_stands_in_an_archived_post_can_be_changed_and_it_is_archived_again(forum: Forum) -> None:
    made = await forum.post()
    (post,) = forum.posts
    forum.discord.archive(post)
    await forum.transport.edit(made, made, Message(content="Corrected"))
    assert post.messages[made].content == "Corrected"
    assert post.archived
    forum.discord.archive(post, locked=True)
    with pytest.raises(Blocked):
        await forum.transport.edit(made, made, Message(content="Too late"))


async def test_an_old_post_is_found_where_the_clock_was_wrong(forum: Forum) -> None:
    made = await forum.post()
    forum.discord.archive(forum.posts[0])
    around = forum.discord.clock.now() + dt.timedelta(days=2)
    assert await forum.transport.find(forum.channel.id, KEY, around=around) == made
