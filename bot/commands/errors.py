"""The one place where an error in a command, a button or a menu becomes an answer."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot import outgoing
from bot.commands import replies
from bot.database import StoreError
from bot.delivery.transport import TryAgain
from bot.health.metrics import failed_as
from bot.language import Refusal, Speech
from bot.posts.custom_ids import Answer, parse

log = logging.getLogger(__name__)

_UNKNOWN_INTERACTION = 10062
_ALREADY_ANSWERED = 40060
_THEIRS = (
    Refusal,
    app_commands.CheckFailure,
    app_commands.TransformerError,
    app_commands.CommandSignatureMismatch,
    app_commands.CommandNotFound,
)
"""What the person can mend; their client may not know yet that a command has changed."""
_DISCORDS = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, TimeoutError)
"""What a request to Discord can raise that isn't a bug; an OSError of our own may be one."""


async def answer(interaction: discord.Interaction, error: Exception) -> None:
    """Tells the person what is wrong, in one sentence, and logs what is ours to mend.

    A Refusal is said as it is; trouble with the database or with Discord without its details, which are the
    operator's; anything else gets a reference that stands in the log beside the traceback.
    """
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    say, what = replies.say_to(interaction), {"command": name_of(interaction)}
    failed_as(interaction, "refused" if isinstance(error, _THEIRS) else "failed")
    if isinstance(error, Refusal):
        sentence = error.said(say)
    elif isinstance(error, StoreError):
        log.error("the database failed a command: %s", error, extra=what)
        sentence = _not_kept(interaction, say)
    elif isinstance(error, app_commands.MissingPermissions | app_commands.NoPrivateMessage):
        sentence = say("This command is for members with the Manage Server permission, in a server.")
    elif isinstance(error, app_commands.TransformerError):
        sentence = say("What you picked isn't in this server. Pick it from the list that Discord offers.")
    elif isinstance(error, app_commands.CommandSignatureMismatch | app_commands.CommandNotFound):
        sentence = say("This command isn't what it was. Reload Discord, then use it again.")
    elif isinstance(error, discord.HTTPException) and error.code in (_UNKNOWN_INTERACTION, _ALREADY_ANSWERED):
        log.warning("answered too late, or twice: %s", error, extra=what)
        return
    elif isinstance(error, _DISCORDS) and isinstance(outgoing.sort(error), TryAgain):
        log.warning("Discord failed a command: %s", outgoing.sort(error), extra=what)
        sentence = say("Discord couldn't be reached just now. Try again.")
    else:
        reference = secrets.token_hex(4)
        log.error("a command failed (reference %s)", reference, exc_info=error, extra=what)
        sentence = say(
            "Something went wrong on our side; nothing was lost. Try again, and if it stays, tell whoever runs "
            "this bot the reference {reference}.",
            reference=reference,
        )
    try:
        await replies.tell(interaction, sentence)
    except _DISCORDS as failure:
        log.warning("the person could not be told: %s", failure, extra=what)


def name_of(interaction: discord.Interaction) -> str:
    """What was asked for: a command's name, or the kind of button or menu; of a small, fixed set."""
    if interaction.command is not None:
        return interaction.command.qualified_name
    custom_id = parse(str(dict(interaction.data or {}).get("custom_id", "")))
    return "unknown" if custom_id is None else type(custom_id).__name__


def _not_kept(interaction: discord.Interaction, say: Speech) -> str:
    data: dict[str, Any] = dict(interaction.data or {})
    if isinstance(parse(str(data.get("custom_id", ""))), Answer):
        return say(
            "The database can't be used right now, so your answer was not kept. Click it again in a few minutes."
        )
    return say("The database can't be used right now, so nothing was changed. Try again in a few minutes.")
