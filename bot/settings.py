"""What an operator can set: config.toml first, then the environment. config.example.toml shows every setting.

`load()` is what the command line calls. `Settings(...)` by itself takes only what it is given and reads neither
file nor environment, so tests and the demo never touch an operator's database.

A setting of a table is `table.key` in the file and PAPER_ROUND_TABLE__KEY in the environment; the token, its
file and the database also go by their usual names DISCORD_TOKEN, DISCORD_TOKEN_FILE and DATABASE_URL.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

PREFIX = "PAPER_ROUND_"
CONFIG_VARIABLE = "PAPER_ROUND_CONFIG"
CONFIG_FILE = "config.toml"

USUAL_NAMES = {
    "database": "DATABASE_URL",
    "discord.token": "DISCORD_TOKEN",
    "discord.token_file": "DISCORD_TOKEN_FILE",
}
"""The settings that hosting platforms know by another name."""

_SERVICE_LINK = re.compile(r"PAPER_ROUND_(SERVICE_(HOST|PORT)\w*|PORT(_\d+_\w+)?)")
"""What Kubernetes puts into the environment by itself where a service is called paper-round."""


class SettingsError(Exception):
    """A setting can't be used; the message names it, its value (unless secret) and what is allowed."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting may be, as the end of the sentence "it must be …"."""

    what: str


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _web_address(*schemes: str) -> BeforeValidator:
    def check(value: object) -> object:
        if value in ("", None):
            return None
        parts = urlsplit(str(value))
        if parts.scheme not in schemes or not parts.hostname or parts.username:
            raise ValueError("not such an address")
        return str(value).rstrip("/")

    return BeforeValidator(check)


def _database(value: object) -> object:
    text = str(value).strip()
    scheme = text.partition("://")[0] if "://" in text else ""
    if not text or scheme.partition("+")[0] not in ("", "sqlite", "postgres", "postgresql"):
        raise ValueError("no database that is known here")
    if scheme.startswith("sqlite") and not re.fullmatch(r"[\w+]+:///.+", text):
        raise ValueError("no file")
    return text


def _ids(value: object) -> object:
    return [part for part in re.split(r"[\[\],\s]+", value) if part] if isinstance(value, str) else value


def _token(value: object) -> object:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(text, str) and re.search(r"[\s\"']", text):
        raise ValueError("not a token")
    return value


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Discord(_Table):
    """How Discord is reached."""

    token: Annotated[
        SecretStr,
        BeforeValidator(_token),
        Allowed("the bot's token alone, without spaces, quotes or a leading “Bot”"),
    ] = SecretStr("")
    """Prefer DISCORD_TOKEN or `token_file`: a file with the token in it gets copied around."""
    token_file: Annotated[
        Path | None, BeforeValidator(_none_if_empty), Allowed("the path of a file that holds the token")
    ] = None
    api_url: Annotated[
        str | None, _web_address("http", "https"), Allowed("an http:// or https:// address, such as a proxy's")
    ] = None
    """None: Discord's own."""
    gateway_url: Annotated[
        str | None, _web_address("ws", "wss"), Allowed("a ws:// or wss:// address, such as a proxy's")
    ] = None
    """None: the one that Discord names."""
    shards: Annotated[
        int, Field(ge=0, le=1000), Allowed("a whole number from 0 (as many as Discord recommends) to 1000")
    ] = 0

    def read_token(self) -> SecretStr:
        """The token, from the setting or its file. Raises SettingsError where there is none."""
        if self.token.get_secret_value():
            return self.token
        if self.token_file is None:
            raise SettingsError(
                "There is no Discord token: put it into DISCORD_TOKEN, or name a file that holds it in"
                " DISCORD_TOKEN_FILE (discord.token_file)."
            )
        name = f"The token file {self.token_file} ({_spelled('discord.token_file')})"
        try:
            token = self.token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name} can't be read: {_reason(error)}.") from error
        if not token or re.search(r"\s", token):
            raise SettingsError(f"{name} must hold the token and nothing else.")
        return SecretStr(token)


class Delivery(_Table):
    """How digests are sent."""

    tick_seconds: Annotated[float, Field(ge=1, le=300), Allowed("a number of seconds from 1 to 300")] = 15
    """How often the database is asked what is due."""
    sends_per_second: Annotated[
        float, Field(ge=0.1, le=50), Allowed("a number from 0.1 to 50, Discord's own limit for a bot")
    ] = 40
    """What is left of Discord's 50 is for everything else that the bot does there."""
    drain_seconds: Annotated[float, Field(ge=0, le=600), Allowed("a number of seconds from 0 to 600")] = 20
    """How long a message that is being sent at shutdown may still take."""


class Uploads(_Table):
    """What admins may bring into their own server's library with /digest import."""

    enabled: Annotated[bool, Allowed("true or false")] = True
    max_megabytes: Annotated[float, Field(ge=0.1, le=10), Allowed("a number of megabytes from 0.1 to 10")] = 2
    """Of one document; its side file may have 1 MB at most."""
    documents: Annotated[int, Field(ge=1, le=10_000), Allowed("a whole number from 1 to 10000")] = 100
    """How many a server may have."""
    per_day: Annotated[int, Field(ge=1, le=10_000), Allowed("a whole number from 1 to 10000")] = 20
    """How many times a server may try in 24 hours."""


class Keys(_Table):
    """Who sets the right answers."""

    trusted_servers: Annotated[
        tuple[Annotated[int, Field(gt=0, lt=2**63)], ...],
        NoDecode,
        BeforeValidator(_ids),
        Allowed("a list of servers' ids"),
    ] = ()
    """Their admins may set a key for all servers."""


class Backup(_Table):
    """Copies of the database, made while the bot runs."""

    folder: Annotated[Path | None, BeforeValidator(_none_if_empty), Allowed("a folder's path")] = None
    """None: `backups` beside the database."""
    every_hours: Annotated[float, Field(ge=0, le=8760), Allowed("0 (never) to 8760 hours")] = 0
    keep: Annotated[int, Field(ge=1, le=10_000), Allowed("a whole number from 1 to 10000")] = 14
    """How many stay in the folder."""


class Health(_Table):
    """Where the machine that looks after the bot can ask how it is."""

    host: Annotated[str, Allowed("an address of this machine, such as 127.0.0.1 or 0.0.0.0")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535), Allowed("0 (nowhere) to 65535")] = 0


class Log(_Table):
    """What is logged, and how it looks."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(_lower),
        Allowed("debug, info, warning or error"),
    ] = "info"
    format: Annotated[
        Literal["text", "json"], BeforeValidator(_lower), Allowed("text (for people) or json (a line each)")
    ] = "text"


class Settings(BaseSettings):
    """Every setting, with its default. Frozen."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    database: Annotated[
        str,
        BeforeValidator(_database),
        Allowed("a file's path, sqlite:///PATH or postgres://USER:PASSWORD@HOST/NAME"),
    ] = "data/paper-round.sqlite3"
    seeds: Annotated[Path, Allowed("the path of a folder with documents")] = Path("seeds")
    seeds_poll_seconds: Annotated[float, Field(ge=0, le=3600), Allowed("0 (never) to 3600 seconds")] = 5
    """How often the seed folder is looked at while the bot runs."""
    discord: Annotated[Discord, Allowed("a table: [discord]")] = Discord()
    delivery: Annotated[Delivery, Allowed("a table: [delivery]")] = Delivery()
    uploads: Annotated[Uploads, Allowed("a table: [uploads]")] = Uploads()
    keys: Annotated[Keys, Allowed("a table: [keys]")] = Keys()
    backup: Annotated[Backup, Allowed("a table: [backup]")] = Backup()
    health: Annotated[Health, Allowed("a table: [health]")] = Health()
    log: Annotated[Log, Allowed("a table: [log]")] = Log()

    @property
    def on_postgresql(self) -> bool:
        """Whether the database is a server's and not a file."""
        return "://" in self.database and not self.database.startswith("sqlite")

    @property
    def database_url(self) -> str:
        """The database as SQLAlchemy spells it. Raises SettingsError where its driver isn't installed."""
        return _sqlalchemy_url(self.database)

    def secrets(self) -> tuple[str, ...]:
        """What no log line may show: the token if it stands here, and the database's password."""
        known = [self.discord.token.get_secret_value()]
        if "://" in self.database:
            known.append(urlsplit(self.database).password or "")
        return tuple(secret for secret in known if secret)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in; see `load`."""
        return (init_settings,)


class _Loaded(Settings):
    """Settings whose arguments are the file's, with the environment over them."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, its usual names, then the file."""
        return (env_settings, _UsualNames(settings_cls), init_settings)


class _UsualNames(PydanticBaseSettingsSource):
    """DISCORD_TOKEN, DISCORD_TOKEN_FILE and DATABASE_URL."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not used: `__call__` answers for all."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """What is set in the environment, as the model nests it."""
        found: dict[str, Any] = {}
        for name, variable in USUAL_NAMES.items():
            if value := os.environ.get(variable):
                table, _, key = name.rpartition(".")
                (found.setdefault(table, {}) if table else found)[key] = value
        return found


def load(config: Path | None = None) -> Settings:
    """The settings from `config` (else the file PAPER_ROUND_CONFIG names, else ./config.toml if there is one),
    with the environment over them.

    Raises SettingsError.
    """
    values = _read(config)
    _refuse_unknown_variables()
    token_names = ("discord.token", "discord.token_file")
    variables = {name: [v for v in _variables(name) if os.environ.get(v)] for name in token_names}
    if any(variables.values()) and isinstance(values.get("discord"), dict):
        # a token in the environment takes the place of the file's, however either is given
        values["discord"] = {k: v for k, v in values["discord"].items() if k not in ("token", "token_file")}
    try:
        settings = _Loaded(**values)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None
    except SourceError:
        tables = [PREFIX + name.upper() for name, field in Settings.model_fields.items() if _is_table(field)]
        wrong = next((name for name in tables if os.environ.get(name)), tables[0])
        raise SettingsError(
            f"{wrong} is no setting: write its keys out, such as {wrong}__{_first_key(wrong)}."
        ) from None
    if settings.discord.token.get_secret_value() and settings.discord.token_file is not None:
        raise SettingsError(
            f"{_spelled('discord.token')} and {_spelled('discord.token_file')} are both set; keep one."
        )
    return settings


def names() -> Iterator[str]:
    """Every setting's name, such as `database` or `delivery.tick_seconds`."""
    for name, field in Settings.model_fields.items():
        if _is_table(field):
            yield from (f"{name}.{key}" for key in field.annotation.model_fields)  # type: ignore[union-attr]
        else:
            yield name


def _read(config: Path | None) -> dict[str, Any]:
    path = config
    if path is None and (named := os.environ.get(CONFIG_VARIABLE)):
        path = Path(named)
    if path is None:
        path = Path(CONFIG_FILE)
        if not path.exists():
            return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path} isn't valid TOML: {error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} can't be read: {_reason(error)}.") from error


def _refuse_unknown_variables() -> None:
    known = {variable for name in names() for variable in _variables(name)} | {CONFIG_VARIABLE}
    known |= {PREFIX + name.upper() for name in Settings.model_fields}
    for variable in sorted(os.environ):
        spelled = variable.upper()
        if spelled.startswith(PREFIX) and spelled not in known and not _SERVICE_LINK.fullmatch(spelled):
            raise SettingsError(f"The environment's {variable} is no setting.{_hint(spelled, known)}")


def _sentences(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"][:2])
        if problem["type"] == "extra_forbidden":
            yield f"{name} is no setting.{_hint(name, {*names(), *Settings.model_fields})}"
            continue
        field = _field(name)
        allowed = next((m.what for m in field.metadata if isinstance(m, Allowed)), problem["msg"])
        secret = name == "discord.token" or (name == "database" and "@" in str(problem["input"]))
        value = "can't be used" if secret else f"is {problem['input']!r}"
        yield f"{_spelled(name)} {value}; it must be {allowed}."


def _hint(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    if not near:  # the key without its table, or in another one
        last = {k.rpartition(".")[2]: k for k in known}
        near = [last[key] for key in difflib.get_close_matches(name.rpartition(".")[2], last, n=1, cutoff=0.7)]
    return f" Did you mean {near[0]}?" if near else " config.example.toml lists those there are."


def _field(name: str) -> FieldInfo:
    table, _, key = name.partition(".")
    field = Settings.model_fields[table]
    return field.annotation.model_fields[key] if key else field  # type: ignore[union-attr]


def _is_table(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _first_key(variable: str) -> str:
    table = variable.removeprefix(PREFIX).lower()
    return next(name.partition(".")[2] for name in names() if name.startswith(f"{table}.")).upper()


def _variables(name: str) -> list[str]:
    """The environment variables that set `name`, the one to recommend first."""
    usual = [USUAL_NAMES[name]] if name in USUAL_NAMES else []
    return [*usual, PREFIX + name.upper().replace(".", "__")]


def _spelled(name: str) -> str:
    return f"{name} ({_variables(name)[0]})"


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it isn't UTF-8 text"


def _sqlalchemy_url(database: str) -> str:
    if "://" not in database:
        return f"sqlite+aiosqlite:///{database}"
    parts = urlsplit(database)
    if parts.scheme.startswith("sqlite"):
        return f"sqlite+aiosqlite://{database.partition('://')[2]}"
    if importlib.util.find_spec("asyncpg") is None:
        raise SettingsError(
            f"{_spelled('database')} names a PostgreSQL database, which needs one more package:"
            " pip install asyncpg."
        )
    # what other drivers call sslmode is asyncpg's ssl
    query: Mapping[str, str] = {"ssl" if k == "sslmode" else k: v for k, v in parse_qsl(parts.query)}
    return urlunsplit(parts._replace(scheme="postgresql+asyncpg", query=urlencode(query)))
