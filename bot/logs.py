"""Logs: one line a happening, for people or as JSON, with what it was about, and never a secret in it.

A line is `time level logger message key=value …`. The values come from `extra={…}` of the call and from
`about(server=…, subscription=…, delivery=…)`, which marks everything logged inside it, in that task and in
the tasks it starts.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import IO, Literal

HIDDEN = "[hidden]"

_about: ContextVar[Mapping[str, object]] = ContextVar("about", default=MappingProxyType({}))

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every log record carries; whatever else it has was given as `extra`."""

_SECRET_SHAPES = (
    re.compile(r"(?<![\w-])[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}"),  # a bot's token
    re.compile(r"(?<=/)(?P<keep>(?:webhooks|interactions)/\d+/)[\w-]{20,}"),  # an interaction's, in an address
)

_TAMED = {
    "discord": logging.INFO,  # its debug lines are whole payloads
    "discord.http": logging.WARNING,
    "discord.webhook": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,  # it reports every tick
    "asyncio": logging.WARNING,
    "sqlalchemy": logging.WARNING,
}
"""Libraries that would drown our lines, and the least that is heard of each."""


@contextmanager
def about(**fields: object) -> Iterator[None]:
    """Everything logged inside carries these fields, such as `server`, `subscription` and `delivery`."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def mark(**fields: object) -> None:
    """Everything logged from here on in this task carries these fields; for a task that is about one thing."""
    _about.set({**_about.get(), **fields})


def configure(
    *,
    level: str = "info",
    form: Literal["text", "json"] = "text",
    secrets: Iterable[str] = (),
    stream: IO[str] | None = None,
) -> None:
    """Sends every logger's lines to `stream` (stderr by default) in this form, without `secrets`.

    Called again, it replaces what it set up before.
    """
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter((JsonLines if form == "json" else Lines)(secrets))
    handler.addFilter(_remember)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(wanted)
    for name, least in _TAMED.items():
        logging.getLogger(name).setLevel(max(wanted, least))
    logging.captureWarnings(capture=True)


class Explained(Exception):  # noqa: N818  # a base, for errors of any name
    """An error whose message says what is the case and what to do about it.

    Logged with its trace, it is that sentence: an operator can do without the trace, and where the trouble lasts,
    a page of it every few seconds would fill the disk.
    """


class Lines(logging.Formatter):
    """A line for people."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets` are never shown, wherever they turn up."""
        super().__init__()
        spelled = (form for s in secrets if s for form in (s, json.dumps(s)[1:-1], _quoted(s)[1:-1]))
        self._secrets = sorted(set(spelled), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback under it where there is one."""
        fields = "".join(f"  {name}={_plain(value)}" for name, value in _fields(record).items())
        text = f"{_time(record)} {record.levelname:<7} {record.name}  {_one_line(_message(record))}{fields}"
        if trace := self._trace(record):
            text += "\n" + trace
        return self._hide(text)

    def _trace(self, record: logging.LogRecord) -> str:
        if _explained(record):
            return ""
        trace = self.formatException(record.exc_info) if record.exc_info else record.exc_text or ""
        return "\n".join(part for part in (trace, record.stack_info or "") if part)

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for shape in _SECRET_SHAPES:
            text = shape.sub(lambda found: (found.groupdict().get("keep") or "") + HIDDEN, text)
        return text


class JsonLines(Lines):
    """A JSON object a line, for a log collector."""

    def format(self, record: logging.LogRecord) -> str:
        """The object: time, level, logger, message, the fields, and the traceback where there is one."""
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **_fields(record),
        }
        if trace := self._trace(record):
            line["trace"] = trace
        return self._hide(json.dumps(line, ensure_ascii=False, default=str))


def looks_secret(text: str) -> bool:
    """Whether a bot's token, or something of its shape, stands in the text."""
    return any(shape.search(text) for shape in _SECRET_SHAPES)


def _remember(record: logging.LogRecord) -> bool:
    """Puts on the record what its task is about, before another task formats it."""
    if not hasattr(record, "about"):
        record.about = _about.get()
    return True


def _fields(record: logging.LogRecord) -> dict[str, object]:
    about_it: Mapping[str, object] = getattr(record, "about", MappingProxyType({}))
    given = {name: value for name, value in vars(record).items() if name not in _OWN and name != "about"}
    return {**about_it, **given}


def _explained(record: logging.LogRecord) -> BaseException | None:
    error = record.exc_info[1] if record.exc_info else None
    return error if isinstance(error, Explained) else None


def _message(record: logging.LogRecord) -> str:
    error = _explained(record)
    return record.getMessage() if error is None else f"{record.getMessage()}: {error}"


def _time(record: logging.LogRecord) -> str:
    moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: object) -> str:
    text = str(value)
    return _quoted(text) if not text or re.search(r'[\s"=]', text) else text


def _one_line(text: str) -> str:
    """Control characters as they are written in code, so that nobody's words begin a line of their own."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", lambda found: json.dumps(found[0])[1:-1], text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
