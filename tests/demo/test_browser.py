"""The demo as a visitor meets it: a page in a real browser, clicked through."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import (
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from .conftest import Demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="there is no Chromium with its chromedriver on this machine"
)

_REDRAWN = (StaleElementReferenceException, ElementNotInteractableException, NoSuchElementException)
"""What a look or a click comes to while the page is drawn anew."""
_TYPING = 0.7
"""Seconds between two strokes that the page has to follow."""

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
        except _REDRAWN:
            return False

    def wait_for(self, words: str, *, seconds: float = 30) -> None:
        """Waits until a message has these words."""
        self._until(lambda: self.sees(words), f"no message says “{words}”", seconds)

    def click(self, label: str) -> None:
        """Clicks the last button with this label."""

        def clicked() -> bool:
            buttons = [b for b in self.browser.find_elements(By.TAG_NAME, "button") if b.text.strip() == label]
            if buttons:
                self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", buttons[-1])
                buttons[-1].click()
            return bool(buttons)

        self._until(clicked, f"there is no button “{label}”", 15)

    def command(self, name: str, *options: str) -> None:
        """Types a slash command, its required options in their order, and sends it."""
        self._until(lambda: self._give(name, options), f"/{name} can't be given", 30)

    def pick(self, menu: str, option: str) -> None:
        """Picks from the last menu that says `menu` the first option with this text in it."""
        self._until(lambda: self._open(menu), f"there is no menu “{menu}”", 15)
        self._until(lambda: self._choose(option), f"the menu has no “{option}”", 15)

    def become(self, name: str) -> None:
        """Views the page as somebody else."""

        def chosen() -> bool:
            Select(self.browser.find_element(By.ID, "viewer-picker")).select_by_visible_text(name)
            return True

        self._until(chosen, f"there is no viewer “{name}”", 15)

    def wait_until(self, done: Callable[[], bool]) -> None:
        """Waits until something is so."""
        self._until(done, "it did not come to be", 30)

    def _give(self, name: str, options: Sequence[str]) -> bool:
        for close in self.browser.find_elements(By.CSS_SELECTOR, ".command-context-close"):  # an earlier try's
            close.click()
        box = self.browser.find_element(By.ID, "channel-composer-input")
        box.clear()
        self._stroke(box, f"/{name}")
        self._stroke(box, Keys.ENTER)
        for option in options:
            if not self._offered(option):
                self._stroke(self.browser.switch_to.active_element, option)
        send = self.browser.find_element(By.ID, "send-message")
        self.browser.execute_script("arguments[0].click()", send)  # a long description can push it out of sight
        time.sleep(_TYPING)
        return not self.browser.find_elements(By.CSS_SELECTOR, "[data-command-chip]")

    def _offered(self, option: str) -> bool:
        shown = self.browser.find_elements(By.CSS_SELECTOR, ".command-popup [role=option]")
        named = [item for item in shown if item.is_displayed() and item.text.strip() == option]
        if named:
            named[0].click()
            time.sleep(_TYPING)
        return bool(named)

    def _stroke(self, field: WebElement, keys: str) -> None:
        field.send_keys(keys)
        time.sleep(_TYPING)

    def _open(self, menu: str) -> bool:
        found = self.browser.find_elements(By.CSS_SELECTOR, f"article.channel-message [aria-label^='{menu}']")
        if found:
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found[-1])
            found[-1].click()
        return bool(found)

    def _choose(self, option: str) -> bool:
        shown = [o for o in self.browser.find_elements(By.CSS_SELECTOR, ".select-option") if o.is_displayed()]
        named = [o for o in shown if option in o.text]
        if named:
            named[0].click()
        return bool(named)

    def _until(self, done: Callable[[], bool], complaint: str, seconds: float) -> None:
        def settled() -> bool:
            try:
                return done()
            except _REDRAWN:
                return False

        end = time.monotonic() + seconds
        while not settled():
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
