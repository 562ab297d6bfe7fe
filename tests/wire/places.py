"""What the API does with channels, threads, guilds, people, the application and its commands."""

from __future__ import annotations

import datetime as dt

from . import errors, payloads
from .errors import ApiError, InvalidBodyError, Problem
from .messages import make, need_for
from .permissions import Permission
from .routes import EMPTY, Answer, Call, ok
from .state import THREADS, Channel, Json, Kind
from .world import World


def channel(call: Call) -> Answer:
    """GET /channels/{channel_id}."""
    return ok(payloads.channel(call.world.channel(call.params["channel_id"])))


def change_thread(call: Call) -> Answer:
    """PATCH /channels/{channel_id}, of threads: name, archived, locked, how soon it archives itself."""
    world, body = call.world, call.body
    thread = world.channel(call.params["channel_id"])
    if not thread.is_thread or thread.guild is None:
        raise errors.not_on_this_channel()
    if thread.owner_id != world.bot.id or thread.locked or "locked" in body:
        world.need(thread, Permission.MANAGE_THREADS)
    if thread.archived and body.get("archived", True):
        raise ApiError(400, 50083, "Thread is archived")
    thread.name = body.get("name", thread.name)
    world.archive(thread, archived=body.get("archived", thread.archived))
    thread.locked = body.get("locked", thread.locked)
    thread.auto_archive = body.get("auto_archive_duration") or thread.auto_archive
    world.emit("THREAD_UPDATE", lambda: payloads.channel(thread), thread.guild.id)
    return ok(payloads.channel(thread))


def thread_from_message(call: Call) -> Answer:
    """POST /channels/{channel_id}/messages/{message_id}/threads: the thread gets the message's id."""
    world = call.world
    parent = world.channel(call.params["channel_id"])
    if parent.kind not in (Kind.TEXT, Kind.NEWS):
        raise errors.not_on_this_channel()
    message = world.message(parent, call.params["message_id"])
    world.need(parent, Permission.CREATE_PUBLIC_THREADS)
    if message.thread is not None or message.id in world.channels:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    kind = Kind.NEWS_THREAD if parent.kind is Kind.NEWS else Kind.PUBLIC_THREAD
    message.thread = _open(world, _new(world, parent, kind, message.id, call.body))
    return 201, payloads.channel(message.thread)


def thread(call: Call) -> Answer:
    """POST /channels/{channel_id}/threads: a forum post with its first message, or a thread without one."""
    world, body = call.world, call.body
    parent = world.channel(call.params["channel_id"])
    if parent.kind in (Kind.FORUM, Kind.MEDIA):
        world.need(parent, Permission.SEND_MESSAGES)
        if not body.get("message"):
            raise InvalidBodyError([Problem(("message",), "BASE_TYPE_REQUIRED", "This field is required")])
        need_for(world, parent, body["message"], call.files)
        _tags(world, parent, body)
        post = _new(world, parent, Kind.PUBLIC_THREAD, world.ids.next(), body)
        post.applied_tags = [int(tag) for tag in body.get("applied_tags") or ()]
        first = make(world, post, body["message"], call.files, key=post.id)
        return 201, payloads.channel(_open(world, post)) | {"message": world.shown(first)}
    if parent.kind not in (Kind.TEXT, Kind.NEWS):
        raise errors.not_on_this_channel()
    kind = Kind(body.get("type") or Kind.PRIVATE_THREAD)
    if kind not in THREADS:
        raise InvalidBodyError([Problem(("type",), "BASE_TYPE_CHOICES", "Value must be one of (10, 11, 12).")])
    private = kind is Kind.PRIVATE_THREAD
    world.need(parent, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
    return 201, payloads.channel(_open(world, _new(world, parent, kind, world.ids.next(), body)))


def _tags(world: World, forum: Channel, body: Json) -> None:
    """Raises for tags that a post can't have in a forum."""
    asked = {str(tag) for tag in body.get("applied_tags") or ()}
    known = {tag["id"]: tag for tag in forum.tags}
    if asked - known.keys():
        raise ApiError(404, 10087, "Unknown tag")
    if any(known[tag]["moderated"] for tag in asked):
        world.need(forum, Permission.MANAGE_THREADS)
    if forum.needs_tag and not asked:
        raise ApiError(400, 40067, "A tag is required to create a forum post in this channel")


def active_threads(call: Call) -> Answer:
    """GET /guilds/{guild_id}/threads/active: those that the bot can see."""
    world = call.world
    seen = [
        one
        for one in world.guild(call.params["guild_id"]).threads.values()
        if not one.archived and world.may(one) & Permission.VIEW_CHANNEL
    ]
    return ok({"threads": [payloads.channel(one) for one in seen], "members": [], "has_more": False})


def archived_threads(call: Call) -> Answer:
    """GET /channels/{channel_id}/threads/archived/public: those that were archived last come first."""
    world = call.world
    parent = world.channel(call.params["channel_id"])
    world.need(parent, Permission.READ_MESSAGE_HISTORY)
    threads = parent.guild.threads.values() if parent.guild is not None else ()
    until = call.query.get("before")
    before = dt.datetime.fromisoformat(until) if until is not None else world.clock.now() + dt.timedelta(1)
    archived = [(one.archived_at or before, one) for one in threads if one.parent is parent and one.archived]
    archived.sort(key=lambda pair: pair[0], reverse=True)
    found = [payloads.channel(one) for at, one in archived if at < before]
    most = int(call.query.get("limit", 50))
    return ok({"threads": found[:most], "members": [], "has_more": len(found) > most})


def _new(world: World, parent: Channel, kind: Kind, key: int, body: Json) -> Channel:
    _room(world, parent)
    made = Channel(key, kind, body["name"], parent.guild, parent, owner_id=world.bot.id)
    made.auto_archive = body.get("auto_archive_duration") or 1440
    return made


def _room(world: World, parent: Channel) -> None:
    """Raises where the guild has as many open threads as it can have."""
    threads = parent.guild.threads.values() if parent.guild is not None else ()
    if sum(not one.archived for one in threads) >= world.active_threads:
        raise ApiError(400, 160006, "Maximum number of active threads reached")


def _open(world: World, opened: Channel) -> Channel:
    world.add_channel(opened)
    if opened.guild is not None:
        world.emit("THREAD_CREATE", lambda: payloads.channel(opened) | {"newly_created": True}, opened.guild.id)
    return opened


def join_thread(call: Call) -> Answer:
    """PUT /channels/{channel_id}/thread-members/@me."""
    call.world.channel(call.params["channel_id"])
    return EMPTY


def guild(call: Call) -> Answer:
    """GET /guilds/{guild_id}."""
    return ok(payloads.guild(call.world.guild(call.params["guild_id"])))


def guild_channels(call: Call) -> Answer:
    """GET /guilds/{guild_id}/channels."""
    return ok([payloads.channel(one) for one in call.world.guild(call.params["guild_id"]).channels.values()])


def guild_roles(call: Call) -> Answer:
    """GET /guilds/{guild_id}/roles."""
    return ok([payloads.role(one) for one in call.world.guild(call.params["guild_id"]).roles.values()])


def guild_member(call: Call) -> Answer:
    """GET /guilds/{guild_id}/members/{user_id}."""
    guild = call.world.guild(call.params["guild_id"])
    member = guild.members.get(int(call.params["user_id"]))
    if member is None:
        raise ApiError(404, 10007, "Unknown Member")
    return ok(payloads.member(guild, member))


def leave(call: Call) -> Answer:
    """DELETE /users/@me/guilds/{guild_id}."""
    guild = call.world.guild(call.params["guild_id"])
    guild.joined = False
    call.world.emit("GUILD_DELETE", lambda: {"id": str(guild.id)}, guild.id)
    return EMPTY


def gateway(call: Call) -> Answer:
    """GET /gateway."""
    return ok({"url": call.world.gateway_url})


def gateway_bot(call: Call) -> Answer:
    """GET /gateway/bot."""
    together = call.world.rates.max_concurrency or 1
    start = {"total": 1_000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": together}
    return ok({"url": call.world.gateway_url, "shards": call.world.shards, "session_start_limit": start})


def me(call: Call) -> Answer:
    """GET /users/@me."""
    return ok(payloads.user(call.world.bot) | {"verified": True, "mfa_enabled": False, "locale": "en-US"})


def user(call: Call) -> Answer:
    """GET /users/{user_id}."""
    key = call.params["user_id"]
    found = call.world.users.get(int(key)) if key.isdecimal() else None
    if found is None:
        raise errors.unknown_user()
    return ok(payloads.user(found))


def direct(call: Call) -> Answer:
    """POST /users/@me/channels."""
    recipient = call.world.users.get(int(call.body.get("recipient_id") or 0))
    if recipient is None or recipient.bot:
        raise ApiError(400, 50033, "Invalid Recipient(s)")
    return ok(payloads.channel(call.world.direct_channel(recipient)))


def application(call: Call) -> Answer:
    """GET /oauth2/applications/@me and /applications/@me."""
    world = call.world
    return ok(payloads.application(world.bot, world.operator, len(world.guilds)))


def commands(call: Call) -> Answer:
    """GET of the registered commands, global or a guild's."""
    return ok(call.world.commands.get(_scope(call), []))


def replace_commands(call: Call) -> Answer:
    """PUT of all commands, global or a guild's; one that was there keeps its id."""
    world, scope = call.world, _scope(call)
    known = {(one["name"], one["type"]): one["id"] for one in world.commands.get(scope, [])}
    registered: list[Json] = []
    for given in call.body:
        kind = given.get("type") or 1
        key = known.get((given["name"], kind)) or str(world.ids.next())
        rights = given.get("default_member_permissions")
        registered.append(
            {
                "options": [],
                "description": "",
                "nsfw": False,
                "contexts": None,
                **given,
                "integration_types": given.get("integration_types") or [0],
                "id": key,
                "type": kind,
                "application_id": str(world.bot.id),
                "version": str(world.ids.next()),
                "default_member_permissions": None if rights is None else str(rights),
            }
            | ({} if scope is None else {"guild_id": str(scope)})
        )
    world.commands[scope] = registered
    return ok(registered)


def _scope(call: Call) -> int | None:
    if call.params["application_id"] != str(call.world.bot.id):
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    return call.world.guild(call.params["guild_id"]).id if "guild_id" in call.params else None
