"""`render`: the messages of a post, and everything that clicks on it can bring up."""

from pathlib import Path
from typing import Any

from .conftest import SEEDS, Command

DIVE = SEEDS / "deep-dive" / "2025-04-29.txt"
ROUND_UP = SEEDS / "round-up" / "2025-02-11.md"


def rendered(command: Command, *arguments: str | Path) -> Any:
    ran = command("render", *arguments, "--json")
    assert (ran.code, ran.err) == (0, "")
    (found,) = ran.objects
    assert set(found) == {"messages", "on_demand"}
    return found


def components(message: Any, kind: int) -> list[Any]:
    return [c for row in message.get("components", []) for c in row["components"] if c["type"] == kind]


def test_a_deep_dive_is_one_message_with_its_figures(command: Command) -> None:
    (message,) = rendered(command, DIVE)["messages"]
    assert message["allowed_mentions"] == {"parse": [], "roles": []}
    assert [file["name"] for file in message["files"]] == [a["filename"] for a in message["attachments"]]
    assert all(file["size"] > 1000 for file in message["files"])
    assert all("thumbnail" in embed for embed in message["embeds"])


def test_the_full_look_shows_the_figures_large(command: Command) -> None:
    messages = rendered(command, DIVE, "--look", "full")["messages"]
    assert any("image" in embed for message in messages for embed in message["embeds"])


def test_everything_a_click_brings_up_is_there(command: Command) -> None:
    found = rendered(command, DIVE)
    posted = found["messages"][0]
    (menu,) = components(posted, 3)
    opened = [entry for entry in found["on_demand"] if entry["custom_id"] == menu["custom_id"]]
    assert [entry["value"] for entry in opened] == [option["value"] for option in menu["options"]]
    assert {entry["locale"] for entry in found["on_demand"]} == {"en-US"}
    assert all(entry["files"] for entry in opened)

    play = next(b for b in components(posted, 2) if "Play" in b["label"])
    questions = [entry for entry in found["on_demand"] if entry["custom_id"] == play["custom_id"]]
    assert len(questions) == 3 * len(menu["options"])
    clicked = {entry["custom_id"] for entry in found["on_demand"]}
    for question in questions:
        assert question["value"] is None
        answers = components(question["message"], 2)
        assert len(answers) == 3
        assert {answer["custom_id"] for answer in answers} <= clicked
        verdicts = [e for e in found["on_demand"] if e["custom_id"] in {a["custom_id"] for a in answers}]
        titles = [entry["message"]["embeds"][0]["title"] for entry in verdicts]
        assert sum("Right" in title for title in titles) == 1


def test_a_round_up_opens_each_of_its_papers(command: Command) -> None:
    found = rendered(command, ROUND_UP)
    options = [o for message in found["messages"] for menu in components(message, 3) for o in menu["options"]]
    opened = [entry["value"] for entry in found["on_demand"] if entry["value"] is not None]
    assert opened == [option["value"] for option in options]


def test_a_digest_without_papers_is_not_posted(command: Command, tmp_path: Path) -> None:
    (tmp_path / "2025-03-01.md").write_text(
        "## Papers for 2025-03-01\n\n| Title | Authors | Summary |\n|---|---|---|\n", encoding="utf-8"
    )
    assert rendered(command, "2025-03-01.md") == {"messages": [], "on_demand": []}
    assert "no papers" in command("render", "2025-03-01.md").out


def test_people_get_a_preview(command: Command) -> None:
    ran = command("render", DIVE)
    assert ran.code == 0
    assert "Skywork R1V2" in ran.out
    assert "Play the round" in ran.out
    assert "\\" not in ran.out  # what Discord needs escaped isn't shown escaped here


def test_a_document_that_cannot_be_rendered_is_one_sentence(command: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("Dear diary\n", encoding="utf-8")
    for name in ("bad.txt", "missing.txt", "."):
        ran = command("render", name)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.count("\n") == 1
        assert "Traceback" not in ran.err
