"""What the API does with interactions: the first response, the original message and the follow-ups."""

from __future__ import annotations

from . import errors, limits, limits_commands
from .errors import InvalidBodyError, Problem
from .messages import change, make, touched
from .routes import EMPTY, Answer, Call, ok
from .state import EPHEMERAL, LOADING, Deed, Interaction, Json, Message, Response
from .world import World

_EDITS = (Response.DEFERRED_UPDATE, Response.UPDATE)


def check(body: Json) -> list[Problem]:
    """What is wrong with a first response."""
    data: Json = body.get("data") or {}
    if body.get("type") == Response.CHOICES:
        return limits_commands.suggestions(data.get("choices") or [])
    if body.get("type") == Response.MODAL:
        return limits.modal(data, at=("data",))
    return limits.message(data, at=("data",))


def respond(call: Call) -> Answer:
    """POST /interactions/{interaction_id}/{interaction_token}/callback: within three seconds, once."""
    world, body = call.world, call.body
    interaction = world.unanswered(call.params["interaction_id"], call.params["interaction_token"])
    response = _fitting(interaction, body.get("type"))
    data: Json = body.get("data") or {}
    if response is Response.MESSAGE:
        interaction.original = make(world, interaction.channel, data, call.files, interaction=interaction)
    elif response is Response.DEFERRED:
        interaction.original = _thinking(world, interaction, data)
    elif response in _EDITS and interaction.source is not None:
        interaction.original = interaction.source
        if response is Response.UPDATE and not interaction.source.deleted:
            change(world, interaction.source, data, call.files)
            touched(world, interaction.source)
    elif response is Response.CHOICES:
        interaction.choices = data.get("choices") or []
    else:
        interaction.modal = data
    interaction.response = response
    interaction.answered_at = call.arrived
    interaction.done.set()
    return _told(world, interaction) if call.query.get("with_response") in ("1", "true") else EMPTY


def _fitting(interaction: Interaction, number: object) -> Response:
    """The kind of response, if it fits what was done."""
    if isinstance(number, int) and number in set(Response):
        response = Response(number)
        if interaction.deed is Deed.AUTOCOMPLETE:
            fits = response is Response.CHOICES
        elif response in _EDITS:
            fits = interaction.source is not None
        else:
            twice = response is Response.MODAL and interaction.deed is Deed.MODAL
            fits = response is not Response.CHOICES and not twice
        if fits:
            return response
    raise InvalidBodyError([Problem(("type",), "BASE_TYPE_CHOICES", "Not a response to this kind of interaction")])


def _thinking(world: World, interaction: Interaction, data: Json) -> Message:
    message = Message(world.ids.next(), interaction.channel, world.bot, world.clock.now(), interaction=interaction)
    message.flags = LOADING | ((data.get("flags") or 0) & EPHEMERAL)
    return world.put(message)


def _told(world: World, interaction: Interaction) -> Answer:
    message = interaction.original
    told: Json = {"id": str(interaction.id), "type": int(interaction.deed)}
    answer: Json = {"interaction": told}
    if message is not None:
        told["response_message_id"] = str(message.id)
        told["response_message_loading"] = message.loading
        told["response_message_ephemeral"] = message.ephemeral
        told["channel_id"] = str(message.channel.id)
        if interaction.response in (Response.MESSAGE, Response.UPDATE):
            answer["resource"] = {"type": int(interaction.response), "message": world.shown(message)}
    return ok(answer)


def follow_up(call: Call) -> Answer:
    """POST /webhooks/{webhook_id}/{webhook_token}; the first after a deferral becomes the original."""
    world = call.world
    interaction = world.answered(call.params["webhook_token"])
    original = interaction.original
    if original is not None and original.loading and not original.deleted:
        _settle(world, original, call)
        message = original
    else:
        message = make(world, interaction.channel, call.body, call.files, interaction=interaction)
        interaction.followups.append(message)
    return ok(world.shown(message)) if call.query.get("wait") in ("1", "true") else EMPTY


def read(call: Call) -> Answer:
    """GET of the original or a follow-up."""
    return ok(call.world.shown(_message(call)))


def edit(call: Call) -> Answer:
    """PATCH of the original or a follow-up."""
    message = _message(call)
    _settle(call.world, message, call)
    return ok(call.world.shown(message))


def _settle(world: World, message: Message, call: Call) -> None:
    change(world, message, call.body, call.files)
    if message.loading:
        message.flags &= ~LOADING
    else:
        touched(world, message)


def delete(call: Call) -> Answer:
    """DELETE of the original or a follow-up."""
    call.world.remove(_message(call))
    return EMPTY


def _message(call: Call) -> Message:
    interaction = call.world.answered(call.params["webhook_token"])
    key = call.params.get("message_id")
    if key is None:
        found = interaction.original
    else:
        theirs = [interaction.original, interaction.source, *interaction.followups]
        found = next((one for one in theirs if one is not None and str(one.id) == key), None)
    if found is None or found.deleted:
        raise errors.unknown_message()
    return found
