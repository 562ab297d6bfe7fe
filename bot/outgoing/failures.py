"""What can go wrong with a request to Discord, sorted for whoever made it; see bot.delivery.transport."""

from __future__ import annotations

from typing import Final

import aiohttp
import discord

from bot.delivery.channels import GONE
from bot.delivery.transport import Blocked, Failure, Gone, Rejected, Shut, TryAgain

_LONG: Final = 300.0
"""Seconds to wait where whatever answers isn't Discord, or doesn't know the bot."""

_UNKNOWN_MESSAGE: Final = 10008

_PASSES = frozenset(
    {
        20016,  # slow mode
        20022,  # announcements are written to too fast
        20028,  # the channel is written to too fast
        10087,  # a forum's tag is gone, and we haven't heard of it yet
        20029,  # the server is written to too fast
        40062,  # a service is overloaded
        130000,  # the API is overloaded
    }
)
_NOT_ALLOWED = (
    "I'm not allowed to post in the channel, so I paused this subscription. Give me View Channel, Send Messages "
    "(in a forum Create Posts and Send Messages in Posts), Embed Links and Attach Files there, then resume it "
    "with `/digest resume`."
)
_CONTENT_REFUSED = (
    "This server's rules for content (AutoMod or a filter) refused the digest, so I paused this subscription. "
    "Make an exception for me or pass over the digest with `/digest skip`, then resume it with `/digest resume`."
)
_WRONG_CHANNEL = (
    "Channels of that kind take no posts of mine, so I paused this subscription. Unsubscribe it, and subscribe a "
    "text, announcement or forum channel instead."
)
_THREAD_CLOSED = (
    "The thread is archived or locked, so I paused this subscription. Open it again, then resume the subscription "
    "with `/digest resume`."
)
_NEEDS_TAG = (
    "Posts in that forum need a tag, so I paused this subscription. Name one with `/digest edit`, then resume it "
    "with `/digest resume`."
)
_REFUSED = (
    "Discord refuses my posts in the channel, so I paused this subscription. Check what I'm allowed to do there, "
    "then resume it with `/digest resume`."
)
_BLOCKED = {
    10004: GONE,
    20009: _CONTENT_REFUSED,
    20031: _CONTENT_REFUSED,
    50001: _NOT_ALLOWED,
    40058: _WRONG_CHANNEL,
    40066: _NEEDS_TAG,
    40067: _NEEDS_TAG,
    50008: _WRONG_CHANNEL,
    50013: _NOT_ALLOWED,
    50024: _WRONG_CHANNEL,
    200000: _CONTENT_REFUSED,
    200001: _CONTENT_REFUSED,
    240000: _CONTENT_REFUSED,
}
_SHUT = {10003: GONE, 50083: _THREAD_CLOSED, 160005: _THREAD_CLOSED}


FAILURES = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, TimeoutError, OSError)
"""What a request of discord.py's can raise that isn't a bug."""


def sort(error: Exception) -> Failure:
    """What a failed request means for the courier; see bot.delivery.transport."""
    if isinstance(error, discord.RateLimited):
        return TryAgain(str(error), after=error.retry_after, doubtful=False)
    if isinstance(error, discord.HTTPException):
        return _sort_answer(error)
    reached = not isinstance(error, aiohttp.ClientConnectorError)
    return TryAgain(f"{type(error).__name__}: {error}", doubtful=reached)


def _sort_answer(error: discord.HTTPException) -> Failure:
    reason = f"Discord answered {error.status} ({error.code}): {error.text}"
    if error.code == _UNKNOWN_MESSAGE:
        return Gone(reason)
    if error.code in _SHUT:
        return Shut(_SHUT[error.code])
    if error.code in _BLOCKED:
        return Blocked(_BLOCKED[error.code])
    match error.status:
        case status if status >= 500 or status == 408:  # it may have done the work before it failed
            return TryAgain(reason, doubtful=True)
        case 429:
            return TryAgain(reason, after=_retry_after(error), doubtful=False)
        case 401:  # the token was reset: the connection ends too
            return TryAgain(reason, after=_LONG, doubtful=False)
        case 403 | 404 if error.code == 0:  # a proxy's or a firewall's page
            return TryAgain(reason, after=_LONG, doubtful=False)
        case _ if error.code in _PASSES:
            return TryAgain(reason, after=_retry_after(error), doubtful=False)
        case 403:
            return Blocked(_REFUSED)
        case _:
            return Rejected(reason)


def _retry_after(error: discord.HTTPException) -> float | None:
    """Seconds that Discord asked to wait, if it did."""
    try:
        return float(error.response.headers["Retry-After"])
    except (AttributeError, KeyError, ValueError):
        return None
