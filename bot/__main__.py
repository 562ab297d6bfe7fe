"""The command `paper-round`, which is also `python -m bot`."""

import sys

from bot.cli.app import app
from bot.cli.errors import CommandError


def main() -> None:
    """Runs the command; what is expected to go wrong sometimes ends in one sentence instead of a traceback."""
    try:
        app(prog_name="paper-round")
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.code)


if __name__ == "__main__":
    main()
