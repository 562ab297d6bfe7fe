"""The leaderboard as people see it: names as they are, one's own place always, nobody pinged."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language import Speech
from bot.leaderboard.boards import Board, StandingsPage
from bot.leaderboard.pages import leaderboard, shared
from bot.leaderboard.periods import Period
from bot.leaderboard.places import Standing
from bot.leaderboard.seasons import Season
from bot.posts.custom_ids import LeaderboardAround, LeaderboardPage, ShareLeaderboard, parse
from bot.posts.limits import problems
from bot.posts.message import ButtonStyle, Message
from tests.library.kit import NOW

SAY = Speech()


def standing(place: int, name: str = "Ada", points: int = 40, answered: int = 50) -> Standing:
    return Standing(place, 1000 + place, name, points, answered)


def board(*rows: Standing, **more: Any) -> StandingsPage:
    values: dict[str, Any] = {"page": 0, "pages": 1, "players": len(rows), "own": None}
    which = Board(more.pop("period", Period.ALL), more.pop("season", None), more.pop("series", None), 7)
    return StandingsPage(which, rows=rows, **{**values, **more})


def buttons(message: Message) -> list[Any]:
    return [button for row in message.rows if isinstance(row, tuple) for button in row]


def text(message: Message) -> str:
    return message.embeds[0].description or ""


def test_medals_stand_beside_place_numbers_with_points_and_accuracy() -> None:
    found = text(leaderboard(board(*(standing(n, f"P{n}") for n in range(1, 5))), say=SAY)).splitlines()
    assert found[:4] == [
        "🥇 1\\. **P1** · 40 points · 80% right",
        "🥈 2\\. **P2** · 40 points · 80% right",
        "🥉 3\\. **P3** · 40 points · 80% right",
        "4\\. **P4** · 40 points · 80% right",
    ]
    assert "**Ada** · 1 point · 50% right" in text(leaderboard(board(standing(1, "Ada", 1, 2)), say=SAY))


def test_ones_own_place_is_there_on_whatever_page_one_looks_at() -> None:
    own = standing(37, "Me", 3, 9)
    away = board(*(standing(n) for n in range(1, 11)), own=own, players=40, pages=4)
    assert text(leaderboard(away, say=SAY)).endswith("You: 37\\. **Me** · 3 points · 33% right")
    here = board(own, own=own, players=40, pages=4, page=3)
    assert text(leaderboard(here, say=SAY)).endswith("You are number 37 of 40.")
    assert "You aren't on it: no answer" in text(leaderboard(board(standing(1)), say=SAY))


def test_what_is_shared_holds_nothing_about_who_shared_it_and_no_buttons() -> None:
    page = board(standing(1), own=standing(37, "Me"), players=40, pages=4)
    message = shared(page, say=SAY)
    assert "Me" not in text(message)
    assert "You" not in text(message)
    assert message.rows == ()
    assert message.embeds[0].footer == "40 players · page 1 of 4"


@pytest.mark.parametrize("page", range(3))
def test_buttons_lead_to_the_pages_beside_and_the_other_periods(page: int) -> None:
    message = leaderboard(board(standing(1), page=page, pages=3, period=Period.WEEK), say=SAY)
    periods = {p: parse(b.custom_id) for p, b in zip(Period, buttons(message), strict=False)}
    assert periods == {
        Period.TODAY: LeaderboardPage("today", 0, 0, 7),
        Period.WEEK: LeaderboardPage("week", page, 0, 7),
        Period.MONTH: LeaderboardPage("month", 0, 0, 7),
        Period.ALL: LeaderboardPage("all", 0, 0, 7),
    }
    assert [b.label for b in buttons(message) if b.style is ButtonStyle.PRIMARY] == ["This week"]
    second = [parse(b.custom_id) for b in buttons(message)[4:]]
    assert second == [
        *(LeaderboardPage("week", n, 0, 7) for n in (page - 1, page + 1) if 0 <= n < 3),
        ShareLeaderboard("week", page, 0, 7),
    ]
    assert problems(message.body()) == []


def test_a_season_and_a_series_are_named_and_kept_while_paging() -> None:
    spring = Season(2, "Spring *", NOW, None)
    own = standing(37, "Me")
    page = board(standing(1), own=own, pages=4, players=40, season=spring, series="round-up", current=spring)
    message = leaderboard(page, say=SAY)
    assert message.embeds[0].title == "Leaderboard · Season 2: Spring \\* · Round-up"
    assert [parse(b.custom_id) for b in buttons(message)[4:]] == [
        LeaderboardPage("all", 0, 2, 7),
        LeaderboardPage("all", 1, 2, 7),
        LeaderboardAround("all", 2, 7),
        ShareLeaderboard("all", 0, 2, 7),
    ]
    assert [b.label for b in buttons(message) if b.style is ButtonStyle.PRIMARY] == ["Season 2"]
    assert problems(message.body()) == []
    long = board(standing(1), season=Season(9, "*" * 300, NOW, None), series="x" * 300)
    assert problems(leaderboard(long, say=SAY).body()) == []


@pytest.mark.parametrize("period", list(Period))
def test_an_empty_board_invites_and_can_still_change_its_period(period: Period) -> None:
    message = leaderboard(board(period=period), say=SAY)
    assert "play the round under a digest" in text(message).lower()
    assert "You aren't" not in text(message)
    assert len(buttons(message)) == 4
    assert problems(message.body()) == []
    assert problems(shared(board(period=period), say=SAY).body()) == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(max_size=32) | st.sampled_from(["@everyone", "<@1>", "**", "`x", "||", "\u202e"]), min_size=1)
)
def test_whatever_players_are_called_nobody_is_pinged_and_lines_stay_lines(names: list[str]) -> None:
    names = [*names, *["x" * 100] * 10][:10]
    page = board(*(standing(n, name) for n, name in enumerate(names, 1)), own=standing(11, names[0]))
    for message in (leaderboard(page, say=SAY, server_name="A server"), shared(page, say=SAY)):
        body = message.body()
        assert problems(body) == []
        assert body["allowed_mentions"]["parse"] == []
        shown = text(message)
        assert "@everyone" not in shown.replace("\\@", "")
        assert "<@" not in shown.replace("\\<", "")
        assert len(shown.splitlines()) == 10 + (2 if message.rows else 0)
