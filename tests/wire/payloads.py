"""The local Discord's objects as the API and the gateway spell them."""

from __future__ import annotations

from .clock import iso, made_at
from .permissions import permissions_in
from .state import HAS_THREAD, Attachment, Channel, Guild, Interaction, Json, Kind, Member, Message, Role, User

CDN = "/attachments"
REQUIRE_TAG = 1 << 4


def user(who: User) -> Json:
    """A user."""
    return {
        "id": str(who.id),
        "username": who.name,
        "global_name": who.display_name,
        "discriminator": "0",
        "avatar": None,
        "bot": who.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def member(guild: Guild, who: Member, *, with_user: bool = True) -> Json:
    """A member of a guild."""
    payload: Json = {
        "roles": [str(role) for role in sorted(who.roles)],
        "nick": who.nick,
        "avatar": None,
        "banner": None,
        "joined_at": iso(made_at(guild.id)),
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if with_user:
        payload["user"] = user(who.user)
    return payload


def role(what: Role) -> Json:
    """A role."""
    return {
        "id": str(what.id),
        "name": what.name,
        "description": None,
        "permissions": str(int(what.permissions)),
        "position": what.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": what.managed,
        "mentionable": what.mentionable,
        "flags": 0,
    }


def channel(what: Channel) -> Json:
    """A channel of any kind."""
    payload: Json = {"id": str(what.id), "type": int(what.kind), "last_message_id": _last(what)}
    payload["flags"] = REQUIRE_TAG if what.needs_tag else 0
    if what.kind is Kind.DM:
        payload["recipients"] = [user(what.recipient)] if what.recipient is not None else []
        return payload
    payload["name"] = what.name
    payload["guild_id"] = str(what.guild.id) if what.guild is not None else None
    payload["parent_id"] = str(what.parent.id) if what.parent is not None else None
    payload["rate_limit_per_user"] = 0
    if what.is_thread:
        return payload | _thread(what)
    payload["position"] = what.position
    payload["nsfw"] = False
    payload["permission_overwrites"] = [
        {
            "id": str(target),
            "type": 0 if what.guild is not None and target in what.guild.roles else 1,
            "allow": str(int(overwrite.allow)),
            "deny": str(int(overwrite.deny)),
        }
        for target, overwrite in what.overwrites.items()
    ]
    if what.kind is Kind.VOICE:
        payload |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    else:
        payload["topic"] = None
    if what.kind in (Kind.FORUM, Kind.MEDIA):
        payload |= {
            "available_tags": what.tags,
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return payload


def _last(what: Channel) -> str | None:
    return str(next(reversed(what.messages))) if what.messages else None


def _thread(what: Channel) -> Json:
    made = iso(made_at(what.id))
    return {
        "owner_id": str(what.owner_id),
        "message_count": len(what.messages),
        "total_message_sent": len(what.messages),
        "member_count": 1,
        "applied_tags": [str(tag) for tag in what.applied_tags],
        "thread_metadata": {
            "archived": what.archived,
            "locked": what.locked,
            "auto_archive_duration": what.auto_archive,
            "archive_timestamp": made if what.archived_at is None else iso(what.archived_at),
            "create_timestamp": made,
        },
    }


def guild(what: Guild) -> Json:
    """A guild without its channels and members, as GET answers."""
    return {
        "id": str(what.id),
        "name": what.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "owner_id": str(what.owner.id),
        "application_id": None,
        "region": "",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "roles": [role(one) for one in what.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "max_presences": None,
        "max_members": 500_000,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": what.locale,
        "nsfw": False,
        "nsfw_level": 0,
        "incidents_data": None,
    }


def guild_create(what: Guild, bot: User, *, new: bool) -> Json:
    """What the gateway sends of a guild; `new` if the bot has just joined it."""
    payload = guild(what) | {
        "joined_at": iso(made_at(what.id)),
        "large": False,
        "member_count": len(what.members) + 1,
        "members": [member(what, what.members[bot.id])],
        "channels": [channel(one) for one in what.channels.values()],
        "threads": [channel(one) for one in what.threads.values() if not one.archived],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
    if not new:
        payload["unavailable"] = False
    return payload


def attachment(what: Attachment, base: str) -> Json:
    """An uploaded file with the address it can be fetched from."""
    url = f"{base}{CDN}/{what.id}/{what.filename}"
    payload: Json = {
        "id": str(what.id),
        "filename": what.filename,
        "size": len(what.data),
        "url": url,
        "proxy_url": url,
        "content_type": what.content_type,
        "flags": 0,
    }
    if what.description is not None:
        payload["description"] = what.description
    return payload


def message(what: Message, base: str) -> Json:
    """A message; pictures that name an attachment get its address."""
    files = [attachment(one, base) for one in what.attachments]
    addresses = {f"attachment://{one['filename']}": one["url"] for one in files}
    flags = what.flags | (HAS_THREAD if what.thread is not None else 0)
    payload: Json = {
        "id": str(what.id),
        "type": 20 if what.interaction is not None and what.interaction.deed == 2 else 0,
        "channel_id": str(what.channel.id),
        "author": user(what.author),
        "content": what.content,
        "embeds": [_embed(embed, addresses) for embed in what.embeds],
        "components": what.components,
        "attachments": files,
        "mentions": [],
        "mention_roles": [one[3:-1] for one in what.pings if one.startswith("<@&")],
        "mention_everyone": "@everyone" in what.pings,
        "pinned": False,
        "tts": False,
        "timestamp": iso(what.created),
        "edited_timestamp": iso(what.edited),
        "flags": flags,
    }
    if what.nonce is not None:
        payload["nonce"] = what.nonce
    if what.reference is not None:
        payload["message_reference"] = what.reference
    if what.thread is not None:
        payload["thread"] = channel(what.thread)
    if what.interaction is not None:
        payload["application_id"] = payload["webhook_id"] = str(what.author.id)
        payload["interaction_metadata"] = _metadata(what.interaction)
    return payload


def _metadata(what: Interaction) -> Json:
    guild = what.channel.guild
    payload: Json = {
        "id": str(what.id),
        "type": int(what.deed),
        "user": user(what.user),
        "authorizing_integration_owners": {"0": "0" if guild is None else str(guild.id)},
    }
    if what.opener is not None:
        payload["triggering_interaction_metadata"] = _metadata(what.opener)
    elif what.source is not None:
        payload["interacted_message_id"] = str(what.source.id)
    return payload


def _embed(embed: Json, addresses: dict[str, str]) -> Json:
    given = {"type": "rich", **embed}
    for part in ("image", "thumbnail"):
        picture = given.get(part)
        if picture:
            url = addresses.get(picture["url"], picture["url"])
            given[part] = picture | {"url": url, "proxy_url": url, "width": 0, "height": 0}
    if "fields" in given:
        given["fields"] = [{"inline": False, **part} for part in given["fields"]]
    return given


def application(bot: User, owner: User, guilds: int) -> Json:
    """The bot's application, as it sees itself."""
    return {
        "id": str(bot.id),
        "name": bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "flags_new": "0",
        "type": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "bot": user(bot),
        "owner": user(owner),
        "team": None,
        "verify_key": "0" * 64,
        "flags": 0,
        "hook": True,
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "integration_types_config": {"0": {}},
    }


def interaction(what: Interaction, data: Json, bot: User, base: str) -> Json:
    """What INTERACTION_CREATE carries."""
    place = what.channel
    where = place.guild
    payload: Json = {
        "id": str(what.id),
        "application_id": str(bot.id),
        "type": int(what.deed),
        "token": what.token,
        "version": 1,
        "data": data,
        "locale": what.user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "attachment_size_limit": 10 * 1024 * 1024,
        "channel_id": str(place.id),
        "context": 1 if where is None else 0,
    }
    if what.source is not None:
        payload["message"] = message(what.source, base)
    if where is None:
        payload["user"] = user(what.user)
        payload["channel"] = channel(place)
        payload["app_permissions"] = str(0)
        payload["authorizing_integration_owners"] = {"0": "0"}
        return payload
    who = where.members.get(what.user.id) or Member(what.user)
    rights = permissions_in(where, who.user.id, who.roles, place)
    payload["guild_id"] = str(where.id)
    payload["guild"] = {"id": str(where.id), "locale": where.locale, "features": []}
    payload["guild_locale"] = where.locale
    payload["member"] = member(where, who) | {"permissions": str(int(rights))}
    payload["channel"] = channel(place) | {"permissions": str(int(rights))}
    payload["app_permissions"] = str(int(permissions_in(where, bot.id, where.members[bot.id].roles, place)))
    payload["authorizing_integration_owners"] = {"0": str(where.id)}
    return payload
