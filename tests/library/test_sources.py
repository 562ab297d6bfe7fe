"""Which documents are found on a disk, and what can't be looked at."""

import os
from pathlib import Path

import pytest

from bot.library.sources import Source, Trouble, find


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names(root: Path, found: list[Source | Trouble]) -> list[str]:
    return [item.path.relative_to(root).as_posix() for item in found]


def test_a_folder_gives_its_documents_in_order_without_hidden_ones_and_side_files(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a.md",
        "sub/c.HTML",
        "sub/d.htm",
        "a.toml",
        "e.pdf",
        ".hidden.txt",
        ".git/f.txt",
        "README",
    ):
        write(tmp_path / name)
    found = find([tmp_path])
    assert names(tmp_path, found) == ["a.md", "b.txt", "sub/c.HTML", "sub/d.htm"]
    assert [item.side.name if isinstance(item, Source) and item.side else None for item in found] == [
        "a.toml",
        None,
        None,
        None,
    ]


def test_only_a_seed_folders_folder_names_a_series_and_it_does_however_the_document_is_named(
    tmp_path: Path,
) -> None:
    deep = write(tmp_path / "seeds" / "security" / "2025" / "a.txt")
    top = write(tmp_path / "seeds" / "b.txt")
    other = write(tmp_path / "archive" / "2024" / "c.txt")
    roots = [tmp_path / "seeds"]
    expected = {deep: "security", top: None, other: None}
    for named in ([tmp_path], [deep, top, other], [tmp_path / "seeds", tmp_path / "archive"], [deep.parent]):
        for item in find(named, roots=roots):
            assert isinstance(item, Source)
            assert item.series == expected[item.path]


def test_a_document_named_twice_is_found_once_in_the_place_where_it_was_named_first(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        write(tmp_path / name)
    assert names(tmp_path, find([tmp_path / "b.txt", tmp_path, tmp_path / "sub" / ".." / "a.txt"])) == [
        "b.txt",
        "a.txt",
    ]


def test_a_side_file_is_said_to_be_one_unless_it_is_beside_its_document(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "a.toml")
    lonely, gone = write(tmp_path / "b.toml"), tmp_path / "d.txt"
    found = find([tmp_path / "a.toml", lonely, gone])
    assert names(tmp_path, found) == ["b.toml", "d.txt"]
    messages = [item.message for item in found if isinstance(item, Trouble)]
    assert messages[0] == "This is a side file without its document; name the document, or move them together."
    assert messages[1] == "This can't be read: No such file or directory."


def test_a_file_that_is_named_is_taken_whatever_it_is_called_but_a_folder_gives_documents_only(
    tmp_path: Path,
) -> None:
    write(tmp_path / "a.text")
    assert names(tmp_path, find([tmp_path / "a.text"])) == ["a.text"]
    assert find([tmp_path]) == []


def test_the_side_file_counts_for_size_and_time(tmp_path: Path) -> None:
    document = write(tmp_path / "a.txt", "12345")
    [before] = find([document])
    os.utime(write(tmp_path / "a.toml", "123"), ns=(0, 2**62))
    [after] = find([document])
    assert isinstance(before, Source)
    assert isinstance(after, Source)
    assert (before.size, after.size, after.modified) == (5, 8, 2**62)


def test_links_in_a_circle_are_said_and_the_rest_is_found(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "a.txt")
    (tmp_path / "sub" / "again").symlink_to(tmp_path)
    (tmp_path / "z.txt").symlink_to(tmp_path / "sub" / "a.txt")
    found = find([tmp_path])
    assert names(tmp_path, found) == ["sub/a.txt", "sub/again", "z.txt"]
    assert isinstance(found[1], Trouble)
    assert "links back" in found[1].message


def test_a_link_to_nowhere_and_a_pipe_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "b.txt")
    found = find([tmp_path])
    assert [type(item) for item in found] == [Trouble, Trouble]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is locked to root")
def test_a_locked_folder_is_said(tmp_path: Path) -> None:
    write(tmp_path / "locked" / "a.txt")
    (tmp_path / "locked").chmod(0)
    [found] = find([tmp_path])
    (tmp_path / "locked").chmod(0o700)
    assert found == Trouble(tmp_path / "locked", "This can't be read: Permission denied.", folder=True)


def test_folders_without_end_have_an_end(tmp_path: Path) -> None:
    write(tmp_path.joinpath(*["d"] * 40) / "a.txt")
    [found] = find([tmp_path])
    assert isinstance(found, Trouble)
    assert found.folder
