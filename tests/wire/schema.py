"""Requests checked against Discord's own OpenAPI description, where that file is at hand."""

from __future__ import annotations

import functools
import importlib
import json
import re
from pathlib import Path
from typing import Any, Final, Protocol

from .errors import Problem
from .state import Json

DESCRIPTION: Final = Path(__file__).resolve().parents[3] / "shared" / "discord" / "openapi.json"
"""Beside the repository; without it nothing is checked here."""

_ID: Final = "urn:discord"
_JSON_BODY: Final = "/requestBody/content/application~1json/schema"
_CALLBACKS: Final = {
    4: "CreateMessageInteractionCallbackRequest",
    5: "CreateMessageInteractionCallbackRequest",
    6: "UpdateMessageInteractionCallbackRequest",
    7: "UpdateMessageInteractionCallbackRequest",
    8: "ApplicationCommandAutocompleteCallbackRequest",
    9: "ModalInteractionCallbackRequest",
}
"""The branch of the description for each kind of first response, so that the mistake found is the one made."""


class _Validator(Protocol):
    def iter_errors(self, instance: Any) -> Any: ...


@functools.cache
def _description() -> Json | None:
    try:
        document: Json = json.loads(DESCRIPTION.read_bytes())
    except FileNotFoundError:
        return None
    # Discord takes ids as numbers too, and discord.py sends them so in places.
    schemas = document["components"]["schemas"]
    schemas["SnowflakeType"] = {"anyOf": [schemas["SnowflakeType"], {"type": "integer"}]}
    return document


def available() -> bool:
    """Whether the description is there."""
    return _description() is not None


@functools.cache
def _pointers() -> dict[tuple[str, str], str]:
    """Where in the description each operation's JSON body is, by method and path with nameless parameters."""
    return {
        (method, nameless): f"#/paths/{_escaped(path)}/{method.lower()}{_JSON_BODY}"
        for (method, nameless), (path, operation) in _operations().items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }


@functools.cache
def _operations() -> dict[tuple[str, str], tuple[str, Json]]:
    """Path and description of each operation, by method and path with nameless parameters."""
    document = _description() or {"paths": {}}
    return {
        (method.upper(), _nameless(path)): (path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict)
    }


def _escaped(path: str) -> str:
    """A path as one step of a JSON pointer in a URL."""
    return path.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _nameless(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


@functools.cache
def _registry() -> Any:
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    return Registry().with_resource(_ID, DRAFT202012.create_resource(_description()))


@functools.cache
def _validator(method: str, path: str, callback: int | None) -> _Validator | None:
    pointer = _pointers().get((method, _nameless(path)))
    if pointer is not None and callback in _CALLBACKS:
        pointer = f"#/components/schemas/{_CALLBACKS[callback]}"
    if pointer is None:
        return None
    jsonschema: Any = importlib.import_module("jsonschema")
    validator: _Validator = jsonschema.Draft202012Validator({"$ref": _ID + pointer}, registry=_registry())
    return validator


def answer_problems(method: str, path: str, status: int, answer: Any) -> list[str]:
    """How an answer of ours differs from what Discord publishes about this operation."""
    place = _operations().get((method, _nameless(path)))
    if place is None:
        return []
    theirs = place[1]["responses"].get(str(status))
    if theirs is None or (answer is None) != ("content" not in theirs):
        return [f"no answer {status} of this kind is known for {method} {path}"]
    if answer is None:
        return []
    jsonschema: Any = importlib.import_module("jsonschema")
    pointer = f"#/paths/{_escaped(place[0])}/{method.lower()}/responses/{status}/content/application~1json/schema"
    validator = jsonschema.Draft202012Validator({"$ref": _ID + pointer}, registry=_registry())
    return [
        f"{method} {path}: {list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(answer)
    ]


def problems(method: str, path: str, body: Any) -> list[Problem]:
    """What a body breaks of what Discord publishes about this operation: the likeliest mistake, or nothing."""
    validator = _validator(method, path, body.get("type") if path.endswith("/callback") else None)
    if validator is None:
        return []
    jsonschema: Any = importlib.import_module("jsonschema.exceptions")
    error = jsonschema.best_match(validator.iter_errors(body))
    if error is None:
        return []
    where = tuple(step if isinstance(step, int) else str(step) for step in error.absolute_path)
    return [Problem(where, "SCHEMA", error.message[:300], "schema")]
