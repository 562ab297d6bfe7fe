"""A composed message as discord.py takes it.

`arguments` and `changes` spell a Message for discord.py's `send…` and `edit…`. Their views are stopped, so that
discord.py's view store keeps nothing: clicks are answered from what stands in their custom_ids.
"""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import ui

from bot.posts.message import Button, Embed, Form, Menu, Message, RoleMenu


def arguments(message: Message) -> dict[str, Any]:
    """A message as keyword arguments for discord.py's `send` and `send_message`; needs a running event loop."""
    given: dict[str, Any] = {"allowed_mentions": _mentions(message)}
    if message.content is not None:
        given["content"] = message.content
    if message.embeds:
        given["embeds"] = [_embed(embed) for embed in message.embeds]
    if message.files:
        given["files"] = _files(message)
    if message.rows:
        given["view"] = _view(message)
    return given


def changes(message: Message) -> dict[str, Any]:
    """A message as keyword arguments for discord.py's `edit_message`: all of the old one is replaced."""
    return {
        "content": message.content,
        "embeds": [_embed(embed) for embed in message.embeds],
        "attachments": _files(message),
        "view": _view(message) if message.rows else None,
        "allowed_mentions": _mentions(message),
    }


def modal(form: Form) -> ui.Modal:
    """A form for discord.py's `send_modal`; what is sent off is answered from its custom_id, as clicks are."""
    made = ui.Modal(title=form.title, custom_id=form.custom_id, timeout=None)
    for line in form.inputs:
        field = ui.TextInput[ui.Modal](
            custom_id=line.custom_id, default=line.value, max_length=line.most, required=line.required
        )
        made.add_item(ui.Label(text=line.label, component=field))
    made.stop()
    return made


def _embed(embed: Embed) -> discord.Embed:
    made = discord.Embed(title=embed.title, description=embed.description, url=embed.url, colour=embed.colour)
    if embed.author is not None:
        made.set_author(name=embed.author)
    if embed.footer is not None:
        made.set_footer(text=embed.footer)
    if embed.thumbnail is not None:
        made.set_thumbnail(url=f"attachment://{embed.thumbnail}")
    if embed.image is not None:
        made.set_image(url=f"attachment://{embed.image}")
    for field in embed.fields:
        made.add_field(name=field.name, value=field.value, inline=field.inline)
    return made


def _files(message: Message) -> list[discord.File]:
    return [discord.File(io.BytesIO(f.data), filename=f.name, description=f.alt) for f in message.files]


def _view(message: Message) -> ui.View:
    view = ui.View(timeout=None)
    for number, row in enumerate(message.rows):
        if isinstance(row, Menu):
            view.add_item(_select(row, number))
        elif isinstance(row, RoleMenu):
            view.add_item(_role_select(row, number))
        else:
            for button in row:
                view.add_item(_button(button, number))
    view.stop()
    return view


def _button(button: Button, row: int) -> ui.Button[ui.View]:
    if button.url is not None:
        return ui.Button(label=button.label, url=button.url, emoji=button.emoji, disabled=button.disabled, row=row)
    return ui.Button(
        label=button.label,
        custom_id=button.custom_id,
        style=discord.ButtonStyle(int(button.style)),
        emoji=button.emoji,
        disabled=button.disabled,
        row=row,
    )


def _select(menu: Menu, row: int) -> ui.Select[ui.View]:
    return ui.Select(
        custom_id=menu.custom_id,
        placeholder=menu.placeholder,
        options=[
            discord.SelectOption(
                label=option.label,
                value=option.value,
                description=option.description,
                emoji=option.emoji,
                default=option.default,
            )
            for option in menu.options
        ],
        disabled=menu.disabled,
        min_values=menu.least,
        max_values=menu.most,
        row=row,
    )


def _role_select(menu: RoleMenu, row: int) -> ui.RoleSelect[ui.View]:
    chosen = [discord.Object(menu.chosen, type=discord.Role)] if menu.chosen is not None else []
    return ui.RoleSelect(
        custom_id=menu.custom_id,
        placeholder=menu.placeholder,
        min_values=0,
        max_values=1,
        default_values=chosen,
        row=row,
    )


def _mentions(message: Message) -> discord.AllowedMentions:
    roles = [discord.Object(role) for role in message.role_mentions]
    return discord.AllowedMentions(everyone=False, users=False, roles=roles or False, replied_user=False)
