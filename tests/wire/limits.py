"""Our own table of Discord's limits on messages and modals: what a body breaks, whatever the schema says.

Lengths count UTF-16 code units, the stricter of the two ways that Discord counts. Keys that Discord would
silently ignore are problems too: they are somebody's mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Sized
from typing import Any, Final
from urllib.parse import urlsplit

from .errors import Problem
from .state import COMPONENTS_V2, Json, walk

Path = tuple[str | int, ...]

CONTENT: Final = 2_000
NONCE: Final = 25
EMBEDS: Final = 10
EMBEDS_TOTAL: Final = 6_000
EMBED_TITLE: Final = 256
EMBED_DESCRIPTION: Final = 4_096
EMBED_FIELDS: Final = 25
FIELD_NAME: Final = 256
FIELD_VALUE: Final = 1_024
FOOTER: Final = 2_048
AUTHOR: Final = 256
URL: Final = 2_048
ROWS: Final = 5
BUTTONS: Final = 5
LABEL: Final = 80
CUSTOM_ID: Final = 100
BUTTON_URL: Final = 512
OPTIONS: Final = 25
OPTION: Final = 100
PLACEHOLDER: Final = 150
V2_COMPONENTS: Final = 40
V2_TEXT: Final = 4_000
FILES: Final = 10
FILE_BYTES: Final = 10 * 1024 * 1024
ALT: Final = 1_024
MODAL_TITLE: Final = 45
MODAL_PARTS: Final = 5
MODAL_LABEL: Final = 45
MODAL_DESCRIPTION: Final = 100
INPUT: Final = 4_000
INPUT_PLACEHOLDER: Final = 100

_MESSAGE_KEYS: Final = frozenset(
    [
        "content",
        "embeds",
        "components",
        "attachments",
        "allowed_mentions",
        "flags",
        "nonce",
        "enforce_nonce",
        "tts",
        "message_reference",
        "sticker_ids",
        "poll",
    ]
)
_EMBED_KEYS: Final = frozenset(
    [
        "title",
        "type",
        "description",
        "url",
        "timestamp",
        "color",
        "footer",
        "image",
        "thumbnail",
        "video",
        "provider",
        "author",
        "fields",
        "flags",
    ]
)
_FIELD_KEYS: Final = frozenset({"name", "value", "inline"})
_BUTTON, _STRING_SELECT, _TEXT, _LABEL, _INPUT = 2, 3, 10, 18, 4
_SELECTS: Final = frozenset({3, 5, 6, 7, 8})
_LINK, _PREMIUM = 5, 6


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Findings:
    """Collects problems."""

    def __init__(self) -> None:
        """Starts with none."""
        self.problems: list[Problem] = []

    def add(self, path: Path, code: str, message: str) -> None:
        """Notes a problem."""
        self.problems.append(Problem(path, code, message))

    def text(self, path: Path, value: Any, most: int, *, needed: bool = False) -> None:
        """A text of at most `most` units that is not blank if it is there (or `needed`)."""
        if value is None and not needed:
            return
        if not isinstance(value, str) or not value.strip():
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif units(value) > most:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def count(self, path: Path, items: Sized, most: int, least: int = 0) -> None:
        """Between `least` and `most` of something."""
        if not least <= len(items) <= most:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def keys(self, path: Path, body: Json, known: Iterable[str]) -> None:
        """No key that Discord would drop."""
        for key in body.keys() - set(known):
            self.add((*path, key), "UNKNOWN_KEY", "Discord doesn't know this key")

    def web(self, path: Path, url: Any, most: int, *, also: tuple[str, ...] = ()) -> None:
        """A web address."""
        self.text(path, url, most, needed=True)
        if isinstance(url, str) and url.strip():
            try:
                parts = urlsplit(url)
                sound = parts.scheme in ("http", "https") and bool(parts.hostname)
            except ValueError:
                sound = False
            if not sound and not url.startswith(also or "\0"):
                self.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")


def message(body: Json, *, at: Path = ()) -> list[Problem]:
    """What is wrong with a message to be created or the changes to one."""
    found = Findings()
    found.keys(at, body, _MESSAGE_KEYS)
    embeds: list[Json] = body.get("embeds") or []
    components: list[Json] = body.get("components") or []
    if body.get("content"):
        found.text((*at, "content"), body["content"], CONTENT)
    if isinstance(body.get("nonce"), str):
        found.text((*at, "nonce"), body["nonce"], NONCE)
    _embeds(found, (*at, "embeds"), embeds)
    if (body.get("flags") or 0) & COMPONENTS_V2:
        _components_v2(found, at, body)
    else:
        found.count((*at, "components"), components, ROWS)
        for index, row in enumerate(components):
            if row.get("type") != 1:
                found.add((*at, "components", index, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1,).")
    for path, component in _with_paths((*at, "components"), components):
        _component(found, path, component)
    _unique_ids(found, (*at, "components"), components)
    _mentions(found, (*at, "allowed_mentions"), body.get("allowed_mentions") or {})
    attachments = body.get("attachments") or []
    found.count((*at, "attachments"), attachments, FILES)
    for index, attachment in enumerate(attachments):
        found.text((*at, "attachments", index, "description"), attachment.get("description"), ALT)
    return found.problems


def _embeds(found: Findings, at: Path, embeds: list[Json]) -> None:
    found.count(at, embeds, EMBEDS)
    total = 0
    for index, embed in enumerate(embeds):
        here = (*at, index)
        found.keys(here, embed, _EMBED_KEYS)
        total += _embed(found, here, embed)
    if total > EMBEDS_TOTAL:
        found.add(at, "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBEDS_TOTAL}")


def _embed(found: Findings, at: Path, embed: Json) -> int:
    """Checks one; returns what it counts towards the total."""
    author, footer, fields = embed.get("author") or {}, embed.get("footer") or {}, embed.get("fields") or []
    texts: list[tuple[Path, Any, int, bool]] = [
        (("title",), embed.get("title"), EMBED_TITLE, False),
        (("description",), embed.get("description"), EMBED_DESCRIPTION, False),
        (("author", "name"), author.get("name"), AUTHOR, bool(author)),
        (("footer", "text"), footer.get("text"), FOOTER, bool(footer)),
    ]
    for index, part in enumerate(fields):
        found.keys((*at, "fields", index), part, _FIELD_KEYS)
        texts.append((("fields", index, "name"), part.get("name"), FIELD_NAME, True))
        texts.append((("fields", index, "value"), part.get("value"), FIELD_VALUE, True))
    for path, text, most, needed in texts:
        found.text((*at, *path), text, most, needed=needed)
    found.count((*at, "fields"), fields, EMBED_FIELDS)
    if embed.get("url") is not None:
        found.web((*at, "url"), embed["url"], URL)
    for part in ("image", "thumbnail"):
        if embed.get(part):
            found.web((*at, part, "url"), embed[part].get("url"), URL, also=("attachment://",))
    if author.get("url") is not None:
        found.web((*at, "author", "url"), author["url"], URL)
    color = embed.get("color")
    if color is not None and not 0 <= color <= 0xFFFFFF:
        found.add((*at, "color"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
    if not any(text for _, text, _, _ in texts) and not embed.get("image") and not embed.get("thumbnail"):
        found.add((*at, "description"), "BASE_TYPE_REQUIRED", "This field is required")
    return sum(units(text) for _, text, _, _ in texts if isinstance(text, str))


def _with_paths(at: Path, components: list[Json]) -> Iterable[tuple[Path, Json]]:
    for index, component in enumerate(components):
        here = (*at, index)
        yield here, component
        yield from _with_paths((*here, "components"), component.get("components") or [])
        for key in ("accessory", "component"):
            if component.get(key):
                yield (*here, key), component[key]


def _component(found: Findings, at: Path, part: Json) -> None:
    kind = part.get("type")
    if kind == 1:
        inside: list[Json] = part.get("components") or []
        only = 1 if any(one.get("type") in _SELECTS for one in inside) else BUTTONS
        found.count((*at, "components"), inside, only, 1)
    elif kind == _BUTTON:
        _button(found, at, part)
    elif kind in _SELECTS:
        _select(found, at, part)
    elif kind == _TEXT:
        found.text((*at, "content"), part.get("content"), V2_TEXT, needed=True)


def _button(found: Findings, at: Path, part: Json) -> None:
    if part.get("style") == _LINK:
        found.web((*at, "url"), part.get("url"), BUTTON_URL, also=("discord://",))
        if part.get("custom_id") is not None:
            found.add((*at, "custom_id"), "BUTTON_COMPONENT_INVALID", "A link button has no custom id")
    elif part.get("style") != _PREMIUM:
        found.text((*at, "custom_id"), part.get("custom_id"), CUSTOM_ID, needed=True)
    found.text((*at, "label"), part.get("label"), LABEL, needed=not part.get("emoji"))


def _select(found: Findings, at: Path, part: Json) -> None:
    found.text((*at, "custom_id"), part.get("custom_id"), CUSTOM_ID, needed=True)
    found.text((*at, "placeholder"), part.get("placeholder"), PLACEHOLDER)
    if part.get("type") != _STRING_SELECT:
        return
    options: list[Json] = part.get("options") or []
    found.count((*at, "options"), options, OPTIONS, 1)
    for index, option in enumerate(options):
        here = (*at, "options", index)
        found.text((*here, "label"), option.get("label"), OPTION, needed=True)
        found.text((*here, "value"), option.get("value"), OPTION, needed=True)
        found.text((*here, "description"), option.get("description"), OPTION)
    values = [option.get("value") for option in options]
    if len(values) != len(set(values)):
        found.add((*at, "options"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Option values must be unique")
    most = 1 if part.get("max_values") is None else part["max_values"]
    if most > max(len(options), 1) or sum(bool(option.get("default")) for option in options) > most:
        found.add((*at, "max_values"), "BASE_TYPE_BAD_LENGTH", "More chosen than there are or than may be chosen")


def _components_v2(found: Findings, at: Path, body: Json) -> None:
    for key in ("content", "embeds"):
        if body.get(key):
            found.add((*at, key), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with components v2")
    every = list(walk(body.get("components") or []))
    found.count((*at, "components"), every, V2_COMPONENTS)
    if sum(units(one.get("content") or "") for one in every) > V2_TEXT:
        found.add((*at, "components"), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Too much text")


def _unique_ids(found: Findings, at: Path, components: list[Json]) -> None:
    ids = [part["custom_id"] for part in walk(components) if part.get("custom_id") is not None]
    if len(ids) != len(set(ids)):
        found.add(at, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")


def _mentions(found: Findings, at: Path, allowed: Json) -> None:
    for kind in ("users", "roles"):
        if allowed.get(kind):
            found.count((*at, kind), allowed[kind], 100)
            if kind in (allowed.get("parse") or []):
                found.add((*at, "parse"), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", f"{kind} are listed as well")


def modal(body: Json, *, at: Path = ()) -> list[Problem]:
    """What is wrong with a modal."""
    found = Findings()
    parts: list[Json] = body.get("components") or []
    found.text((*at, "title"), body.get("title"), MODAL_TITLE, needed=True)
    found.text((*at, "custom_id"), body.get("custom_id"), CUSTOM_ID, needed=True)
    found.count((*at, "components"), parts, MODAL_PARTS, 1)
    for path, part in _with_paths((*at, "components"), parts):
        if part.get("type") == _LABEL:
            found.text((*path, "label"), part.get("label"), MODAL_LABEL, needed=True)
            found.text((*path, "description"), part.get("description"), MODAL_DESCRIPTION)
        elif part.get("type") == _INPUT:
            found.text((*path, "custom_id"), part.get("custom_id"), CUSTOM_ID, needed=True)
            found.text((*path, "label"), part.get("label"), MODAL_LABEL)
            found.text((*path, "placeholder"), part.get("placeholder") or None, INPUT_PLACEHOLDER)
            found.text((*path, "value"), part.get("value") or None, INPUT)
        else:
            _component(found, path, part)
    _unique_ids(found, (*at, "components"), parts)
    return found.problems
