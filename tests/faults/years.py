"""Two years in each IANA zone, on a real database: one delivery for each local day that is due, at its time.

tests/delivery/test_years.py has the short forms, and the rules by which edited subscriptions are judged.
"""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, create_engine, event, func, select, update

from bot.database.tables import deliveries, metadata
from bot.database.tables import subscriptions as table
from bot.delivery import claims, due, subscriptions
from bot.delivery.schedule import Weekdays, moment_of
from bot.delivery.subscriptions import Subscription
from tests.delivery import test_years as rules
from tests.delivery.world import DAY, HOUR, MINUTE, NOON, add_servers, library, subscribe

ZONES: Final = tuple(sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}))
_AT_ONCE: Final = 500


def _file(path: Path) -> Any:
    engine = create_engine(f"sqlite:///{path}")

    def prepare(raw: Any, _: object) -> None:
        raw.isolation_level = None
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=OFF")  # nobody pulls the plug on simulated years
        raw.execute("PRAGMA foreign_keys=ON")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    metadata.create_all(engine)
    return engine


def _changes(zone: str) -> tuple[tuple[dt.datetime, dt.timedelta | None], ...]:
    """The moments at which a zone's clocks are moved within two years, and what they show from then on."""
    here, found = ZoneInfo(zone), []
    moment, offset = NOON, NOON.astimezone(here).utcoffset()
    found.append((moment, offset))
    while moment < NOON + 730 * DAY:
        earlier, later = moment, moment + DAY
        if later.astimezone(here).utcoffset() != offset:
            while later - earlier > dt.timedelta(seconds=1):
                middle = (earlier + (later - earlier) / 2).replace(microsecond=0)
                if middle.astimezone(here).utcoffset() == offset:
                    earlier = middle
                else:
                    later = middle
            offset = later.astimezone(here).utcoffset()
            found.append((later, offset))
        moment += DAY
    return tuple(found)


def clocks() -> dict[str, list[str]]:
    """The zones, those together whose clocks show the same at every moment of the two years."""
    together: dict[Any, list[str]] = {}
    for zone in ZONES:
        together.setdefault(_changes(zone), []).append(zone)
    return {zones[0]: zones for zones in together.values()}


def _times(zone: str) -> list[dt.time]:
    """Times of day that are worth trying in a zone: those around its clock changes, and any other."""
    chance = random.Random(zone)  # noqa: S311
    found = [dt.time(chance.randrange(24), chance.randrange(4) * 15)]
    for moment, _ in _changes(zone)[1:]:
        around = (moment - HOUR, moment - HOUR / 2, moment, moment + HOUR / 2)
        found += [one.astimezone(ZoneInfo(zone)).time().replace(second=0) for one in around]
    return found


def undisturbed(path: Path, days: int, zones: Sequence[str] = ZONES) -> list[str]:
    """A subscription in each zone, left alone, often at a time around a clock change; what is wrong."""
    wrong: list[str] = []
    chance = random.Random(days)  # noqa: S311
    engine = _file(path)
    with engine.begin() as c:
        add_servers(c)
        library(c, days + 5)
        made = [
            subscribe(c, channel_id=number, zone=zone, local_time=chance.choice(_times(zone)))
            for number, zone in enumerate(zones)
        ]
    by_id = {one.id: one for one in made}
    claimed: dict[int, list[dt.date]] = {one.id: [] for one in made}
    now, end = NOON, NOON + days * DAY
    while now < end:
        with engine.begin() as c:
            batch = claims.claim_due(c, now, _AT_ONCE, compose=rules.bare)
            rules.finish(c, now)
            upcoming = c.execute(select(func.min(table.c.next_due_at))).scalar_one()
        for claim in batch.claims:
            assert claim.slot is not None
            one = by_id[claim.subscription_id]
            wanted = moment_of(claim.slot, one.local_time, ZoneInfo(one.zone))
            if wanted is None or not dt.timedelta(0) <= now - wanted <= MINUTE:
                wrong.append(f"{one.zone}: {claim.slot} came at {now}, not at {wanted}")
            claimed[claim.subscription_id].append(claim.slot)
        now = upcoming + dt.timedelta(seconds=chance.randint(0, 15)) if len(batch.claims) < _AT_ONCE else now
    engine.dispose()
    for one in made:
        wrong += _gaps(one, claimed[one.id], end)
    return wrong


def _gaps(one: Subscription, slots: list[dt.date], end: dt.datetime) -> list[str]:
    """The local dates that were due and had no delivery, or more than one."""
    expected, moment = [], NOON
    while (slot := one.schedule.after(moment)).moment < end - MINUTE:
        expected.append(slot.date)
        moment = slot.moment
    return [] if slots[: len(expected)] == expected else [f"{one.zone}: {len(slots)} of {len(expected)} days came"]


def disturbed(path: Path, acts: int, zones: Sequence[str] = ZONES) -> list[str]:
    """A subscription in each zone with so many edits at random moments, the clock set back too; what is wrong."""
    wrong = []
    for number, zone in enumerate(zones):
        chance = random.Random(zone)  # noqa: S311
        engine = _file(path / f"{number}.sqlite3")
        try:
            with engine.begin() as c:
                _two_years(c, chance, zone, acts)
        except AssertionError as error:
            wrong.append(f"{zone}: {str(error)[:300]}")
        finally:
            engine.dispose()
            for file in path.glob(f"{number}.sqlite3*"):
                file.unlink()
    return wrong


def _two_years(c: Connection, chance: random.Random, zone: str, acts: int) -> None:
    add_servers(c)
    library(c, 1_000)
    made, now = subscribe(c, zone=zone, local_time=chance.choice(_times(zone))), NOON
    for _ in range(acts):
        now = rules.do(c, made, now, *_act(chance))
    c.execute(update(table).values(paused_at=None, paused_until=None))
    due.refresh(c, now=now)
    rules.steady(c, subscriptions.resume(c, made.id, server_id=made.server_id, now=now), now)
    slots = list(c.execute(select(deliveries.c.slot)).scalars())
    assert len(slots) == len(set(slots))


def _act(chance: random.Random) -> tuple[str, Any]:
    """Something that happens: mostly time that passes, with ticks."""
    other = chance.choice(ZONES)
    acts: dict[str, Callable[[], tuple[str, Any]]] = {
        "wait": lambda: ("wait", chance.choice([MINUTE, HOUR, 7 * HOUR, 13 * HOUR, DAY, 9 * DAY, 60 * DAY])),
        "tick": lambda: ("tick", chance.randint(1, 60)),
        "time": lambda: ("edit", {"local_time": dt.time(chance.randrange(24), chance.randrange(60))}),
        "zone": lambda: ("edit", {"zone": other}),
        "weekdays": lambda: ("edit", {"weekdays": Weekdays(chance.randint(1, 127))}),
        "pause": lambda: ("pause", chance.choice([None, HOUR, 2 * DAY])),
        "resume": lambda: ("resume", None),
        "back": lambda: ("set back", chance.choice([MINUTE, 3 * HOUR, 2 * DAY])),
    }
    weights = [4, 8, 2, 1, 2, 1, 2, 1]
    return acts[chance.choices(list(acts), weights)[0]]()
