"""Logs: readable lines, what they were about, and no secret in any of them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs

TOKEN = 's3cret-token with “quotes"'
SHAPED = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-"

log = logging.getLogger("bot.delivery.courier")


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    tamed = {name: logging.getLogger(name).level for name in logs._TAMED}
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    for name, level in tamed.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=False)


def fail(reason: str, message: str) -> None:
    try:
        raise RuntimeError(reason)  # noqa: TRY301
    except RuntimeError:
        log.exception(message)


def logged(form: str = "text", level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(level=level, form="json" if form == "json" else "text", secrets=[TOKEN], stream=stream)
    return stream


def test_a_line_for_people_says_when_where_what_and_about_what() -> None:
    stream = logged()
    with logs.about(server=1, subscription=2):
        log.info("posted %s", "it", extra={"delivery": 3, "reason": "two words", "empty": ""})
    log.warning("after")
    first, second = stream.getvalue().splitlines()
    assert first[4:].startswith("-")
    assert first.partition("Z ")[2] == (
        "INFO    bot.delivery.courier  posted it  server=1  subscription=2  delivery=3"
        '  reason="two words"  empty=""'
    )
    assert second.endswith("WARNING bot.delivery.courier  after")


def test_an_error_that_explains_itself_is_its_sentence_without_a_trace() -> None:
    class Full(logs.Explained):
        pass

    for form in ("text", "json"):
        stream = logged(form)
        try:
            raise Full(f"No room for {TOKEN}.\nMake some.") from OSError(28, "disk")  # noqa: TRY301
        except Full:
            log.exception("a tick failed")
        (line,) = stream.getvalue().splitlines()
        assert "a tick failed: No room for [hidden].\\nMake some." in line
        assert "OSError" not in line


def test_a_json_line_is_an_object_with_the_same() -> None:
    stream = logged("json")
    with logs.about(server=1), logs.about(delivery=3):
        log.info("posted")
    fail("no", "failed")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "info",
        "logger": "bot.delivery.courier",
        "message": "posted",
        "server": 1,
        "delivery": 3,
    }
    assert second["trace"].endswith("RuntimeError: no")


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_appears_in_a_line(form: str) -> None:
    stream = logged(form)
    with logs.about(server=TOKEN):
        log.error("message %s", TOKEN, extra={"field": TOKEN, "other": SHAPED})
    fail(f"refused {TOKEN} and {SHAPED}", f"https://discord.com/api/v10/webhooks/123456/{'a' * 60}/messages")
    text = stream.getvalue()
    assert "s3cret" not in text
    assert "GabcdE" not in text
    assert "aaaa" not in text
    assert "webhooks/123456/[hidden]/messages" in text


def test_nobodys_words_begin_a_line_of_their_own() -> None:
    stream = logged()
    log.warning("named %s", "Ada\n2026-01-01 ERROR all is lost\x1b[2J")
    assert stream.getvalue().splitlines() == [stream.getvalue().rstrip("\n")]
    assert "Ada\\n2026" in stream.getvalue()


def test_libraries_do_not_drown_the_lines() -> None:
    stream = logged(level="debug")
    for name in ("discord.gateway", "aiosqlite", "apscheduler.scheduler", "sqlalchemy.engine"):
        logging.getLogger(name).debug("chatter")
    logging.getLogger("apscheduler.scheduler").info("chatter")
    logging.getLogger("discord.gateway").info("connected")
    log.debug("ours")
    assert [line.rpartition("  ")[2] for line in stream.getvalue().splitlines()] == ["connected", "ours"]


def test_a_quieter_level_quiets_the_libraries_too() -> None:
    stream = logged(level="error")
    logging.getLogger("discord.gateway").warning("reconnecting")
    log.warning("ours")
    assert stream.getvalue() == ""


def test_configuring_again_replaces_what_was_there() -> None:
    first = logged()
    second = logged()
    log.info("once")
    assert (first.getvalue(), second.getvalue().count("once")) == ("", 1)
