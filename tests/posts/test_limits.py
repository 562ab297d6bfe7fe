"""Everything that Discord would refuse in a message is found before it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.posts.limits import problems, units


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


def button(custom_id: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": "Play", "custom_id": custom_id, **more}


def menu(custom_id: str = "a", count: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": custom_id, "options": [option(str(n)) for n in range(count)], **more}


def option(value: str, **more: Any) -> dict[str, Any]:
    return {"label": "One", "value": value, **more}


def embed(**parts: Any) -> dict[str, Any]:
    return {"embeds": [parts]}


GOOD: list[dict[str, Any]] = [
    {"content": "x" * 2_000},
    embed(title="x" * 256, description="x" * 4_096, footer={"text": "x" * 1_000}, author={"name": "x" * 256}),
    embed(fields=[{"name": "x" * 100, "value": "x" * 100}] * 25),
    embed(title="x", url="https://a.bc/d", image={"url": "attachment://p.png"})
    | {"attachments": [{"filename": "p.png"}]},
    embed(image={"url": "https://a.bc/p.png"}),
    {"embeds": [{"title": "x"}] * 10},
    {"components": [row(*(button(f"{r}{b}", label="x" * 80) for b in range(5))) for r in range(5)]},
    {"components": [row(menu("x" * 100, 25, placeholder="x" * 150)), row(button("b"))]},
    {"components": [row({"type": 2, "style": 5, "label": "Go", "url": "https://a.bc"})]},
    {"components": [row({"type": 2, "style": 2, "emoji": {"name": "🏆"}, "custom_id": "a"})]},
    {"content": None, "attachments": [{"filename": f"{n}.png", "description": "x" * 1_024} for n in range(10)]},
]

BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "the message is empty"),
    ({"content": "x" * 2_001}, "content has 2001 characters, 2000 are allowed"),
    ({"content": "\U0001d53d" * 1_001}, "content has 2002 characters, 2000 are allowed"),
    ({"content": " \n"}, "content is empty"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds has 11, 10 are allowed"),
    (embed(title="x" * 257), "embeds[0].title has 257 characters, 256 are allowed"),
    (embed(title=" "), "embeds[0].title is empty"),
    (embed(description="x" * 4_097), "embeds[0].description has 4097 characters, 4096 are allowed"),
    (embed(description=""), "embeds[0].description is empty"),
    (embed(footer={"text": "x" * 2_049}), "embeds[0].footer has 2049 characters, 2048 are allowed"),
    (embed(author={"name": "x" * 257}), "embeds[0].author has 257 characters, 256 are allowed"),
    (embed(author={"name": ""}), "embeds[0].author is empty"),
    (embed(fields=[{"name": "x", "value": "x"}] * 26), "embeds[0].fields has 26, 25 are allowed"),
    (embed(fields=[{"name": "", "value": "x"}]), "embeds[0].fields[0].name is empty"),
    (
        embed(fields=[{"name": "x", "value": "x" * 1_025}]),
        "embeds[0].fields[0].value has 1025 characters, 1024 are allowed",
    ),
    (
        embed(fields=[{"name": "x" * 257, "value": "x"}]),
        "embeds[0].fields[0].name has 257 characters, 256 are allowed",
    ),
    (embed(color=3), "embeds[0] is empty"),
    (
        {"embeds": [{"description": "x" * 3_000}, {"description": "x" * 3_001}]},
        "the embeds together have 6001 characters, 6000 are allowed",
    ),
    (
        {"embeds": [{"title": "a", "url": "https://a.bc"}, {"title": "b", "url": "https://a.bc"}]},
        "2 embeds share the url https://a.bc",
    ),
    (embed(title="x", url="javascript:alert(1)"), "embeds[0].url is not a web address: 'javascript:alert(1)'"),
    (embed(title="x", url="https://a b.cd"), "embeds[0].url is not a web address: 'https://a b.cd'"),
    (embed(title="x", url="https://[a"), "embeds[0].url is not a web address: 'https://[a'"),
    (embed(title="x", url="https://a.bc/" + "x" * 2_048), "embeds[0].url has 2061 characters, 2048 are allowed"),
    (
        embed(image={"url": "attachment://p.png"}),
        "embeds[0].image names a file that is not attached: attachment://p.png",
    ),
    (embed(thumbnail={"url": "ftp://a.bc"}), "embeds[0].thumbnail is not a web address: 'ftp://a.bc'"),
    ({"components": [row(button(str(n))) for n in range(6)]}, "components has 6, 5 are allowed"),
    ({"components": [row(*(button(str(n)) for n in range(6)))]}, "components[0] has 6, 5 are allowed"),
    ({"components": [row(menu("a"), button("b"))]}, "components[0] has 2, 1 are allowed"),
    ({"components": [row()]}, "components[0] is not a row with something in it"),
    (
        {"components": [row(button(label="x" * 81))]},
        "components[0].components[0].label has 81 characters, 80 are allowed",
    ),
    (
        {"components": [row(button("x" * 101))]},
        "components[0].components[0].custom_id has 101 characters, 100 are allowed",
    ),
    ({"components": [row(button()), row(menu())]}, "2 components share the custom_id 'a'"),
    (
        {"components": [row({"type": 2, "style": 5, "label": "Go", "url": "javascript:x"})]},
        "components[0].components[0].url is not a web address: 'javascript:x'",
    ),
    ({"components": [row(menu(count=26))]}, "components[0].components[0].options has 26, 25 are allowed"),
    ({"components": [row(menu(count=0))]}, "components[0].components[0] has no options"),
    (
        {"components": [row(menu() | {"options": [option("1"), option("1")]})]},
        "components[0].components[0] has 2 options with the value '1'",
    ),
    (
        {"components": [row(menu() | {"options": [option("1", description="x" * 101)]})]},
        "components[0].components[0].options[0].description has 101 characters, 100 are allowed",
    ),
    (
        {"components": [row(menu() | {"options": [{"label": "", "value": "1"}]})]},
        "components[0].components[0].options[0].label is empty",
    ),
    (
        {"components": [row(menu(placeholder="x" * 151))]},
        "components[0].components[0].placeholder has 151 characters, 150 are allowed",
    ),
    (
        {"attachments": [{"filename": "a", "description": "x" * 1_025}]},
        "attachments[0].description has 1025 characters, 1024 are allowed",
    ),
    ({"attachments": [{"filename": str(n)} for n in range(11)]}, "attachments has 11, 10 are allowed"),
    ({"attachments": [{"filename": "a"}, {"filename": "a"}]}, "2 attachments share the name 'a'"),
]


@pytest.mark.parametrize("body", GOOD)
def test_what_discord_takes_has_no_problems(body: dict[str, Any]) -> None:
    assert problems(body) == []


@pytest.mark.parametrize(("body", "problem"), BAD)
def test_what_discord_refuses_is_one_clear_problem(body: dict[str, Any], problem: str) -> None:
    assert problems(body) == [problem]


def test_length_is_counted_in_utf_16() -> None:
    assert units("") == 0
    assert units("abc") == 3
    assert units("é漢") == 2
    assert units("\U0001d53d!") == 3
    assert units("\ud800") == 1
