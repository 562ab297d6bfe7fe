"""A local Discord: REST and gateway on one loopback port, for the unmodified discord.py client over real sockets.

    async with LocalDiscord() as discord:
        guild = discord.add_guild("Lab")
        ada = discord.admin_of(guild, "ada")
        async with running(client, discord):
            reply = await discord.command(ada, guild.channel, "digest subscribe", series="deep-dive")
            assert reply.ephemeral
            post = discord.messages(guild.channel)[0]
            answer = await discord.click(ada, post, "Start the round")
        assert not discord.violations

It keeps Discord's rules (permissions, limits, the three seconds, nonces, rate limits) and breaks them where
`discord.fault(...)` says so. Everything in `state` may be read by tests; changes go through the methods.
"""

from .actions import Reply
from .api import Request, Violation
from .clock import MovableClock
from .connect import ROOT, led_to, running, surroundings
from .faults import (
    Dropped,
    Failed,
    Fault,
    GatewayClosed,
    Held,
    Late,
    Limited,
    Refused,
    Reset,
    SessionsForgotten,
    Silent,
)
from .permissions import Permission
from .server import LocalDiscord
from .spelling import ImpossibleError
from .state import Attachment, Channel, Guild, Kind, Member, Message, Response, Role, User

__all__ = [
    "ROOT",
    "Attachment",
    "Channel",
    "Dropped",
    "Failed",
    "Fault",
    "GatewayClosed",
    "Guild",
    "Held",
    "ImpossibleError",
    "Kind",
    "Late",
    "Limited",
    "LocalDiscord",
    "Member",
    "Message",
    "MovableClock",
    "Permission",
    "Refused",
    "Reply",
    "Request",
    "Reset",
    "Response",
    "Role",
    "SessionsForgotten",
    "Silent",
    "User",
    "Violation",
    "led_to",
    "running",
    "surroundings",
]
