"""The README says what is so: the invite link asks for exactly what the bot needs, and its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

import discord

from bot.commands.permissions import INVITE

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_invite_link_asks_for_exactly_the_permissions_the_bot_uses() -> None:
    (asked,) = re.findall(r"permissions=(\d+)", README)
    assert discord.Permissions(int(asked)) == INVITE


def test_every_picture_and_page_it_points_to_is_there() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name} points to {target}"
