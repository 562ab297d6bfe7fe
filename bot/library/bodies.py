"""A digest as the JSON value that the database keeps, and back, exactly; its pictures are kept by their sha."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from bot.model import Digest, Figure, Paper, Question, Section, Translation

Body = dict[str, Any]
"""A digest as a JSON object; what is None or empty is left out."""


def to_body(digest: Digest) -> Body:
    """The digest without the PNGs of its figures."""
    return _present(
        date=digest.date.isoformat(),
        series=digest.series,
        layout=digest.layout,
        papers=_papers_to_body(digest.papers),
        tips=digest.tips,
        languages={
            language: _present(papers=_papers_to_body(translation.papers), tips=translation.tips)
            for language, translation in digest.languages.items()
        },
    )


def from_body(body: Body, pngs: Mapping[str, bytes] | None = None) -> Digest:
    """The digest that `to_body` was given.

    `pngs` holds the pictures by sha; a figure whose picture is missing there is left out, so that nothing
    promises a picture that can't be shown. Without `pngs` figures are told of, with `png` empty.
    """
    return Digest(
        date=dt.date.fromisoformat(body["date"]),
        series=body["series"],
        layout=body["layout"],
        papers=_papers_from_body(body, pngs),
        tips=body.get("tips"),
        languages=MappingProxyType(
            {
                language: Translation(papers=_papers_from_body(translation, pngs), tips=translation.get("tips"))
                for language, translation in body.get("languages", {}).items()
            }
        ),
    )


def figures(digest: Digest) -> dict[str, Figure]:
    """The figures of a digest in all its languages, by sha."""
    return {paper.figure.sha: paper.figure for paper in every_paper(digest) if paper.figure is not None}


def shas(body: Body) -> list[str]:
    """The shas of the figures that a body tells of, each once."""
    parts = (body, *body.get("languages", {}).values())
    papers = (paper for part in parts for paper in part.get("papers", ()))
    return list(dict.fromkeys(paper["figure"]["sha"] for paper in papers if "figure" in paper))


def every_paper(digest: Digest) -> Iterator[Paper]:
    """The papers of a digest in English, then in its other languages."""
    yield from digest.papers
    for translation in digest.languages.values():
        yield from translation.papers


def _present(**values: Any) -> Body:
    return {name: value for name, value in values.items() if value is not None and value != [] and value != {}}


def _papers_to_body(papers: Iterable[Paper]) -> list[Body]:
    return [
        _present(
            number=paper.number,
            title=paper.title,
            url=paper.url,
            links=list(paper.links),
            published=paper.published,
            authors=list(paper.authors),
            summary=paper.summary,
            sections=[[section.name, section.text] for section in paper.sections],
            workflow=paper.workflow,
            figure=paper.figure
            and {"width": paper.figure.width, "height": paper.figure.height, "sha": paper.figure.sha},
            questions=[
                _present(
                    number=question.number,
                    text=question.text,
                    options=list(question.options),
                    answer=question.answer,
                    reason=question.reason,
                )
                for question in paper.questions
            ],
        )
        for paper in papers
    ]


def _papers_from_body(part: Body, pngs: Mapping[str, bytes] | None) -> tuple[Paper, ...]:
    return tuple(
        Paper(
            number=paper["number"],
            title=paper["title"],
            url=paper.get("url"),
            links=tuple(paper.get("links", ())),
            published=paper.get("published"),
            authors=tuple(paper.get("authors", ())),
            summary=paper.get("summary"),
            sections=tuple(Section(name, text) for name, text in paper.get("sections", ())),
            workflow=paper.get("workflow"),
            figure=_figure(paper.get("figure"), pngs),
            questions=tuple(
                Question(
                    number=question["number"],
                    text=question["text"],
                    options=tuple(question.get("options", ())),
                    answer=question.get("answer"),
                    reason=question.get("reason"),
                )
                for question in paper.get("questions", ())
            ),
        )
        for paper in part.get("papers", ())
    )


def _figure(figure: Body | None, pngs: Mapping[str, bytes] | None) -> Figure | None:
    if figure is None or (pngs is not None and figure["sha"] not in pngs):
        return None
    return Figure(
        width=figure["width"],
        height=figure["height"],
        sha=figure["sha"],
        png=b"" if pngs is None else pngs[figure["sha"]],
    )
