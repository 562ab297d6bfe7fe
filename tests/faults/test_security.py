"""What no client would send, and texts that want to be more than text: each tried over the wire, each refused."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, func, select

from bot import logs
from bot.database.tables import answers, audit, deliveries, keys, practice, subscriptions
from bot.model import Digest, Paper, Section
from bot.posts.custom_ids import (
    Answer,
    AuditPage,
    CustomId,
    DocumentsPage,
    EditSubscription,
    EditTimes,
    ForgetServer,
    LeaderboardPage,
    PlayRound,
    PractiseAnswer,
    ReadPaper,
    RemoveDocument,
    ReviewAnswers,
    ShareLeaderboard,
    StartSeason,
    SubscribeAgain,
    format_custom_id,
    parse,
)
from tests.delivery.world import add_digests
from tests.faults import crowd
from tests.faults.crowd import Round
from tests.faults.wired import Wired
from tests.wire import ImpossibleError, Permission, Reply
from tests.wire.faults import Refused

HOSTILE = "@everyone <@1> <@&2> [x](https://evil.example) `a` **b** # c ||d|| </e:1> <t:0:R> https://evil.example"


def _changeable(connection: Connection) -> list[int | None]:
    tables = (answers, audit, deliveries, keys, practice, subscriptions)
    return [connection.execute(select(func.count()).select_from(table)).scalar() for table in tables]


def _harmless(reply: Reply) -> None:
    """Answered in private, in a sentence, without a reference to our log."""
    assert not reply.failed, reply
    assert reply.ephemeral
    assert "reference" not in reply.text


FORGED = [
    "",
    ":",
    "1",
    "1an",
    "1an:",
    "1an:1:1",
    "1an:1:1:1:1",
    "1an:-1:1:1",
    "1an:1:1:+1",
    "1an:01:1:1",
    "1an:٣:1:1",
    "1an:9223372036854775807:9223372036854775807:9223372036854775807",
    "1an:9223372036854775808:1:1",
    "2an:1:1:1",
    "0an:1:1:1",
    "1xx:1",
    "1pr:1:" + "x" * 26,
    "1pr:1:'; DROP TABLE answers; --",
    "1rp:1:0:\x00",
    "1an:1:1:1\n",
    "1ls:forever:0:0:0",
    "1lp:all:9223372036854775807:0:0",
    "1lp:today:9223372036854775807:0:0",
    "1lp:all:9223372036854775807:9223372036854775807:0",
    "1lp:all:0:0:9223372036854775807",
    "1sa:1:burn",
    "x" * 100,
]


async def test_forged_custom_ids_change_nothing(house: Wired) -> None:
    one = await Round.begin(house)
    ada = house.discord.add_user("ada")
    ids = await crowd.ask(house, ada, one.post)
    before = await house.store.read(_changeable)
    asked = parse(ids[0])
    assert isinstance(asked, Answer)
    beyond = [
        Answer(asked.round, asked.question, 99),
        Answer(asked.round, asked.question + 10_000, 0),
        Answer(asked.round + 10_000, asked.question, 0),
        PractiseAnswer(asked.round, asked.question, 0),
        PlayRound(10_000, "x"),
        ReviewAnswers(10_000, 0),
        LeaderboardPage("all", 10_000),
        SubscribeAgain(one.subscription, "start-over"),
        SubscribeAgain(10_000, "go-on"),
    ]
    for custom_id in [*FORGED, *map(format_custom_id, beyond)]:
        _harmless(await house.discord.forge_click(ada, one.post, custom_id))
    menu = format_custom_id(ReadPaper(_digest_of(one), 0, ""))
    for value in ("", "0", "-1", "99", "tips", "x" * 100, "9" * 40):
        _harmless(await house.discord.forge_click(ada, one.post, menu, [value]))
    assert one.post.edits == 0
    assert await house.store.read(_changeable) == before


def admins_buttons(subscription: int) -> tuple[CustomId, ...]:
    """Such as stand under what several commands answer."""
    return (
        AuditPage(0),
        DocumentsPage(0),
        RemoveDocument(1),
        StartSeason(0, ""),
        SubscribeAgain(subscription, "start-over"),
    )


async def test_admins_buttons_do_nothing_for_others_under_a_post(house: Wired) -> None:
    one = await Round.begin(house)
    assert one.channel.guild is not None
    ada, admin = house.discord.add_user("ada"), house.discord.admin_of(one.channel.guild)
    for forged in admins_buttons(one.subscription):
        custom_id = format_custom_id(forged)
        refused = await house.discord.forge_click(ada, one.post, custom_id)
        _harmless(refused)
        assert "Only this server's admins" in refused.text
        assert (
            "Only this server's admins" not in (await house.discord.forge_click(admin, one.post, custom_id)).text
        )


async def test_admins_buttons_do_nothing_under_a_players_own_private_reply(house: Wired) -> None:
    one = await Round.begin(house)
    ada = house.discord.add_user("ada")
    private = await house.discord.click(ada, one.post, "Play the round")
    assert private.ephemeral
    before = await house.store.read(_changeable)
    for forged in (
        *admins_buttons(one.subscription),
        EditSubscription(one.subscription, "pause"),
        EditSubscription(one.subscription, "times"),
        ForgetServer(),
    ):
        refused = await house.discord.forge_click(ada, private, format_custom_id(forged))
        _harmless(refused)
        assert "admins" in refused.text or "Manage Server" in refused.text
    for source in (private.message, one.post, None):
        sent = await house.discord.forge_form(
            ada, one.channel, format_custom_id(EditTimes(one.subscription)), source
        )
        _harmless(sent)
        assert "Only this server's admins" in sent.text
    assert await house.store.read(_changeable) == before
    assert await house.store.read(_paused) == [None]


async def test_admins_without_manage_server_use_what_their_command_opened(house: Wired) -> None:
    """A server may let a role use the admins' commands; what they open is theirs to click, and nothing else is."""
    one, other = await Round.begin(house), await Round.begin(house)
    deputy = house.discord.add_user("deputy")
    panel = await house.discord.forge_command(deputy, one.channel, "digest edit")
    times = format_custom_id(EditSubscription(one.subscription, "times"))
    form = await house.discord.click(deputy, panel, times)
    lines = {"time": "10:15", "zone": "Europe/Berlin", "start": ""}
    assert "Saved" in (await house.discord.submit(deputy, form, lines)).text
    paused = await house.discord.click(
        deputy, panel, format_custom_id(EditSubscription(one.subscription, "pause"))
    )
    assert "Paused" in paused.text
    for forged in (AuditPage(0), StartSeason(0, ""), EditSubscription(other.subscription, "pause")):
        refused = await house.discord.forge_click(deputy, panel, format_custom_id(forged))
        assert "Only this server's admins" in refused.text
    beside = await house.discord.forge_form(
        deputy, one.channel, format_custom_id(EditTimes(other.subscription)), panel.message
    )
    assert "Only this server's admins" in beside.text


def _digest_of(one: Round) -> int:
    found = [parse(str(control.get("custom_id"))) for control in one.post.controls]
    return next(each.digest for each in found if isinstance(each, PlayRound))


async def test_another_servers_round_and_subscription_are_out_of_reach(house: Wired) -> None:
    one, other = await Round.begin(house), await Round.begin(house)
    ada, admin = house.discord.add_user("ada"), house.discord.admin_of(other.channel.guild)  # type: ignore[arg-type]
    ids = await crowd.ask(house, ada, one.post)
    before = await house.store.read(_changeable)
    for custom_id in ids:
        reply = await house.discord.forge_click(ada, other.post, custom_id)
        _harmless(reply)
        assert "isn't played in this server" in reply.text
    asked = parse(ids[0])
    assert isinstance(asked, Answer)
    for forged in (ReviewAnswers(asked.round, 0), SubscribeAgain(one.subscription, "start-over")):
        _harmless(await house.discord.forge_click(admin, other.post, format_custom_id(forged)))
    for command in ("digest pause", "digest skip", "digest post-now", "digest unsubscribe"):
        named = {"subscription": str(one.subscription)}
        _harmless(await house.discord.forge_command(admin, other.channel, command, **named))
    assert (await house.store.read(_changeable))[:5] == before[:5]
    kept = await house.store.read(_paused)
    assert kept == [None] * len(kept)


def _paused(connection: Connection) -> list[dt.datetime | None]:
    rows = connection.execute(select(subscriptions.c.paused_at, subscriptions.c.ended_at))
    return [row.paused_at or row.ended_at for row in rows]


async def test_commands_of_admins_are_refused_to_others(house: Wired) -> None:
    """By Discord, which is told whom they are for; so that an admin can let other roles use them there."""
    one = await Round.begin(house)
    ada = house.discord.add_user("ada")
    (digest,) = [each for each in house.discord.world.commands[None] if each["name"] == "digest"]
    assert digest["default_member_permissions"] == str(int(Permission.MANAGE_GUILD))
    assert digest.get("contexts") == [0] or digest["dm_permission"] is False
    for command in ("pause", "skip", "post-now", "unsubscribe", "status"):
        with pytest.raises(ImpossibleError):
            await house.discord.command(ada, one.channel, f"digest {command}")
    assert set(await house.store.read(_paused)) == {None}


async def test_another_servers_channels_and_roles_are_not_taken(house: Wired) -> None:
    one, other = await Round.begin(house), await Round.begin(house)
    assert one.channel.guild is not None
    assert other.channel.guild is not None
    admin = house.discord.admin_of(one.channel.guild)
    role = house.discord.add_role(other.channel.guild, "readers", mentionable=True)
    for command, option, value in (
        ("settings", "notice_channel", other.channel),
        ("settings", "standings_channel", other.channel),
        ("subscribe", "channel", other.channel),
        ("subscribe", "role", role),
        ("edit", "role", role),
    ):
        more = {"series": "long", "time": "09:00"} if command == "subscribe" else {}
        refused = await house.discord.forge_command(
            admin, one.channel, f"digest {command}", **more, **{option: value}
        )
        _harmless(refused)
        assert "isn't in this server" in refused.text or "name one with `channel`" in refused.text
    assert len(await house.store.read(_paused)) == 2


async def test_a_command_that_the_client_knows_from_before_is_no_mistake_of_ours(house: Wired) -> None:
    one = await Round.begin(house)
    ada = house.discord.add_user("ada")
    house.discord.world.commands[None] = [
        *house.discord.world.commands[None],
        {"id": "1", "type": 1, "name": "of-old", "description": "It was there once", "options": []},
    ]
    gone = await house.discord.forge_command(ada, one.channel, "of-old")
    _harmless(gone)
    assert "Reload Discord" in gone.text


def _hostile_digest() -> Digest:
    paper = Paper(number=1, title=HOSTILE, sections=(Section("Problem", HOSTILE), Section("Results", HOSTILE)))
    return Digest(date=dt.date(2025, 1, 1), series="hostile", layout="deep-dive-text", papers=(paper,))


async def test_documents_and_names_are_text_and_ping_nobody(house: Wired) -> None:
    await house.store.write(add_digests, _hostile_digest())
    channel = await house.place()
    await house.subscribe(channel, series="hostile")
    await house.tick()
    (post,) = house.posts(channel)
    assert post.pings == []
    bare = re.sub(r"\\.", "", post.text)  # without what is escaped
    assert not re.search(r"\]\(|[`|]|@everyone|<[@/t]", bare)
    one = await Round.begin(house)
    assert one.channel.guild is not None
    for choice in range(3):  # one of them is right
        mallory = house.discord.add_user(f"mallory {choice}")
        house.discord.add_member(one.channel.guild, mallory, nick=HOSTILE[:32])
        ids = await crowd.ask(house, mallory, one.post)
        await house.discord.forge_click(mallory, one.post, ids[choice])
    await house.discord.forge_click(mallory, one.post, format_custom_id(ShareLeaderboard("all", 0)))
    house.discord.advance(80 * 3600)
    await house.tick()
    (results,) = [m for m in one.channel.messages.values() if "the round is over" in m.text]
    assert "everyone" in results.text
    for message in one.channel.messages.values():
        assert message.pings == []
        bare = re.sub(r"\\.", "", message.text)
        assert not re.search(r"@everyone|<@|\]\(", bare)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, at the most talkative level."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logs._TAMED}
    logs.configure(level="debug", stream=stream, secrets=["local.discord.token"])
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)
    logging.captureWarnings(capture=False)


async def test_no_secret_is_logged_whatever_fails(house: Wired, logged: io.StringIO) -> None:
    from tests.faults.misbehaving import REQUESTS, TROUBLES, Trouble, matrix

    few = [one for one in TROUBLES if one.name in ("connection closed before the work", "503 after it")]
    few.append(
        Trouble("a bug of ours", Refused(400, 50035, "Invalid Form Body"))
    )  # which is logged with its trace
    await matrix(house, [one for one in REQUESTS if "click" in one.name or "follow-up" in one.name], few)
    text = logged.getvalue()
    assert "Traceback" in text
    assert house.discord.token not in text
    for token in house.discord.world.interactions:
        assert token not in text


async def test_the_right_answer_is_nowhere_before_it_was_given(house: Wired) -> None:
    await house.store.write(_give_away)
    one = await Round.begin(house)
    ada = house.discord.add_user("ada")
    opened = await house.discord.click(ada, one.post, "Play the round")
    seen = f"{one.post.text} {one.post.components} {opened.text} {opened.message.components}"
    assert "because-of-the-key" not in seen


def _give_away(connection: Connection) -> None:
    connection.execute(keys.update().values(reason="because-of-the-key"))
    assert connection.execute(select(func.count()).select_from(keys)).scalar()
