"""What admins read of a subscription: its settings, when the next digest comes, why none does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot.delivery import supply
from bot.delivery.subscriptions import Subscription
from bot.language import Speech
from bot.library.picking import Order
from bot.posts.markdown import escape_line

LANGUAGES = {"en": "English", "zh": "中文"}
"""As they call themselves."""
COLOUR = 0x5865F2
"""Of what admins are shown."""


def series_text(kept: Subscription) -> str:
    """A subscription's series, bold."""
    return f"**{escape_line(kept.series)}**"


def moment(when: dt.datetime | None, style: str = "F") -> str:
    """A moment as a Discord timestamp, shown in each reader's own time."""
    return f"<t:{int(when.timestamp())}:{style}>" if when else "—"


def coming(kept: Subscription, waiting: int, say: Speech) -> str:
    """When the next digest comes, if one does."""
    if supply.used_up(kept, waiting):
        return used_up(say)
    if kept.paused_until is not None:
        return say("Paused until {when}.", when=moment(kept.paused_until))
    if kept.paused_at is not None:
        return say("Paused since {when}; `/digest resume` lets it go on.", when=moment(kept.paused_at, "R"))
    return say("The next one comes {when}.", when=f"{moment(kept.next_due_at)} ({moment(kept.next_due_at, 'R')})")


def used_up(say: Speech) -> str:
    """That there is nothing left to post, and what can be done about it."""
    return say(
        "The library is used up: nothing is posted until there is a new digest. `/digest import` brings in one of "
        "your own; whoever runs this bot can add more."
    )


def subscribed(kept: Subscription, waiting: int, again: int, say: Speech) -> str:
    """What a channel was promised, and what comes next; `again` of its digests the server has had before."""
    lines = [
        say(
            "{channel} gets {series}: {days} at {time} ({zone}).",
            channel=f"<#{kept.channel_id}>",
            series=series_text(kept),
            days=kept.weekdays.text(say),
            time=f"{kept.local_time:%H:%M}",
            zone=kept.zone,
        ),
        coming(kept, waiting, say),
    ]
    if waiting:
        lines += [
            say.count("{number} digest is waiting.", "{number} digests are waiting.", waiting),
            *([played_before(again, say)] if again else []),
            say("See it first with `/digest preview`, or post it at once with `/digest post-now`."),
        ]
    return "\n".join(lines)


def played_before(number: int, say: Speech) -> str:
    """That the rounds on so many digests are over."""
    return say.count(
        "This server has had {number} of them before: its round stays closed, so playing it is practice, without "
        "points.",
        "This server has had {number} of them before: their rounds stay closed, so playing them is practice, "
        "without points.",
        number,
    )


def unsubscribed(ended: Subscription, say: Speech) -> str:
    """That a channel gets no more of a series."""
    return say(
        "{channel} gets {series} no more. What was posted stays; if you subscribe it again, I ask whether "
        "to go on or start over.",
        channel=f"<#{ended.channel_id}>",
        series=series_text(ended),
    )


def order_text(kept: Subscription, say: Speech) -> str:
    """In what order the library is worked through."""
    orders = {
        Order.OLDEST_FIRST: say("oldest first"),
        Order.NEWEST_FIRST: say("newest first"),
        Order.SAME_DAY: say("same day"),
    }
    return orders[kept.order]


def when_text(kept: Subscription, say: Speech) -> str:
    """On which days and at what local time."""
    return f"{kept.weekdays.text(say)} {kept.local_time:%H:%M} ({kept.zone})"


def line(kept: Subscription, waiting: int, say: Speech, *, tags: Sequence[str] = ()) -> str:
    """A subscription with all its settings, as an item of a list; `tags` are the names of those it gives."""
    details = [
        when_text(kept, say),
        order_text(kept, say),
        *([say("from {date}", date=kept.start.isoformat())] if kept.start else []),
        say("look {look}", look=kept.look.value),
        *([say("mentions {role}", role=f"<@&{kept.role_id}>")] if kept.role_id else []),
        *([say("with a thread")] if kept.thread else []),
        *([say("published")] if kept.publish else []),
        *([say("tags {tags}", tags=say(", ").join(tags))] if tags else []),
        say.count("{number} waiting", "{number} waiting", waiting),
    ]
    if kept.paused_at is not None:
        until = kept.paused_until
        held = say("paused until {when}", when=moment(until)) if until else say("paused")
    elif supply.used_up(kept, waiting):
        held = say("the library is used up")
    else:
        held = say("next {when}", when=moment(kept.next_due_at, "R"))
    return f"- <#{kept.channel_id}> · {series_text(kept)} · {' · '.join(details)} · {held}"
