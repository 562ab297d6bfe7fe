"""What is measured of a day: interactions by what came of them, deliveries by how late they were."""

from __future__ import annotations

from bot.health.gathering import Gathering
from tests.journeys.conftest import House
from tests.journeys.test_a_day import answer_ids, subscribe


def value(house: House, name: str, /, **labels: str) -> float:
    return house.bot.metrics.registry.get_sample_value(f"paper_round_{name}", labels) or 0.0


def interactions(house: House, kind: str, name: str, outcome: str) -> float:
    return value(house, "interaction_seconds_count", kind=kind, name=name, outcome=outcome)


async def test_interactions_are_counted_by_what_came_of_them(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    opened = await house.ada.click(house.posts()[0], label="Play the round")
    assert opened.response is not None
    await house.ada.click(opened.response.message, custom_id=answer_ids(opened.response)[0])
    await house.admin.slash(house.papers, "digest pause", until="yesterday")
    assert interactions(house, "command", "digest subscribe", "done") == 1
    assert interactions(house, "command", "digest pause", "refused") == 1
    assert interactions(house, "component", "PlayRound", "done") == 1
    assert interactions(house, "component", "Answer", "done") == 1
    assert interactions(house, "component", "Answer", "failed") == 0


async def test_lateness_is_from_the_slot_to_the_end_of_the_delivery(house: House) -> None:
    gathering = Gathering(house.store, house.bot.metrics)

    async def look() -> None:
        await gathering.look(house.clock.now(), house.bot.courier.counts)

    await look()
    await subscribe(house)
    house.clock.move(hours=2, minutes=10)  # ten minutes late
    await house.bot.ticker.tick()
    house.clock.move(minutes=5)
    await look()
    assert value(house, "deliveries_unfinished") == 1
    assert value(house, "delivery_oldest_seconds") == 300
    assert value(house, "steps_waiting", state="planned") == 1
    await house.tick()
    await look()
    await look()
    assert value(house, "deliveries_unfinished") == 0
    assert value(house, "delivery_lateness_seconds_count") == 1
    assert value(house, "delivery_lateness_seconds_sum") == 900
    assert value(house, "delivery_steps_total", outcome="sent") == 1
    assert value(house, "subscriptions", state="running") == 1
