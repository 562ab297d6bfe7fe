"""What a check found: a verdict, a sentence, and the way to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from bot.language import Speech


class Verdict(StrEnum):
    """How it stands, from well to ill."""

    OK = "ok"
    LOOK = "look"
    """It works, but somebody should look at it."""
    WRONG = "wrong"
    """It doesn't work, or won't for long."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    about: str
    """What was looked at, in a word or two: permissions, schedule, clock, database, seeds, token, backups."""
    verdict: Verdict
    sentence: str
    """In English, with `{names}` for `values`, as Speech takes them."""
    mend: str = ""
    """What to do about it, likewise; empty where there is nothing to do."""
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def said(self, say: Speech) -> str:
        """The sentence, and what to do about it."""
        return " ".join(say(part, **self.values) for part in (self.sentence, self.mend) if part)


def worst(findings: Iterable[Finding]) -> Verdict:
    """The worst verdict of all; OK for none."""
    return max((finding.verdict for finding in findings), key=list(Verdict).index, default=Verdict.OK)
