"""Parts stay together where they can, and go on where they must."""

from __future__ import annotations

from bot.posts.limits import problems, units
from bot.posts.message import File, Message
from bot.posts.packing import Paragraph, Part, Sheet, pack


def text(length: int, paper: int | None = None) -> Paragraph:
    return Paragraph("x" * length, paper)


def check(sheets: tuple[Sheet, ...]) -> None:
    for sheet in sheets:
        assert problems(Message(embeds=sheet.embeds, files=sheet.files).body()) == []


def test_nothing_to_show_is_no_sheet() -> None:
    assert pack([]) == ()
    assert pack([Part(1), Part(1, paragraphs=(Paragraph(""), Paragraph(" \u200b")))]) == ()
    assert pack([Part(1, image=File("empty.png", b""))]) == ()


def test_a_part_moves_on_whole_if_the_next_sheet_takes_it_whole() -> None:
    sheets = pack([Part(1, (text(1_800),) * 2), Part(2, (text(1_800),) * 2)])
    assert [[embed.colour for embed in sheet.embeds] for sheet in sheets] == [[1], [2]]


def test_a_part_that_no_sheet_takes_whole_begins_where_there_is_room() -> None:
    sheets = pack([Part(1, (text(1_800),)), Part(2, (text(1_800),) * 4, title="T", url="https://a.bc")])
    check(sheets)
    assert [[embed.colour for embed in sheet.embeds] for sheet in sheets] == [[1, 2], [2]]
    assert [embed.url for sheet in sheets for embed in sheet.embeds] == [None, "https://a.bc", None]


def test_an_image_and_its_footer_stand_at_the_end_and_a_thumbnail_at_the_beginning() -> None:
    part = Part(
        1,
        (text(1_800),) * 4,
        thumbnail=File("small.png", b"1"),
        image=File("large.png", b"2"),
        footer="f" * 2_048,
    )
    sheets = pack([part])
    check(sheets)
    embeds = [embed for sheet in sheets for embed in sheet.embeds]
    assert [embed.thumbnail for embed in embeds] == ["small.png", *[None] * (len(embeds) - 1)]
    assert [(embed.image, bool(embed.footer)) for embed in embeds][-1] == ("large.png", True)
    assert [file.name for file in sheets[-1].files] == ["large.png"]


def test_a_sheet_takes_ten_embeds_and_ten_files() -> None:
    parts = [
        Part(n, (text(10, n),), thumbnail=File(f"{n}a.png", b"1"), image=File(f"{n}b.png", b"2"))
        for n in range(1, 8)
    ]
    sheets = pack(parts)
    check(sheets)
    assert [sheet.papers for sheet in sheets] == [(1, 2, 3, 4, 5), (6, 7)]
    sheets = pack([Part(n, (text(10, n),)) for n in range(1, 13)])
    assert [len(sheet.embeds) for sheet in sheets] == [10, 2]


def test_a_long_paragraph_goes_on_in_another_and_no_word_is_lost() -> None:
    words = " ".join(f"word{n}" for n in range(2_000))
    sheets = pack([Part(1, (Paragraph(words, 7),), title="T")])
    check(sheets)
    assert " ".join(embed.description or "" for sheet in sheets for embed in sheet.embeds).split() == words.split()
    assert all(sheet.papers == (7,) for sheet in sheets)
    assert len(sheets) == -(-units(words) // 5_700)
