"""Parts of any length into embeds, and embeds into as few messages as Discord's limits allow, nothing cut.

A part is what belongs together, such as a paper: it stays in one message where it fits one, else it goes on
in further embeds without repeating its title and link. The order is kept throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from bot.posts.limits import DESCRIPTION, EMBEDS, EMBEDS_TOTAL, FILES, FILES_BYTES, TITLE, units
from bot.posts.markdown import escape_line, linked, visible, web_link
from bot.posts.message import Embed, File
from bot.posts.splitting import split

_PIECE: Final = 1_900
"""A paragraph longer than this goes on in another: short enough that three fit a message's 6,000."""
_FILES_BYTES: Final = FILES_BYTES - 64 * 1024
"""What a message's files may weigh together: Discord's limit less what else is in the request."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Escaped markdown of any length, and the number of the paper it belongs to, if to one."""

    text: str
    paper: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs together: an embed without limits yet.

    A `thumbnail` stands beside its beginning; an `image` below its end, and a `footer` below that. `title`
    is escaped and fits an embed's title, `footer` is plain and fits an embed's footer.
    """

    colour: int
    paragraphs: tuple[Paragraph, ...] = ()
    title: str | None = None
    url: str | None = None
    thumbnail: File | None = None
    image: File | None = None
    footer: str | None = None
    paper: int | None = None
    gap: str = "\n\n"
    """What stands between two paragraphs."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one message holds: embeds, their files, and the papers they are about."""

    embeds: tuple[Embed, ...]
    files: tuple[File, ...]
    papers: tuple[int, ...]


def heading(text: str, url: str | None, here: str, taken: set[str]) -> tuple[str | None, str | None, str | None]:
    """How a title is shown: an embed's title and url, or else the markdown of a first paragraph.

    It is the paragraph where the title is too long for an embed's, or holds a web address itself. Links in
    `taken` belong to another embed, since two embeds can't share one; a link that is used is added.
    """
    escaped, target = escape_line(text), web_link(url)
    if not escaped:
        return None, None, None
    if units(escaped) > TITLE or "://" in escaped or target in taken:
        return None, None, linked(text, url, here)
    if target is not None:
        taken.add(target)
    return escaped, target, None


def pack(parts: Iterable[Part], *, most_papers: int = 100) -> tuple[Sheet, ...]:
    """The parts on as few sheets as they fit, none for no parts; at most `most_papers` papers on a sheet.

    A part with nothing to show is left out, and so is a file that is empty or too large for any message.
    """
    done: list[_Open] = []
    sheet = _Open(most_papers)
    for part in parts:
        chunks = list(_chunks(part))
        whole, fresh = sheet.copy(), _Open(most_papers)
        if all(whole.add(chunk) for chunk in chunks):
            sheet = whole
        elif all(fresh.add(chunk) for chunk in chunks):
            done.append(sheet)
            sheet = fresh
        else:
            for chunk in chunks:
                if not sheet.add(chunk):
                    done.append(sheet)
                    sheet = _Open(most_papers)
                    sheet.add(chunk)
    return tuple(sheet.closed() for sheet in (*done, sheet) if sheet.drafts)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The least of a part that is put somewhere at once: its head with the first paragraph, another, its end."""

    part: Part
    title: str | None = None
    thumbnail: File | None = None
    text: str | None = None
    image: File | None = None
    footer: str | None = None
    papers: tuple[int, ...] = ()

    @property
    def files(self) -> tuple[File, ...]:
        """The files that it brings along."""
        return tuple(file for file in (self.thumbnail, self.image) if file is not None)


@dataclass(slots=True)
class _Draft:
    """An embed that is being filled."""

    part: Part
    title: str | None
    thumbnail: File | None
    image: File | None = None
    footer: str | None = None
    texts: list[str] = field(default_factory=list)
    size: int = 0
    """Of the description."""

    def embed(self) -> Embed:
        """The embed as it is."""
        return Embed(
            title=self.title,
            url=self.part.url if self.title else None,
            description=self.part.gap.join(self.texts) or None,
            colour=self.part.colour,
            thumbnail=self.thumbnail.name if self.thumbnail else None,
            image=self.image.name if self.image else None,
            footer=self.footer,
        )


@dataclass(slots=True)
class _Open:
    """A sheet that is being filled."""

    most_papers: int
    drafts: list[_Draft] = field(default_factory=list)
    size: int = 0
    papers: dict[int, None] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)

    def copy(self) -> _Open:
        """The same sheet, to try a further part on: a part never goes into another one's embed."""
        return _Open(self.most_papers, [*self.drafts], self.size, {**self.papers}, [*self.files])

    def add(self, chunk: _Chunk) -> bool:
        """Puts a chunk into the last embed, where that is of the same part, or into a new one; False: no room."""
        text = units(chunk.text or "")
        last = self.drafts[-1] if self.drafts and self.drafts[-1].part is chunk.part else None
        gap = units(chunk.part.gap) if last is not None and last.texts and text else 0
        if last is not None and last.size + gap + text > DESCRIPTION:
            last, gap = None, 0
        size = self.size + units(chunk.title or "") + gap + text + units(chunk.footer or "")
        files = [*self.files, *chunk.files]
        if (
            (last is None and len(self.drafts) == EMBEDS)
            or size > EMBEDS_TOTAL
            or len({*self.papers, *chunk.papers}) > self.most_papers
            or len(files) > FILES
            or sum(len(file.data) for file in files) > _FILES_BYTES
        ):
            return False
        if last is None:
            last = _Draft(chunk.part, chunk.title, chunk.thumbnail)
            self.drafts.append(last)
        if chunk.text is not None:
            last.texts.append(chunk.text)
            last.size += gap + text
        last.image, last.footer = chunk.image or last.image, chunk.footer or last.footer
        self.size, self.files = size, files
        self.papers.update(dict.fromkeys(chunk.papers))
        return True

    def closed(self) -> Sheet:
        """The sheet as it is."""
        return Sheet(tuple(draft.embed() for draft in self.drafts), tuple(self.files), tuple(self.papers))


def _chunks(part: Part) -> Iterator[_Chunk]:
    """A part in the order in which it is put down; nothing for one with nothing to show."""
    head: dict[str, Any] = {"title": part.title, "thumbnail": _usable(part.thumbnail)}
    for paragraph in part.paragraphs:
        papers = tuple(paper for paper in (part.paper, paragraph.paper) if paper is not None)
        for text in split(paragraph.text, _PIECE) if visible(paragraph.text) else ():
            yield _Chunk(part, text=text, papers=papers, **head)
            head = {}
    papers = (part.paper,) if part.paper is not None else ()
    if any(head.values()):
        yield _Chunk(part, papers=papers, **head)
    end: dict[str, Any] = {"image": _usable(part.image), "footer": part.footer}
    if any(end.values()):
        yield _Chunk(part, papers=papers, **end)


def _usable(figure: File | None) -> File | None:
    """The file, unless it is empty or too large for any message."""
    return figure if figure is not None and 0 < len(figure.data) <= _FILES_BYTES else None
