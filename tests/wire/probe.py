"""A small bot for the tests of the local Discord itself: a handful of commands, one button, nothing of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord import app_commands

Heard = discord.Interaction["Probe"]


class Probe(discord.AutoShardedClient):
    """Unmodified discord.py with guilds only, quick to be ready."""

    def __init__(self, **options: Any) -> None:
        """Options go to discord.py."""
        super().__init__(
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.1,
            **options,
        )
        self.tree = app_commands.CommandTree(self)
        self.events: list[str] = []
        self.go = asyncio.Event()
        self.errors: list[discord.HTTPException] = []
        self.modal: dict[str, str] = {}
        _register(self)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Doesn't wait the five seconds between shards."""

    async def setup_hook(self) -> None:
        """Registers the commands."""
        await self.tree.sync()

    async def on_interaction(self, interaction: Heard) -> None:
        """Answers buttons and menus by their custom_id."""
        if interaction.type is not discord.InteractionType.component or interaction.data is None:
            return
        custom_id = str(interaction.data.get("custom_id"))
        values = interaction.data.get("values")
        try:
            if custom_id == "private":
                await interaction.response.send_message("only you", ephemeral=True, view=buttons("edit"))
            elif custom_id == "hold":
                await self.go.wait()
                await interaction.response.edit_message(content="at last")
            elif custom_id == "twice":
                await interaction.response.defer()
                await self.http.request(_callback(interaction), json={"type": 6})
            else:
                await interaction.response.edit_message(content=f"{custom_id} {values or ''}".strip())
        except discord.HTTPException as error:
            self.errors.append(error)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Notes it."""
        self.events.append(f"join {guild.id}")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Notes it."""
        self.events.append(f"remove {guild.id}")

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        """Notes it."""
        self.events.append(f"unavailable {guild.id}")

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Notes it."""
        self.events.append(f"delete {channel.id}")

    async def on_resumed(self) -> None:
        """Notes it."""
        self.events.append("resumed")

    def text(self, channel_id: int) -> discord.TextChannel:
        """A text channel from discord.py's own cache."""
        channel = self.get_channel(channel_id)
        assert isinstance(channel, discord.TextChannel)
        return channel


def _callback(interaction: Heard) -> Any:
    path = "/interactions/{webhook_id}/{webhook_token}/callback"
    return discord.http.Route("POST", path, webhook_id=interaction.id, webhook_token=interaction.token)


def buttons(*ids: str) -> discord.ui.View:
    """A view with a button for each custom_id."""
    view = discord.ui.View(timeout=None)
    for custom_id in ids:
        view.add_item(discord.ui.Button(custom_id=custom_id, label=custom_id.title()))
    return view


class Question(discord.ui.Modal, title="Why?"):
    """A modal with one text."""

    reason: discord.ui.TextInput[Question] = discord.ui.TextInput(
        label="Reason", custom_id="reason", max_length=20
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Says it back."""
        await interaction.response.send_message(f"because {self.reason.value}", ephemeral=True)


def _register(probe: Probe) -> None:
    tree = probe.tree
    admin = app_commands.Group(
        name="admin",
        description="For admins",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )
    tree.add_command(admin)

    @tree.command(description="Says hello in private")
    async def hello(interaction: Heard) -> None:
        await interaction.response.send_message(f"hello in {interaction.locale.value}", ephemeral=True)

    @tree.command(description="Thinks first")
    async def think(interaction: Heard) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content="thought")
        await interaction.followup.send("and more", ephemeral=True)

    @tree.command(description="Answers when it is let go")
    async def late(interaction: Heard) -> None:
        await probe.go.wait()
        try:
            await interaction.response.send_message("late")
        except discord.HTTPException as error:
            probe.errors.append(error)

    @tree.command(description="Edits its answer when it is let go")
    async def edit(interaction: Heard) -> None:
        await interaction.response.send_message("first")
        await probe.go.wait()
        try:
            await interaction.edit_original_response(content="second")
        except discord.HTTPException as error:
            probe.errors.append(error)

    @tree.command(description="Opens a modal")
    async def ask(interaction: Heard) -> None:
        await interaction.response.send_modal(Question())

    @tree.command(description="Reads a file")
    async def read(interaction: Heard, file: discord.Attachment) -> None:
        data = await file.read()
        await interaction.response.send_message(f"{file.filename}: {len(data)} bytes", ephemeral=True)

    @admin.command(description="Chooses")
    @app_commands.choices(
        size=[app_commands.Choice(name="Small", value=1), app_commands.Choice(name="Big", value=2)]
    )
    async def choose(
        interaction: Heard, series: str, size: int, where: discord.TextChannel, who: discord.Role | None = None
    ) -> None:
        allowed = interaction.permissions.manage_guild and interaction.app_permissions.send_messages
        text = f"{series} {size} {where.name} {who.name if who else '-'} {allowed}"
        await interaction.response.send_message(text, ephemeral=True)

    @choose.autocomplete("series")
    async def _series(_interaction: Heard, current: str) -> list[app_commands.Choice[str]]:
        known = ("deep-dive", "round-up")
        return [app_commands.Choice(name=name, value=name) for name in known if current in name]
