"""What is counted and timed while the bot runs, for Prometheus. Names begin with `paper_round_`.

Labels are of small, fixed sets: no server, channel or person is in them.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import discord
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

from bot.clock import Clock
from bot.doctor.clock import moment

_STARTED: Final = "metrics.started"
_OUTCOME: Final = "metrics.outcome"
_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5, 10, 30)
"""Discord waits three seconds for an interaction's first answer."""
_LATENESS: Final = (1, 5, 15, 30, 60, 120, 300, 900, 3600, 6 * 3600, 24 * 3600)


class Metrics:
    """One bot's numbers."""

    def __init__(self) -> None:
        """All at zero, in a registry of their own."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.interactions = Histogram(
            "paper_round_interaction_seconds",
            "From an interaction's arrival to the end of its handling",
            ("kind", "name", "outcome"),  # outcome: done, refused, failed
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.requests = Counter(
            "paper_round_discord_requests",
            "Requests to Discord's API by what was answered; 429 is a rate limit, 0 no answer",
            ("status",),
            registry=self.registry,
        )
        self.errors = Counter("paper_round_errors", "Errors logged", ("logger",), registry=self.registry)
        self.steps = Counter(
            "paper_round_delivery_steps",
            "Steps of deliveries since the start: sent, corrected, retried, blocked, refused, unknown, failed",
            ("outcome",),
            registry=self.registry,
        )
        self.unfinished = Gauge(
            "paper_round_deliveries_unfinished", "Deliveries under way", registry=self.registry
        )
        self.waiting = Gauge(
            "paper_round_steps_waiting",
            "Steps of unfinished deliveries by state",
            ("state",),
            registry=self.registry,
        )
        self.oldest = Gauge(
            "paper_round_delivery_oldest_seconds", "Age of the oldest unfinished delivery", registry=self.registry
        )
        self.lateness = Histogram(
            "paper_round_delivery_lateness_seconds",
            "From the moment a scheduled delivery was due to its last message",
            buckets=_LATENESS,
            registry=self.registry,
        )
        self.subscriptions = Gauge(
            "paper_round_subscriptions", "Subscriptions by state", ("state",), registry=self.registry
        )
        self.transactions = Gauge(
            "paper_round_database_transactions", "Transactions begun or in the queue", registry=self.registry
        )
        self.servers = Gauge("paper_round_servers", "Servers the bot is in", registry=self.registry)
        self.backup = Gauge(
            "paper_round_backup_timestamp_seconds", "When the newest backup was made", registry=self.registry
        )
        self.clocks: tuple[dt.datetime, dt.datetime] | None = None
        """The bot's moment and Discord's at its latest answer, to the second."""
        self._clock_ahead = Gauge(
            "paper_round_clock_ahead_seconds",
            "How far the bot's clock is ahead of Discord's; negative: behind",
            registry=self.registry,
        )
        for outcome in ("sent", "corrected", "retried", "blocked", "refused", "unknown", "failed"):
            self.steps.labels(outcome)

    def arrived(self, interaction: discord.Interaction[Any]) -> None:
        """An interaction came in."""
        interaction.extras.setdefault(_STARTED, time.perf_counter())

    def handled(self, interaction: discord.Interaction[Any], kind: str, name: str) -> None:
        """An interaction was dealt with; `failed_as` said before how, if it wasn't to the end."""
        started = interaction.extras.pop(_STARTED, None)
        if started is not None:
            outcome = interaction.extras.get(_OUTCOME, "done")
            self.interactions.labels(kind, name, outcome).observe(time.perf_counter() - started)

    def _compare(self, here: dt.datetime, dated: str) -> None:
        if (there := moment(dated)) is not None:
            self.clocks = here, there
            self._clock_ahead.set((here - there).total_seconds())

    def trace(self, clock: Clock) -> aiohttp.TraceConfig:
        """Counts discord.py's requests, and compares clocks; give it to the client as `http_trace`."""

        async def answered(
            _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams
        ) -> None:
            self.requests.labels(str(params.response.status)).inc()
            if dated := params.response.headers.get("Date"):
                self._compare(clock.now(), dated)

        async def failed(*_: object) -> None:
            self.requests.labels("0").inc()

        config = aiohttp.TraceConfig()
        config.on_request_end.append(answered)
        config.on_request_exception.append(failed)
        return config


def failed_as(interaction: discord.Interaction[Any], outcome: str) -> None:
    """How an interaction ended that wasn't done: `refused` (the person's to mend) or `failed` (ours)."""
    interaction.extras[_OUTCOME] = outcome


class CountErrors(logging.Handler):
    """Counts what is logged as an error, by the logger's first two names."""

    def __init__(self, counter: Counter) -> None:
        """Add it to the root logger while the bot runs."""
        super().__init__(logging.ERROR)
        self._counter = counter

    def emit(self, record: logging.LogRecord) -> None:
        """Counts one."""
        self._counter.labels(".".join(record.name.split(".")[:2])).inc()
