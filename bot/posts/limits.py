"""Discord's limits on a message in one table, and what of it a Create Message body breaks.

Lengths count UTF-16 code units, as Discord's own clients do: where the API counts code points instead, this is
the stricter of the two. Sources:

- [embed] https://discord.com/developers/docs/resources/message#embed-object-embed-limits
- [create] https://discord.com/developers/docs/resources/message#create-message
- [component] https://discord.com/developers/docs/components/reference
- [openapi] https://github.com/discord/discord-api-spec (RichEmbed, MessageAttachmentRequest)
- [upload] https://discord.com/developers/docs/reference#uploading-files
- [client] seen in Discord's clients: embeds of one message with the same `url` are merged into one
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

CONTENT: Final = 2_000  # [create]
EMBEDS: Final = 10  # [create]
EMBEDS_TOTAL: Final = 6_000  # [embed] titles, descriptions, fields, footers and authors of all embeds together
TITLE: Final = 256  # [embed]
DESCRIPTION: Final = 4_096  # [embed]
FIELDS: Final = 25  # [embed]
FIELD_NAME: Final = 256  # [embed]
FIELD_VALUE: Final = 1_024  # [embed]
FOOTER: Final = 2_048  # [embed]
AUTHOR: Final = 256  # [embed]
URL: Final = 2_048  # [openapi]
FILES: Final = 10  # [create]
FILES_BYTES: Final = 10 * 1024 * 1024  # [upload] one message's files together, where nobody boosts the server
ALT: Final = 1_024  # [openapi] an attachment's description
ROWS: Final = 5  # [component]
BUTTONS: Final = 5  # [component] in a row
LABEL: Final = 80  # [component] a button's
CUSTOM_ID: Final = 100  # [component]
BUTTON_URL: Final = 512  # [component]
OPTIONS: Final = 25  # [component] in a select
OPTION: Final = 100  # [component] an option's label, value and description, each
PLACEHOLDER: Final = 150  # [component] a select's

_BUTTON, _SELECT, _ROLE_SELECT, _LINK_STYLE = 2, 3, 6, 5


def units(text: str) -> int:
    """The length of a text in UTF-16 code units; a character outside the basic plane counts two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def problems(body: Mapping[str, Any]) -> list[str]:
    """What Discord would refuse or spoil in a Create Message body, one sentence each; empty if all is well.

    The body is spelled as the API spells it, the files as `attachments` with a `filename` each.
    """
    content = body.get("content")
    embeds: list[Mapping[str, Any]] = body.get("embeds") or []
    rows: list[Mapping[str, Any]] = body.get("components") or []
    attachments: list[Mapping[str, Any]] = body.get("attachments") or []
    return [
        *(_text("content", content, CONTENT) if content is not None else ()),
        *(["the message is empty"] if content is None and not (embeds or rows or attachments) else ()),
        *_embeds(embeds, {attachment.get("filename") for attachment in attachments}),
        *_components(rows),
        *_attachments(attachments),
    ]


def _text(where: str, text: Any, most: int) -> Iterator[str]:
    """A text that must hold something visible and at most `most` units."""
    if not isinstance(text, str):
        yield f"{where} is not text"
    elif not text.strip():
        yield f"{where} is empty"
    elif units(text) > most:
        yield f"{where} has {units(text)} characters, {most} are allowed"


def _count(where: str, number: int, most: int) -> Iterator[str]:
    if number > most:
        yield f"{where} has {number}, {most} are allowed"


def _embeds(embeds: list[Mapping[str, Any]], names: set[Any]) -> Iterator[str]:
    yield from _count("embeds", len(embeds), EMBEDS)
    total = 0
    for index, embed in enumerate(embeds):
        where = f"embeds[{index}]"
        texts = list(_embed_texts(embed))
        total += sum(units(text) for _, text, _ in texts if isinstance(text, str))
        for part, text, most in texts:
            yield from _text(f"{where}.{part}", text, most)
        yield from _count(f"{where}.fields", len(embed.get("fields") or []), FIELDS)
        if not texts and not embed.get("image") and not embed.get("thumbnail"):
            yield f"{where} is empty"
        if embed.get("url") is not None:
            yield from _url(f"{where}.url", embed["url"], URL)
        for part in ("image", "thumbnail"):
            if embed.get(part):
                yield from _picture(f"{where}.{part}", embed[part].get("url"), names)
    if total > EMBEDS_TOTAL:
        yield f"the embeds together have {total} characters, {EMBEDS_TOTAL} are allowed"
    for url, times in Counter(embed["url"] for embed in embeds if embed.get("url")).items():
        if times > 1:
            yield f"{times} embeds share the url {url}"


def _embed_texts(embed: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """The texts of an embed that count towards the total: where, what and how long each may be."""
    if embed.get("title") is not None:
        yield "title", embed["title"], TITLE
    if embed.get("description") is not None:
        yield "description", embed["description"], DESCRIPTION
    if embed.get("author") is not None:
        yield "author", embed["author"].get("name"), AUTHOR
    if embed.get("footer") is not None:
        yield "footer", embed["footer"].get("text"), FOOTER
    for index, field in enumerate(embed.get("fields") or []):
        yield f"fields[{index}].name", field.get("name"), FIELD_NAME
        yield f"fields[{index}].value", field.get("value"), FIELD_VALUE


def _url(where: str, url: Any, most: int) -> Iterator[str]:
    """A link that a reader can click: http or https, a host, no blanks."""
    yield from _text(where, url, most)
    if isinstance(url, str):
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            sound = False
        if not sound or any(character.isspace() for character in url):
            yield f"{where} is not a web address: {url!r}"


def _picture(where: str, url: Any, names: set[Any]) -> Iterator[str]:
    if isinstance(url, str) and url.startswith("attachment://"):
        if url.removeprefix("attachment://") not in names:
            yield f"{where} names a file that is not attached: {url}"
    else:
        yield from _url(where, url, URL)


def _components(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    yield from _count("components", len(rows), ROWS)
    custom_ids: Counter[Any] = Counter()
    for index, row in enumerate(rows):
        where = f"components[{index}]"
        parts: list[Mapping[str, Any]] = row.get("components") or []
        if row.get("type") != 1 or not parts:
            yield f"{where} is not a row with something in it"
        selects = sum(part.get("type") != _BUTTON for part in parts)
        yield from _count(where, len(parts), BUTTONS if not selects else 1)
        for place, part in enumerate(parts):
            yield from _component(f"{where}.components[{place}]", part)
            if part.get("custom_id") is not None:
                custom_ids[part["custom_id"]] += 1
    for custom_id, times in custom_ids.items():
        if times > 1:
            yield f"{times} components share the custom_id {custom_id!r}"


def _component(where: str, part: Mapping[str, Any]) -> Iterator[str]:
    if part.get("type") == _BUTTON and part.get("style") == _LINK_STYLE:
        yield from _url(f"{where}.url", part.get("url"), BUTTON_URL)
    else:
        yield from _text(f"{where}.custom_id", part.get("custom_id"), CUSTOM_ID)
    if part.get("type") == _BUTTON:
        if part.get("label") is not None or not part.get("emoji"):
            yield from _text(f"{where}.label", part.get("label"), LABEL)
    elif part.get("type") == _SELECT:
        yield from _select(where, part)
    elif part.get("type") == _ROLE_SELECT:
        if part.get("placeholder") is not None:
            yield from _text(f"{where}.placeholder", part["placeholder"], PLACEHOLDER)
    else:
        yield f"{where} is neither a button nor a select"


def _select(where: str, part: Mapping[str, Any]) -> Iterator[str]:
    options: list[Mapping[str, Any]] = part.get("options") or []
    if not options:
        yield f"{where} has no options"
    yield from _count(f"{where}.options", len(options), OPTIONS)
    if part.get("placeholder") is not None:
        yield from _text(f"{where}.placeholder", part["placeholder"], PLACEHOLDER)
    for index, option in enumerate(options):
        for key in ("label", "value", "description"):
            if key != "description" or option.get(key) is not None:
                yield from _text(f"{where}.options[{index}].{key}", option.get(key), OPTION)
    for value, times in Counter(option.get("value") for option in options).items():
        if times > 1:
            yield f"{where} has {times} options with the value {value!r}"


def _attachments(attachments: list[Mapping[str, Any]]) -> Iterator[str]:
    yield from _count("attachments", len(attachments), FILES)
    for index, attachment in enumerate(attachments):
        where = f"attachments[{index}]"
        yield from _text(f"{where}.filename", attachment.get("filename"), ALT)
        if attachment.get("description") is not None:
            yield from _text(f"{where}.description", attachment["description"], ALT)
    for name, times in Counter(attachment.get("filename") for attachment in attachments).items():
        if times > 1:
            yield f"{times} attachments share the name {name!r}"
