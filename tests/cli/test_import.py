"""`import`: documents into the operator's library, with what to look at on stderr and a table at the end."""

import re
from collections.abc import Callable
from pathlib import Path

from .conftest import SEEDS, Command


def table(out: str) -> dict[str, int]:
    """The closing table, its words to numbers."""
    return {what.strip(): int(number) for number, what in re.findall(r"^ *(\d+) +(.*)$", out, re.MULTILINE)}


def test_what_ships_goes_in_once(command: Command, tmp_path: Path) -> None:
    first = command("import", SEEDS)
    assert (first.code, first.err) == (0, "")  # no bar where there is no terminal
    assert table(first.out) == {
        "documents": 5,
        "new": 5,
        "papers": 45,
        "figures": 9,
        "questions": 37,
        "with a key": 37,
    }
    assert (tmp_path / "data" / "paper-round.sqlite3").is_file()
    again = command("import", SEEDS)
    assert table(again.out)["unchanged"] == 5


def test_what_cannot_be_read_is_named_and_the_rest_goes_in(command: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("Dear diary\n", encoding="utf-8")
    ran = command("import", "bad.txt", SEEDS / "round-up", "nowhere")
    assert ran.code == 1
    assert table(ran.out) == {
        "documents": 4,
        "new": 2,
        "couldn't be read": 2,
        "papers": 36,
        "figures": 0,
        "questions": 10,
        "with a key": 10,
    }
    bad, nowhere = ran.err.splitlines()
    assert bad.startswith(f"{tmp_path / 'bad.txt'}:1: error: ")
    assert nowhere == f"{tmp_path / 'nowhere'}: error: This can't be read: No such file or directory."


def test_a_folder_without_documents_is_one_sentence(failure: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert failure("import", "empty") == "There are no documents in empty."


def test_a_database_that_cannot_be_opened_is_one_sentence(failure: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    said = failure("import", SEEDS, DATABASE_URL="folder")
    assert said.startswith("The database folder can't be opened: ")


def test_a_bad_setting_is_one_sentence(failure: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[log]\nlevel = 'loud'\n", encoding="utf-8")
    said = failure("import", SEEDS, "--config", "mine.toml")
    assert said.startswith("log.level (PAPER_ROUND_LOG__LEVEL) is 'loud'")


def test_what_is_without_a_key_or_doubtful_is_counted(command: Command, tmp_path: Path) -> None:
    text = (SEEDS / "deep-dive" / "2025-04-29.txt").read_text(encoding="utf-8")
    (tmp_path / "2025-04-30.txt").write_text(text, encoding="utf-8")  # the heading says the 29th
    (tmp_path / "2025-04-30.toml").write_text("[[papers]]\nnumber = 7\n", encoding="utf-8")
    counted = table(command("import", "2025-04-30.txt").out)
    assert counted["questions"] == 9
    assert counted["with a key"] == 0
    assert counted["without a key; paper-round keys asks for them"] == 9
    assert counted["mistakes in documents; paper-round check names them"] == 1
    assert counted["doubts; paper-round check names them"] == 1


def test_of_two_documents_of_a_day_the_first_stays_until_another_is_to_replace_it(
    command: Command, tmp_path: Path
) -> None:
    for name in ("one", "other"):
        text = f"2026-03-05 Papers\n\nPaper 1\n\n{name.title()}\n\nLink: https://example.org/{name}\n"
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    assert table(command("import", "one.txt").out)["new"] == 1
    refused = command("import", "other.txt")
    assert table(refused.out)["left out"] == 1
    assert "import this one with --replace" in refused.err
    replaced = command("import", "--replace", "other.txt")
    assert table(replaced.out)["changed"] == 1
    assert "takes the place of" in replaced.err
    assert table(command("import", "one.txt", "other.txt").out)["left out"] == 1
