"""Bytes become text, or are refused with one sentence that says where."""

from __future__ import annotations

import pickle

import pytest

from bot.documents import DocumentError, read
from bot.documents.source import MAX_BYTES, MAX_LINE, collapse, decode, quote

TEXT = "2025-02-03 Papers\n\nPaper 1\n\nBees count to four\n\nLink: http://a.org/1\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "  \t\n").encode(),
        b"\n\n  \n" + TEXT.encode(),
    ],
    ids=["utf-8", "with a mark", "utf-16", "windows", "old mac", "trailing spaces", "blank lines first"],
)
def test_the_same_document_in_any_dress_reads_the_same(data: bytes) -> None:
    assert read(data, "a.txt").digest == read(TEXT.encode(), "a.txt").digest


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"", None, "empty"),
        (b" \n\t\n", None, "empty"),
        (TEXT.encode() + b"caf\xe9\n", 8, "Byte 72 (0xe9) isn't UTF-8"),
        (b"\xff\xfe" + "ab\ncd".encode("utf-16-le") + b"\x00\xd8", 2, "UTF-16"),
        (TEXT.encode() + b"a\0b", 8, "NUL"),
        (b"x" * (MAX_BYTES + 1), None, "more than 10 MB"),
        (b"\n" * 60_000 + b"x", 50_000, "50,000 lines"),
        (TEXT.encode() + b"x" * (MAX_LINE + 1), 8, "200,000 characters"),
        (b"Dear diary,\nnothing happened.", 1, "none of the layouts"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(data: bytes, line: int | None, says: str) -> None:
    with pytest.raises(DocumentError) as error:
        read(data, "a.txt")
    assert error.value.line == line
    assert says in error.value.message


def test_lines_are_counted_from_one() -> None:
    source = decode(b"a\nbc\n\nd", "a.txt")
    assert [source.line(offset) for offset in range(len(source.text))] == [1, 1, 2, 2, 2, 3, 4]


def test_an_error_survives_the_way_back_from_a_worker_process() -> None:
    error = pickle.loads(pickle.dumps(DocumentError("It is late.", 3)))  # noqa: S301
    assert (error.message, error.line, str(error)) == ("It is late.", 3, "line 3: It is late.")


def test_whitespace_collapses_and_quotes_are_short() -> None:
    assert collapse(" a\n  b\tc ") == "a b c"
    assert quote("a\n b") == "“a b”"
    assert len(quote("word " * 100)) < 70
