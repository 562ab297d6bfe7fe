"""Whatever a digest holds: Discord takes every message, and all of it can be read."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.language import Speech
from bot.model import Digest, Look
from bot.posts import compose, open_choice
from bot.posts.custom_ids import ReadPaper, parse
from bot.posts.limits import problems
from bot.posts.markdown import clean, visible
from bot.posts.message import Menu, Message
from bot.posts.paper import translated

from .discord_markdown import compact, show
from .strategies import crowded_digests, digests, long_digests

looks = st.sampled_from(Look)
languages = st.sampled_from(["en", "zh"])


def key(index: int) -> str:
    return f"{index}x".ljust(25, "k")


def posted(digest: Digest, look: Look, language: str) -> tuple[Message, ...]:
    return compose(digest, digest_id=2**63 - 1, look=look, say=Speech(), language=language, role=7, keys=key)


def menus(message: Message) -> Iterator[Menu]:
    return (row for row in message.rows if isinstance(row, Menu))


def one_click_away(digest: Digest, post: tuple[Message, ...], language: str) -> list[Message]:
    values = [option.value for message in post for menu in menus(message) for option in menu.options]
    return [
        reply
        for value in dict.fromkeys(values)
        for reply in open_choice(digest, value, say=Speech(), language=language)
    ]


def read(messages: list[Message]) -> str:
    """All that a person reads in these messages, without blanks."""
    texts: list[str] = []
    links: list[str] = []
    for message in messages:
        for embed in message.embeds:
            for shown in (show(text) for text in (embed.title, embed.description) if text):
                texts.append(shown.text)
                links += shown.links
            texts += [text for text in (embed.author, embed.footer) if text]
            if embed.url:
                links.append(embed.url)
    return compact("".join(texts) + " ".join(links))


def said(digest: Digest, language: str) -> Iterator[str]:
    """All that a digest says in a language."""
    translation = digest.languages.get(language)
    yield (translation.tips if translation else None) or digest.tips or ""
    for number in (paper.number for paper in digest.papers):
        paper = translated(digest, number, language)
        assert paper is not None
        yield from (paper.title, paper.url or "", *paper.links, paper.published or "", *paper.authors)
        yield from (paper.summary or "", paper.workflow or "")
        for section in paper.sections:
            yield from (section.name, section.text)


def check(digest: Digest, look: Look, language: str) -> None:
    post = posted(digest, look, language)
    assert bool(post) == bool(digest.papers)
    replies = one_click_away(digest, post, language)
    for message in (*post, *replies):
        assert problems(message.body()) == []
        assert message.body()["allowed_mentions"]["parse"] == []
    for index, message in enumerate(post):
        assert key(index) in str(message.body()["components"])
        kinds = [parse(menu.custom_id) for menu in menus(message)]
        assert all(isinstance(kind, ReadPaper) and kind.step == key(index) for kind in kinds)
    if not post:
        return
    for other in {language, "en", "zh"}:  # whatever the post's language, readers have theirs
        text = read([*post, *one_click_away(digest, post, other)])
        for saying in said(digest, other):
            if visible(clean(saying)):
                assert compact(clean(saying)) in text


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(digests(), looks, languages)
def test_any_digest_meets_the_limits_and_is_read_whole(digest: Digest, look: Look, language: str) -> None:
    check(digest, look, language)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowded_digests(), looks)
def test_many_papers_meet_the_limits_and_are_read_whole(digest: Digest, look: Look) -> None:
    check(digest, look, "en")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(long_digests(), looks)
def test_long_texts_meet_the_limits_and_are_read_whole(digest: Digest, look: Look) -> None:
    check(digest, look, "en")
