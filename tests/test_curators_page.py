"""What docs/curators.md shows is read as it says there."""

import datetime as dt
import re
from pathlib import Path

from bot.documents import figures, read

PAGE = (Path(__file__).parent.parent / "docs" / "curators.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
TEXT, FIGURE, TABLE, SIDE = (block.encode() for _, block in BLOCKS)


def test_the_first_digest_has_all_its_parts_and_no_note() -> None:
    side = b"[[papers]]\nnumber = 1\n" + FIGURE + SIDE.partition(b"number = 1 ")[2].partition(b"\n\n")[2]
    reading = figures.draw_all(read(TEXT, "2026-03-02.txt", side=side))
    assert reading.notes == ()
    [paper] = reading.digest.papers
    assert reading.digest.date == dt.date(2026, 3, 2)
    assert len(paper.sections) == 5
    assert paper.figure is not None
    assert [len(question.options) for question in paper.questions] == [3, 3]
    assert [question.answer for question in paper.questions] == [1, None]
    assert paper.questions[0].reason is not None


def test_the_side_file_that_is_shown_counts() -> None:
    reading = read(TEXT, "2026-03-02.txt", side=SIDE)
    assert reading.notes == ()
    assert reading.digest.series == "beekeeping"
    assert reading.digest.papers[0].questions[0].answer == 1


def test_the_round_up_has_its_two_papers_and_no_note() -> None:
    reading = read(TABLE, "2026-03-03.md")
    assert reading.notes == ()
    assert [len(paper.authors) for paper in reading.digest.papers] == [2, 1]
    assert all(paper.url and paper.summary for paper in reading.digest.papers)
