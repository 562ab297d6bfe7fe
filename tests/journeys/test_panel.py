"""All settings of a subscription in one panel: seen, changed, refused, ended; after a restart too."""

from __future__ import annotations

import datetime as dt
from typing import Any

import discord

from bot.commands.digest.panel import page, times_form
from bot.delivery.schedule import EVERY_DAY
from bot.delivery.subscriptions import Subscription
from bot.language import speech
from bot.library.picking import Order
from bot.model import Look
from bot.posts.limits import problems
from tests.journeys.conftest import START, House, labels, text_of
from tests.journeys.test_a_day import subscribe
from tests.journeys.test_admin import said
from tests.journeys.test_forums import make_forum


async def open_panel(house: House) -> Any:
    """The panel as `/digest edit` opens it, kept up to date by SimCord."""
    opened = await house.admin.slash(house.papers, "digest edit")
    assert opened.ephemeral
    assert opened.response is not None
    return opened.response


def menu(panel: Any, placeholder: str) -> dict[str, Any]:
    """The menu with this placeholder."""
    parts = [part for row in panel.components for part in row["components"]]
    return next(part for part in parts if part.get("placeholder") == placeholder)


async def pick(house: House, panel: Any, placeholder: str, *values: Any) -> str:
    """Picks from a menu; what the panel says then."""
    await house.admin.select(panel.message, list(values), custom_id=menu(panel, placeholder)["custom_id"])
    return text_of(panel)


CHANGE = "Change look, order, language and more…"


async def test_everything_is_shown_and_each_change_is_saved_at_once(house: House) -> None:
    loud = house.guild.create_role("loud", mentionable=True)
    await subscribe(house)
    panel = await open_panel(house)
    text = text_of(panel)
    for word in (
        "every day 09:00 (Europe/Berlin)",
        "oldest first",
        "brief",
        "English",
        "nobody",
        "Thread",
        "Next",
    ):
        assert word in text
    assert labels(panel) == ["Time, zone, start…", "Pause", "Unsubscribe…"]
    assert len(panel.components) == 4
    for value, word in (("full", "full"), ("newest", "newest first"), ("zh", "中文"), ("thread", "yes")):
        text = await pick(house, panel, CHANGE, value)
        assert "Saved" in text
        assert word in text
    assert "Mon, Fri 09:00" in await pick(house, panel, "Days of the week…", "0", "4")
    assert f"<@&{loud.id}>" in await pick(house, panel, "Mention a role with each post…", loud)
    assert "nobody" in await pick(house, panel, "Mention a role with each post…")
    line = await said(house, "digest list")
    for word in ("Mon, Fri 09:00", "newest first", "look full", "with a thread"):
        assert word in line


async def test_what_is_refused_is_said_above_the_panel_which_stays(house: House) -> None:
    quiet = house.guild.create_role("quiet")
    me = house.guild.me
    assert me is not None
    denied = discord.PermissionOverwrite(mention_everyone=False, create_public_threads=False)
    place = house.guild.create_text_channel("place", overwrites={me: denied})
    values = {"series": "deep-dive", "time": "09:00", "zone": "Europe/Berlin"}
    await said(house, "digest subscribe", channel=place, **values)
    panel = await open_panel(house)
    for placeholder, value in (("Mention a role with each post…", quiet), (CHANGE, "thread")):
        text = await pick(house, panel, placeholder, value)
        assert text.startswith("⚠️")
        assert "every day 09:00" in text
    assert "**Create Public Threads**" in text
    assert "with a thread" not in await said(house, "digest list")


async def submit(house: House, panel: Any, **values: str) -> str:
    """Fills in the form; what the panel says then."""
    form = await house.admin.click(panel.message, label="Time, zone, start…")
    await house.admin.submit_modal(form, values)
    return text_of(panel)


async def test_times_are_typed_into_a_form(house: House) -> None:
    await subscribe(house)
    panel = await open_panel(house)
    text = await submit(house, panel, time="6:30 pm", zone="new york", start="2025-05-01")
    assert "18:30 (America/New_York)" in text
    assert "from 2025-05-01" in text
    text = await submit(house, panel, time="25:00", zone="UTC")
    assert "no time of day" in text
    assert "18:30 (America/New_York)" in text
    assert "isn't known" in await submit(house, panel, time="9", zone="Mars/Olympus")
    text = await submit(house, panel, time="9", zone="UTC", start="")
    assert "09:00 (UTC)" in text
    assert "from 2025" not in text


async def test_it_is_held_resumed_and_ended_after_asking_again(house: House) -> None:
    await subscribe(house)
    panel = await open_panel(house)
    await house.restart()
    await house.admin.click(panel.message, label="Pause")
    assert "Paused since" in text_of(panel)
    await house.admin.click(panel.message, label="Resume")
    assert "The next one comes" in text_of(panel)
    await house.admin.click(panel.message, label="Unsubscribe…")
    assert "End **deep-dive**" in text_of(panel)
    await house.admin.click(panel.message, label="Back")
    assert "every day 09:00" in text_of(panel)
    await house.admin.click(panel.message, label="Unsubscribe…")
    await house.admin.click(panel.message, label="Unsubscribe")
    assert "no more" in text_of(panel)
    assert "Nothing is subscribed" in await said(house, "digest list")


async def test_a_forums_tags_are_picked_and_what_it_cant_have_isnt_offered(house: House) -> None:
    forum = await make_forum(house, "papers", "news")
    values = {"series": "deep-dive", "time": "09:00", "zone": "Europe/Berlin"}
    await said(house, "digest subscribe", channel=forum, **values)
    panel = await open_panel(house)
    assert len(panel.components) == 5
    offered = [option["value"] for option in menu(panel, CHANGE)["options"]]
    assert offered == ["full", "newest", "same-day", "zh"]
    assert "papers, news" in await pick(house, panel, "Tags of each post…", "900", "901")
    assert "tags papers, news" in await said(house, "digest list")
    assert "none" in await pick(house, panel, "Tags of each post…")


async def test_an_announcement_channel_is_asked_about_publishing(house: House) -> None:
    news = house.guild.create_news_channel("news")
    values = {"series": "deep-dive", "time": "09:00", "zone": "Europe/Berlin"}
    await said(house, "digest subscribe", channel=news, **values)
    panel = await open_panel(house)
    assert "Published" in text_of(panel)
    await pick(house, panel, CHANGE, "publish")
    assert "published" in await said(house, "digest list")


async def test_of_several_subscriptions_one_is_picked(house: House) -> None:
    refused = await said(house, "digest edit")
    assert "Nothing is subscribed" in refused
    await subscribe(house)
    await subscribe(house, "round-up")
    panel = await open_panel(house)
    offered = [option["label"] for option in menu(panel, "Which subscription…")["options"]]
    assert offered == ["#papers · deep-dive · 09:00", "#papers · round-up · 09:00"]
    second = menu(panel, "Which subscription…")["options"][1]["value"]
    assert "**round-up**" in await pick(house, panel, "Which subscription…", second)
    assert "newest first" in await pick(house, panel, CHANGE, "newest")


def test_the_panel_fits_whatever_a_forum_has() -> None:
    kept = Subscription(
        id=2**62,
        server_id=1,
        channel_id=2**62,
        series="*" * 90,
        local_time=dt.time(9),
        zone="America/Argentina/ComodRivadavia",
        weekdays=EVERY_DAY,
        order=Order.SAME_DAY,
        start=dt.date(2025, 1, 1),
        look=Look.FULL,
        role_id=2**62,
        thread=True,
        publish=True,
        forum=False,
        tags=(),
        language="zh",
        created_by=1,
        created_at=START,
        next_due_at=START,
        next_slot=None,
        paused_at=START,
        paused_until=None,
        pause_reason="x" * 2_000,
        ended_at=None,
    )
    for language in ("en", "zh"):
        message = page(kept, 3, None, speech(language), "A note.")
        assert problems(message.body()) == []
        form = times_form(kept, speech(language))
        assert len(form.title) <= 45
        assert all(len(line.label) <= 45 for line in form.inputs)
