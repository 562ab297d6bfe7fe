"""A delivery to the messages it takes: the same every time for the same body, look and language."""

from __future__ import annotations

from typing import Final, Protocol

from bot.language import speech
from bot.library.questions import wanted
from bot.model import Digest, Look
from bot.posts import digest_post
from bot.posts.digest_post import Keys
from bot.posts.message import Message
from bot.posts.splitting import shorten
from bot.posts.style import date_in_words, series_name

_THREAD_NAME: Final = 100
"""Characters of a thread's name."""


class Composer(Protocol):
    """Composes the post of a digest; how many messages it has depends on its look and language alone."""

    def __call__(
        self,
        digest: Digest,
        *,
        digest_id: int,
        look: Look,
        language: str,
        role: int | None,
        over: bool,
        keys: Keys,
    ) -> tuple[Message, ...]:
        """The messages in the order in which they are posted, each carrying its key.

        `over`: the server's round on the digest has closed already.
        """
        ...


def post(
    digest: Digest, *, digest_id: int, look: Look, language: str, role: int | None, over: bool, keys: Keys
) -> tuple[Message, ...]:
    """The post as bot.posts composes it."""
    return digest_post.compose(
        digest,
        digest_id=digest_id,
        look=look,
        say=speech(language),
        language=language,
        keys=keys,
        role=role,
        playable=bool(wanted(digest)),
        over=over,
    )


def count(compose: Composer, digest: Digest, *, digest_id: int, look: Look, language: str) -> int:
    """How many messages the post takes."""
    placeholder = "x" * 24
    messages = compose(
        digest,
        digest_id=digest_id,
        look=look,
        language=language,
        role=None,
        over=False,
        keys=lambda _: placeholder,
    )
    return len(messages)


def thread_name(digest: Digest, language: str) -> str:
    """What the thread on a post is called."""
    say = speech(language)
    return shorten(f"{series_name(digest.series, say)} · {date_in_words(digest.date, say)}", _THREAD_NAME)
