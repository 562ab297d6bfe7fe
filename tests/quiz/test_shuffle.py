"""The order in which options are shown."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.quiz.shuffle import shown_order

ids = st.integers(0, 2**63 - 1)


@settings(deadline=None)
@given(ids, ids, st.integers(0, 40))
def test_every_option_is_shown_once(server: int, question: int, options: int) -> None:
    assert sorted(shown_order(server, question, options)) == list(range(options))


def test_the_order_never_changes_or_buttons_of_old_messages_would_mean_something_else() -> None:
    assert shown_order(2**60 + 11, 1, 3) == EVER[0]
    assert shown_order(2**60 + 11, 2, 5) == EVER[1]


def test_the_authors_second_option_is_shown_in_every_place_equally_often() -> None:
    places = Counter(shown_order(7, question, 3).index(1) for question in range(3_000))
    assert all(900 < places[place] < 1_100 for place in range(3))


def test_servers_see_different_orders() -> None:
    assert len({shown_order(server, 5, 4) for server in range(100)}) > 12


EVER = ((0, 2, 1), (1, 0, 3, 2, 4))
