"""A digest that was kept comes back as it was."""

import json
from dataclasses import replace

from hypothesis import given, settings

from bot.library import bodies
from bot.model import Digest
from tests.library.kit import any_digest, digest, figure


@settings(deadline=None)
@given(any_digest)
def test_a_digest_comes_back_exactly(given: Digest) -> None:
    body = json.loads(json.dumps(bodies.to_body(given)))
    pngs = {sha: picture.png for sha, picture in bodies.figures(given).items()}
    assert bodies.from_body(body, pngs) == given
    assert set(bodies.shas(body)) == set(pngs)


def test_pictures_are_not_in_the_body_and_missing_ones_are_not_promised() -> None:
    plain = digest(())
    given = replace(plain, papers=(replace(plain.papers[0], figure=figure(b"picture")),))
    body = bodies.to_body(given)
    assert "picture" not in json.dumps(body)
    assert bodies.from_body(body, {}).papers[0].figure is None
    told = bodies.from_body(body).papers[0].figure
    assert told is not None
    assert (told.sha, told.png) == (figure(b"picture").sha, b"")
