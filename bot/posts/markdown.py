r"""Text of documents and people, made safe to show: it appears in Discord exactly as written and pings nobody.

Where Discord renders markdown, seen in its clients:

    message content, embed description, field value   everything: `escape`
    embed title, field name                           inline markup, timestamps, emoji, but no mentions; a
                                                      title with a link renders no other links: `escape`,
                                                      and titles that hold a web address go elsewhere
    embed footer, embed author, labels and texts      nothing: `plain`
    of buttons and menus, names and alt texts of files

A backslash before anything but a letter, a digit or a blank makes Discord show that character as it is; a
web address is recognised before that, so a backslash inside one would show and break it. Mentions are
stopped twice: here, and by the message's allowed mentions.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

from bot.posts.limits import URL

WEB_ADDRESS: Final = re.compile(r"""(?:https?|steam)://[^\s<]+[^<.,:;"'\]\s]""")
"""A web address as Discord recognises it within text."""

_SCHEME: Final = r"(?:https?|steam):"
_ANGLED: Final = r"<(?P<angled>(?:https?|steam)://[^\s<>]+)>"
_MARKUP: Final = (
    r"[\\*_`\[\]<]"  # "<" begins mentions of all kinds, timestamps, emoji and links
    r"|~(?=~)|(?<=~)~|\|(?=\|)|(?<=\|)\|"  # strikethrough and spoilers take two
    r"|@(?=everyone|here|silent)"
    r"|:(?=[\w+-]+:)"  # :emoji:, which clients turn into a picture
)
_LINE_START: Final = (
    r"^(?P<blanks>[ ]*)(?:(?P<number>\d+)\.|(?P<mark>\#{1,3}|-\#|[-+]))(?=\s|\Z)|^(?P<quote>[ ]*)>"
)
_SPECIAL: Final = re.compile(
    rf"{_ANGLED}|(?P<url>{WEB_ADDRESS.pattern})|(?P<scheme>{_SCHEME})(?=//)|(?P<markup>{_MARKUP})|{_LINE_START}",
    re.MULTILINE,
)
_UNLINKED: Final = re.compile(rf"(?P<scheme>{_SCHEME})(?=//)|(?P<markup>{_MARKUP})")
_START: Final = re.compile(_LINE_START)
_ADDRESS_END: Final = re.compile(r"""[.,:;"']*(?:\s|\Z)""")

# Control characters, the byte order mark, and marks that turn the direction of whatever follows them.
_INVISIBLE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\u202a-\u202e\u2066-\u2069]")
_NEWLINE: Final = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BRACKETS: Final = re.compile(r"[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*")
_HOST: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])\.?")


def clean(text: str) -> str:
    """The text without characters that can't be seen or would disturb their surroundings; lines end in `\\n`."""
    text = _NEWLINE.sub("\n", text).replace("\t", " ")
    return _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))


def plain(text: str) -> str:
    """The text on one line, for places where Discord renders no markdown; empty if there is nothing to see."""
    text = " ".join(clean(text).split())
    return text if visible(text) else ""


def visible(text: str) -> bool:
    """Whether a text has anything to see in it."""
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)


@functools.lru_cache(maxsize=2_000)  # what a round says is said to each of its players
def escape(text: str) -> str:
    """The text as markdown that shows it as written, its line breaks kept; empty if there is nothing to see."""
    text = clean(text).strip()
    return _SPECIAL.sub(_escaped, text) if visible(text) else ""


def escape_line(text: str) -> str:
    """The text on one line, as markdown that shows it as written; empty if there is nothing to see."""
    return escape(plain(text))


def guard_start(markdown: str) -> str:
    """Markdown that was escaped in the middle of a line, made safe to begin a line with."""
    return _START.sub(_escaped, markdown, count=1)


def unlinked(address: str) -> str:
    """An address out of escaped markdown, with or without angle brackets, as text that is no link any more."""
    return _UNLINKED.sub(_escaped, address[1:-1] if address.startswith("<") else address)


def bold(text: str) -> str:
    """The text on one line, escaped and bold; not where it holds a web address, which would swallow the stars."""
    escaped = escape_line(text)
    return f"**{escaped}**" if escaped and "://" not in escaped else escaped


def linked(text: str, url: str | None, here: str) -> str:
    """The text on one line, escaped, as a link to `url` if that can be clicked.

    Where Discord can't read the text as a link's label (uneven brackets, a web address in it) the text
    stands by itself, followed by a link named `here`.
    """
    escaped, target = escape_line(text), web_link(url)
    if target is None or not escaped:
        return escaped
    if "://" in escaped or not _BRACKETS.fullmatch(escaped):
        return f"{escaped} · [{here}]({target})"
    return f"[{escaped}]({target})"


def web_link(url: str | None) -> str | None:
    """The address as Discord takes it in an embed and in a link's brackets, or None if it can't be clicked.

    Only http and https to a named host, without a user name, are; characters that are not web-safe, and
    brackets, are percent-encoded, so a usual address comes back exactly as it is. At most 2,048 characters.
    """
    if url is None:
        return None
    url = url.strip()
    if len(url) > URL:
        return None
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    sound = parts.scheme in ("http", "https") and "@" not in parts.netloc and port != 0 and _HOST.fullmatch(host)
    if not sound or clean(url) != url or any(character.isspace() for character in url):
        return None
    rest = url[url.index("://") + 3 :][len(parts.netloc) :]
    rest = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quote(rest, safe="%/:?#@!$&+,;=~-._'"))
    link = f"{parts.scheme}://{host}{f':{port}' if port is not None else ''}{rest}"
    return link if len(link) <= URL else None


def _bare_address(match: re.Match[str]) -> str:
    """An address as it is, unless a backslash to come would be read as a part of it."""
    address = match[0]
    if _ADDRESS_END.match(match.string, match.end()):
        return address
    # In angle brackets, which are not shown, it ends where it ends; one that holds a bracket gets a blank.
    return f"{address} " if ">" in address else f"<{address}>"


def _escaped(match: re.Match[str]) -> str:
    """What to write for one special place in a text."""
    groups = match.groupdict()
    if groups.get("angled"):
        # The address alone would lose its brackets, and an address followed by ">" would take that in.
        return rf"\<<{groups['angled']}>>"
    if groups.get("url"):
        return _bare_address(match)
    if groups.get("scheme"):
        return match[0] + "\\"  # too little of an address, but a backslash behind it would make one
    if groups.get("markup"):
        return "\\" + match[0]
    if groups["number"] is not None:
        return rf"{groups['blanks']}{groups['number']}\."
    if groups["mark"] is not None:
        return rf"{groups['blanks']}\{groups['mark']}"
    return rf"{groups['quote']}\>"
