"""The same for real documents, and for the API's own description of a message, where those are at hand."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.model import Digest, Look

from .examples import deep_dive, round_up
from .strategies import digests
from .test_properties import check, one_click_away, posted

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
OPENAPI = SHARED / "discord" / "openapi.json"
DOCUMENTS = [
    path
    for folder in (ROOT / "seeds", SHARED / "seed-documents", SHARED / "samples")
    for path in sorted(folder.rglob("*"))
    if path.suffix in (".txt", ".md", ".html")
]


@cache
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(OPENAPI.read_text("utf-8"))
    schema["$ref"] = "#/components/schemas/MessageCreateRequest"
    return jsonschema.Draft202012Validator(schema)


def read(path: Path) -> Digest:
    documents = pytest.importorskip("bot.documents")
    digest: Digest = documents.read(path.read_bytes(), path.name).digest
    return digest


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}-{path.name}")
@pytest.mark.parametrize("look", Look)
def test_a_real_document_meets_the_limits_and_is_read_whole(path: Path, look: Look) -> None:
    digest = read(path)
    for language in ("en", *digest.languages):
        check(digest, look, language)


@pytest.mark.skipif(not OPENAPI.exists(), reason="the API's description is not at hand")
@pytest.mark.parametrize("digest", [deep_dive(), round_up(60)], ids=["deep dive", "round-up"])
@pytest.mark.parametrize("look", Look)
def test_a_usual_message_is_what_the_api_describes(digest: Digest, look: Look) -> None:
    post = posted(digest, look, "en")
    for message in (*post, *one_click_away(digest, post, "en")):
        validator().validate(message.body())


@pytest.mark.skipif(not OPENAPI.exists(), reason="the API's description is not at hand")
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(digests())
def test_any_message_is_what_the_api_describes(digest: Digest) -> None:
    for message in posted(digest, Look.FULL, "en"):
        validator().validate(message.body())
