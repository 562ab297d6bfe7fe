"""A digest whose papers come without sections, as the part of its post: a numbered list of linked titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.posts.markdown import linked
from bot.posts.packing import Paragraph, Part
from bot.posts.paper import title_of
from bot.posts.style import colour

if TYPE_CHECKING:
    from bot.language import Speech
    from bot.model import Digest, Paper


def listing(digest: Digest, papers: Sequence[Paper], say: Speech) -> Part:
    """All papers by number and whole title.

    A numbered list, as Discord sets one: it counts on from its first number by itself, so numbers that
    skip stand as text.
    """
    counted = [paper.number for paper in papers] == list(range(1, len(papers) + 1))
    number = "{}." if counted else "**{}** ·"
    lines = (
        f"{number.format(paper.number)} {linked(title_of(paper, say), paper.url, say('Link'))}" for paper in papers
    )
    paragraphs = tuple(Paragraph(line, paper.number) for line, paper in zip(lines, papers, strict=True))
    return Part(colour=colour(digest.series), paragraphs=paragraphs, gap="\n")
