"""Our own table of Discord's limits on commands, suggestions and threads."""

from __future__ import annotations

import re
from typing import Any, Final

from .errors import Problem
from .limits import Findings, Path, units
from .state import Json

COMMANDS: Final = 100
CONTEXT_MENUS: Final = 15
NAME: Final = 32
DESCRIPTION: Final = 100
OPTIONS: Final = 25
CHOICES: Final = 25
CHOICE: Final = 100
COMMAND_TOTAL: Final = 8_000
THREAD_NAME: Final = 100
ARCHIVE_MINUTES: Final = (60, 1_440, 4_320, 10_080)

_SLASH_NAME: Final = re.compile(r"[-_'\w]{1,32}")
_LOCALES: Final = frozenset(
    [
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
        "he",
        "ar",
    ]
)
_SUBCOMMAND, _GROUP, _INTEGER, _NUMBER = 1, 2, 4, 10


def commands(body: list[Json]) -> list[Problem]:
    """What is wrong with a whole set of commands."""
    found = Findings()
    slash = [command for command in body if command.get("type", 1) == 1]
    found.count((), slash, COMMANDS)
    found.count((), [command for command in body if command.get("type", 1) != 1], CONTEXT_MENUS)
    _unique(found, (), body)
    for index, command in enumerate(body):
        if command.get("type", 1) == 1:
            _described(found, (index,), command)
            _options(found, (index, "options"), command.get("options") or [], depth=0)
            if _total(command) > COMMAND_TOTAL:
                found.add((index,), "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds {COMMAND_TOTAL} characters")
        else:
            found.text((index, "name"), command.get("name"), NAME, needed=True)
    return found.problems


def _described(found: Findings, at: Path, what: Json) -> None:
    name = what.get("name")
    if not isinstance(name, str) or not _SLASH_NAME.fullmatch(name) or name != name.lower():
        found.add((*at, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    found.text((*at, "description"), what.get("description"), DESCRIPTION, needed=True)
    for key, most in (("name_localizations", NAME), ("description_localizations", DESCRIPTION)):
        for locale, text in (what.get(key) or {}).items():
            if locale not in _LOCALES:
                found.add((*at, key, locale), "BASE_TYPE_CHOICES", "Not a locale of Discord's")
            found.text((*at, key, locale), text, most, needed=True)
            if key == "name_localizations" and not _SLASH_NAME.fullmatch(str(text)):
                found.add((*at, key, locale), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _options(found: Findings, at: Path, options: list[Json], *, depth: int) -> None:
    found.count(at, options, OPTIONS)
    _unique(found, at, options)
    optional = False
    for index, option in enumerate(options):
        here = (*at, index)
        _described(found, here, option)
        if option.get("type") in (_SUBCOMMAND, _GROUP):
            if depth > 1 or (depth == 1 and option["type"] == _GROUP):
                found.add(here, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deeply")
            _options(found, (*here, "options"), option.get("options") or [], depth=depth + 1)
            continue
        if option.get("required") and optional:
            found.add(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options come first")
        optional = optional or not option.get("required")
        choices = option.get("choices") or []
        suggestions(choices, found, (*here, "choices"))
        if option.get("autocomplete") and choices:
            found.add(
                here, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", "Choices or autocomplete, not both"
            )
    kinds = {option.get("type") in (_SUBCOMMAND, _GROUP) for option in options}
    if len(kinds) > 1:
        found.add(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands and options don't mix")


def _unique(found: Findings, at: Path, what: list[Json]) -> None:
    names = [(one.get("name"), one.get("type", 1) if not at else 0) for one in what]
    if len(names) != len(set(names)):
        found.add(at, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Names must be unique")


def _total(what: Any) -> int:
    """Names, descriptions and the values of choices, in the longest language each."""
    if not isinstance(what, dict):
        return 0
    total = 0
    for key in ("name", "description"):
        said = [str(what.get(key) or ""), *map(str, (what.get(f"{key}_localizations") or {}).values())]
        total += max(units(text) for text in said)
    if isinstance(what.get("value"), str):
        total += units(what["value"])
    parts = [*(what.get("options") or []), *(what.get("choices") or [])]
    return total + sum(_total(part) for part in parts)


def suggestions(
    choices: list[Json], found: Findings | None = None, at: Path = ("data", "choices")
) -> list[Problem]:
    """What is wrong with fixed choices or with what an autocomplete suggests."""
    found = found if found is not None else Findings()
    found.count(at, choices, CHOICES)
    for index, choice in enumerate(choices):
        found.text((*at, index, "name"), choice.get("name"), CHOICE, needed=True)
        if isinstance(choice.get("value"), str):
            found.text((*at, index, "value"), choice["value"], CHOICE, needed=True)
        elif choice.get("value") is None:
            found.add((*at, index, "value"), "BASE_TYPE_REQUIRED", "This field is required")
    return found.problems


def thread(body: Json) -> list[Problem]:
    """What is wrong with a thread or forum post to be created or changed."""
    found = Findings()
    if "name" in body:
        found.text(("name",), body["name"], THREAD_NAME, needed=True)
    if body.get("auto_archive_duration") not in (None, *ARCHIVE_MINUTES):
        found.add(("auto_archive_duration",), "BASE_TYPE_CHOICES", f"Value must be one of {ARCHIVE_MINUTES}.")
    found.count(("applied_tags",), body.get("applied_tags") or [], 5)
    return found.problems
