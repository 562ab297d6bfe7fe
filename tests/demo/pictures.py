"""Takes the pictures of the docs from the running demo: `make pictures`. Needs Chromium and its chromedriver."""

from __future__ import annotations

import sys
import tempfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from tests.demo.conftest import ROOT, Demo
from tests.demo.test_browser import CHROMIUM, DRIVER, FLAGS, Visitor

PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    """Plays a morning in the demo and keeps what it looks like."""
    if not (CHROMIUM and DRIVER):
        sys.exit("There is no Chromium with its chromedriver on this machine; install both, then try again.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    demo = Demo("--day-length", "600")
    with tempfile.TemporaryDirectory() as folder:
        options = Options()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, "--window-size=900,1900", f"--user-data-dir={folder}"):
            options.add_argument(flag)
        try:
            with webdriver.Chrome(options=options, service=Service(DRIVER)) as browser:
                browser.get(demo.wait_for("http://127.0.0.1:").split()[-1])
                _morning(Visitor(browser))
        finally:
            demo.stop()


def _morning(visitor: Visitor) -> None:
    visitor.wait_for("Tue 29 Apr 2025")
    _take(visitor, "digest")
    visitor.click("Play the round")
    visitor.wait_for("Question 1 of 9")
    visitor.click("C")
    visitor.wait_for("Question 2 of 9")
    _take(visitor, "round")
    for number in range(2, 10):
        visitor.wait_for(f"Question {number} of 9")
        visitor.click("ABC"[number % 3])
    visitor.wait_for("That was the round")
    _take(visitor, "score")
    visitor.click("Leaderboard")
    visitor.wait_for("You are number 1")
    _take(visitor, "leaderboard")
    visitor.wait_for("Round-up · Tue 11 Feb 2025", seconds=400)
    _take(visitor, "round-up")


_LOADED = "return [...arguments[0].querySelectorAll('img')].every(i => i.complete && i.naturalWidth > 0)"


def _take(visitor: Visitor, name: str) -> None:
    """The newest message as a picture, once everything in it is drawn."""
    browser = visitor.browser
    WebDriverWait(browser, 20, ignored_exceptions=[StaleElementReferenceException]).until(
        lambda _: browser.execute_script(_LOADED, visitor.messages()[-1])
    )
    message = visitor.messages()[-1]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", message)
    path = PICTURES / f"{name}.png"
    message.screenshot(str(path))
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
