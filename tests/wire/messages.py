"""What the API does with messages: create, read, edit, delete, publish; and what interactions share of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from . import errors, limits
from .clock import Snowflakes
from .errors import ApiError, InvalidBodyError, Problem
from .permissions import Permission
from .routes import EMPTY, Answer, Call, Upload, ok
from .state import CROSSPOSTED, Attachment, Channel, Interaction, Json, Kind, Message
from .world import OLD, World

_FREE_TEXT = re.compile(r"[^\w.\-]+")


def create(call: Call) -> Answer:
    """POST /channels/{channel_id}/messages."""
    world = call.world
    channel = world.channel(call.params["channel_id"])
    if channel.kind in (Kind.CATEGORY, Kind.FORUM, Kind.MEDIA):
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    world.need(channel, Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)
    if channel.locked and not world.may(channel) & Permission.MANAGE_THREADS:
        raise ApiError(400, 160005, "Thread is locked")
    if channel.recipient is not None and not channel.recipient.takes_messages:
        raise ApiError(403, 50007, "Cannot send messages to this user")
    nonce = call.body.get("nonce")
    if nonce is not None and call.body.get("enforce_nonce"):
        first = world.with_nonce(nonce)
        if first is not None and first.deleted:
            raise errors.unknown_message()
        if first is not None:
            return ok(world.shown(first))
    need_for(world, channel, call.body, call.files)
    return ok(world.shown(make(world, channel, call.body, call.files)))


def need_for(world: World, channel: Channel, body: Json, files: list[Upload]) -> None:
    """Raises 50013 for embeds or files that the bot may not post."""
    if body.get("embeds"):
        world.need(channel, Permission.EMBED_LINKS)
    if files:
        world.need(channel, Permission.ATTACH_FILES)


def make(
    world: World,
    channel: Channel,
    body: Json,
    files: list[Upload],
    *,
    flags: int = 0,
    interaction: Interaction | None = None,
    key: int | None = None,
) -> Message:
    """A new message of the bot's; `flags` are put to the body's own. Raises where it would be empty or bad."""
    message = Message(key or world.ids.next(), channel, world.bot, world.clock.now(), interaction=interaction)
    message.flags = (body.get("flags") or 0) | flags
    message.nonce = body.get("nonce")
    message.reference = body.get("message_reference")
    change(world, message, body, files)
    if message.nonce is not None:
        world.nonces[str(message.nonce)] = message
    return world.put(message)


def change(world: World, message: Message, body: Json, files: list[Upload]) -> None:
    """Puts a body's content, embeds, components and files into a message; nothing is changed if it is refused."""
    content = (body["content"] or "") if "content" in body else message.content
    embeds: list[Json] = (body["embeds"] or []) if "embeds" in body else message.embeds
    components: list[Json] = (body["components"] or []) if "components" in body else message.components
    kept = _kept(message, body)
    attached = [*kept, *_attached(world.ids, body, files)]
    if not (content.strip() or embeds or components or attached or message.loading or body.get("poll")):
        raise ApiError(400, 50006, "Cannot send an empty message")
    problems = _files_wrong(attached, files) + _pictures_missing(embeds, attached)
    if problems:
        raise InvalidBodyError(problems)
    message.content, message.embeds = content, embeds
    message.components = numbered(components, itertools.count(1))
    message.attachments = attached
    for attachment in attached[len(kept) :]:
        world.files[attachment.id] = attachment
    message.pings = world.pings(message.channel, content, body.get("allowed_mentions"))


def numbered(components: list[Json], numbers: Iterator[int]) -> list[Json]:
    """Components with the ids that Discord gives to those that have none."""
    given = []
    for component in components:
        one: Json = {"id": next(numbers)} | component
        if "components" in one:
            one["components"] = numbered(one["components"], numbers)
        if "accessory" in one:
            (one["accessory"],) = numbered([one["accessory"]], numbers)
        given.append(one)
    return given


def _kept(message: Message, body: Json) -> list[Attachment]:
    if body.get("attachments") is None:
        return list(message.attachments) if "attachments" not in body else []
    ids = {str(entry["id"]) for entry in body["attachments"]}
    return [attachment for attachment in message.attachments if str(attachment.id) in ids]


def _attached(ids: Snowflakes, body: Json, files: list[Upload]) -> list[Attachment]:
    described = {str(entry["id"]): entry for entry in body.get("attachments") or ()}
    attached = []
    for file in files:
        entry = described.get(str(file.index), {})
        name = _FREE_TEXT.sub("_", entry.get("filename") or file.filename)
        attached.append(Attachment(ids.next(), name, file.data, file.content_type, entry.get("description")))
    return attached


def _files_wrong(attached: list[Attachment], files: list[Upload]) -> list[Problem]:
    if sum(len(file.data) for file in files) > limits.FILE_BYTES:
        raise ApiError(413, 40005, "Request entity too large")
    problems = []
    if len(attached) > limits.FILES:
        problems.append(Problem(("attachments",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."))
    problems.extend(
        Problem(("files", index), "BASE_TYPE_REQUIRED", "The file is empty")
        for index, attachment in enumerate(attached)
        if not attachment.data
    )
    return problems


def _pictures_missing(embeds: list[Json], attached: list[Attachment]) -> list[Problem]:
    names = {f"attachment://{attachment.filename}" for attachment in attached}
    return [
        Problem(("embeds", index, part, "url"), "ATTACHMENT_NOT_FOUND", "No such file is attached")
        for index, embed in enumerate(embeds)
        for part in ("image", "thumbnail")
        if str((embed.get(part) or {}).get("url", "")).startswith("attachment://")
        and embed[part]["url"] not in names
    ]


def history(call: Call) -> Answer:
    """GET /channels/{channel_id}/messages: the newest first; nothing without Read Message History."""
    world = call.world
    channel = world.channel(call.params["channel_id"])
    if not world.may(channel) & Permission.READ_MESSAGE_HISTORY:
        return ok([])
    query = {key: int(value) for key, value in call.query.items() if value.isdecimal()}
    most = query.get("limit", 50)
    if not 1 <= most <= 100:
        raise InvalidBodyError([Problem(("limit",), "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")])
    messages = sorted(channel.messages.values(), key=lambda message: message.id)
    if "around" in query:
        pivot = query["around"]
        before = [message for message in messages if message.id < pivot][-(most // 2) :] if most > 1 else []
        chosen = before + [message for message in messages if message.id >= pivot][: most - len(before)]
    elif "after" in query:
        chosen = [message for message in messages if message.id > query["after"]][:most]
    else:
        chosen = [message for message in messages if message.id < query.get("before", 1 << 63)][-most:]
    return ok([world.shown(message) for message in reversed(chosen)])


def read(call: Call) -> Answer:
    """GET /channels/{channel_id}/messages/{message_id}."""
    world = call.world
    channel = world.channel(call.params["channel_id"])
    world.need(channel, Permission.READ_MESSAGE_HISTORY)
    return ok(world.shown(world.message(channel, call.params["message_id"])))


def edit(call: Call) -> Answer:
    """PATCH /channels/{channel_id}/messages/{message_id}."""
    world = call.world
    channel = world.channel(call.params["channel_id"])
    message = world.message(channel, call.params["message_id"])
    if message.author is not world.bot:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    if channel.archived:
        raise ApiError(400, 50083, "Thread is archived")
    now = world.clock.now()
    if now - message.created > OLD:
        text = "Maximum number of edits to messages older than 1 hour reached. Try again later"
        world.rates.take_sub("old edits", channel.id, world.rates.old_edits, now.timestamp(), 30046, text)
    change(world, message, call.body, call.files)
    touched(world, message)
    return ok(world.shown(message))


def touched(world: World, message: Message) -> None:
    """Notes that a message was edited."""
    message.edited = world.clock.now()
    message.edits += 1


def delete(call: Call) -> Answer:
    """DELETE /channels/{channel_id}/messages/{message_id}."""
    world = call.world
    channel = world.channel(call.params["channel_id"])
    message = world.message(channel, call.params["message_id"])
    if message.author is not world.bot:
        world.need(channel, Permission.MANAGE_MESSAGES)
    world.remove(message)
    return EMPTY


def publish(call: Call) -> Answer:
    """POST /channels/{channel_id}/messages/{message_id}/crosspost."""
    world = call.world
    channel = world.channel(call.params["channel_id"])
    message = world.message(channel, call.params["message_id"])
    if channel.kind is not Kind.NEWS:
        raise errors.not_on_this_channel()
    world.need(channel, Permission.SEND_MESSAGES)
    if message.published:
        raise ApiError(400, 40033, "This message has already been crossposted")
    now = world.clock.now().timestamp()
    text = "The resource is being rate limited."
    world.rates.take_sub("crossposts", channel.id, world.rates.crossposts, now, 0, text)
    message.flags |= CROSSPOSTED
    return ok(world.shown(message))
