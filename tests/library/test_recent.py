"""The digests read last are kept, in so much room and no more, and are what the database has."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, event

from bot.database import Store
from bot.library import digests
from bot.library.recent import Recent
from bot.model import Digest
from tests.library.kit import SERVER, digest, figure, put, question, seed


def pictured(data: bytes) -> Digest:
    plain = digest((question(),))
    return replace(plain, papers=(replace(plain.papers[0], figure=figure(data)),))


async def test_a_body_is_read_once_and_stays_what_it_was(store: Store) -> None:
    await store.write(seed, SERVER)

    def check(connection: Connection) -> None:
        recent, statements = Recent(), list[str]()
        digest_id = put(connection, pictured(b"then")).digest_id
        then = digests.newest(connection, digest_id)
        assert recent.load(connection, then) == pictured(b"then")
        put(connection, pictured(b"now"))
        now = digests.newest(connection, digest_id)
        assert now != then
        assert recent.load(connection, now) == pictured(b"now")
        event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
        assert recent.load(connection, then) == pictured(b"then")
        assert not statements

    await store.write(check)


async def test_what_was_not_asked_for_longest_makes_room(store: Store) -> None:
    await store.write(seed, SERVER)

    def check(connection: Connection) -> None:
        ids = []
        for number in range(4):
            digest_id = put(connection, pictured(bytes([number]) * 2**20)).digest_id
            ids.append(digests.newest(connection, digest_id))
        recent = Recent(room=int(2.5 * 2**20))
        kept = {body: recent.load(connection, body) for body in ids[:2]}
        assert recent.load(connection, ids[0]) is kept[ids[0]]
        recent.load(connection, ids[2])  # the second has to go
        assert recent.load(connection, ids[0]) is kept[ids[0]]
        assert recent.load(connection, ids[1]) is not kept[ids[1]]

        narrow = Recent(room=1)
        assert narrow.load(connection, ids[3]) is narrow.load(connection, ids[3])

    await store.write(check)
