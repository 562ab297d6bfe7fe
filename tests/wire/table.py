"""Every address that the local Discord answers, with the limit it is usually under."""

from __future__ import annotations

from typing import Any, Final

from . import limits, limits_commands, messages, places, responses
from .errors import Problem
from .rates import Limit
from .routes import Route, Router

_MESSAGES: Final = "/channels/{channel_id}/messages"
_MESSAGE: Final = f"{_MESSAGES}/{{message_id}}"
_WEBHOOK: Final = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL: Final = f"{_WEBHOOK}/messages/@original"
_FOLLOW_UP: Final = f"{_WEBHOOK}/messages/{{message_id}}"
_CALLBACK: Final = "/interactions/{interaction_id}/{interaction_token}/callback"
_COMMANDS: Final = "/applications/{application_id}/commands"
_GUILD_COMMANDS: Final = "/applications/{application_id}/guilds/{guild_id}/commands"

_SOME: Final = Limit(5, 5)
_MANY: Final = Limit(50, 10)
_HOOKS: Final = Limit(5, 2)


def _thread(body: Any) -> list[Problem]:
    """A thread's limits, and those of a forum post's first message."""
    first = body.get("message")
    return limits_commands.thread(body) + (limits.message(first, at=("message",)) if first else [])


ROUTER: Final = Router(
    [
        Route("GET", "/gateway", places.gateway, tokenless=True),
        Route("GET", "/gateway/bot", places.gateway_bot, _MANY),
        Route("GET", "/users/@me", places.me, _MANY),
        Route("GET", "/users/{user_id}", places.user, _MANY),
        Route("POST", "/users/@me/channels", places.direct, _MANY),
        Route("DELETE", "/users/@me/guilds/{guild_id}", places.leave, _SOME),
        Route("GET", "/oauth2/applications/@me", places.application, _MANY),
        Route("GET", "/applications/@me", places.application, _MANY),
        Route("GET", _COMMANDS, places.commands, _SOME),
        Route("PUT", _COMMANDS, places.replace_commands, Limit(10, 10), limits_commands.commands),
        Route("GET", _GUILD_COMMANDS, places.commands, _SOME),
        Route("PUT", _GUILD_COMMANDS, places.replace_commands, Limit(10, 10), limits_commands.commands),
        Route("GET", "/guilds/{guild_id}", places.guild, _MANY),
        Route("GET", "/guilds/{guild_id}/channels", places.guild_channels, _MANY),
        Route("GET", "/guilds/{guild_id}/threads/active", places.active_threads, _MANY),
        Route("GET", "/guilds/{guild_id}/roles", places.guild_roles, _MANY),
        Route("GET", "/guilds/{guild_id}/members/{user_id}", places.guild_member, _MANY),
        Route("GET", "/channels/{channel_id}", places.channel, _MANY),
        Route("PATCH", "/channels/{channel_id}", places.change_thread, _SOME, limits_commands.thread),
        Route("POST", "/channels/{channel_id}/threads", places.thread, _MANY, _thread),
        Route("GET", "/channels/{channel_id}/threads/archived/public", places.archived_threads, _MANY),
        Route("PUT", "/channels/{channel_id}/thread-members/@me", places.join_thread, _SOME),
        Route("GET", _MESSAGES, messages.history, _SOME),
        Route("POST", _MESSAGES, messages.create, _SOME, limits.message),
        Route("GET", _MESSAGE, messages.read, _SOME),
        Route("PATCH", _MESSAGE, messages.edit, _SOME, limits.message),
        Route("DELETE", _MESSAGE, messages.delete, Limit(5, 1)),
        Route("POST", f"{_MESSAGE}/crosspost", messages.publish, _SOME),
        Route("POST", f"{_MESSAGE}/threads", places.thread_from_message, _MANY, limits_commands.thread),
        Route("POST", _CALLBACK, responses.respond, None, responses.check, tokenless=True),
        Route("POST", _WEBHOOK, responses.follow_up, _HOOKS, limits.message, tokenless=True),
        Route("GET", _ORIGINAL, responses.read, _HOOKS, tokenless=True),
        Route("PATCH", _ORIGINAL, responses.edit, _HOOKS, limits.message, tokenless=True),
        Route("DELETE", _ORIGINAL, responses.delete, _HOOKS, tokenless=True),
        Route("GET", _FOLLOW_UP, responses.read, _HOOKS, tokenless=True),
        Route("PATCH", _FOLLOW_UP, responses.edit, _HOOKS, limits.message, tokenless=True),
        Route("DELETE", _FOLLOW_UP, responses.delete, _HOOKS, tokenless=True),
    ]
)
