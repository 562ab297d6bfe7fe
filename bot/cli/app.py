"""The command line: commands, options and help. A command's own file is imported when it is called, so `--help`
answers at once.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="A Discord bot that delivers digests of research papers and runs a quiz round on each.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


database = typer.Typer(help="What an operator does to the database.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(database, name="database")


class Look(StrEnum):
    """How much of a deep dive stands in its post. (bot.model's, which isn't imported for `--help`.)"""

    BRIEF = "brief"
    FULL = "full"


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The settings file.  [default: $PAPER_ROUND_CONFIG, else ./config.toml if it is there]",
    ),
]
Documents = Annotated[
    list[Path], typer.Argument(metavar="PATH", help="Documents, or folders of them such as seeds/.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
NoSide = Annotated[bool, typer.Option("--no-side", help="Leave the TOML files beside the documents alone.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"paper-round {version('paper-round')}")
        except PackageNotFoundError:
            typer.echo("paper-round, not installed as a package")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A Discord bot that delivers digests of research papers and runs a quiz round on each."""


@app.command()
def run(
    config: Config = None,
    shards: Annotated[
        str | None,
        typer.Option(
            metavar="FIRST-LAST/COUNT",
            help="This process's part of Discord's shards, such as 0-3/16, in place of discord.shards.",
        ),
    ] = None,
) -> None:
    """Run the bot, until Ctrl-C or SIGTERM.

    The token comes from DISCORD_TOKEN or from the file that DISCORD_TOKEN_FILE names; config.example.toml
    shows every setting.
    """
    from bot.cli import running

    running.run(config, shards)


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is; 0 for any free port.")] = 8080,
    day_length: Annotated[
        float, typer.Option(min=1, max=86_400, metavar="SECONDS", help="How long a day takes.")
    ] = 60,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    seeds: Annotated[Path, typer.Option(metavar="FOLDER", help="The documents to show, such as your own.")] = Path(
        "seeds"
    ),
) -> None:
    """Try the bot in the browser, without a token.

    It is the real bot on a simulated Discord, where days pass quickly.
    """
    from bot import demo

    demo.run(seeds, port=port, day_length=day_length, open_page=open_page)


@app.command("import")
def import_(
    paths: Documents,
    config: Config = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Put them in the place of other documents of the same date and series."),
    ] = False,
) -> None:
    """Read documents into the library.

    The TOML file beside a document, its side file, goes with it. A document that can't be read is reported, the
    others go in.
    """
    from bot.cli import importing

    importing.run(paths, config, replace=replace)


@app.command()
def backup(
    to: Annotated[
        Path | None,
        typer.Argument(metavar="TO", help="A file, or a folder. [default: the folder in the settings]"),
    ] = None,
    config: Config = None,
) -> None:
    """Copy the database, also while the bot runs.

    The copy is opened and checked before it counts. A file that is there already is never overwritten.
    """
    from bot.cli import keeping

    keeping.back_up(to, config)


@app.command()
def restore(
    copy: Annotated[Path, typer.Argument(metavar="FROM", help="A copy that backup made.")],
    config: Config = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the database that is there.")] = False,
) -> None:
    """Put a copy of the database back, while no bot runs.

    The copy is checked first, and a database that it replaces is kept under another name.
    """
    from bot.cli import keeping

    keeping.restore(copy, config, force=force)


@database.command("copy")
def copy_database(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="The SQLite database's file.")],
    config: Config = None,
) -> None:
    """Copy an SQLite database into the PostgreSQL database of the settings, which has to be empty.

    All of it or nothing: it is counted and summed before it is kept. The bot has to be stopped.
    """
    from bot.cli import moving

    moving.copy(source, config)


@app.command()
def doctor(
    config: Config = None,
    online: Annotated[
        bool, typer.Option("--online", help="Ask Discord too: whether it takes the token, and what time it is.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether all is well here, and how to mend what isn't.

    Exits with 1 if anything is wrong.
    """
    from bot.cli import doctoring

    doctoring.run(config, online=online, as_json=as_json)


@app.command()
def inspect(paths: Documents, as_json: AsJson = False, no_side: NoSide = False) -> None:
    """Show what is read out of documents.

    Exits with 1 if any can't be read.
    """
    from bot.cli import inspecting

    inspecting.run(paths, as_json=as_json, side=not no_side)


@app.command()
def render(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A document.")],
    look: Annotated[Look, typer.Option(help="How much of a deep dive stands in its post.")] = Look.BRIEF,
    as_json: AsJson = False,
) -> None:
    """Show the messages a document is posted as.

    With --json also everything that a reader's click can bring up.
    """
    from bot.cli import rendering

    rendering.run(path, look=look.value, as_json=as_json)


@app.command()
def check(paths: Documents, no_side: NoSide = False) -> None:
    """Say what is wrong or doubtful in documents.

    Exits with 1 on errors.
    """
    from bot.cli import checking

    checking.run(paths, side=not no_side)


@app.command()
def keys(
    paths: Documents,
    everything: Annotated[bool, typer.Option("--all", help="Ask for those that have a key, too.")] = False,
) -> None:
    """Set the keys that are missing, a keypress each.

    Each is written at once to the side file, the TOML file beside the document; what else stands there
    is kept.
    """
    from bot.cli import keying

    keying.run(paths, everything=everything)
