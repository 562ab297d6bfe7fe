"""The discord.py client: wires the rooms together and holds nothing that a restart would miss.

`setup_hook` starts no background work; whoever runs the client calls `start_background()` once it is ready.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from functools import partial
from typing import Any

import discord
import yarl
from discord import app_commands

from bot import commands, endpoints, logs
from bot.arrivals import Arrivals
from bot.backups import Backups
from bot.clock import Clock
from bot.commands import errors, sync
from bot.commands.services import Services, recall_language
from bot.commands.translation import Translator
from bot.database import Store
from bot.delivery import channels, results, weekly
from bot.delivery.counting import CountLine
from bot.delivery.courier import Courier
from bot.delivery.ticker import Ticker
from bot.health.metrics import Metrics
from bot.leaderboard import standings
from bot.library.desk import Desk
from bot.library.watching import Watcher
from bot.notices import Notices
from bot.outgoing import DiscordTransport, Pace
from bot.privacy import servers
from bot.settings import Settings
from bot.turns import Turns

log = logging.getLogger(__name__)

_HEARD = {discord.InteractionType.component: "component", discord.InteractionType.modal_submit: "form"}
"""What is answered from its custom_id, and what it is called in the metrics."""
_ANSWERS = 5.0
"""Seconds that answers under way may still take at shutdown."""

Command = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu


class Tree(app_commands.CommandTree["PaperRound"]):
    """The slash commands, timed, their errors answered in one place."""

    async def interaction_check(self, interaction: discord.Interaction[PaperRound], /) -> bool:
        """Lets everything pass; from here on its task's log lines say where it came from."""
        self.client.metrics.arrived(interaction)
        self.client.answers()
        logs.mark(server=interaction.guild_id)
        if interaction.type is discord.InteractionType.application_command:
            await self.client.recall(interaction)
        return True

    async def on_error(
        self, interaction: discord.Interaction[PaperRound], error: app_commands.AppCommandError
    ) -> None:
        """See bot.commands.errors."""
        await errors.answer(interaction, error)
        self.client.metrics.handled(interaction, "command", errors.name_of(interaction))


class PaperRound(discord.AutoShardedClient):
    """The bot. It sees guilds only, keeps no members and no messages."""

    def __init__(self, *, settings: Settings, store: Store, clock: Clock) -> None:
        """`store` is open and stays its opener's to close."""
        self.metrics = Metrics()
        self._shards = shards = settings.discord.held
        self._pace = Pace(shards.part_of(settings.delivery.sends_per_second))
        trace = self.metrics.trace(clock)
        self._pace.keep(trace)
        super().__init__(
            http_trace=trace,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=60,
            shard_count=None if settings.discord.shards is None else shards.count,
        )
        self.shard_ids = None if shards.whole else list(shards.ids)
        endpoints.lead(self, settings.discord)
        self._store = store
        self._clock = clock
        self._drain_seconds = settings.delivery.drain_seconds
        self._turns = Turns(self, store)
        self._arrivals = Arrivals(self, store, clock, shards)
        transport = DiscordTransport(self)
        self._notices = Notices(self, store)
        self.courier = Courier(store, clock, transport, on_trouble=self._notices.tell, shards=shards)
        self.counts = CountLine(
            store,
            clock,
            transport,
            busy=lambda: self.courier.busy or not self._pace.has_capacity(),
            shards=shards,
        )
        keep = dt.timedelta(days=settings.privacy.keep_days_after_leaving)
        self.ticker = Ticker(
            store,
            clock,
            self.courier,
            every=settings.delivery.tick_seconds,
            chores=(
                partial(results.close_due, shards=shards),
                results.correct,  # reads on where the last process ended
                partial(weekly.plan_due, shards=shards),
                servers.sweep(keep, shards),
            ),
            shards=shards,
        )
        self.watcher = Watcher(
            store,
            clock,
            settings.seeds,
            recount=standings.recount_for,
            every=settings.seeds_poll_seconds,
        )
        self.backups = Backups(store, clock, settings.backup)
        self._desk = Desk()
        self._answering: set[asyncio.Task[Any]] = set()
        services = Services(store=store, clock=clock, wake=self.courier.wake, settings=settings, desk=self._desk)
        self._unsynced = False
        self._syncing: asyncio.Task[None] | None = None
        self.tree = Tree(self)
        self._components = commands.register(self.tree, services)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connects a shard, when it is its turn."""
        if not self._shards.whole:
            await self._turns.wait_early(shard_id)
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Waits for the shard's turn; one process with all of them takes its own five seconds."""
        if self._shards.whole or shard_id is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await self._turns.wait(shard_id)

    async def setup_hook(self) -> None:
        """Syncs the commands if their definition changed; if that fails for now, it is made up for later."""
        await self.tree.set_translator(Translator())
        self._unsynced = self._shards.leads and not await sync.attempt(self.tree, self._store)

    async def start_background(self) -> None:
        """Starts the ticker, the courier, the watcher and the backups; call it once, when the client is ready."""
        await self._arrivals.compare(self.guilds)
        self.courier.start()
        self.ticker.start()
        self.counts.start()
        if self._shards.leads:  # the library is everybody's, so one process reads documents into it
            self.watcher.start()
        if self._unsynced:
            self._syncing = asyncio.create_task(sync.persist(self.tree, self._store), name="syncing commands")
        self.backups.start()

    async def close(self) -> None:
        """Stops reading, watching and ticking, lets the courier and answers finish, leaves, and stops copying.

        Copying comes last: a backup that is being made may take longer than whoever stops the bot waits.
        """
        self._desk.close()
        if self._syncing is not None:
            self._syncing.cancel()
        await self.watcher.stop()
        await self.counts.stop()
        await self.ticker.stop()
        await self.courier.stop(self._drain_seconds)
        if self._answering:
            await asyncio.wait(self._answering, timeout=_ANSWERS)
        await super().close()
        await self.backups.stop()

    def answers(self) -> None:
        """This task answers a person: they get what they are owed before the bot leaves."""
        if (task := asyncio.current_task()) is not None:
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def on_interaction(self, interaction: discord.Interaction[PaperRound]) -> None:
        """A click on a button, a pick from a menu or a form filled in; commands go their own way."""
        kind = _HEARD.get(interaction.type)
        if kind is not None:
            self.metrics.arrived(interaction)
            self.answers()
            with logs.about(server=interaction.guild_id):
                await self._components.answer(interaction)
            self.metrics.handled(interaction, kind, errors.name_of(interaction))

    async def on_app_command_completion(
        self, interaction: discord.Interaction[PaperRound], command: Command
    ) -> None:
        """A command came to its end."""
        self.metrics.handled(interaction, "command", command.qualified_name)

    async def recall(self, interaction: discord.Interaction[PaperRound]) -> None:
        """Finds out which language the person chose; see services.recall_language."""
        await recall_language(self._store, interaction)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Writes the server down, and says there what to do next."""
        await self._arrivals.joined(guild)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Pauses what was to be posted there, and closes its rounds; an admin is told."""
        for subscription_id in await self._store.write(channels.lose, channel.id, self._clock.now()):
            await self._notices.tell(channel.guild.id, subscription_id, channels.GONE)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Ends the server's subscriptions softly: it left, so nothing can be sent there."""
        await self._arrivals.left(guild.id)
