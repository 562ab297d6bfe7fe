"""Digests as they usually are, to post."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

from bot.model import Digest, Paper, Question, Section, Translation

from .strategies import figure

NAMES = ("Topic and Domain", "Previous Research and New Ideas", "Problem", "Methods", "Results and Evaluation")


def deep_dive(papers: int = 3, **more: object) -> Digest:
    """A deep dive with everything in it, and a translation of its first paper."""
    own = tuple(
        Paper(
            number=number,
            title=f"Paper {number} on *attention*",
            url=f"http://arxiv.org/pdf/2504.{number}",
            links=(f"http://arxiv.org/pdf/2504.{number}",),
            published="2025-04-23",
            sections=tuple(Section(name, f"{name} of paper {number}.") for name in NAMES),
            workflow=f"Input {number} → model → output",
            figure=figure(),
            questions=(Question(1, "Which?", ("this", "that")),),
        )
        for number in range(1, papers + 1)
    )
    chinese = Paper(number=1, title="论文一", sections=(Section("问题", "难。"), Section("结果与评估", "好。")))
    values: dict[str, object] = {
        "date": dt.date(2025, 4, 29),
        "series": "deep-dive",
        "layout": "deep-dive-page",
        "papers": own,
        "tips": "Start with paper 2.",
        "languages": MappingProxyType({"zh": Translation((chinese,), "先读第二篇。")}),
    }
    return Digest(**(values | more))  # type: ignore[arg-type]


def round_up(papers: int = 21, title: str = "Title {number} [with brackets]") -> Digest:
    """A round-up of many papers."""
    own = tuple(
        Paper(
            number=number,
            title=title.format(number=number),
            url=f"https://arxiv.org/abs/2502.{number}",
            links=(f"https://arxiv.org/abs/2502.{number}", f"https://huggingface.co/papers/2502.{number}"),
            authors=("Ada Lovelace", "a_lan*"),
            summary=f"Summary {number}.",
        )
        for number in range(1, papers + 1)
    )
    return Digest(dt.date(2025, 2, 11), "round-up", "round-up-table", own)
