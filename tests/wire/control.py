"""The small hand that a benchmark in another process has on the local Discord: JSON commands at /control.

POST {"do": NAME, …}; the answer is JSON, an error is {"error": TEXT} with status 400. `burst` runs many at once.
People are numbers: "user": 7 is the seventh player, made when first named.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from . import faults
from .actions import Reply
from .spelling import ImpossibleError
from .state import EPHEMERAL, Json, Message, User

if TYPE_CHECKING:
    from .server import LocalDiscord

_TOGETHER: Final = 20
Do = Callable[["LocalDiscord", Json], Awaitable[Any]]


async def control(discord: LocalDiscord, request: web.BaseRequest) -> web.Response:
    """Does one command."""
    order: Json = await request.json()
    try:
        return web.json_response(await _do(discord, order))
    except (KeyError, ValueError, LookupError, TypeError, TimeoutError, ImpossibleError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)


async def _do(discord: LocalDiscord, order: Json) -> Any:
    return await _ORDERS[order["do"]](discord, order)


async def _state(discord: LocalDiscord, _order: Json) -> Json:
    return {
        "guilds": len(discord.world.guilds),
        "connected": len(discord.gateway.connected),
        "identifies": discord.gateway.identifies,
        "hasty": discord.gateway.hasty,
        "resumes": discord.gateway.resumes,
        "requests": dict(discord.requests),
        "invalid_requests": discord.api.invalid_requests,
        "violations": [str(violation) for violation in discord.violations],
    }


async def _forget_counts(discord: LocalDiscord, _order: Json) -> Json:
    discord.api.requests.clear()
    discord.violations.clear()
    return {}


async def _guilds(discord: LocalDiscord, order: Json) -> list[Json]:
    if "add" in order:
        discord.add_guilds(order["add"], channels=order.get("channels", 1), roles=order.get("roles", 0))
    return [
        {"id": str(guild.id), "channels": [str(channel) for channel in guild.channels]}
        for guild in discord.world.guilds.values()
    ]


async def _messages(discord: LocalDiscord, order: Json) -> list[Json]:
    return [_shown(message) for message in discord.messages(discord.world.channels[int(order["channel"])])]


async def _await_message(discord: LocalDiscord, order: Json) -> Json:
    """The so-manieth message of a channel, once it is there, and when that was noticed (monotonic seconds)."""
    messages, number = discord.world.channels[int(order["channel"])].messages, order.get("number", 1)
    await discord.until(lambda: len(messages) >= number, order.get("seconds", 60))
    return _shown(list(messages.values())[number - 1]) | {"noticed": time.monotonic()}


async def _posted(discord: LocalDiscord, _order: Json) -> Json:
    """When each message was made that the bot posted by itself (seconds of the clock), in their order."""
    bot = discord.world.bot
    return {
        "at": sorted(
            message.created.timestamp()
            for channel in discord.world.channels.values()
            for message in channel.messages.values()
            if message.author is bot and message.interaction is None
        )
    }


def _shown(message: Message) -> Json:
    return {
        "id": str(message.id),
        "text": message.text,
        "ephemeral": message.ephemeral,
        "files": [attachment.filename for attachment in message.attachments],
        "controls": message.controls,
        "nonce": message.nonce,
    }


def _player(discord: LocalDiscord, order: Json) -> User:
    name = f"player {order.get('user', 0)}"
    if name not in discord.players:
        discord.players[name] = discord.add_user(name)
    return discord.players[name]


def _target(discord: LocalDiscord, order: Json) -> Message:
    key = int(order["message"])
    hidden = discord.world.hidden.get(key)
    return hidden or discord.world.channels[int(order["channel"])].messages[key]


def _told(reply: Reply) -> Json:
    original = reply.interaction.original
    return {
        "answered": not reply.failed,
        "seconds": reply.seconds if not reply.failed else None,
        "refusals": reply.interaction.refusals,
        "message": None if original is None else _shown(original),
    }


async def _command(discord: LocalDiscord, order: Json) -> Json:
    channel = discord.world.channels[int(order["channel"])]
    user = channel.guild.owner if order.get("user") == "owner" and channel.guild else _player(discord, order)
    return _told(await discord.command(user, channel, order["name"], **order.get("options", {})))


async def _private(discord: LocalDiscord, order: Json) -> Json:
    """A private message of the bot's that nobody asked for, to be clicked on."""
    world, channel = discord.world, discord.world.channels[int(order["channel"])]
    message = Message(world.ids.next(), channel, world.bot, world.clock.now(), "?", flags=EPHEMERAL)
    return _shown(world.put(message))


async def _click(discord: LocalDiscord, order: Json) -> Json:
    return _told(await discord.click(_player(discord, order), _target(discord, order), order["control"]))


async def _select(discord: LocalDiscord, order: Json) -> Json:
    message = _target(discord, order)
    return _told(await discord.select(_player(discord, order), message, order["control"], order["values"]))


async def _burst(discord: LocalDiscord, order: Json) -> list[Any]:
    return list(await asyncio.gather(*(_do(discord, one) for one in order["orders"])))


async def _clicks(discord: LocalDiscord, order: Json) -> Json:
    """Clicks by a crowd on a message: `number` of them at `rate` a second, whether they are answered or not.

    Or, with `at_once` instead of a rate, so many people who each click again as soon as they are answered, for
    `seconds`. Twenty players at a time (from number `user` on) send the custom_ids one after the other, then the
    next twenty do. Answers each click's seconds to its acknowledgement (None: there was none), and how long all
    took together.
    """
    target = _target(discord, order)
    ids = order["custom_ids"]
    found: list[float | None] = []
    waiting: set[asyncio.Task[None]] = set()

    async def click(number: int) -> None:
        block, place = divmod(number, _TOGETHER * len(ids))
        which, who = divmod(place, _TOGETHER)
        player = _player(discord, {"user": order.get("user", 0) + block * _TOGETHER + who})
        reply = await discord.forge_click(player, target, ids[which])
        found.append(None if reply.failed else reply.seconds)

    async def again_and_again(numbers: Iterator[int], end: float) -> None:
        while time.monotonic() < end:
            await click(next(numbers))

    began = time.monotonic()
    if "rate" in order:
        for number in range(order["number"]):
            await asyncio.sleep(max(0.0, began + number / order["rate"] - time.monotonic()))
            waiting.add(task := asyncio.create_task(click(number)))
            task.add_done_callback(waiting.discard)
        await asyncio.gather(*waiting)
    else:
        numbers = itertools.count()
        end = began + order["seconds"]
        await asyncio.gather(*(again_and_again(numbers, end) for _ in range(order["at_once"])))
    return {"seconds": found, "took": time.monotonic() - began}


async def _fault(discord: LocalDiscord, order: Json) -> Json:
    kind: type[Any] = getattr(faults, order["fault"])
    fault = kind(*order.get("with", ()))
    discord.fault(
        order["route"], order["method"], fault, times=order.get("times", 1), when=order.get("when", "before")
    )
    return {}


async def _no_faults(discord: LocalDiscord, _order: Json) -> Json:
    discord.no_faults()
    return {}


async def _close_gateway(discord: LocalDiscord, order: Json) -> Json:
    if order.get("forget"):
        discord.gateway.forget()
    await discord.gateway.close(order.get("code", 4000))
    return {}


_ORDERS: dict[str, Do] = {
    "state": _state,
    "forget_counts": _forget_counts,
    "guilds": _guilds,
    "messages": _messages,
    "await_message": _await_message,
    "posted": _posted,
    "command": _command,
    "private": _private,
    "click": _click,
    "select": _select,
    "burst": _burst,
    "clicks": _clicks,
    "fault": _fault,
    "no_faults": _no_faults,
    "close_gateway": _close_gateway,
}
