"""Composed messages to what discord.py sends, and Discord's errors sorted.

spelling   a message as discord.py takes it
failures   what a failed request means
transport  the courier's transport over a discord.py client
forums     a forum's posts, which take no nonce
finding    our own messages, looked for by their key
pace       how fast requests leave
"""

from __future__ import annotations

from bot.outgoing.failures import FAILURES as FAILURES
from bot.outgoing.failures import sort as sort
from bot.outgoing.pace import Pace as Pace
from bot.outgoing.spelling import arguments as arguments
from bot.outgoing.spelling import changes as changes
from bot.outgoing.spelling import modal as modal
from bot.outgoing.transport import DiscordTransport as DiscordTransport
