"""`python -m tests.language.missing`: what the catalogues lack, ready to be filled in, and what nobody says."""

from __future__ import annotations

import json
import sys

from bot.language import catalogue
from bot.model import Language
from tests.language.sentences import commands, said


def main() -> int:
    """Prints TOML lines with the place of use beside each; 1 if anything is missing or not needed."""
    names, texts = commands()
    wanted = {"names": names, "sentences": {**said(), **texts}}
    wrong = 0
    for language in Language:
        if language is Language.ENGLISH:
            continue
        have = catalogue(language)
        for section, needed in wanted.items():
            kept = have.names if section == "names" else have.sentences
            lacking = {text: place for text, place in needed.items() if text not in kept}
            unused = [text for text in kept if text not in needed]
            wrong += len(lacking) + len(unused)
            if lacking:
                print(f"# {language.value}.toml lacks under [{section}]:")  # noqa: T201
            for text, place in lacking.items():
                print(f'{json.dumps(text, ensure_ascii=False)} = "" # {place}')  # noqa: T201
            for text in unused:
                print(f"# {language.value}.toml doesn't need: {json.dumps(text, ensure_ascii=False)}")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
