"""The digests read last are kept, in so much room and no more, and are what the database has."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

from sqlalchemy import Connection, event

from bot.database import Store
from bot.library import digests
from bot.library.recent import Recent
from bot.model import Digest
from bot.privacy import servers as privacy
from tests.library.kit import DAY, ELSEWHERE, NOW, SERVER, digest, figure, put, question, seed


def pictured(data: bytes) -> Digest:
    plain = digest((question(),))
    return replace(plain, papers=(replace(plain.papers[0], figure=figure(data)),))


async def test_a_body_is_read_once_and_stays_what_it_was(store: Store) -> None:
    await store.write(seed, SERVER)

    def check(connection: Connection) -> None:
        recent, statements = Recent(), list[str]()
        digest_id = put(connection, pictured(b"then")).digest_id
        then = digests.newest(connection, digest_id).body
        assert recent.load(connection, then) == pictured(b"then")
        put(connection, pictured(b"now"))
        now = digests.newest(connection, digest_id).body
        assert now != then
        assert recent.load(connection, now) == pictured(b"now")
        event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
        assert recent.load(connection, then) == pictured(b"then")
        assert not statements

    await store.write(check)


async def test_an_id_that_is_used_again_brings_nobody_elses_digest(store: Store) -> None:
    await store.write(seed, SERVER, ELSEWHERE)
    recent = Recent()

    def own(connection: Connection, server_id: int, data: bytes) -> digests.Kept:
        return digests.newest(connection, put(connection, pictured(data), owner_id=server_id).digest_id)

    def load(connection: Connection, kept: digests.Kept) -> Digest:
        return recent.load(connection, kept.body)

    private = await store.write(own, SERVER, b"private")
    assert await store.write(load, private) == pictured(b"private")
    await store.write(privacy.forget, SERVER, NOW)
    other = await store.write(own, ELSEWHERE, b"another server's")
    assert await store.write(load, other) == pictured(b"another server's")


async def test_who_reads_the_same_at_once_takes_its_room_once(store: Store) -> None:
    await store.write(seed, SERVER)

    def add(connection: Connection, number: int) -> str:
        given = replace(pictured(bytes([number]) * 2**20), date=DAY + dt.timedelta(days=number))
        return digests.newest(connection, put(connection, given).digest_id).body

    kept_as = [await store.write(add, number) for number in range(4)]
    recent = Recent(room=int(2.5 * 2**20))
    for _ in range(5):
        for kept in kept_as:
            await asyncio.gather(*(store.read(recent.load, kept) for _ in range(8)))
    first = await store.read(recent.load, kept_as[2])
    second = await store.read(recent.load, kept_as[3])
    assert await store.read(recent.load, kept_as[2]) is first
    assert await store.read(recent.load, kept_as[3]) is second


async def test_what_was_not_asked_for_longest_makes_room(store: Store) -> None:
    await store.write(seed, SERVER)

    def check(connection: Connection) -> None:
        kept_as = []
        for number in range(4):
            digest_id = put(connection, pictured(bytes([number]) * 2**20)).digest_id
            kept_as.append(digests.newest(connection, digest_id).body)
        recent = Recent(room=int(2.5 * 2**20))
        kept = {body: recent.load(connection, body) for body in kept_as[:2]}
        assert recent.load(connection, kept_as[0]) is kept[kept_as[0]]
        recent.load(connection, kept_as[2])  # the second has to go
        assert recent.load(connection, kept_as[0]) is kept[kept_as[0]]
        assert recent.load(connection, kept_as[1]) is not kept[kept_as[1]]

        narrow = Recent(room=1)
        assert narrow.load(connection, kept_as[3]) is narrow.load(connection, kept_as[3])

    await store.write(check)
