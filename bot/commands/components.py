"""Buttons, menus and forms: a click's custom_id to what it does. One table; no state in memory.

discord.py's own view dispatch isn't used: a click is found by its custom_id alone, so it works after a restart
and on a message of any age, and its errors go where all errors go.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.commands import errors
from bot.commands.services import recall_language
from bot.database import Store
from bot.language import Refusal
from bot.posts.custom_ids import Answer, CustomId, parse

Handler = Callable[[discord.Interaction, Any, str | None], Awaitable[None]]
"""Answers a click: the interaction, what its custom_id says, and the value picked where it was a menu."""


class Components:
    """The table of handlers by kind of custom_id."""

    def __init__(self, store: Store) -> None:
        """Empty; rooms add their handlers. `store` tells which language a person chose."""
        self._store = store
        self._handlers: dict[type[CustomId], Handler] = {}

    def add(self, kind: type[CustomId], handler: Handler) -> None:
        """Answers clicks of this kind with this handler."""
        if kind in self._handlers:
            raise ValueError(f"{kind.__name__} has a handler already")
        self._handlers[kind] = handler

    async def answer(self, interaction: discord.Interaction) -> None:
        """Answers a click, whatever it carries; never raises."""
        data: dict[str, Any] = dict(interaction.data or {})
        custom_id = parse(str(data.get("custom_id", "")))
        values = data.get("values") or [None]
        handler: Handler = _unknown
        if custom_id is not None and interaction.guild_id is not None:
            handler = self._handlers.get(type(custom_id), _unknown)
        try:
            if not isinstance(custom_id, Answer):  # the most frequent one finds the language on its own way
                await recall_language(self._store, interaction)
            await handler(interaction, custom_id, values[0])
        except Exception as error:  # noqa: BLE001  # the one place where a click's error is answered
            await recall_language(self._store, interaction)
            await errors.answer(interaction, error)


def picked(interaction: discord.Interaction) -> tuple[str, ...]:
    """All that was picked from a menu; nothing where it was emptied."""
    data: dict[str, Any] = dict(interaction.data or {})
    return tuple(str(value) for value in data.get("values") or ())


def filled_in(interaction: discord.Interaction) -> dict[str, str]:
    """What stands in a form's lines, by their custom_ids."""
    data: dict[str, Any] = dict(interaction.data or {})
    rows: list[dict[str, Any]] = data.get("components") or []
    lines = [part for row in rows for part in (row.get("component"), *(row.get("components") or ())) if part]
    return {str(line.get("custom_id")): str(line.get("value") or "") for line in lines}


class OlderButton(Refusal):
    """A button, menu or form that this version doesn't know any more."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__(
            "This button is from an older version of the bot. Give the command again, or use the button under a "
            "newer post."
        )


async def _unknown(*_: object) -> None:
    raise OlderButton
