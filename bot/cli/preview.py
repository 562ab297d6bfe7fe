"""Messages in the terminal, near enough to how Discord shows them to judge a post by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.model import Digest
from bot.posts.message import Button, Embed, Menu, Message, RoleMenu, Row

_WIDTH = 100
"""Discord's embeds are about so many characters wide; a wider terminal isn't filled."""

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def show(path: Path, digest: Digest, messages: Sequence[Message]) -> None:
    """Prints the messages of a digest's post."""
    console = Console()
    console = Console(width=min(console.width, _WIDTH))
    if not messages:
        console.print(
            f"{path}: {digest.series} of {digest.date} has no papers, so nothing is posted.", markup=False
        )
        return
    for number, message in enumerate(messages, 1):
        count = f"message {number} of {len(messages)}" if len(messages) > 1 else "one message"
        console.rule(Text(f"{path} · {count}", style="dim"), characters="─")
        console.print(_message(message))
    console.print()


def _message(message: Message) -> RenderableType:
    parts: list[RenderableType] = []
    if message.content:
        parts.append(_markdown(message.content))
    parts += [_embed(embed) for embed in message.embeds]
    parts += [_row(row) for row in message.rows]
    return Group(*parts)


def _embed(embed: Embed) -> RenderableType:
    parts: list[RenderableType] = []
    if embed.author:
        parts.append(Text(embed.author, style="dim"))
    if embed.title:
        parts.append(Text(_unescaped(embed.title), style=f"bold link {embed.url}" if embed.url else "bold"))
    if embed.description:
        parts.append(_markdown(embed.description))
    for field in embed.fields:
        parts += [Text(_unescaped(field.name), style="bold"), _markdown(field.value)]
    if embed.thumbnail:
        parts.append(Text(f"[small picture: {embed.thumbnail}]", style="dim italic"))
    if embed.image:
        parts.append(Text(f"[picture: {embed.image}]", style="dim italic"))
    if embed.footer:
        parts.append(Text(embed.footer, style="dim"))
    colour = f"#{embed.colour:06x}" if embed.colour is not None else "white"
    return Panel(Group(*_spaced(parts)), box=box.HEAVY, border_style=colour, padding=(0, 1))


def _row(row: Row) -> RenderableType:
    if isinstance(row, Menu | RoleMenu):
        offered = row.options if isinstance(row, Menu) else ()
        options = "\n".join(f"    {option.label}" for option in offered)
        return Text.assemble((f"  ▾ {row.placeholder or ''}", "bold"), "\n", (options, "dim"))
    return Padding(Text("   ").join(_button(button) for button in row), (0, 2))


def _button(button: Button) -> Text:
    label = " ".join(part for part in (button.emoji, button.label) if part)
    return Text(f" {label} ", style=f"reverse link {button.url}" if button.url else "reverse")


def _markdown(text: str) -> RenderableType:
    """Discord's markdown is near Markdown; but a line break is one, and -# is small print."""
    lines = (line.removeprefix("-# ") for line in text.split("\n"))
    return Markdown("  \n".join(lines))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _spaced(parts: Iterable[RenderableType]) -> list[RenderableType]:
    spaced: list[RenderableType] = []
    for part in parts:
        spaced += [Text(), part] if spaced else [part]
    return spaced
