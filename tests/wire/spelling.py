"""How a slash command that a user types is spelled to the bot, with the checks that Discord's client makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from . import payloads
from .permissions import Permission
from .state import Attachment, Channel, Json, Kind, Member, Role, User
from .world import World

Value = str | int | float | bool | User | Channel | Role | Attachment

_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER, _ATTACHMENT = range(3, 12)
_PYTHON: Final[Mapping[int, tuple[type, ...]]] = {
    _STRING: (str,),
    _INTEGER: (int,),
    _BOOLEAN: (bool,),
    _USER: (User,),
    _CHANNEL: (Channel,),
    _ROLE: (Role,),
    _MENTIONABLE: (User, Role),
    _NUMBER: (int, float),
    _ATTACHMENT: (Attachment,),
}


class ImpossibleError(Exception):
    """Discord's client wouldn't let the user do this."""


@dataclass(slots=True)
class Resolved:
    """Users, channels, roles and files that an interaction names, as it carries them."""

    world: World
    channel: Channel
    parts: dict[str, dict[str, Json]] = field(default_factory=dict)

    def name(self, value: User | Channel | Role | Attachment) -> str:
        """Puts it among the parts; returns its id as it is named."""
        key = str(value.id)
        match value:
            case User():
                self._put("users", key, payloads.user(value))
                guild = self.channel.guild
                if guild is not None and value.id in guild.members:
                    member = payloads.member(guild, guild.members[value.id], with_user=False)
                    rights = {"permissions": str(int(self.world.may(self.channel, value)))}
                    self._put("members", key, member | rights)
            case Channel():
                rights = {"permissions": str(int(self.world.may(value)))}
                self._put("channels", key, payloads.channel(value) | rights)
            case Role():
                self._put("roles", key, payloads.role(value))
            case Attachment():
                self._put("attachments", key, payloads.attachment(value, self.world.base) | {"ephemeral": True})
        return key

    def _put(self, kind: str, key: str, payload: Json) -> None:
        self.parts.setdefault(kind, {})[key] = payload


def command_data(
    world: World,
    user: User,
    channel: Channel,
    name: str,
    options: Mapping[str, Value],
    *,
    focused: str | None = None,
    checked: bool = True,
) -> Json:
    """The data of a command's interaction. Raises ImpossibleError unless it is not `checked`."""
    words = name.removeprefix("/").split()
    command = _registered(world, channel, words[0])
    if checked:
        _allowed(world, user, channel, command)
    path = [command]
    for word in words[1:]:
        inside = next((one for one in path[-1]["options"] if one["name"] == word and one["type"] in (1, 2)), None)
        if inside is None:
            raise ImpossibleError(f"/{words[0]} has no sub-command {word!r}")
        path.append({"options": [], **inside})
    defined = {option["name"]: option for option in path[-1]["options"]}
    if any(option["type"] in (1, 2) for option in defined.values()):
        raise ImpossibleError(f"/{name} can't be used itself; it has the sub-commands {sorted(defined)}")
    if unknown := options.keys() - defined.keys():
        raise ImpossibleError(f"/{name} has no option {sorted(unknown)}; it has {sorted(defined)}")
    if checked and focused is None:
        for option in defined.values():
            if option.get("required") and option["name"] not in options:
                raise ImpossibleError(f"/{name} needs the option {option['name']!r}")
    resolved = Resolved(world, channel)
    given: list[Json] = []
    for key, value in options.items():
        if checked and key != focused:
            _fits(defined[key], value)
        written = resolved.name(value) if isinstance(value, (User, Channel, Role, Attachment)) else value
        given.append({"name": key, "type": defined[key]["type"], "value": written})
        if key == focused:
            given[-1]["focused"] = True
    for part in reversed(path[1:]):
        given = [{"name": part["name"], "type": part["type"], "options": given}]
    data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": given}
    if resolved.parts:
        data["resolved"] = resolved.parts
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data


def _registered(world: World, channel: Channel, name: str) -> Json:
    scopes: list[int | None] = [channel.guild.id] if channel.guild is not None else []
    for scope in [*scopes, None]:
        for command in world.commands.get(scope, []):
            if command["name"] == name and command["type"] == 1:
                return command
    raise ImpossibleError(f"no command /{name} is registered")


def _allowed(world: World, user: User, channel: Channel, command: Json) -> None:
    if channel.guild is None:
        contexts = command.get("contexts")
        if (contexts is not None and 1 not in contexts) or command.get("dm_permission") is False:
            raise ImpossibleError(f"/{command['name']} is not offered in direct messages")
        return
    rights = world.may(channel, user)
    needed = int(command.get("default_member_permissions") or 0)
    if rights & needed != needed or not rights & Permission.USE_APPLICATION_COMMANDS:
        raise ImpossibleError(f"{user.name} isn't offered /{command['name']}")
    if command.get("default_member_permissions") == "0" and not rights & Permission.ADMINISTRATOR:
        raise ImpossibleError(f"{user.name} isn't offered /{command['name']}")


def _fits(option: Json, value: Value) -> None:
    name, kind = option["name"], option["type"]
    wrong_kind = not isinstance(value, _PYTHON[kind]) or (kind in (_INTEGER, _NUMBER) and isinstance(value, bool))
    if wrong_kind:
        raise ImpossibleError(f"the option {name!r} takes {_PYTHON[kind]}, not {value!r}")
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        offered = [choice["value"] for choice in choices]
        raise ImpossibleError(f"the option {name!r} offers {offered}, not {value!r}")
    size: Any = len(value) if isinstance(value, str) else value if isinstance(value, (int, float)) else None
    bounds = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    least, most = (option.get(bound) for bound in bounds)
    if size is not None and ((least is not None and size < least) or (most is not None and size > most)):
        raise ImpossibleError(f"the option {name!r} takes {least} to {most}, not {value!r}")
    if isinstance(value, Channel) and option.get("channel_types") and value.kind not in option["channel_types"]:
        kinds = [Kind(number).name for number in option["channel_types"]]
        raise ImpossibleError(f"the option {name!r} takes channels of the kinds {kinds}")


def modal_data(modal: Json, values: Mapping[str, str | list[str]]) -> Json:
    """The data of a modal that is sent off with these values by custom_id; the rest as it was filled in."""
    left = dict(values)
    components = [_filled(part, left) for part in modal["components"]]
    if left:
        raise ImpossibleError(f"the modal has no parts {sorted(left)}")
    return {"custom_id": modal["custom_id"], "components": components}


def _filled(part: Json, values: dict[str, str | list[str]]) -> Json:
    filled: Json = {"type": part["type"]}
    if "component" in part:
        filled["component"] = _filled(part["component"], values)
    elif "components" in part:
        filled["components"] = [_filled(one, values) for one in part["components"]]
    elif "custom_id" in part:
        key = part["custom_id"]
        value = values.pop(key, part.get("value") or "")
        filled["custom_id"] = key
        filled["value" if isinstance(value, str) else "values"] = value
        least, most = part.get("min_length") or 0, part.get("max_length") or 4_000
        if part.get("required", True) and not value:
            raise ImpossibleError(f"{key!r} must be filled in")
        if isinstance(value, str) and value and not least <= len(value) <= most:
            raise ImpossibleError(f"{key!r} takes {least} to {most} characters")
    return filled


def member_of(channel: Channel, user: User) -> None:
    """Makes somebody who acts in a guild a member of it."""
    if channel.guild is not None:
        channel.guild.members.setdefault(user.id, Member(user))
