"""The demo as a visitor meets it: a page in a real browser, clicked through."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from .conftest import Demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="there is no Chromium with its chromedriver on this machine"
)

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--window-size=1400,1000",
)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = CHROMIUM or ""
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    with webdriver.Chrome(options=options, service=Service(DRIVER)) as driver:
        yield driver


class Visitor:
    """Somebody at the page: looks, waits and clicks."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser

    def messages(self) -> list[WebElement]:
        """The messages in the channel that this viewer sees, oldest first."""
        return self.browser.find_elements(By.CSS_SELECTOR, "article.channel-message")

    def sees(self, words: str) -> bool:
        """Whether a message has these words now."""
        try:
            return any(words in message.text for message in self.messages())
        except StaleElementReferenceException:  # the page was drawn anew meanwhile
            return False

    def wait_for(self, words: str, *, seconds: float = 30) -> None:
        """Waits until a message has these words."""
        self._until(lambda: self.sees(words), f"no message says “{words}”", seconds)

    def click(self, label: str) -> None:
        """Clicks the last button with this label."""

        def clicked() -> bool:
            try:
                buttons = [b for b in self.browser.find_elements(By.TAG_NAME, "button") if b.text.strip() == label]
                if buttons:
                    self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", buttons[-1])
                    buttons[-1].click()
                return bool(buttons)
            except StaleElementReferenceException:
                return False

        self._until(clicked, f"there is no button “{label}”", 15)

    def become(self, name: str) -> None:
        """Views the page as somebody else."""

        def chosen() -> bool:
            try:
                Select(self.browser.find_element(By.ID, "viewer-picker")).select_by_visible_text(name)
            except StaleElementReferenceException:  # the page was drawn anew meanwhile
                return False
            return True

        self._until(chosen, f"there is no viewer “{name}”", 15)

    def _until(self, done: Callable[[], bool], complaint: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                said = "\n--\n".join(message.text for message in self.messages())
                raise AssertionError(f"{complaint}; the page says:\n{said}")
            time.sleep(0.1)


def test_a_reader_plays_a_whole_round(demo: Callable[..., Demo], browser: webdriver.Chrome) -> None:
    address = demo("--day-length", "3600").wait_for("http://127.0.0.1:").split()[-1]
    browser.get(address)
    visitor = Visitor(browser)
    visitor.wait_for("Deep dive · Tue 29 Apr 2025 · 3 papers", seconds=15)
    assert visitor.sees("Skywork R1V2: Multimodal Hybrid Reinforcement Learning for Reasoning")

    visitor.click("Play the round")
    for number in range(1, 10):
        visitor.wait_for(f"Question {number} of 9")
        visitor.click("ABC"[number % 3])
    visitor.wait_for("That was the round")
    assert visitor.sees("Your place in this server: 1 of 1")
    visitor.click("Look at my answers")
    visitor.wait_for("Question 9 · ")

    visitor.become("Reader two")
    visitor.wait_for("Deep dive · Tue 29 Apr 2025 · 3 papers")
    assert not visitor.sees("Question 9 · ")
    visitor.click("Play the round")
    visitor.wait_for("Question 1 of 9")
