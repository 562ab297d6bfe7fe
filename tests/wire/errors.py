"""How the local Discord says no: a status, Discord's own code and sentence, and the tree of a bad body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .state import Json


class ApiError(Exception):
    """A request is refused."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        """`more` goes into the body beside code and message."""
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.body: Json = {"message": message, "code": code, **more}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request's body."""

    path: tuple[str | int, ...]
    code: str
    message: str
    source: str = "limits"
    """`limits` (our own table) or `schema` (Discord's published description)."""


class InvalidBodyError(ApiError):
    """50035 with the tree of what is wrong where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """At least one problem."""
        super().__init__(400, 50035, "Invalid Form Body", errors=_tree(problems))
        self.problems = list(problems)


def _tree(problems: Sequence[Problem]) -> Json:
    tree: Json = {}
    for problem in problems:
        node = tree
        for step in problem.path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return tree


def unauthorized() -> ApiError:
    """A bad token."""
    return ApiError(401, 0, "401: Unauthorized")


def no_route() -> ApiError:
    """Nothing at this address."""
    return ApiError(404, 0, "404: Not Found")


def unknown_channel() -> ApiError:
    """There is no such channel, or not any more."""
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    """There is no such guild, or the bot isn't in it."""
    return ApiError(404, 10004, "Unknown Guild")


def unknown_message() -> ApiError:
    """There is no such message, or not any more."""
    return ApiError(404, 10008, "Unknown Message")


def unknown_user() -> ApiError:
    """There is no such user."""
    return ApiError(404, 10013, "Unknown User")


def unknown_webhook() -> ApiError:
    """An interaction's token that was never any good, or isn't answered yet."""
    return ApiError(404, 10015, "Unknown Webhook")


def expired_webhook() -> ApiError:
    """An interaction's token after its fifteen minutes."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def unknown_interaction() -> ApiError:
    """An interaction that isn't, or was left unanswered for more than three seconds."""
    return ApiError(404, 10062, "Unknown interaction")


def already_acknowledged() -> ApiError:
    """The second first response."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def missing_access() -> ApiError:
    """A place that the bot can't see."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """Something that the bot may not do."""
    return ApiError(403, 50013, "Missing Permissions")


def not_on_this_channel() -> ApiError:
    """A thing that this kind of channel can't do."""
    return ApiError(400, 50024, "Cannot execute action on this channel type")
