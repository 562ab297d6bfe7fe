"""What the courier needs of Discord, and the ways in which that can fail; bot.outgoing is the real one.

Failure
├── TryAgain    nothing wrong with the post or the place: later, with the same nonce
├── Blocked     the place refuses: permission, content refused by the server's own rules
│   └── Shut    the channel or thread is gone, archived or locked: nothing goes in there any more
├── Rejected    the request was refused as malformed: ours to fix
└── Gone        the message was posted and somebody deleted it since
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from bot.posts.message import Message


class Failure(Exception):  # noqa: N818  # its kinds are named for what happened
    """A request that didn't do what it was to do."""


class TryAgain(Failure):
    """Trouble that passes: a rate limit, a server error, a lost connection, a reply that never came."""

    def __init__(self, reason: str, *, after: float | None = None, doubtful: bool) -> None:
        """`after`: seconds that Discord asked to wait; `doubtful`: the request may have done its work."""
        super().__init__(reason)
        self.after = after
        self.doubtful = doubtful


class Blocked(Failure):
    """The place refuses posts, and will until someone changes something there; surely nothing was posted.

    The message is a sentence for the server's admin: what is wrong and how to mend it.
    """


class Shut(Blocked):
    """The channel or thread is gone, or archived or locked."""


class Rejected(Failure):
    """Discord takes the request for malformed; surely nothing was posted."""


class Gone(Failure):
    """The message with this nonce was posted and has been deleted since."""


class Absent(Enum):
    """Why a message that was looked for isn't there to point at."""

    NOT_FOUND = "not found"
    """The channel was read far enough back: it was not posted, or somebody deleted it."""
    UNREADABLE = "unreadable"
    """The channel's history can't be read, or not far enough: nobody knows."""


class Transport(Protocol):
    """Puts messages into Discord's channels. Every call may raise a Failure; other errors are bugs of ours.

    A call that was cancelled may have done its work.
    """

    async def send(self, channel_id: int, message: Message, *, nonce: str) -> int:
        """Posts a message and answers its id.

        Sent again with the same nonce within a few minutes, the first message is answered and no second made.
        """
        ...

    async def open_post(self, channel_id: int, message: Message, *, title: str, tags: Iterable[int]) -> int:
        """Makes a post in a forum, a thread with its first message, and answers the id of both.

        There is no nonce for it: made again, there are two. It is never made again inside one call.
        """
        ...

    async def find(self, channel_id: int, key: str, *, around: dt.datetime) -> int | Absent:
        """The id of our own message that carries `key` in a custom_id or footer, first tried `around` (UTC).

        In a forum, the first messages of its posts are looked at.
        """
        ...

    async def open_thread(self, channel_id: int, message_id: int, *, name: str) -> int:
        """Opens a thread on a message and answers its id; one that is there already counts as opened."""
        ...

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publishes a message of an announcement channel; one that is published already counts as done."""
        ...

    async def edit(self, channel_id: int, message_id: int, message: Message) -> None:
        """Turns our own message into this one, all of it."""
        ...

    async def reword(self, channel_id: int, message_id: int, content: str) -> None:
        """Changes the text above our own message; its embeds, pictures, buttons and menus stay."""
        ...
