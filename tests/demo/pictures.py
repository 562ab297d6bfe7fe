"""Takes the pictures of the docs from the running demo: `make pictures`. Needs Chromium and its chromedriver."""

from __future__ import annotations

import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webelement import WebElement

from tests.demo.conftest import ROOT, Demo
from tests.demo.test_browser import CHROMIUM, DRIVER, FLAGS, Visitor

PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    """Takes the tour and keeps what it looks like."""
    if not (CHROMIUM and DRIVER):
        sys.exit("There is no Chromium with its chromedriver on this machine; install both, then try again.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    demo = Demo("--day-length", "300")
    with tempfile.TemporaryDirectory() as folder:
        options = Options()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, "--window-size=900,2600", f"--user-data-dir={folder}"):
            options.add_argument(flag)
        try:
            with webdriver.Chrome(options=options, service=Service(DRIVER)) as browser:
                browser.get(demo.wait_for("http://127.0.0.1:").split()[-1])
                _tour(Visitor(browser))
        finally:
            demo.stop()


def _tour(visitor: Visitor) -> None:
    """Two days: a reader plays, another one too, the admin looks after things, the results come."""
    _read(visitor)
    _play(visitor)
    _look_around(visitor)
    _in_chinese(visitor)
    _administer(visitor)
    _see_the_round_end(visitor)


def _read(visitor: Visitor) -> None:
    visitor.wait_for("Tue 29 Apr 2025")
    _take(visitor, "welcome", "Hello, I'm Paper Round")
    _take(visitor, "digest")
    visitor.pick("Read a paper", "Token-Shuffle")
    visitor.wait_for("Only you can see this")
    _take(visitor, "paper")


def _play(visitor: Visitor) -> None:
    visitor.click("Play the round")
    visitor.wait_for("Question 1 of 9")
    _take(visitor, "question")
    visitor.click("C")
    visitor.wait_for("Question 2 of 9")
    _take(visitor, "round")
    for number in range(2, 10):
        visitor.wait_for(f"Question {number} of 9")
        visitor.click("ABC"[number % 3])
    visitor.wait_for("That was the round")
    _take(visitor, "score")
    visitor.click("Look at my answers")
    visitor.wait_for("Question 9 · ")
    _take(visitor, "answers")
    visitor.become("Reader two")
    visitor.click("Play the round")
    for number in range(1, 10):
        visitor.wait_for(f"Question {number} of 9")
        visitor.click("BCA"[number % 3])
    visitor.wait_for("That was the round")
    visitor.click("Leaderboard")
    visitor.wait_for("You are number")
    _take(visitor, "leaderboard")


def _look_around(visitor: Visitor) -> None:
    for command, words, name in (
        (("help",), "/privacy", "help"),
        (("me record",), "Your record", "record"),
        (("papers search", "reasoning"), "reasoning", "search"),
        (("privacy show",), "What", "privacy"),
    ):
        _ask(visitor, command, words, name)


def _in_chinese(visitor: Visitor) -> None:
    _ask(visitor, ("me language", "中文"), "中文", None)
    _ask(visitor, ("me record",), "连", "record-zh")
    _ask(visitor, ("me language", "English"), "English", None)


def _administer(visitor: Visitor) -> None:
    visitor.become("Admin")
    for command, words, name in (
        (("digest status",), "", "status"),
        (("digest doctor",), "", "doctor"),
        (("digest settings",), "", "settings"),
        (("players audit",), "", "audit"),
    ):
        _ask(visitor, command, words, name)

    _ask(visitor, ("digest edit",), "Which subscription", None)
    visitor.pick("Which subscription", "deep-dive")
    visitor.wait_for("Settings of a subscription")
    _take(visitor, "panel", "Settings of a subscription")


def _see_the_round_end(visitor: Visitor) -> None:
    visitor.become("Reader one")
    visitor.wait_for("Round-up · Tue 11 Feb 2025", seconds=400)
    _take(visitor, "round-up")
    visitor.click("Play the round")
    visitor.wait_for("Question 1 of ")
    _take(visitor, "round-up-question")
    visitor.wait_for("the round is over", seconds=400)
    _take(visitor, "results", "the round is over")


def _ask(visitor: Visitor, command: tuple[str, ...], words: str, name: str | None) -> None:
    """Gives a command, waits for the answer, and takes its picture."""
    before = len(visitor.messages())
    visitor.command(*command)
    visitor.wait_until(lambda: len(visitor.messages()) > before and visitor.sees(words))
    if name is not None:
        _take(visitor, name)


_LOADED = "return [...arguments[0].querySelectorAll('img')].every(i => i.complete && i.naturalWidth > 0)"


def _take(visitor: Visitor, name: str, words: str = "") -> None:
    """The newest message with these words as a picture, once everything in it is drawn."""
    browser = visitor.browser
    visitor.wait_until(lambda: browser.execute_script(_LOADED, _newest(visitor, words)))
    message = _newest(visitor, words)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", message)
    path = PICTURES / f"{name}.png"
    message.screenshot(str(path))
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def _newest(visitor: Visitor, words: str) -> WebElement:
    return [message for message in visitor.messages() if words in message.text][-1]


if __name__ == "__main__":
    main()
