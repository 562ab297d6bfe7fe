"""`inspect`: what is read out of documents, as JSON that other programs can rely on."""

import json
from pathlib import Path

from tests.documents.pages import card, page, popup, tab

from .conftest import SEEDS, Command

DIVE = SEEDS / "deep-dive" / "2025-04-29.txt"
ROUND_UP = SEEDS / "round-up" / "2025-02-28.md"

TABLE = """## Papers for 2025-02-28

| Title | Authors | Summary |
|-------|---------|---------|
| A title with *stars* (Read more on [arXiv](https://arxiv.org/abs/2502.00001)) | Ada, Grace | What it says. |
"""


def test_a_deep_dive_has_everything_in_its_place(command: Command) -> None:
    ran = command("inspect", DIVE, "--json")
    assert (ran.code, ran.err) == (0, "")
    (found,) = ran.objects
    assert set(found) == {"path", "date", "series", "layout", "papers", "tips", "languages", "notes"}
    assert (found["path"], found["date"]) == (str(DIVE), "2025-04-29")
    assert (found["series"], found["layout"]) == ("deep-dive", "deep-dive-text")
    first = found["papers"][0]
    assert set(first) == {
        "number",
        "title",
        "url",
        "links",
        "published",
        "authors",
        "summary",
        "sections",
        "workflow",
        "figure",
        "questions",
    }
    assert first["url"] == "http://arxiv.org/pdf/2504.16656"
    assert first["published"] == "2025-04-23"
    assert [set(section) for section in first["sections"]] == [{"name", "text"}] * 5
    assert set(first["figure"]) == {"width", "height", "bytes"}
    assert first["figure"]["bytes"] > 1000
    assert [set(question) for question in first["questions"]] == [{"text", "options", "answer", "reason"}] * 3
    assert first["questions"][0]["text"] == "Which balance does Skywork R1V2 try to strike?"
    assert first["questions"][0]["answer"] in {0, 1, 2}
    assert first["questions"][0]["reason"]


def test_without_its_side_file_a_text_has_neither_keys_nor_figures(command: Command) -> None:
    (found,) = command("inspect", DIVE, "--json", "--no-side").objects
    for paper in found["papers"]:
        assert paper["figure"] is None
        assert all(q["answer"] is None and q["reason"] is None for q in paper["questions"])


def test_a_round_up_has_authors_and_summaries(command: Command) -> None:
    (found,) = command("inspect", ROUND_UP, "--json").objects
    assert found["series"] == "round-up"
    for paper in found["papers"]:
        assert paper["authors"]
        assert paper["summary"]
        assert paper["url"] == paper["links"][0]
        assert (paper["sections"], paper["questions"], paper["figure"]) == ([], [], None)


def test_an_object_a_document_in_the_order_given_and_1_if_any_cannot_be_read(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "bad.txt").write_text("Dear diary,\n\nnothing.\n", encoding="utf-8")
    (tmp_path / "good.md").write_text(TABLE, encoding="utf-8")
    ran = command("inspect", "missing.txt", "good.md", "bad.txt", "--json")
    assert ran.code == 1
    missing, good, bad = ran.objects
    assert (missing["path"], set(missing["error"])) == ("missing.txt", {"line", "message"})
    assert good["papers"][0]["title"] == "A title with *stars*"
    assert good["languages"] == {}
    assert set(bad) == {"path", "error"}
    assert (bad["path"], bad["error"]["line"]) == ("bad.txt", 1)


def test_a_question_without_a_translation_that_matches_stands_in_english(command: Command, tmp_path: Path) -> None:
    tabs = "".join(
        tab(
            popup(f"{number}. Q{number}?", ("in", "out"), "in", language="en"),
            popup(f"{number}. 问{number}？", options, "内", language="zh"),
        )
        for number, options in ((1, ("外", "内")), (2, ("内", "外")))
    )
    (tmp_path / "a.html").write_text(page(card(1, "T", tabs=tabs)), encoding="utf-8")
    (found,) = command("inspect", "a.html", "--json").objects
    asked = found["languages"]["zh"]["papers"][0]["questions"]
    assert [(question["text"], question["options"]) for question in asked] == [
        ("Q1?", ["in", "out"]),
        ("问2？", ["内", "外"]),
    ]


def test_a_folder_is_walked(command: Command) -> None:
    ran = command("inspect", SEEDS, "--json")
    assert ran.code == 0
    assert [(Path(found["path"]).name, found["series"]) for found in ran.objects] == [
        ("2025-04-29.txt", "deep-dive"),
        ("2025-07-02.txt", "deep-dive"),
        ("2025-07-25.txt", "deep-dive"),
        ("2025-02-11.md", "round-up"),
        ("2025-02-28.md", "round-up"),
    ]


def test_the_json_keeps_other_scripts_readable(command: Command, tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(TABLE.replace("What it says", "“它说什么” → π"), encoding="utf-8")
    ran = command("inspect", "good.md", "--json")
    assert "“它说什么” → π" in ran.out
    assert json.loads(ran.out)["papers"][0]["summary"] == "“它说什么” → π."


def test_people_get_a_table(command: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("Dear diary\n", encoding="utf-8")
    ran = command("inspect", DIVE, "bad.txt")
    assert ran.code == 1
    assert "deep-dive of 2025-04-29" in ran.out
    assert "Skywork R1V2" in ran.out
    assert "bad.txt" in ran.out
