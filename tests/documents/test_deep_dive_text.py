"""A deep dive as plain text is read whole, whatever is missing or odd in it."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.documents import DocumentError
from bot.model import Level, Question, Section
from tests.documents.pages import messages, only_paper, read_text

HEAD = "2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\n"
TEXT = """\
2025-02-03 Papers

1/2

Paper 1

Bees: Counting
  to Four

Published: 2025-02-01

Link: http://a.org/pdf/1

1. 📘 Topic and Domain: How bees count.
2. 💡 Previous Research and New Ideas:Bees were thought to stop at three: wrongly.
3. ❓ Problem: Nobody asked the bees.
4. 🛠️ Methods: Sugar, and patience.
5. 📊 Results and Evaluation: 93% of 40 bees reach four.

Bees: Counting to Four

1. Sugar: a drop 2. Bee: one → four
Q1
1. How far do bees count?
To three
To four
To 1/2
Q2
2. 3.5 drops of sugar are
enough
too much
1/2

Paper 2

Paper planes

Published:

Link: http://a.org/pdf/2
1. 📘 Topic and Domain: Folding.
Q1
1. Which corner comes first?
Left
Right
Paper: 3

A third one

Link: http://a.org/pdf/3
"""


def test_a_whole_document() -> None:
    digest = read_text(TEXT).digest
    assert (digest.date, digest.series, digest.layout) == (dt.date(2025, 2, 3), "deep-dive", "deep-dive-text")
    bees, planes, third = digest.papers
    assert (bees.number, bees.title) == (1, "Bees: Counting to Four")
    assert (bees.url, bees.links, bees.published) == ("http://a.org/pdf/1", ("http://a.org/pdf/1",), "2025-02-01")
    assert bees.sections == (
        Section("Topic and Domain", "How bees count."),
        Section("Previous Research and New Ideas", "Bees were thought to stop at three: wrongly."),
        Section("Problem", "Nobody asked the bees."),
        Section("Methods", "Sugar, and patience."),
        Section("Results and Evaluation", "93% of 40 bees reach four."),
    )
    assert bees.workflow == "1. Sugar: a drop 2. Bee: one → four"
    assert bees.questions == (
        Question(1, "How far do bees count?", ("To three", "To four", "To 1/2")),
        Question(2, "3.5 drops of sugar are", ("enough", "too much")),
    )
    assert (planes.published, planes.workflow, len(planes.questions)) == (None, None, 1)
    assert planes.questions[0].options == ("Left", "Right")
    assert (third.number, third.title, third.sections, third.questions) == (3, "A third one", (), ())


def test_only_what_is_odd_is_noted() -> None:
    assert messages(read_text(TEXT)) == [
        "38: Paper 2 has nothing after “Published:”.",
        "46: Paper 3 has no sections.",
    ]


def test_a_paper_without_sections_keeps_the_rest() -> None:
    paper = only_paper(
        read_text("2025-02-03 Papers\n\n1/2\n\nPaper 1\n\nT\n\nLink: u\n\n\nT\n\nThe figure\nQ1\n1. A?\nb\nc\n")
    )
    assert (paper.url, paper.sections, paper.workflow) == ("u", (), "The figure")
    assert paper.questions == (Question(1, "A?", ("b", "c")),)


def test_more_than_three_questions_are_all_kept() -> None:
    blocks = "".join(f"Q{number}\n{number}. Is {number} odd?\nyes\nno\nmaybe\n" for number in range(1, 10))
    paper = only_paper(read_text(f"2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\n1. A: b\n{blocks}"))
    assert [question.text for question in paper.questions] == [f"Is {number} odd?" for number in range(1, 10)]


def test_an_option_may_look_like_the_next_question() -> None:
    options = "Q1\nQ2\nQ3\nQ4"
    text = f"2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\nQ1\n1. Which quarter?\n{options}\nQ2\n2. Why?\na\nb\n"
    first, second = only_paper(read_text(text)).questions
    assert first.options == ("Q1", "Q2", "Q3", "Q4")
    assert second == Question(2, "Why?", ("a", "b"))


def test_questions_may_be_spread_out_by_hand() -> None:
    paper = only_paper(read_text("2025-02-03 Papers\n\nPaper 1\n\nT\n\nQ1:\n\nWhy?\n\na\n\nb\n\nc\n"))
    assert paper.questions == (Question(1, "Why?", ("a", "b", "c")),)


def test_no_blank_line_is_needed_but_around_what_is_ambiguous() -> None:
    dense = "\n".join(line for line in TEXT.replace("Published:\n", "").split("\n") if line)
    spread = read_text(TEXT).digest.papers
    for paper, other in zip(read_text(dense).digest.papers, spread, strict=True):
        assert paper == other


def test_an_option_may_look_like_the_heading_of_a_paper() -> None:
    text = f"{HEAD}Q1\n1. Which?\nPaper 2\nPaper 3\nNone\nQ2\n2. Why?\na\nb\n"
    first, _ = only_paper(read_text(text)).questions
    assert first.options == ("Paper 2", "Paper 3", "None")


def test_a_question_may_go_on_over_lines() -> None:
    reading = read_text(
        f"{HEAD}Q1\n1. How far do\nbees count?\nTo three\nTo four\nOn\nQ2\n2. Bees ask\nWhy?\nHow?\nWhen?\n"
    )
    assert only_paper(reading).questions == (
        Question(1, "How far do bees count?", ("To three", "To four", "On")),
        Question(2, "Bees ask", ("Why?", "How?", "When?")),
    )
    assert "10: Taken for one question: “1. How far do bees count?”." in messages(reading)


def test_a_question_without_its_tab_is_noted() -> None:
    reading = read_text(f"{HEAD}T\n\nBoxes\n1. Why?\na\nb\n")
    (message,) = messages(reading, Level.WARNING)
    assert message.startswith("12: There seems to be a question in the text of this figure: “1. Why?”")


def test_a_line_in_the_head_that_says_nothing_known_is_passed_over() -> None:
    reading = read_text(
        "2025-02-03 Papers\n\nPaper 1\n\nT\n\nDate: 2025\n\nLink: [here](http://u/1)\nCode: none\n\n"
        "1. 📘 Problem: b\n"
    )
    paper = only_paper(reading)
    assert (paper.url, paper.sections) == ("http://u/1", (Section("Problem", "b"),))
    assert messages(reading) == ["7: Passed over: “Date: 2025”.", "10: Passed over: “Code: none”."]


def test_a_known_section_starts_whatever_its_number() -> None:
    reading = read_text(f"{HEAD}1. 📘 Problem: a\n1. 🛠️ Methods: b\n📊 Results and Evaluation: c\n")
    assert [section.name for section in only_paper(reading).sections] == [
        "Problem",
        "Methods",
        "Results and Evaluation",
    ]


def test_a_section_may_go_on_over_lines_and_be_of_any_name() -> None:
    paper = only_paper(
        read_text(
            "2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\n1. 🐝 Hives & Homes: wax\nand\n- more wax\n3. Z: 2"
        )
    )
    assert paper.sections == (Section("Hives & Homes", "wax and - more wax"), Section("Z", "2"))


def test_a_section_without_a_name_is_kept_and_noted() -> None:
    reading = read_text("2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\n1. Only words, and no colon\n")
    assert only_paper(reading).sections == (Section("Section 1", "Only words, and no colon"),)
    assert "9: Section 1 has no name: “1. Only words, and no colon”." in messages(reading)


@pytest.mark.parametrize(
    "title",
    [
        "LINK: Learning in a Neat Kitchen",
        "LINK: Bees 2.0: A Study",
        "Published: or perish 3.5 times",
        "3. Third: a title",
    ],
)
def test_a_title_may_look_like_something_else(title: str) -> None:
    assert only_paper(read_text(f"2025-02-03 Papers\n\nPaper 1\n\n{title}\n\nLink: http://u\n")).title == title


def test_several_links_and_authors_are_kept_in_order() -> None:
    paper = only_paper(
        read_text("2025-02-03 Papers\n\nPaper 1\n\nT\n\nAuthors: Ann B., , Cy\nLink: http://a/(1) https://b/2\n")
    )
    assert paper.authors == ("Ann B.", "Cy")
    assert (paper.url, paper.links) == ("http://a/(1)", ("http://a/(1)", "https://b/2"))


def test_text_of_a_figure_without_the_title_before_it_is_a_guess() -> None:
    reading = read_text("2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\n1. A: b\n\nBoxes and arrows\n")
    assert only_paper(reading).workflow == "Boxes and arrows"
    assert messages(reading) == ["11: Taken for the text of the figure: “Boxes and arrows”."]


def test_a_figure_that_swallowed_a_paper_is_noted() -> None:
    swallowed = "Boxes 1/2 Paper 2 Wasps Published: 2025-02-01 Link: u"
    reading = read_text(
        f"2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\nT\n\n{swallowed}\n\nPaper 3\n\nX\n\nLink: u\n"
    )
    assert [paper.number for paper in reading.digest.papers] == [1, 3]
    assert (
        "11: There seems to be another paper in the text of this figure: “Paper 2 Wasps Published:”."
        in messages(reading)
    )


def test_reading_tips_belong_to_the_digest() -> None:
    digest = read_text(
        "2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\nToday's Reading Tips\n\nStart\nlate.\n"
    ).digest
    assert digest.tips == "Start late."


def test_nothing_vanishes_without_a_note() -> None:
    reading = read_text(
        "A word before\n2025-02-03 Papers\n\nPaper 1\n\nT\n\nLink: u\n\nQ1\n1. A?\nb\nc\n\nA word after\n"
    )
    assert "1: Passed over: “A word before”." in messages(reading)
    assert "15: Passed over: “A word after”." in messages(reading)


@pytest.mark.parametrize(
    ("numbers", "read"), [(("1", "1"), (1, 2)), (("0", "1"), (1, 2)), (("2", "1"), (2, 1)), (("1", "3"), (1, 3))]
)
def test_papers_have_the_numbers_they_were_given_unless_those_are_no_use(
    numbers: tuple[str, ...], read: tuple[int, ...]
) -> None:
    parts = "".join(f"Paper {number}\n\nT\n\nLink: u\n\n" for number in numbers)
    reading = read_text(f"2025-02-03 Papers\n\n{parts}")
    assert tuple(paper.number for paper in reading.digest.papers) == read
    assert messages(reading, Level.WARNING)


def test_a_day_without_papers_is_a_digest_with_a_note() -> None:
    reading = read_text("2025-02-03 Papers\n")
    assert reading.digest.papers == ()
    assert messages(reading) == ["1: There is no paper in this document, so there is nothing to post."]


def test_the_date_may_stand_in_the_name_alone() -> None:
    reading = read_text("Paper 1\n\nT\n\nLink: u\n", "2025-02-04.txt")
    assert reading.digest.date == dt.date(2025, 2, 4)
    assert messages(reading, Level.WARNING) == [
        "1: The heading has no date, so the file's name gives it: 2025-02-04."
    ]


def test_the_heading_counts_more_than_the_name() -> None:
    reading = read_text("2025-02-03 Papers\n", "2025-02-04.txt")
    assert reading.digest.date == dt.date(2025, 2, 3)
    assert "1: The heading says 2025-02-03 and the file's name 2025-02-04; the heading counts." in messages(
        reading
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2025-02-30 Papers\n", "isn't in the calendar"),
        ("Paper 1\n\nT\n", "There is no date"),
        ("2025-02-03 Papers\n\n" + "Paper 1\n\nT\n\n" * 501, "500 is the most"),
        ("2025-02-03 Papers\n\nPaper 1\n\n" + f"{'word ' * 1000}\n" * 101, "500,000 characters"),
    ],
)
def test_what_is_no_digest_is_refused(text: str, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        read_text(text)


def test_missing_titles_and_links_are_noted() -> None:
    reading = read_text("2025-02-03 Papers\n\nPaper 1\n\nPublished: 2025-01-01\n")
    assert only_paper(reading).title == "Paper 1"
    assert messages(reading, Level.WARNING) == [
        "3: Paper 1 has no title; its number stands in.",
        "3: Paper 1 has no link.",
    ]
