"""Being told to stop: Ctrl-C and SIGTERM as an event, so that what runs can end in order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that Ctrl-C and SIGTERM set. A second one ends the program at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def forget() -> None:
        for number in _SIGNALS:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)

    def told() -> None:
        stop.set()
        forget()

    for number in _SIGNALS:
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels what runs instead
            loop.add_signal_handler(number, told)
    try:
        yield stop
    finally:
        forget()
