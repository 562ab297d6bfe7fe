"""Digests of every kind the model can hold, the hostile ones first."""

from __future__ import annotations

import datetime as dt
import hashlib
from types import MappingProxyType

from hypothesis import strategies as st

from bot.model import Digest, Figure, Paper, Question, Section, Translation

MARKUP = (
    *("*", "_", "~~", "||", "`", "```", "\\", "**bold**", "__u__", "~", "|", "_a_b_", "* * *", "\\_", "\\alpha"),
    *("<@1>", "<@!1>", "<@&1>", "<#1>", "@everyone", "@here", "@silent", "<@$1>", "<id:customize>"),
    *("</cmd:1>", "<t:0:R>", "<t:0>", "<:emoji:1>", "<a:emoji:1>", ":smile:", "12:30:45", "<sound:1:2>"),
    *("# heading", "## x", "-# small", "> quote", ">>> quote", "- list", "+ list", "* list", "1. one", "2024. So"),
    *("\n# heading", "\n  - list", "\n> quote", "\n1. one", "\n\n", "\n", " ", "\t", "\r\n"),
    *(
        "[a](b)",
        "[a](http://b.cd)",
        "[",
        "]",
        "(",
        ")",
        "](",
        "[[x]](y)",
        "<a@b.cd>",
        "<+49 123 456>",
        "<tel:+12345>",
    ),
    *(
        "http://a.bc/_c_*d*",
        "https://a.bc/c(d)",
        "(see http://a.bc/c)",
        "<https://a.bc/c_d>",
        "http://a.bc.",
        "http://*",
    ),
    *(
        "https://a.bc/c<@1>",
        "[http://a.bc/c]",
        "http://a.bc/c\\_d",
        "xhttp://a.bc/||c||",
        "http://a.bc/>c*d*<@1>",
        "https://",
    ),
    *(
        "$x_{t}^{*}$",
        r"$\frac{a_1}{b_2}$",
        r"\mathbb{E}_{x \sim p}[f(x)]",
        "p < 0.05",
        "<3",
        "-5%",
        "--",
        "100.",
        "¯\\_(ツ)_/¯",
    ),
    *("\u200b", "\ufeff", "\u202e", "\x00", "\x85", "\u2028", "é", "漢字。", "👩‍👩‍👧", "𝔽", "e\u0301", "\u00a0"),
)
WORDS = (
    "the",
    "model",
    "improves",
    "by",
    "8.6%",
    "on",
    "MATH-500",
    "(RAE)",
    "ends here.",
    "Next one",
    "et al.",
    "强化学习。",
)

words = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(MARKUP),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
glue = st.sampled_from([" ", "", "\n"])


@st.composite
def short_texts(draw: st.DrawFn, most: int = 8) -> str:
    """A few words, hostile or not, with or without blanks between them."""
    return draw(glue).join(draw(st.lists(words, max_size=most)))


@st.composite
def long_texts(draw: st.DrawFn, length: int = 20_000) -> str:
    """A text of about this length: the same few words again and again."""
    core = draw(short_texts()) or "x"
    return (core + draw(glue)) * (draw(st.integers(1, length)) // (len(core) + 1) + 1)


texts = st.one_of(short_texts(), short_texts(), long_texts(2_500))
titles = st.one_of(short_texts(), short_texts(), short_texts(), long_texts(5_000))
urls = st.one_of(
    st.builds("https://arxiv.org/abs/{}".format, st.integers(1, 9)),
    st.sampled_from(
        [
            *(
                "https://arxiv.org/abs/1",
                "http://arxiv.org/pdf/2506.24119",
                "HTTPS://ArXiv.org/x",
                "javascript:alert(1)",
            ),
            *(
                "https://en.wikipedia.org/wiki/A_(b)",
                "https://a.bc/c)d",
                "https://a.bc/c d",
                "ftp://a.bc",
                "http://",
                "//a.bc",
            ),
            *(
                "https://a.bc/é",
                "https://bücher.example/",
                "https://u:p@a.b/",
                "https://a.bc:99999/",
                "https://[::1]/",
                "  ",
            ),
            *(
                "https://a.bc/%zz",
                "https://a.bc/*_~|`<>",
                "https://a.bc/?q=[x]",
                "http://localhost/",
                "https://a.bc/" + "x" * 3_000,
            ),
        ]
    ),
    short_texts(),
)


def figure(size: int = 40) -> Figure:
    """A picture of so many bytes; nobody looks at it."""
    png = b"\x89PNG\r\n\x1a\n".ljust(size, b"\0")
    return Figure(800, 500, hashlib.sha256(png).hexdigest(), png)


sections = st.builds(
    Section,
    name=st.one_of(st.sampled_from(["Problem", "Results and Evaluation", "Methods", "问题", ""]), short_texts()),
    text=texts,
)


@st.composite
def papers(draw: st.DrawFn, number: int, most_sections: int = 6) -> Paper:
    """A paper with anything in it, or next to nothing."""
    return Paper(
        number=number,
        title=draw(titles),
        url=draw(st.none() | urls),
        links=tuple(draw(st.lists(urls, max_size=3))),
        published=draw(st.none() | short_texts()),
        authors=tuple(draw(st.lists(short_texts(3), max_size=4))),
        summary=draw(st.none() | texts),
        sections=tuple(draw(st.lists(sections, max_size=most_sections))),
        workflow=draw(st.none() | texts),
        figure=figure(draw(st.sampled_from([40, 40, 40, 0, 3_000_000, 11_000_000])))
        if draw(st.booleans())
        else None,
        questions=(Question(1, "Which?", ("this", "that")),) if draw(st.booleans()) else (),
    )


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    """A digest of any shape: a few papers with anything in them, a translation of some, tips or not."""
    number = draw(st.integers(0, 5))
    own = tuple(draw(papers(index + 1)) for index in range(number))
    translated = tuple(draw(papers(paper.number)) for paper in own if draw(st.booleans()))
    tips = draw(st.none() | texts)
    return Digest(
        date=draw(st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))),
        series=draw(st.one_of(st.sampled_from(["deep-dive", "round-up"]), short_texts(), long_texts(500))),
        layout="deep-dive-page",
        papers=own,
        tips=tips,
        languages=MappingProxyType({"zh": Translation(translated, draw(st.none() | texts))} if translated else {}),
    )


@st.composite
def crowded_digests(draw: st.DrawFn) -> Digest:
    """A digest with many papers: up to 120, alike but for their numbers."""
    paper = draw(papers(1, most_sections=3))
    number = draw(st.integers(20, 120 if len(paper.title) < 500 else 30))
    own = tuple(
        Paper(
            number=index,
            title=f"{index} {paper.title}",
            url=paper.url,
            summary="s",
            sections=tuple(Section(section.name, section.text[:300]) for section in paper.sections),
            figure=figure(1_500_000) if paper.figure else None,
        )
        for index in range(1, number + 1)
    )
    return Digest(dt.date(2025, 2, 11), "round-up", "round-up-table", own, tips=draw(st.none() | short_texts()))


@st.composite
def long_digests(draw: st.DrawFn) -> Digest:
    """A digest with one paper of up to 40 sections and texts of up to 20,000 characters."""
    core = draw(long_texts())
    entries = tuple(
        Section(f"Section {index}", f"{index} {core[:3_000]}") for index in range(draw(st.integers(0, 40)))
    )
    paper = Paper(
        number=1,
        title=draw(titles),
        url=draw(urls),
        summary=core,
        sections=entries,
        workflow=core[:5_000],
        figure=figure(),
    )
    return Digest(dt.date(2025, 4, 29), "deep-dive", "deep-dive-text", (paper,), tips=core)
