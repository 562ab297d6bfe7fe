"""`check`: problems and doubts by path and line."""

from pathlib import Path

from .conftest import SEEDS, Command


def test_what_ships_has_no_errors(command: Command) -> None:
    ran = command("check", SEEDS)
    assert ran.code == 0, ran.out
    assert ran.err.startswith("5 documents, 0 errors, ")


def test_a_document_that_cannot_be_read_is_an_error_with_its_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "2025-01-01.txt").write_text("Dear diary\n", encoding="utf-8")
    ran = command("check", ".")
    assert ran.code == 1
    assert ran.out.startswith("2025-01-01.txt:1: error: ")
    assert ran.err == "1 document, 1 error, 0 warnings.\n"


def test_a_missing_file_is_an_error(command: Command) -> None:
    ran = command("check", "nowhere.txt")
    assert ran.code == 1
    assert ran.out.startswith("nowhere.txt: error: ")


def test_a_doubt_is_a_warning_and_no_failure(command: Command, tmp_path: Path) -> None:
    text = (SEEDS / "deep-dive" / "2025-04-29.txt").read_text(encoding="utf-8")
    (tmp_path / "2025-04-30.txt").write_text(text, encoding="utf-8")  # the heading says the 29th
    ran = command("check", "2025-04-30.txt")
    assert ran.code == 0
    assert "2025-04-30.txt:1: warning: " in ran.out
