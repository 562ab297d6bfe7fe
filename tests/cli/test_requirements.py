"""The pinned requirements: they meet pyproject.toml, and name no place on a network or a disk."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pinned(name: str) -> dict[str, str]:
    """Packages and their versions in a requirements file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements.txt", [*PROJECT["dependencies"], *EXTRAS["postgresql"]]),
        ("requirements-dev.txt", [*PROJECT["dependencies"], *EXTRAS["demo"], *EXTRAS["dev"]]),
    ],
)
def test_what_the_project_asks_for_is_pinned(name: str, wanted: list[str]) -> None:
    have = pinned(name)
    for line in wanted:
        requirement = Requirement(line)
        if requirement.name != PROJECT["name"]:
            version = have.get(canonicalize_name(requirement.name))
            assert version is not None, f"{requirement.name} is missing: make requirements"
            assert requirement.specifier.contains(version), f"{line}, but {version} is pinned: make requirements"


def test_both_files_pin_the_same_versions() -> None:
    running, developing = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert running.items() <= developing.items()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes_and_no_place_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=[a-z0-9])", text)[1:]:
        assert "--hash=sha256:" in entry, entry
    assert not re.search(r"://|file:|index-url|find-links|(^|[ =])/[a-z]", text, re.MULTILINE)


def test_the_worker_starts_the_bot() -> None:
    assert (ROOT / "Procfile").read_text(encoding="utf-8") == "worker: python -m bot run\n"
