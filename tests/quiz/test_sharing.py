"""The leaderboard is shared once by each player until another round opens, however often they click."""

import asyncio
import datetime as dt

from bot.database import Store
from bot.quiz import sharing
from bot.quiz.sharing import SharedAlready
from tests.library.kit import DAY, NOW, SERVER, digest, question, seed
from tests.quiz.kit import PLAYER, start

DAY_ONE = digest((question(1, "1?", answer=1),))
DAY_TWO = digest((question(1, "2?", answer=1),), date=DAY + dt.timedelta(days=1))


async def test_of_many_clicks_at_once_one_shares(address: str) -> None:
    async with Store.open(address) as one, Store.open(address) as two:
        await one.write(seed)
        await one.write(start, DAY_ONE)

        async def click(store: Store, user_id: int = PLAYER) -> bool:
            try:
                await store.write(sharing.share, server_id=SERVER, user_id=user_id, name="Ada", now=NOW)
            except SharedAlready:
                return False
            return True

        assert sum(await asyncio.gather(*(click(store) for store in (one, two) * 5))) == 1
        assert await click(two, PLAYER + 1)
        await one.write(start, DAY_TWO, source="deep-dive/b.txt")
        assert sum(await asyncio.gather(*(click(store) for store in (one, two) * 5))) == 1
