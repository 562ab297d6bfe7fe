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
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from bot import logs
from bot.settings_tables import (
    Allowed,
    Backup,
    Delivery,
    Health,
    Keys,
    Log,
    Privacy,
    Table,
    Uploads,
    none_if_empty,
)
from bot.shards import ALL, FORMS, Shards

__all__ = [
    "Backup",
    "Delivery",
    "Discord",
    "Health",
    "Keys",
    "Log",
    "Privacy",
    "Settings",
    "SettingsError",
    "Uploads",
    "load",
]

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


def _token(value: object) -> object:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(text, str) and re.search(r"[\s\"']", text):
        raise ValueError("not a token")
    return value


def _shards(value: object) -> Shards | None:
    return value if isinstance(value, Shards) else Shards.read(str(value).strip())


class Discord(Table):
    """How Discord is reached."""

    token: Annotated[
        SecretStr,
        BeforeValidator(_token),
        Allowed("the bot's token alone, without spaces, quotes or a leading “Bot”"),
    ] = SecretStr("")
    """Prefer DISCORD_TOKEN or `token_file`: a file with the token in it gets copied around."""
    token_file: Annotated[
        Path | None, BeforeValidator(none_if_empty), Allowed("the path of a file that holds the token")
    ] = None
    api_url: Annotated[
        str | None, _web_address("http", "https"), Allowed("an http:// or https:// address, such as a proxy's")
    ] = None
    """None: Discord's own."""
    gateway_url: Annotated[
        str | None, _web_address("ws", "wss"), Allowed("a ws:// or wss:// address, such as a proxy's")
    ] = None
    """None: the one that Discord names."""
    shards: Annotated[Shards | None, NoDecode, BeforeValidator(_shards), Allowed(FORMS)] = None
    """None: all, of as many as Discord recommends."""

    @property
    def held(self) -> Shards:
        """The shards that this process works for; ALL where how many there are is Discord's to say."""
        return self.shards or ALL

    def read_token(self) -> SecretStr:
        """The token, from the setting or its file. Raises SettingsError where there is none."""
        if self.token.get_secret_value():
            return self.token
        if self.token_file is None:
            raise SettingsError(
                "There is no Discord token: put it into DISCORD_TOKEN, or name a file that holds it in"
                " DISCORD_TOKEN_FILE (discord.token_file)."
            )
        named = "" if logs.looks_secret(str(self.token_file)) else f" {self.token_file}"
        name = f"The token file{named} ({_spelled('discord.token_file')})"
        try:
            token = self.token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name} can't be read: {_reason(error)}.") from error
        if not token or re.search(r"\s", token):
            raise SettingsError(f"{name} must hold the token and nothing else.")
        return SecretStr(token)


class Settings(BaseSettings):
    """Every setting, with its default. Frozen."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    database: Annotated[
        str,
        BeforeValidator(_database),
        Field(repr=False),  # it may hold a password
        Allowed("a file's path, sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"),
    ] = "data/paper-round.sqlite3"
    seeds: Annotated[Path, Allowed("the path of a folder with documents")] = Path("seeds")
    seeds_poll_seconds: Annotated[float, Field(ge=0, le=3600), Allowed("0 (never) to 3600 seconds")] = 5
    """How often the seed folder is looked at while the bot runs."""
    discord: Annotated[Discord, Allowed("a table: [discord]")] = Discord()
    delivery: Annotated[Delivery, Allowed("a table: [delivery]")] = Delivery()
    uploads: Annotated[Uploads, Allowed("a table: [uploads]")] = Uploads()
    keys: Annotated[Keys, Allowed("a table: [keys]")] = Keys()
    privacy: Annotated[Privacy, Allowed("a table: [privacy]")] = Privacy()
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
        """What no log line may show: the token if it stands here, and the passwords in addresses."""
        addresses = (self.database, self.discord.api_url or "", self.discord.gateway_url or "")
        known = [self.discord.token.get_secret_value()]
        known += [urlsplit(address).password or "" for address in addresses if "://" in address]
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
        secret = name in ("discord", "discord.token") or "@" in str(problem["input"])
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
