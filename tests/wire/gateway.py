"""The gateway side: connections, sessions that outlive them, and the events that each shard gets in order."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from aiohttp import WSMsgType, web

from . import payloads
from .clock import http_date
from .state import Guild, Json
from .world import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11

_KEPT: Final = 20_000
_GUILDS: Final = 1 << 0
_INTENTS: Final = {
    "GUILD_CREATE": _GUILDS,
    "GUILD_DELETE": _GUILDS,
    "GUILD_UPDATE": _GUILDS,
    "GUILD_ROLE_CREATE": _GUILDS,
    "GUILD_ROLE_UPDATE": _GUILDS,
    "CHANNEL_CREATE": _GUILDS,
    "CHANNEL_UPDATE": _GUILDS,
    "CHANNEL_DELETE": _GUILDS,
    "THREAD_CREATE": _GUILDS,
    "THREAD_UPDATE": _GUILDS,
    "THREAD_DELETE": _GUILDS,
}

Make = Callable[[], Json]
Event = tuple[int, str, Make]


class Session:
    """One shard's stream of events; events wait here while its connection is gone."""

    def __init__(self, shard: tuple[int, int], intents: int) -> None:
        """`shard` is its number and how many there are."""
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.intents = intents
        self.seq = 0
        self.unseen: deque[Event] = deque()
        """Events that the client hasn't acknowledged with a heartbeat."""
        self.seen = 0
        self.connection: Connection | None = None

    def carries(self, event: str, guild_id: int | None) -> bool:
        """Whether an event is this shard's; what belongs to no guild comes to the first."""
        if event in _INTENTS and not self.intents & _INTENTS[event]:
            return False
        number, count = self.shard
        return number == (0 if guild_id is None else (guild_id >> 22) % count)

    def put(self, event: str, make: Make) -> None:
        """Sends an event, or keeps it until the client comes back."""
        self.seq += 1
        entry = (self.seq, event, make)
        self.unseen.append(entry)
        if len(self.unseen) > _KEPT:
            self.acknowledge(self.unseen[0][0])
        if self.connection is not None:
            self.connection.outgoing.put_nowait(entry)

    def acknowledge(self, seq: int) -> None:
        """Forgets what the client has seen."""
        self.seen = max(self.seen, seq)
        while self.unseen and self.unseen[0][0] <= seq:
            self.unseen.popleft()


class Connection:
    """One websocket. What is sent goes through a queue, so that it stays in order and is written only when due."""

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, *, compressed: bool
    ) -> None:
        """`compressed`: all is one zlib stream."""
        self.socket = socket
        self.transport = transport
        self.outgoing: asyncio.Queue[Event | Json] = asyncio.Queue()
        self.session: Session | None = None
        self._zlib = zlib.compressobj(1) if compressed else None

    def send(self, op: int, data: Any = None) -> None:
        """Sends anything but an event."""
        self.outgoing.put_nowait({"op": op, "d": data, "s": None, "t": None})

    async def write(self) -> None:
        """Writes what comes into the queue until it is cancelled or the client is gone."""
        while True:
            entry = await self.outgoing.get()
            if isinstance(entry, tuple):
                seq, event, make = entry
                entry = {"op": DISPATCH, "d": make(), "s": seq, "t": event}
                if not seq % 64:
                    await asyncio.sleep(0)  # a client in the same loop keeps up with thousands of guilds
            text = json.dumps(entry, separators=(",", ":"))
            try:
                if self._zlib is None:
                    await self.socket.send_str(text)
                else:
                    data = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(data)
            except ConnectionError:
                return


class Gateway:
    """All connections and sessions."""

    def __init__(self, world: World, *, heartbeat: float) -> None:
        """`heartbeat` is the seconds between heartbeats."""
        self.world = world
        self.heartbeat = heartbeat
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identifies = 0
        self.hasty: list[int] = []
        """The shards that identified before it was their turn, and were turned away."""
        self.resumes = 0

    def emit(self, event: str, make: Make, guild_id: int | None) -> None:
        """Sends an event to every session whose shard and intents it is for."""
        for session in self.sessions.values():
            if session.carries(event, guild_id):
                session.put(event, make)

    @property
    def connected(self) -> list[Session]:
        """The sessions that have a connection."""
        return [session for session in self.sessions.values() if session.connection is not None]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Speaks with one client until either hangs up."""
        socket = web.WebSocketResponse(max_msg_size=0, timeout=1, compress=False)
        socket.headers["Date"] = http_date(self.world.clock.now())
        await socket.prepare(request)
        connection = Connection(
            socket, request.transport, compressed=request.query.get("compress") == "zlib-stream"
        )
        self.connections.add(connection)
        writer = asyncio.create_task(connection.write())
        finished = False
        connection.send(HELLO, {"heartbeat_interval": int(self.heartbeat * 1000), "_trace": []})
        try:
            while (message := await socket.receive()).type is WSMsgType.TEXT:
                await self._receive(connection, json.loads(message.data))
            finished = message.type is WSMsgType.CLOSE and message.data in (1000, 1001)
        finally:
            writer.cancel()
            await asyncio.wait((writer,))
            self.connections.discard(connection)
            session = connection.session
            if session is not None and session.connection is connection:
                session.connection = None
                if finished:
                    self.sessions.pop(session.id, None)
        return socket

    async def _receive(self, connection: Connection, message: Json) -> None:
        op, data = message["op"], message["d"]
        if op == HEARTBEAT:
            if connection.session is not None and data is not None:
                connection.session.acknowledge(int(data))
            connection.send(HEARTBEAT_ACK)
        elif op == IDENTIFY:
            await self._identify(connection, data)
        elif op == RESUME:
            self._resume(connection, data)

    async def _identify(self, connection: Connection, data: Json) -> None:
        if data["token"] != self.world.token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
            return
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            await connection.socket.close(code=4010, message=b"Invalid shard.")
            return
        if not self.world.rates.take_identify(number):
            self.hasty.append(number)
            connection.send(INVALID_SESSION, data=False)
            return
        self.identifies += 1
        for other in list(self.sessions.values()):
            if other.shard == (number, count) and other.connection is None:
                del self.sessions[other.id]
        session = Session((number, count), data.get("intents", 0))
        self.sessions[session.id] = session
        connection.session, session.connection = session, connection
        guilds = [
            guild for guild in self.world.guilds.values() if guild.joined and (guild.id >> 22) % count == number
        ]
        session.put("READY", lambda: self._ready(session, guilds))
        for guild in guilds:
            if guild.available:
                session.put("GUILD_CREATE", self._known(guild))

    def _ready(self, session: Session, guilds: list[Guild]) -> Json:
        bot = self.world.bot
        return {
            "v": 10,
            "user": payloads.user(bot) | {"verified": True, "mfa_enabled": False},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.world.gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(bot.id), "flags": 0},
            "private_channels": [],
            "presences": [],
            "relationships": [],
        }

    def _known(self, guild: Guild) -> Make:
        return lambda: payloads.guild_create(guild, self.world.bot, new=False)

    def _resume(self, connection: Connection, data: Json) -> None:
        session = self.sessions.get(data["session_id"])
        seq = data.get("seq") or 0
        if session is None or data["token"] != self.world.token or seq < session.seen:
            connection.send(INVALID_SESSION, data=False)
            return
        self.resumes += 1
        session.acknowledge(seq)
        connection.session, session.connection = session, connection
        for entry in session.unseen:
            connection.outgoing.put_nowait(entry)
        session.put("RESUMED", lambda: {"_trace": []})

    # What tests do to it

    async def close(self, code: int) -> None:
        """Closes every connection with this code; the sessions stay, and keep what happens from now on."""
        self._detach()
        await asyncio.gather(*(connection.socket.close(code=code) for connection in list(self.connections)))

    def reset(self) -> None:
        """Cuts every connection without a word; the sessions stay."""
        self._detach()
        for connection in list(self.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def forget(self) -> None:
        """Forgets every session: what asks to resume must identify anew."""
        self._detach()
        self.sessions.clear()

    def _detach(self) -> None:
        for session in self.sessions.values():
            session.connection = None

    def ask_to_reconnect(self) -> None:
        """Sends RECONNECT to every client."""
        for connection in self.connections:
            connection.send(RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Sends INVALID_SESSION to every client."""
        if not resumable:
            self.forget()
        for connection in self.connections:
            connection.send(INVALID_SESSION, resumable)
