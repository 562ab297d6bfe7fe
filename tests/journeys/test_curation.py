"""Admins bring in documents of their own, take them out, and correct keys; everybody picks their language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import discord
import simcord
from sqlalchemy import select

from bot.database.tables import audit
from bot.model import Digest, Section, Translation
from bot.settings import Keys, Settings, Uploads
from tests.journeys.conftest import House, text_of
from tests.journeys.test_a_day import answer_ids, subscribe
from tests.library import kit
from tests.library.test_seeds import side, text, write

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def said(house: House, command: str, /, who: Any = None, **options: Any) -> str:
    """What the bot answers to a command, privately."""
    done = await (who or house.admin).slash(house.papers, command, **options)
    assert done.ephemeral
    return "\n".join(text_of(message) for message in (done.response, *done.followups) if message is not None)


def document(day: int = 1, *questions: str, name: str | None = None) -> tuple[str, bytes]:
    return name or f"day-{day}.txt", text(day, *questions).encode()


async def with_settings(house: House, settings: Settings) -> None:
    """The bot starts again with other settings."""
    house.settings = settings
    await house.restart()


async def acts(house: House) -> Sequence[Any]:
    return await house.store.read(lambda c: c.execute(select(audit.c.act, audit.c.details)).all())


async def test_a_document_of_ones_own_is_read_posted_and_seen_by_no_other_server(house: House) -> None:
    answer = await said(
        house,
        "digest import",
        document=document(1, "One?", "Two?"),
        side_file=("day-1.toml", side(2).encode()),
        series="club",
    )
    assert "Club · Tue 1 Apr 2025" in answer
    assert "1 paper · 0 figures · 2 questions · 1 of them without a key" in answer
    assert "no other server sees it" in answer
    assert "Club" in await said(house, "digest documents")

    await subscribe(house, "club")
    house.clock.move(hours=2)
    await house.tick()
    (post,) = house.posts()
    assert "A title of day 1" in text_of(post)

    elsewhere = house.env.create_guild(name="Another room")
    channel = elsewhere.create_text_channel("papers")
    owner = elsewhere.add_member(house.env.create_user("owner"), roles=[_keepers(elsewhere)])
    refused = await owner.slash(channel, "digest subscribe", series="club", time="09:00", zone="UTC")
    assert refused.response is not None
    assert "no series “club”" in text_of(refused.response)
    listed = await owner.slash(channel, "digest documents")
    assert listed.response is not None
    assert "no documents of its own" in text_of(listed.response)
    mine = (await house.admin.autocomplete(house.papers, "digest documents", "remove", ""))[0]
    stolen = await owner.slash(channel, "digest documents", remove=mine["value"])
    assert stolen.response is not None
    assert "no such document of its own" in text_of(stolen.response)


def _keepers(guild: simcord.GuildHandle) -> simcord.RoleHandle:
    return guild.create_role("keepers", permissions=discord.Permissions(manage_guild=True))


async def test_what_cannot_be_read_is_one_sentence_with_its_line(house: House) -> None:
    assert await said(house, "digest import", document=("notes.txt", b"Dear diary\n")) == (
        "I can't read notes.txt, line 1: This is none of the layouts known here (deep-dive-page, round-up-table, "
        "deep-dive-text): a deep dive starts with a heading such as “2025-02-28 Papers”, a round-up with "
        "“## Papers for 2025-02-28”."
    )
    assert "isn't UTF-8" in await said(house, "digest import", document=("2025-04-01.txt", PICTURE))
    assert "has 2.1 MB; 2 MB are the most" in await said(
        house, "digest import", document=("large.txt", b"x" * int(2.1 * 1024 * 1024))
    )
    assert "can't be a series" in await said(house, "digest import", document=document(), series="My Club!")
    assert "no documents of its own" in await said(house, "digest documents")


async def test_what_a_document_is_counts_and_not_how_it_is_called(house: House) -> None:
    table = b"## Papers for 2025-02-28\n\n| Title | Authors | Summary | Link |\n|---|---|---|---|\n"
    table += b"| A title | Ada | A summary. | [read](https://example.org/1) |\n"
    answer = await said(house, "digest import", document=("picture.png", table))
    assert "Round-up · Fri 28 Feb 2025" in answer


async def test_the_same_day_again_needs_to_be_meant(house: House) -> None:
    await said(house, "digest import", document=document(1, "One?"))
    again = await said(house, "digest import", document=document(1, "One?"))
    assert "has it already" in again
    other = document(1, "Another?", name="other.txt")
    assert "has a deep-dive of 2025-04-01 already" in await said(house, "digest import", document=other)
    assert "has taken the place" in await said(house, "digest import", document=other, replace=True)
    changed = document(1, "A third?", name="other.txt")
    assert "has taken the place" in await said(house, "digest import", document=changed)
    assert [row.act for row in await acts(house)] == ["import"] * 5


async def test_many_notes_come_in_a_file(house: House) -> None:
    broken = text(1, "One?") + "".join(f"\nQ{n}\n{n}. Who?\nOnly one\n" for n in range(2, 40))
    done = await house.admin.slash(house.papers, "digest import", document=("day.txt", broken.encode()))
    messages = [message for message in (done.response, *done.followups) if message is not None]
    assert [file.filename for message in messages for file in message.message.attachments] == ["notes.txt"]
    assert "all of them are in notes.txt" in "".join(map(text_of, messages))


async def test_a_document_is_taken_out_when_the_admin_says_so_twice(house: House) -> None:
    await said(house, "digest import", document=document(1, "One?"), series="club")
    [choice] = await house.admin.autocomplete(house.papers, "digest documents", "remove", "club")
    asked = await house.admin.slash(house.papers, "digest documents", remove=choice["value"])
    assert asked.response is not None
    assert "Club" in await said(house, "digest documents")
    await house.admin.click(asked.response.message, label="Remove")
    assert "is removed" in text_of(asked.response)
    assert "no documents of its own" in await said(house, "digest documents")
    assert [row.act for row in await acts(house)] == ["import", "remove"]
    assert "no such document" in await said(house, "digest documents", remove=choice["value"])


async def test_a_long_list_has_pages(house: House) -> None:
    for day in range(1, 11):
        await said(house, "digest import", document=document(day), series="club")
    listed = await house.admin.slash(house.papers, "digest documents")
    assert listed.response is not None
    assert "10 documents · page 1 of 2" in text_of(listed.response)
    await house.admin.click(listed.response.message, label="Next")
    assert "Thu 10 Apr 2025" in text_of(listed.response)
    await house.admin.click(listed.response.message, label="Previous")
    assert "Tue 1 Apr 2025" in text_of(listed.response)


async def test_a_server_has_its_share_and_no_more(house: House) -> None:
    await with_settings(house, house.settings.model_copy(update={"uploads": Uploads(documents=1, per_day=3)}))
    await said(house, "digest import", document=document(1))
    assert "as many documents of its own as it may (1)" in await said(house, "digest import", document=document(2))
    assert "has it already" in await said(house, "digest import", document=document(1))
    assert "as often as it may in 24 hours (3 times)" in await said(house, "digest import", document=document(1))
    house.clock.move(days=1, seconds=1)
    assert "has it already" in await said(house, "digest import", document=document(1))


async def test_an_operator_can_switch_imports_off(house: House) -> None:
    await with_settings(house, house.settings.model_copy(update={"uploads": Uploads(enabled=False)}))
    assert "has switched off imports" in await said(house, "digest import", document=document(1))
    assert await acts(house) == []


async def test_what_is_wrong_in_the_seed_folder_stands_in_the_status(house: House, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    write(seeds / "club" / "bad_one.txt", "Dear diary")
    write(seeds / "club" / "good.txt", text(1, "One?"))
    await with_settings(house, house.settings.model_copy(update={"seeds": seeds}))
    await subscribe(house)
    for _ in range(2):
        await house.bot.watcher.look()
    status = await said(house, "digest status")
    assert "A document of the shared library isn't in, or not as it is now: “bad\\_one.txt”" in status
    assert str(tmp_path) not in status
    await subscribe(house, "club")


async def test_a_removed_seed_is_not_posted_any_more_and_posts_stay(house: House, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    for day in (1, 2):
        write(seeds / "club" / f"{day}.txt", text(day, "One?"))
    await with_settings(house, house.settings.model_copy(update={"seeds": seeds}))
    for _ in range(2):
        await house.bot.watcher.look()
    await subscribe(house, "club")
    house.clock.move(hours=2)
    await house.tick()
    for path in seeds.glob("club/*"):
        path.unlink()
    for _ in range(2):
        await house.bot.watcher.look()
    house.clock.move(days=1)
    await house.tick()
    assert ["day 1" in text_of(post) for post in house.posts()] == [True]
    played = await house.ada.click(house.posts()[0], label="Play the round")
    assert played.response is not None
    assert "One?" in text_of(played.response)


async def play_first(house: House, player: simcord.MemberActor, shown: int = 0) -> Any:
    """Answers the first question of the round under the first post; the verdict."""
    message = (await player.click(house.posts()[0], label="Play the round")).response
    assert message is not None
    await player.click(message.message, custom_id=answer_ids(message)[shown])
    return message


async def club(house: House, *questions: str) -> list[dict[str, Any]]:
    """A document of the server's own without keys is posted; its questions as Discord offers them."""
    await said(house, "digest import", document=document(1, *questions), series="club")
    await subscribe(house, "club")
    house.clock.move(hours=2)
    await house.tick()
    return await house.admin.autocomplete(house.papers, "digest key", "question", "")


async def test_a_key_brings_the_points_of_answers_that_were_given(house: House) -> None:
    [question] = await club(house, "One?")
    await play_first(house, house.ada)
    answers = [await said(house, "digest key", question=question["value"], answer=a) for a in "ABC"]
    assert all("This key counts in this server." in answer for answer in answers)
    assert all("standing of 1 player" in answer for answer in answers[1:])
    corrected = await said(house, "digest key", question=question["value"], answer="none")
    assert "has no key now" in corrected
    assert [row.act for row in await acts(house)] == ["import", "key", "key", "key", "key"]


async def test_taking_a_key_away_shows_no_key_that_counts_again(house: House) -> None:
    house.clock.move(hours=25)
    await subscribe(house, "deep-dive")
    house.clock.move(hours=25)
    await house.tick()
    [question, *_] = await house.admin.autocomplete(house.papers, "digest key", "question", "")
    for answer in "ABC":
        await said(house, "digest key", question=question["value"], answer=answer, reason="Because.")
        taken = await said(house, "digest key", question=question["value"], answer="none")
        assert "the one that was there before it counts again" in taken
        assert "✅" not in taken


async def test_a_question_of_any_length_fits_the_answer_to_the_key(house: House) -> None:
    [question] = await club(house, "Why " + "so very long a question " * 300 + "?")
    done = await house.admin.slash(
        house.papers, "digest key", question=question["value"], answer="B", reason="Because " * 60
    )
    messages = [message for message in (done.response, *done.followups) if message is not None]
    whole = "\n".join(map(text_of, messages))
    assert whole.split().count("question") == 300
    assert "This key counts in this server." in whole


async def test_only_a_trusted_server_sets_a_key_for_all(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    [question, *_] = await house.admin.autocomplete(house.papers, "digest key", "question", "")
    options = {"question": question["value"], "answer": "A", "for": "all"}
    assert "only the servers they trust" in await said(house, "digest key", **options)
    trusting = Keys(trusted_servers=(house.guild.id,))
    await with_settings(house, house.settings.model_copy(update={"keys": trusting}))
    assert "every server that hasn't set one of its own" in await said(house, "digest key", **options)
    [(act, details)] = await acts(house)
    assert (act, details["origin"], details["to"]) == ("key", "operator", 0)


def bilingual() -> Digest:
    english = kit.digest((kit.question(1, "What is it?"),), series="both")
    [paper] = english.papers
    chinese = replace(
        paper,
        title="论文",
        sections=(Section("Problem", "一个问题。"),),
        questions=(kit.question(1, "这是什么？", "红", "绿", "蓝"),),
    )
    return replace(english, languages=MappingProxyType({"zh": Translation((chinese,))}))


async def test_everybody_reads_and_plays_in_the_language_they_chose(house: House) -> None:
    await house.store.write(kit.put, bilingual())
    await subscribe(house, "both")
    house.clock.move(hours=2)
    await house.tick()
    (post,) = house.posts()
    assert "论文" not in text_of(post)

    assert "中文" in await said(house, "me language", who=house.ada, language="zh")
    opened = await house.ada.select(post, ["1"])
    assert opened.response is not None
    assert "一个问题。" in text_of(opened.response)
    assert "这是什么？" in text_of(await play_first(house, house.ada))
    assert "What is it?" in text_of(await play_first(house, house.ben))
    again = await house.ada.slash(house.papers, "today")
    assert again.response is not None
    assert "论文" in text_of(again.response)

    assert "English" in await said(house, "me language", who=house.ada, language="discord")
    opened = await house.ada.select(post, ["1"])
    assert opened.response is not None
    assert "A problem." in text_of(opened.response)
    assert "论文" not in text_of(house.posts()[0])
