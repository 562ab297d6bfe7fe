"""The simulated Discord: a small server, the people in it, the page that shows it, and its time.

Everything that moves the simulation goes through one lock, shared with what viewers do on the page: SimCord
takes one operation at a time and refuses a second one.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import simcord
from simcord.env import Env
from simcord.preview import _markdown

from bot.cli.errors import CommandError

PATIENCE = 20.0
"""Seconds for which time stands still after a viewer did something: nobody reads at a day a minute."""

_PORTS = 20
_DOING = frozenset({"click", "select", "run_command", "modal_submit", "send_message"})


class StageClock:
    """The time on the stage, which the stage alone moves."""

    def __init__(self, now: dt.datetime) -> None:
        """Starts at `now` and stands still."""
        self._now = now

    def now(self) -> dt.datetime:
        """The time there, aware, in UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Moves on."""
        self._now += dt.timedelta(seconds=seconds)


class Stage:
    """A server with one channel, an admin and two readers; see `set_stage`."""

    def __init__(
        self,
        env: Env,
        clock: StageClock,
        channel: simcord.ChannelHandle,
        admin: simcord.MemberActor,
        readers: list[simcord.MemberActor],
    ) -> None:
        """Use `set_stage`."""
        self.env = env
        self.clock = clock
        self.channel = channel
        self.admin = admin
        self.viewers = [*readers, admin]
        """The page opens as the first of them."""
        self._page: simcord.Preview | None = None
        self._lock = asyncio.Lock()
        self._busy_until = 0.0
        self._seen = 0

    async def command(self, name: str, **options: Any) -> None:
        """The admin gives a slash command in the channel."""
        async with self._lock:
            await self.admin.slash(self.channel, name, **options)

    async def pass_time(self, seconds: float) -> None:
        """Lets time pass, unless a viewer is busy, and shows on the page what the bot did meanwhile."""
        if asyncio.get_running_loop().time() < self._busy_until:
            seconds = 0
        async with self._lock:
            self.clock.advance(seconds)
            await self.env.advance_time(seconds)
            requests = len(self.env.http_requests)
            if self._page is not None and requests != self._seen:
                # only then: a page that was shown anew refuses the click that was meant for the one before
                self._seen = requests
                await self._page.refresh()

    async def announce(self, client: discord.Client, text: str) -> None:
        """The bot says something in the channel, outside of what it does by itself."""
        async with self._lock:
            channel = client.get_partial_messageable(self.channel.id)
            await channel.send(embed=discord.Embed(description=text))

    async def skip_to(self, hour: dt.time) -> None:
        """Goes to this hour of the next day, without a look at what is between; within an interlude."""
        then = self.clock.now()
        morning = dt.datetime.combine(then + dt.timedelta(days=1), hour, dt.UTC)
        self.clock.advance((morning - then).total_seconds())
        await self.env.advance_time((morning - then).total_seconds())

    @asynccontextmanager
    async def interlude(self) -> AsyncIterator[None]:
        """Nobody can do anything on the page meanwhile."""
        async with self._lock:
            yield

    @asynccontextmanager
    async def page(self, port: int, stop: asyncio.Event) -> AsyncIterator[str]:
        """The page's address, at this port of 127.0.0.1 or, where that is taken, one of the next; 0 for any.

        `stop` is set when somebody ends the session on the page.
        """
        preview = self.env.preview(self.channel, viewers=self.viewers, layout="channel", port=_free(port))
        try:
            await preview.__aenter__()
        except simcord.SetupError as error:
            raise CommandError(f"The demo's page can't be shown: {error}.") from error
        self._share_lock(preview)
        # Discord shows a mention in an embed's text by its name, SimCord's page by its id
        _markdown._FIELD_POLICIES["embed_description"]["mentions"] = True  # noqa: SLF001
        self._page = preview
        closed = asyncio.create_task(preview.wait_closed())
        closed.add_done_callback(lambda _: stop.set())
        try:
            yield preview.url
        finally:
            self._page = None
            await preview.close()
            await closed

    def _share_lock(self, preview: simcord.Preview) -> None:
        """Makes what viewers do wait for the lock, instead of being refused while time passes.

        A click also stands when the page was shown anew since it was last read, as it would in Discord.
        """
        act, find = preview._action, preview._get_page  # noqa: SLF001  # the one seam there is

        async def locked(context_id: str | None, body: Any) -> dict[str, Any]:
            async with self._lock:
                if isinstance(body, dict) and body.get("kind") in _DOING:
                    await preview.refresh()  # so that “an hour ago” is told from now
                    self._busy_until = asyncio.get_running_loop().time() + PATIENCE
                    self._seen = -1  # other viewers' pages are to show what comes of it
                if isinstance(body, dict) and "published_revision" in body:
                    body = {**body, "published_revision": find(context_id).revision}
                return await act(context_id, body)

        preview._action = locked  # type: ignore[method-assign]  # noqa: SLF001


def _free(port: int) -> int:
    """The first free port from this one on."""
    for candidate in range(port, min(port + _PORTS, 65_536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the page's server does
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise CommandError(f"The ports from {port} on are taken or not allowed; name another one with --port.")


async def set_stage(env: Env, clock: StageClock) -> Stage:
    """Makes the server and its people, at the clock's time."""
    await env.advance_time(max(0.0, (clock.now() - env.now()).total_seconds()))
    if env.bot.user is not None:
        await env.bot.user.edit(username="Paper Round")
    guild = env.create_guild("Reading group")
    manager = guild.create_role("Admin", permissions=discord.Permissions(manage_guild=True))

    def member(name: str, *roles: simcord.RoleHandle) -> simcord.MemberActor:
        return guild.add_member(env.create_user(name.lower().replace(" ", "-"), global_name=name), roles=roles)

    admin, readers = member("Admin", manager), [member("Reader one"), member("Reader two")]
    return Stage(env, clock, guild.create_text_channel("papers"), admin, readers)
