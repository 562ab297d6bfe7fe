"""A forum's posts. Making one takes no nonce: a request that may have done its work is never made again blindly.

discord.py makes a request again by itself after a 500, 502, 504 or 524 and after some broken connections; here it
is kept from that, so that whoever asked looks first (see bot.delivery.errand).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import aiohttp
import discord
from discord.http import Route, handle_message_parameters
from discord.utils import _to_json

from bot.outgoing.spelling import arguments
from bot.posts.message import Message

_LIMITED: Final = 429
_FAILED: Final = 500


async def open_post(
    client: discord.Client, forum_id: int, message: Message, *, title: str, tags: Iterable[int]
) -> int:
    """Makes a post in a forum and answers its id, which is the thread's and its first message's alike.

    Tags that the forum no longer has are left out. Raises what a request of discord.py's raises.
    """
    forum = client.get_channel(forum_id)
    if isinstance(forum, discord.ForumChannel):
        known = {tag.id for tag in forum.available_tags}
        tags = [tag for tag in tags if tag in known]
    place = {"name": title, "applied_tags": [str(tag) for tag in tags]}
    with handle_message_parameters(**arguments(message), channel_payload=place) as spelled:
        once = _Once(spelled.multipart or [_json(spelled.payload)])
        posted = await client.http.request(
            Route("POST", "/channels/{channel_id}/threads", channel_id=forum_id),
            files=spelled.files,
            form=once,
            params={"use_nested_fields": 1},
            raise_for_status=once.heard,
        )
    return int(posted["id"])


class _Once:
    """The parts of a form that is sent once.

    discord.py goes through them anew for each try. It may do so after a 429, for that surely did nothing.
    """

    def __init__(self, parts: Iterable[dict[str, Any]]) -> None:
        self._parts = parts
        self._may_leave = True

    def __iter__(self) -> Iterator[dict[str, Any]]:
        if not self._may_leave:
            raise aiohttp.ClientConnectionError("the connection broke; it may have done its work")
        self._may_leave = False
        return iter(self._parts)

    async def heard(self, response: aiohttp.ClientResponse) -> None:
        """Told of each answer before discord.py looks at it. Raises where that would try again."""
        self._may_leave = response.status == _LIMITED
        if response.status >= _FAILED:
            raise discord.DiscordServerError(response, await response.text())


def _json(payload: dict[str, Any] | None) -> dict[str, Any]:
    return {"name": "payload_json", "value": _to_json(payload), "content_type": "application/json"}
