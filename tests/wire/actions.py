"""What people do: use a command, press a button, pick from a menu, fill in a modal. Each gives a Reply."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence

from . import payloads
from .scene import Scene
from .spelling import ImpossibleError, Resolved, Value, command_data, member_of, modal_data
from .state import Channel, Deed, Interaction, Json, Message, Response, Role, User

_BUTTON, _STRING_SELECT, _LINK = 2, 3, 5


class Reply:
    """What came of something that a user did. It shows how things stand now, later edits included."""

    def __init__(self, interaction: Interaction) -> None:
        """Of this interaction."""
        self.interaction = interaction

    def __repr__(self) -> str:
        """For a failed test."""
        return f"<Reply {self.response!r} refusals={self.interaction.refusals} text={self.text!r}>"

    @property
    def response(self) -> Response | None:
        """The kind of first response; None if none came in time ("The application did not respond")."""
        return self.interaction.response

    @property
    def failed(self) -> bool:
        """Whether there was no response."""
        return self.interaction.response is None

    @property
    def seconds(self) -> float:
        """How long the first response took."""
        answered = self.interaction.answered_at
        return float("inf") if answered is None else answered - self.interaction.sent_at

    @property
    def message(self) -> Message:
        """The message of the response, or the one that it edited. Raises LookupError if there is none."""
        if self.interaction.original is None:
            raise LookupError(f"there is no message in {self!r}")
        return self.interaction.original

    @property
    def text(self) -> str:
        """Everything that can be read in the message; empty if there is none."""
        return self.interaction.original.text if self.interaction.original is not None else ""

    @property
    def ephemeral(self) -> bool:
        """Whether only the user sees the message."""
        return self.message.ephemeral

    @property
    def followups(self) -> list[Message]:
        """Further messages to the same interaction."""
        return self.interaction.followups

    @property
    def choices(self) -> list[Json]:
        """What an autocomplete suggested."""
        return self.interaction.choices or []

    @property
    def modal(self) -> Json:
        """The modal that was opened. Raises LookupError if none was."""
        if self.interaction.modal is None:
            raise LookupError(f"there is no modal in {self!r}")
        return self.interaction.modal


class Actions(Scene):
    """The people in the scene act."""

    patience: float = 3.0
    """Real seconds that people wait for a first response."""

    async def command(self, user: User, channel: Channel, name: str, /, **options: Value) -> Reply:
        """Uses a slash command, sub-command included in the name. Raises ImpossibleError if it isn't offered."""
        data = command_data(self.world, user, channel, name, options)
        return await self._act(Deed.COMMAND, user, channel, data)

    async def forge_command(self, user: User, channel: Channel, name: str, /, **options: Value) -> Reply:
        """Sends a registered command as no client would: without the permission, with values out of bounds."""
        data = command_data(self.world, user, channel, name, options, checked=False)
        return await self._act(Deed.COMMAND, user, channel, data)

    async def autocomplete(
        self, user: User, channel: Channel, name: str, option: str, typed: str, /, **options: Value
    ) -> list[Json]:
        """Types into an option; the suggestions, each with name and value."""
        given: dict[str, Value] = {**options, option: typed}
        data = command_data(self.world, user, channel, name, given, focused=option)
        return (await self._act(Deed.AUTOCOMPLETE, user, channel, data)).choices

    async def click(self, user: User, target: Message | Reply, control: str) -> Reply:
        """Presses the button with this custom_id or label."""
        message = _message(target)
        button = _usable(message, user, control)
        if button["type"] != _BUTTON or button["style"] == _LINK:
            raise ImpossibleError(f"{control!r} is not a button that the bot hears of")
        data = {"id": button["id"], "custom_id": button["custom_id"], "component_type": _BUTTON}
        return await self._act(Deed.COMPONENT, user, message.channel, data, message)

    async def select(
        self, user: User, target: Message | Reply, control: str, values: Sequence[str | User | Role | Channel]
    ) -> Reply:
        """Picks from the menu with this custom_id or placeholder, by the options' values or labels."""
        message = _message(target)
        menu = _usable(message, user, control)
        least, most = menu.get("min_values", 1), menu.get("max_values", 1)
        if not least <= len(values) <= most:
            raise ImpossibleError(f"{control!r} takes {least} to {most} picks")
        resolved = Resolved(self.world, message.channel)
        picked = [value if isinstance(value, str) else resolved.name(value) for value in values]
        if menu["type"] == _STRING_SELECT:
            offered = {option["label"]: option["value"] for option in menu["options"]}
            picked = [offered.get(value, value) for value in picked]
            if not set(picked) <= set(offered.values()):
                raise ImpossibleError(f"{control!r} offers {offered}")
        data = {"id": menu["id"], "custom_id": menu["custom_id"], "component_type": menu["type"], "values": picked}
        return await self._act(Deed.COMPONENT, user, message.channel, data | {"resolved": resolved.parts}, message)

    async def forge_click(
        self, user: User, target: Message | Reply, custom_id: str, values: Sequence[str] | None = None
    ) -> Reply:
        """Sends a click as no client would: any custom_id, on any message; with `values` a menu's."""
        message = _message(target)
        data: Json = {"custom_id": custom_id, "component_type": _BUTTON if values is None else _STRING_SELECT}
        if values is not None:
            data["values"] = list(values)
        return await self._act(Deed.COMPONENT, user, message.channel, data, message)

    async def submit(self, user: User, opened: Reply, values: Mapping[str, str | list[str]]) -> Reply:
        """Sends off the modal that a reply opened, with values by custom_id."""
        before = opened.interaction
        data = modal_data(opened.modal, values)
        return await self._act(Deed.MODAL, user, before.channel, data, before.source, before)

    async def forge_form(self, user: User, channel: Channel, custom_id: str, source: Message | None) -> Reply:
        """Sends off a form, empty, as no client would: one that the bot never opened, on any message or none."""
        return await self._act(Deed.MODAL, user, channel, {"custom_id": custom_id, "components": []}, source)

    async def _act(
        self,
        deed: Deed,
        user: User,
        channel: Channel,
        data: Json,
        source: Message | None = None,
        opener: Interaction | None = None,
    ) -> Reply:
        member_of(channel, user)
        interaction = self.world.begin(deed, user, channel, source)
        interaction.opener = opener
        payload = payloads.interaction(interaction, data, self.world.bot, self.world.base)
        guild = channel.guild

        def going_out() -> Json:
            interaction.sent_at = time.monotonic()
            return payload

        self.gateway.emit("INTERACTION_CREATE", going_out, None if guild is None else guild.id)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(interaction.done.wait(), self.patience)
        return Reply(interaction)

    async def until(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Waits until something holds. Raises TimeoutError if it doesn't in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"it didn't come about within {seconds} s")
            await asyncio.sleep(0.01)

    async def settled(self, reply: Reply, seconds: float = 10.0) -> Reply:
        """Waits until a deferred reply is filled in or deleted."""
        await self.until(lambda: not reply.message.loading or reply.message.deleted, seconds)
        return reply


def _message(target: Message | Reply) -> Message:
    return target.message if isinstance(target, Reply) else target


def _usable(message: Message, user: User, control: str) -> Json:
    if message.deleted:
        raise ImpossibleError("the message is deleted")
    if message.ephemeral and message.interaction is not None and message.interaction.user is not user:
        raise ImpossibleError(f"{user.name} doesn't see this message")
    found = message.control(control)
    if found.get("disabled"):
        raise ImpossibleError(f"{control!r} is disabled")
    return found
