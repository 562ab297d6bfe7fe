"""What the bot can say: found in its code, and in the definition of its commands.

Found are the literals given to `say(…)`, `say.count(…)`, `Refusal(…)` and those that derive from it; what admins
are told by checks (`Finding(…)`); names of permissions; and sentences that are kept in the database in English.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import discord

from bot.client import Tree
from bot.commands import permissions, register
from bot.commands.services import Services
from bot.library.desk import Desk
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
_TERMINAL = {"cli", "demo", "health"}
"""Rooms that talk to operators and visitors, in English."""
_MISTAKES = {"ValueError", "TypeError", "RuntimeError", "AssertionError"}
"""What is raised with these is for us, not for people."""
_KEPT = ("bot/outgoing/", "bot/delivery/", "bot/commands/digest/doctor.py")
"""Where sentences stand as plain literals, because they are kept, or said later."""
_FOR_ADMINS = {
    "bot/doctor/clock.py": {"check"},
    "bot/doctor/database.py": {"writable"},
    "bot/doctor/schedule.py": {"of_subscription"},
    "bot/doctor/seeds.py": {"for_admins"},
}
"""Checks whose findings admins see in Discord; others are the operator's."""


def said() -> dict[str, str]:
    """Every sentence, with the place of its first use."""
    found: dict[str, str] = {}
    trees = {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "bot").rglob("*.py"))
        if path.relative_to(ROOT / "bot").parts[0] not in _TERMINAL
    }
    refusals = _refusals(trees.values())
    for name, tree in trees.items():
        finder = _Finder(name, refusals, [_constants(tree, deep=False)])
        finder.visit(tree)
        for sentence, line in finder.found:
            found.setdefault(sentence, f"{name}:{line}")
    for word in (*permissions.NAMES.values(), *permissions.FORUM_NAMES.values()):
        found.setdefault(word, "bot/commands/permissions.py")
    return found


def commands() -> tuple[dict[str, str], dict[str, str]]:
    """Names of commands and options; and what describes them, with the choices. Each with where it stands."""
    names: dict[str, str] = {}
    texts: dict[str, str] = {}
    for payload in payloads():
        _command(payload, f"/{payload['name']}", names, texts)
    return names, texts


def tree() -> Tree:
    """The bot's commands, without a bot."""
    client = discord.Client(intents=discord.Intents(guilds=True))
    made = Tree(cast(Any, client))
    register(
        made, Services(store=cast(Any, None), clock=_Clock(), wake=lambda: None, settings=Settings(), desk=Desk(1))
    )
    return made


def payloads() -> list[dict[str, Any]]:
    """The commands as Discord is told of them, in English."""
    made = tree()
    return [command.to_dict(made) for command in made.get_commands()]


class _Clock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


def _command(payload: dict[str, Any], where: str, names: dict[str, str], texts: dict[str, str]) -> None:
    names.setdefault(payload["name"], where)
    texts.setdefault(payload["description"], where)
    for option in payload.get("options", ()):
        _command(option, f"{where} {option['name']}", names, texts)
    for choice in payload.get("choices", ()):
        texts.setdefault(choice["name"], where)


def _refusals(trees: Any) -> set[str]:
    """The names of Refusal and all classes that derive from it."""
    bases = {
        node.name: {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"Refusal"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


def _constants(tree: ast.AST, *, deep: bool) -> dict[str, list[ast.expr]]:
    """What is assigned to plain names in a module itself, or anywhere in a function (`deep`)."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree) if deep else ast.iter_child_nodes(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found.setdefault(node.target.id, []).append(node.value)
    return found


def _sentence(text: str) -> bool:
    """Whether a literal reads like a sentence."""
    return text[:1].isupper() and " " in text and text.endswith((".", "?"))


@dataclass
class _Finder(ast.NodeVisitor):
    name: str
    refusals: set[str]
    constants: list[dict[str, list[ast.expr]]]
    """Of the module, and of each function around."""
    found: list[tuple[str, int]] = field(default_factory=list)
    within: list[str] = field(default_factory=list)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._scope(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._scope(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._scope(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # not what documents something
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        if not isinstance(node.exc, ast.Call) or getattr(node.exc.func, "id", "") not in _MISTAKES:
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and self.name.startswith(_KEPT) and _sentence(node.value):
            self.found.append((node.value, node.lineno))

    def visit_Call(self, node: ast.Call) -> None:
        for literal in self._spoken(node):
            self.found += [(text, node.lineno) for text in self._texts(literal)]
        self.generic_visit(node)

    def _spoken(self, node: ast.Call) -> list[ast.expr]:
        """The arguments of a call that are sentences."""
        func = node.func
        if _speaks(func):
            return node.args[:1]
        if isinstance(func, ast.Attribute) and func.attr == "count" and _speaks(func.value):
            return node.args[:2]
        if isinstance(func, ast.Name) and func.id in self.refusals:
            return node.args[:1] if func.id == "Refusal" else []
        if isinstance(func, ast.Name) and func.id == "Words":
            return node.args[:1]
        if isinstance(func, ast.Name) and func.id == "Finding" and self._for_admins():
            return [*node.args[2:4], *(word.value for word in node.keywords if word.arg in ("sentence", "mend"))]
        if (
            isinstance(func, ast.Attribute)
            and func.attr == "__init__"
            and isinstance(func.value, ast.Call)
            and isinstance(func.value.func, ast.Name)
            and func.value.func.id == "super"
            and self.refusals & set(self.within)
            and "Refusal" not in self.within
        ):
            return node.args[:1]
        return []

    def _for_admins(self) -> bool:
        return not self.name.startswith("bot/doctor/") or bool(
            _FOR_ADMINS.get(self.name, set()) & set(self.within)
        )

    def _texts(self, node: ast.expr) -> Iterator[str]:
        """The literals that an expression can come to; none where it is only known when it runs."""
        match node:
            case ast.Constant(value=str(text)) if text:
                yield text
            case ast.IfExp():
                yield from self._texts(node.body)
                yield from self._texts(node.orelse)
            case ast.BoolOp():
                for value in node.values:
                    yield from self._texts(value)
            case ast.Tuple() | ast.List():
                for value in node.elts:
                    yield from self._texts(value)
            case ast.Name(id=name):
                for value in self._assigned(name):
                    if not isinstance(value, ast.Name):
                        yield from self._texts(value)
            case ast.Subscript(value=ast.Name(id=table)):
                for value in self._assigned(table):
                    if isinstance(value, ast.Dict):
                        for entry in value.values:
                            yield from self._texts(entry)
            case ast.JoinedStr():
                raise AssertionError(f'{self.name}:{node.lineno}: what is said can\'t be put together with f"…"')
            case _:
                return

    def _assigned(self, name: str) -> list[ast.expr]:
        return next((known[name] for known in reversed(self.constants) if name in known), [])

    def _scope(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.within.append(node.name)
        self.constants.append(_constants(node, deep=True))
        self.generic_visit(node)
        self.constants.pop()
        self.within.pop()


def _speaks(node: ast.expr) -> bool:
    """Whether an expression is a Speech, by what it is called."""
    if isinstance(node, ast.Name):
        return node.id == "say"
    if isinstance(node, ast.Attribute):
        return node.attr in ("say", "_say")
    if isinstance(node, ast.Call):
        called = node.func
        return getattr(called, "id", getattr(called, "attr", "")) in ("speech", "say_to", "Speech")
    return False
