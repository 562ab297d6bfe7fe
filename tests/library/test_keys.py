"""Whose key counts: the same in SQL and in Python."""

from itertools import product

from sqlalchemy import Connection, insert, literal, select

from bot.database import Store
from bot.database.tables import SHARED, keys, questions
from bot.library.keys import Key, Origin, counting, counting_answer, of_question
from tests.library.kit import ELSEWHERE, NOW, SERVER, active, digest, put, question, seed

ORIGINS = list(Origin)


def test_the_servers_own_key_comes_first_then_the_operators_then_the_side_files() -> None:
    every = [Key(place, None, origin) for place, origin in enumerate(ORIGINS)]
    for first in range(len(every)):
        assert counting(reversed(every[first:])) == every[first]
    assert counting([]) is None


async def test_sql_and_python_agree_on_every_combination_in_every_server(store: Store) -> None:
    combinations = list(product([False, True], repeat=len(ORIGINS)))
    texts = ["abcde"[: 1 + n % 5] * (1 + n) for n in range(len(combinations))]

    def fill(c: Connection) -> list[int]:
        seed(c, SERVER, ELSEWHERE)
        imported = put(c, digest(tuple(question(n, text, *"abcdef") for n, text in enumerate(texts, 1))))
        ids = [row.id for row in active(c, imported.digest_id)]
        for question_id, combination in zip(ids, combinations, strict=True):
            for place, (origin, there) in enumerate(zip(ORIGINS, combination, strict=True)):
                if there:
                    owner = SERVER if origin is Origin.ADMIN else SHARED
                    row = {"question_id": question_id, "owner_id": owner, "origin": origin.value}
                    c.execute(insert(keys).values(**row, answer=place, set_at=NOW))
        return ids

    def by_sql(c: Connection, server: int) -> dict[int, int | None]:
        joined, answer = counting_answer(questions, literal(server), questions.c.id)
        rows = c.execute(select(questions.c.id, answer).select_from(joined)).all()
        assert len(rows) == len(combinations)
        return {row[0]: row[1] for row in rows}

    ids = await store.write(fill)
    for server in (SERVER, ELSEWHERE, SHARED):
        found = await store.read(by_sql, server)
        for question_id, combination in zip(ids, combinations, strict=True):
            key = await store.read(of_question, question_id, server)
            assert found[question_id] == (key and key.answer)
            visible = [
                place
                for place, there in enumerate(combination)
                if there and (server == SERVER or ORIGINS[place] is not Origin.ADMIN)
            ]
            assert found[question_id] == (visible[0] if visible else None)
