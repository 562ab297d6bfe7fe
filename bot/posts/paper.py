"""What a menu under a post opens privately: a paper in full, or the day's reading tips."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.model import Language
from bot.posts.limits import ALT, FOOTER, units
from bot.posts.markdown import bold, escape, escape_line, plain, web_link
from bot.posts.message import File, Message
from bot.posts.packing import Paragraph, Part, heading, pack
from bot.posts.splitting import breathe, shorten
from bot.posts.style import colour

if TYPE_CHECKING:
    from bot.language import Speech
    from bot.model import Digest, Paper

TIPS: Final = "tips"
"""The value of a menu's option that opens the reading tips; a paper's is its number."""

_ONE_LINE: Final = 100
"""Characters of a workflow that is read as one line."""
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


def open_choice(digest: Digest, value: str, *, say: Speech, language: str) -> tuple[Message, ...]:
    """What a menu's option with this value opens, in one message or more; nothing if there is no such thing."""
    if value == TIPS:
        return tips(digest, say=say, language=language)
    return paper_in_full(digest, int(value), say=say, language=language) if _NUMBER.fullmatch(value) else ()


def paper_in_full(digest: Digest, number: int, *, say: Speech, language: str) -> tuple[Message, ...]:
    """Everything a digest says of a paper but its questions, in the language where there is a translation.

    One message where it fits one. Nothing if the digest has no such paper.
    """
    paper = translated(digest, number, language)
    if paper is None:
        return ()
    figure = figure_file(paper, say)
    workflow = _steps(plain(paper.workflow or ""))
    caption = say("In the figure: {text}", text=workflow) if figure is not None and workflow else None
    captioned = caption is not None and units(caption) <= FOOTER
    title, url, first = heading(title_of(paper, say), paper.url, say("Link"), set())
    texts = [
        first or "",
        "\n".join([*_origin(paper, say), *_links(paper)]),
        escape(breathe(paper.summary or "")),
        *(section(entry.name, entry.text) for entry in paper.sections),
    ]
    parts = [
        Part(
            colour=colour(digest.series),
            title=title,
            url=url,
            paragraphs=tuple(Paragraph(text) for text in texts),
            image=figure,
            footer=caption if captioned else None,
        )
    ]
    if workflow and not captioned:
        parts.append(
            Part(colour=colour(digest.series), paragraphs=(Paragraph(section(say("Workflow"), workflow)),))
        )
    return tuple(Message(embeds=sheet.embeds, files=sheet.files) for sheet in pack(parts))


def tips(digest: Digest, *, say: Speech, language: str) -> tuple[Message, ...]:
    """The digest's reading tips, in the language where there is a translation; nothing if it has none."""
    part = tips_part(digest, say=say, language=language)
    return tuple(Message(embeds=sheet.embeds) for sheet in pack([part] if part else []))


def tips_of(digest: Digest) -> dict[str, str]:
    """The digest's reading tips as markdown, by language, English first."""
    own = {Language.ENGLISH.value: digest.tips}
    own |= {language: translation.tips for language, translation in digest.languages.items()}
    return {language: shown for language, text in own.items() if (shown := escape(breathe(text or "")))}


def tips_part(digest: Digest, *, say: Speech, language: str) -> Part | None:
    """The digest's reading tips as a part of a message, in another language if need be; None if it has none."""
    found = tips_of(digest)
    text = found.get(language) or next(iter(found.values()), None)
    if not text:
        return None
    return Part(colour=colour(digest.series), title=say("Reading tips"), paragraphs=(Paragraph(text),))


def translated(digest: Digest, number: int, language: str) -> Paper | None:
    """The paper in a language, what its translation leaves out in English; None if there is no such paper."""
    paper, english = digest.paper(number, language), digest.paper(number, Language.ENGLISH)
    if paper is None or english is None or paper is english:
        return paper
    return replace(
        paper,
        title=paper.title if plain(paper.title) else english.title,
        url=paper.url or english.url,
        links=paper.links or english.links,
        published=paper.published or english.published,
        authors=paper.authors or english.authors,
        summary=paper.summary or english.summary,
        sections=paper.sections or english.sections,
        workflow=paper.workflow or english.workflow,
        figure=paper.figure or english.figure,
    )


def title_of(paper: Paper, say: Speech) -> str:
    """The paper's title as the document has it, or what to call a paper without one."""
    return paper.title if plain(paper.title) else say("Paper {number}", number=paper.number)


def figure_file(paper: Paper, say: Speech) -> File | None:
    """The paper's workflow figure as a file to attach, with its text to be read aloud."""
    if paper.figure is None or not paper.figure.png:
        return None
    alt = say("Workflow figure of {title}: {text}", title=title_of(paper, say), text=paper.workflow or "")
    return File(f"paper-{paper.number}.png", paper.figure.png, shorten(alt.removesuffix(": "), ALT))


def section(name: str, text: str) -> str:
    """A section as markdown: its name bold, its text below with room to breathe; empty if both are."""
    return "\n".join(line for line in (bold(name), escape(breathe(text))) if line)


def _steps(workflow: str) -> str:
    """A workflow that takes several lines anyway, with each of its steps (joined by arrows) on one of its own."""
    return workflow if units(workflow) <= _ONE_LINE else workflow.replace(" → ", "\n→ ")


def _origin(paper: Paper, say: Speech) -> list[str]:
    """When and by whom, a line each."""
    authors = ", ".join(name for name in (escape_line(author) for author in paper.authors) if name)
    published = escape_line(paper.published or "")
    return [
        *([say("Published {date}", date=published)] if published else ()),
        *([say("By {authors}", authors=authors)] if authors else ()),
    ]


def _links(paper: Paper) -> list[str]:
    """The links that the title doesn't already lead to, as written, a line each."""
    links = dict.fromkeys((paper.url or "", *paper.links))
    texts = (escape_line(link) for link in links if link != paper.url or web_link(link) != link)
    return [text for text in texts if text]
