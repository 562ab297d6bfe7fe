"""What a player sees of a round: readable, whole, within Discord's limits, telling nothing too early."""

import datetime as dt
import re
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.language import Speech
from bot.leaderboard.places import Place, Standing
from bot.library.keys import Key
from bot.model import Digest, Question, Translation
from bot.posts.custom_ids import Answer, Leaderboard, PlayRound, ReviewAnswers, parse
from bot.posts.limits import problems
from bot.posts.message import Message
from bot.quiz import pages, play
from bot.quiz.play import Answered, PlayerRound
from tests.library.kit import digest, question

SAY = Speech()
ENGLISH = "en"

DIGEST = digest(
    (question(1, "Which colour?", "Red", "Green", "Blue", answer=1), question(2, "Why?", "So", "Because")),
    (question(1, "When?", "Now", "Then", "Never", answer=0),),
)


def buttons(messages: tuple[Message, ...]) -> list[Any]:
    return [button for message in messages for row in message.rows if isinstance(row, tuple) for button in row]


def shown(messages: tuple[Message, ...]) -> str:
    """All text of the messages as Discord would show it: without the backslashes of escapes."""
    texts = []
    for message in messages:
        texts.append(message.content or "")
        for embed in message.embeds:
            texts += [embed.title or "", embed.description or "", embed.footer or ""]
    return re.sub(r"\\([^\w\s])", r"\1", "\n".join(texts))


def click(round_: PlayerRound, text: str, key: Key | None) -> Answered:
    asked = round_.next
    assert asked is not None
    _, _, options = asked.said(ENGLISH)
    return play.imagine(round_, asked, options.index(text), key)


def test_a_question_shows_where_one_is_its_paper_and_its_options_under_letters() -> None:
    round_, _ = play.from_digest(DIGEST)
    [message] = pages.question_pages(round_, say=SAY, language=ENGLISH)
    [embed] = message.embeds
    assert embed.title == "Question 1 of 3"
    assert embed.description is not None
    assert "Paper 1" in embed.description
    assert "**Which colour?**" in embed.description
    assert round_.next is not None
    _, _, options = round_.next.said(ENGLISH)
    assert sorted(options) == ["Blue", "Green", "Red"]
    for letter, option in zip("ABC", options, strict=True):
        assert f"**{letter}**  {option}" in embed.description
    assert [b.label for b in buttons((message,))] == ["A", "B", "C"]
    assert [parse(b.custom_id) for b in buttons((message,))] == [Answer(0, 1, place) for place in range(3)]


def test_the_verdict_and_the_next_question_come_in_one_page() -> None:
    round_, keys = play.from_digest(DIGEST)
    [right] = pages.verdict_pages(click(round_, "Green", keys[1]), say=SAY, language=ENGLISH)
    verdict, following = right.embeds
    assert verdict.title == "✅ Right"
    assert "Which colour?" in (verdict.description or "")
    assert "Because." in (verdict.description or "")
    assert following.title == "Question 2 of 3"
    assert {parse(b.custom_id) for b in buttons((right,))} == {Answer(0, 2, 0), Answer(0, 2, 1)}
    [wrong] = pages.verdict_pages(click(round_, "Red", keys[1]), say=SAY, language=ENGLISH)
    text = shown((wrong,))
    assert wrong.embeds[0].title == "❌ Not this time"
    assert re.search(r"You chose \*\*[ABC]\*\*  Red\nThe right answer is \*\*[ABC]\*\*  Green", text)
    assert wrong.embeds[0].colour != verdict.colour


def test_an_answer_without_a_key_is_kept_and_says_that_points_follow() -> None:
    round_, _ = play.from_digest(DIGEST)
    text = shown(pages.verdict_pages(click(round_, "Green", None), say=SAY, language=ENGLISH))
    assert "Your answer is kept" in text
    assert "points follow when the key is known" in text
    assert "Right" not in text


def test_a_second_click_says_that_the_first_counts_and_a_late_one_that_it_is_practice() -> None:
    round_, keys = play.from_digest(DIGEST)
    second = replace(click(round_, "Red", keys[1]), accepted=False)
    assert "the first answer counts" in shown(pages.verdict_pages(second, say=SAY, language=ENGLISH))
    late = click(replace(round_, closed=True), "Red", keys[1])
    text = shown(pages.verdict_pages(late, say=SAY, language=ENGLISH))
    assert "Practice: the round was closed" in text
    assert "answers are practice now" in text  # under the next question


def finished() -> Answered:
    round_, keys = play.from_digest(DIGEST)
    first = click(round_, "Green", keys[1])
    second = click(first.round, "So", None)
    return click(second.round, "Never", keys[3])


def test_after_the_last_answer_come_score_place_and_ways_on() -> None:
    answered = finished()
    place = Place(Standing(3, 5, "Ada", 41, 50), 12)
    messages = pages.verdict_pages(answered, say=SAY, language=ENGLISH, place=place)
    text = shown(messages)
    assert "**1 of 2 right**" in text
    assert "1 answer waits for its key" in text
    assert "**3** of 12, with 41 points and 82% right" in text
    assert [parse(b.custom_id) for b in buttons(messages)] == [ReviewAnswers(0, 0), Leaderboard("")]
    assert shown(pages.final_pages(answered.round, None, say=SAY)).count("Your place") == 0


def test_answers_can_be_looked_at_again() -> None:
    [page] = pages.review_pages(finished().round, say=SAY, language=ENGLISH)
    assert page.content == "Your answers · 1 of 2 right"
    assert [embed.title for embed in page.embeds] == [
        "Question 1 · ✅ Right",
        "Question 2 · 📝 Your answer is kept",
        "Question 3 · ❌ Not this time",
    ]
    round_, keys = play.from_digest(DIGEST)
    assert "haven't answered" in shown(pages.review_pages(round_, say=SAY, language=ENGLISH))
    over = replace(round_, closed=True)
    assert "`/quiz practice`" in shown(pages.review_pages(over, say=SAY, language=ENGLISH))
    halfway = pages.review_pages(click(round_, "Red", keys[1]).round, say=SAY, language=ENGLISH)
    assert [parse(b.custom_id) for b in buttons(halfway)] == [PlayRound(0, "")]
    assert "When?" not in shown(halfway)


def test_a_long_review_goes_on_over_pages_that_lead_to_each_other() -> None:
    long = digest(tuple(question(n, f"{n}? " + "word " * 200, "yes", "no", answer=0) for n in range(1, 13)))
    round_, keys = play.from_digest(long)
    while round_.next:
        round_ = click(round_, "no", keys[round_.next.id]).round
    found = pages.review_pages(round_, say=SAY, language=ENGLISH)
    assert len(found) > 1
    for number, page in enumerate(found):
        assert problems(page.body()) == []
        assert f"page {number + 1} of {len(found)}" in (page.content or "")
        led = {parse(b.custom_id) for b in buttons((page,))}
        assert led == {ReviewAnswers(0, n) for n in (number - 1, number + 1) if 0 <= n < len(found)}
    assert all(f"{n}? word" in shown(found) for n in range(1, 13))


def test_a_question_comes_in_the_players_language_where_it_has_one() -> None:
    chinese = digest((question(1, "哪种颜色?", "红", "绿", "蓝"),), ())
    both = replace(DIGEST, languages=MappingProxyType({"zh": Translation(chinese.papers)}))
    round_, keys = play.from_digest(both)
    english = pages.question_pages(round_, say=SAY, language=ENGLISH)
    translated = pages.question_pages(round_, say=SAY, language="zh")
    assert "哪种颜色?" in shown(translated)
    places = {"Red": "红", "Green": "绿", "Blue": "蓝"}
    for letter, option in re.findall(r"\*\*([ABC])\*\*  (\w+)", shown(english)):
        assert f"**{letter}**  {places[option]}" in shown(translated)
    verdict = pages.verdict_pages(click(round_, "Red", keys[1]), say=SAY, language="zh")
    assert "红" in shown(verdict)
    assert "绿" in shown(verdict)
    assert "**Why?**" in shown(verdict)  # it has no translation


def test_rounds_with_nothing_to_play_say_so() -> None:
    round_, _ = play.from_digest(digest(()))
    for messages in (
        pages.question_pages(round_, say=SAY, language=ENGLISH),
        pages.final_pages(round_, None, say=SAY),
        pages.nothing_to_play(SAY),
    ):
        assert "no round to play" in shown(messages)
    assert "no round" in shown(pages.no_round(SAY))


@pytest.mark.parametrize(
    ("place", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")]
)
def test_letters_go_on_after_z(place: int, letter: str) -> None:
    assert pages.letter(place) == letter


def test_twenty_five_options_of_three_hundred_characters_are_all_there() -> None:
    options = [f"option {n} " + "x" * 290 for n in range(25)]
    wide = digest((question(1, "Which?", *options, answer=24), question(2, "And?", *options)))
    round_, keys = play.from_digest(wide)
    asked = pages.question_pages(round_, say=SAY, language=ENGLISH)
    for messages in (asked, pages.verdict_pages(click(round_, options[3], keys[1]), say=SAY, language=ENGLISH)):
        assert all(problems(message.body()) == [] for message in messages)
        assert all(option in shown(messages) for option in options)
        assert [b.label for b in buttons(messages)] == [chr(ord("A") + n) for n in range(25)]
        assert not any(message.rows for message in messages[:-1])


rough = st.text("ab *_~|`<>@#[]()\\:\n.1-’中😀", max_size=40) | st.sampled_from(
    [
        "@everyone",
        "<@1>",
        "<t:0:R>",
        "</cmd:1>",
        "# x",
        "||x||",
        "https://example.org/a_b",
        "x" * 2_100,
        "中" * 900,
    ]
)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    options = draw(st.lists(rough, min_size=1, max_size=32))
    answer = draw(st.none() | st.integers(0, len(options) - 1))
    return Question(draw(st.integers(1, 3)), draw(rough), tuple(options), answer, draw(st.none() | rough))


def squeezed(text: str) -> str:
    """What is left of a text when neither blanks nor marks of markdown matter."""
    return re.sub(r"[^a-z0-9中😀’]", "", text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(questions(), min_size=1, max_size=3), rough)
def test_whatever_a_question_holds_its_pages_meet_the_limits_and_lose_nothing(
    asked: list[Question], title: str
) -> None:
    given_digest: Digest = digest(tuple(asked), series=title)
    round_, keys = play.from_digest(given_digest)
    every = []
    while (question_ := round_.next) is not None:
        messages = pages.question_pages(round_, say=SAY, language=ENGLISH)
        told = squeezed(shown(messages))
        assert all(squeezed(text) in told for text in (question_.text, *question_.options))
        assert len(buttons(messages)) == len(question_.options)
        answered = play.imagine(round_, question_, len(question_.options) - 1, keys.get(question_.id))
        verdict = pages.verdict_pages(answered, say=SAY, language=ENGLISH)
        key = keys.get(question_.id)
        if key is not None:
            told = squeezed(shown(verdict))
            assert squeezed(question_.options[key.answer]) in told
            assert squeezed(key.reason or "") in told
        every += [*messages, *verdict]
        round_ = answered.round
    every += [*pages.review_pages(round_, say=SAY, language=ENGLISH), *pages.final_pages(round_, None, say=SAY)]
    for message in every:
        body = message.body()
        assert problems(body) == []
        assert body["allowed_mentions"] == {"parse": [], "roles": []}
        assert not re.search(r"(?<!\\)<[@#/t:]", shown_raw(message))
        assert "@everyone" not in shown_raw(message).replace("\\@", "")


def shown_raw(message: Message) -> str:
    return "\n".join([message.content or "", *(embed.description or "" for embed in message.embeds)])


def test_no_custom_id_tells_the_right_option() -> None:
    round_, _ = play.from_digest(DIGEST)
    for answer in range(3):
        other = digest((question(1, "Which colour?", "Red", "Green", "Blue", answer=answer),))
        twin, _ = play.from_digest(other)
        ids = [b.custom_id for b in buttons(pages.question_pages(twin, say=SAY, language=ENGLISH))]
        assert ids == [b.custom_id for b in buttons(pages.question_pages(round_, say=SAY, language=ENGLISH))]
    assert round_.closes_at > dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
