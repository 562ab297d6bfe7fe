"""A digest whose papers come in sections, as parts of its post: an embed per paper, brief or full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from bot.posts.markdown import bold, escape, escape_line
from bot.posts.packing import Paragraph, Part, heading
from bot.posts.paper import figure_file, section, title_of
from bot.posts.splitting import breathe
from bot.posts.style import colour

if TYPE_CHECKING:
    from bot.language import Speech
    from bot.model import Digest, Paper, Section

# What the sections that a brief post shows are called, in English and in Chinese.
_PROBLEM: Final = ("problem", "问题")
_RESULT: Final = ("result", "结果")

_AIRY: Final = 1_220
"""Up to so many characters a brief post fits one screen with blank lines in it; above, it does without them."""


def brief(digest: Digest, papers: Sequence[Paper], say: Speech) -> Iterator[Part]:
    """An embed per paper: its linked title, problem and result, the figure beside them."""
    taken: set[str] = set()
    gists = [_gist(paper, say) for paper in papers]
    gap = "\n\n" if sum(len(text) for texts in gists for text in texts) <= _AIRY else "\n"
    for paper, gist in zip(papers, gists, strict=True):
        title, url, first = heading(title_of(paper, say), paper.url, say("Link"), taken)
        texts = [first or "", *gist]
        if len(texts) == 1 and paper.published:
            texts.append(_published(paper, say))
        yield Part(
            colour=colour(digest.series),
            title=title,
            url=url,
            paragraphs=tuple(Paragraph(text) for text in texts),
            thumbnail=figure_file(paper, say),
            paper=paper.number,
            gap=gap,
        )


def full(digest: Digest, papers: Sequence[Paper], say: Speech) -> Iterator[Part]:
    """An embed per paper: its linked title, all its sections, the figure large below them."""
    taken: set[str] = set()
    for paper in papers:
        title, url, first = heading(title_of(paper, say), paper.url, say("Link"), taken)
        texts = [
            first or "",
            _published(paper, say),
            escape(breathe(paper.summary or "")),
            *(section(entry.name, entry.text) for entry in paper.sections),
        ]
        yield Part(
            colour=colour(digest.series),
            title=title,
            url=url,
            paragraphs=tuple(Paragraph(text) for text in texts),
            image=figure_file(paper, say),
            paper=paper.number,
        )


def _published(paper: Paper, say: Speech) -> str:
    published = escape_line(paper.published or "")
    return say("Published {date}", date=published) if published else ""


def _gist(paper: Paper, say: Speech) -> list[str]:
    """The two sections that say what is new, under short labels: problem and result, else the first there are."""
    sections = [entry for entry in paper.sections if escape(entry.text)]
    problem, result = _named(sections, _PROBLEM), _named(sections, _RESULT)
    found = [entry for entry in (problem, result) if entry is not None]
    others = [entry for entry in sections if entry not in found]
    chosen = sorted([*found, *others[: 2 - len(found)]], key=sections.index)
    texts = []
    for entry in chosen:
        name = say("Problem") if entry is problem else say("Result") if entry is result else entry.name
        texts.append(f"{bold(name)} {escape(entry.text)}".lstrip())
    return texts


def _named(sections: Sequence[Section], words: tuple[str, ...]) -> Section | None:
    """The first section with one of these words in its name."""
    return next((entry for entry in sections if any(word in entry.name.lower() for word in words)), None)
