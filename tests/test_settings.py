"""Settings: where they come from, which wins, and what is said about a bad one."""

import tomllib
from pathlib import Path

import pytest

from bot import settings
from bot.settings import Settings, SettingsError

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
TOKEN = "abc.def.ghi"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder to stand in, and none of our variables in the environment."""
    import os

    for name in [*os.environ]:
        if name.startswith("PAPER_ROUND_") or name in settings.USUAL_NAMES.values():
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(text: str) -> Path:
    Path("config.toml").write_text(text, encoding="utf-8")
    return Path("config.toml")


def complaint(text: str = "") -> str:
    """What is said about this config.toml, which must not load."""
    config(text)
    with pytest.raises(SettingsError) as caught:
        settings.load()
    return str(caught.value)


def test_the_example_file_shows_every_setting_with_its_default() -> None:
    shown = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    flat = {
        f"{name}.{key}" if isinstance(value, dict) else name
        for name, value in shown.items()
        for key in (value if isinstance(value, dict) else [name])
    }
    assert flat == set(settings.names())
    assert settings.load(EXAMPLE).model_dump() == Settings().model_dump()


def test_without_a_file_or_variables_the_defaults_hold() -> None:
    assert settings.load().model_dump() == Settings().model_dump()


def test_the_environment_goes_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    config('seeds = "a"\n[delivery]\ntick_seconds = 5\nsends_per_second = 7\n')
    monkeypatch.setenv("PAPER_ROUND_DELIVERY__TICK_SECONDS", "9")
    monkeypatch.setenv("PAPER_ROUND_LOG__LEVEL", "DEBUG")
    loaded = settings.load()
    assert (loaded.seeds, loaded.delivery.tick_seconds, loaded.delivery.sends_per_second) == (Path("a"), 9, 7)
    assert loaded.log.level == "debug"


def test_another_file_is_named_by_argument_or_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    config('seeds = "default"')
    Path("one.toml").write_text('seeds = "one"', encoding="utf-8")
    Path("two.toml").write_text('seeds = "two"', encoding="utf-8")
    monkeypatch.setenv("PAPER_ROUND_CONFIG", "one.toml")
    assert settings.load().seeds == Path("one")
    assert settings.load(Path("two.toml")).seeds == Path("two")
    with pytest.raises(SettingsError, match=r"none\.toml can't be read: no such file or directory"):
        settings.load(Path("none.toml"))


def test_settings_made_by_hand_read_neither_file_nor_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    config('seeds = "theirs"')
    monkeypatch.setenv("DATABASE_URL", "postgres://them@example/live")
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    assert Settings(seeds=Path("mine")).model_dump() == {**Settings().model_dump(), "seeds": Path("mine")}
    assert Settings().database == "data/paper-round.sqlite3"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("data/x.sqlite3", "sqlite+aiosqlite:///data/x.sqlite3"),
        ("/var/lib/x.db", "sqlite+aiosqlite:////var/lib/x.db"),
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("sqlite:////srv/x.db", "sqlite+aiosqlite:////srv/x.db"),
        ("postgres://u:p@h:5432/n?sslmode=require", "postgresql+asyncpg://u:p@h:5432/n?ssl=require"),
        ("postgresql://u@h/n", "postgresql+asyncpg://u@h/n"),
    ],
)
def test_a_database_is_a_path_or_a_url(monkeypatch: pytest.MonkeyPatch, given: str, url: str) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    monkeypatch.setenv("DATABASE_URL", given)
    assert settings.load().database_url == url


def test_postgresql_without_its_driver_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"DATABASE_URL.*pip install asyncpg"):
        _ = Settings(database="postgres://u:p@h/n").database_url


def test_the_token_comes_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"no Discord token: put it into DISCORD_TOKEN.*DISCORD_TOKEN_FILE"):
        settings.load().discord.read_token()
    config('[discord]\ntoken_file = "secret"')
    with pytest.raises(SettingsError, match=r"token file secret .* can't be read: no such file"):
        settings.load().discord.read_token()
    Path("secret").write_text("two words", encoding="utf-8")
    with pytest.raises(SettingsError, match="must hold the token and nothing else") as caught:
        settings.load().discord.read_token()
    assert "two words" not in str(caught.value)
    Path("secret").write_text(f"{TOKEN}\n", encoding="utf-8")
    assert settings.load().discord.read_token().get_secret_value() == TOKEN
    monkeypatch.setenv("DISCORD_TOKEN", "x.y.z")  # over the file's token_file: no conflict
    assert settings.load().discord.read_token().get_secret_value() == "x.y.z"


def test_two_tokens_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "both set" in complaint(f'[discord]\ntoken = "{TOKEN}"\ntoken_file = "x"')
    config("")
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("DISCORD_TOKEN_FILE", "x")
    with pytest.raises(SettingsError, match="both set; keep one"):
        settings.load()


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    loaded = settings.load()
    assert TOKEN not in repr(loaded)
    assert TOKEN not in str(loaded.model_dump_json())
    assert loaded.secrets() == (TOKEN,)
    monkeypatch.setenv("DISCORD_TOKEN", f"Bot {TOKEN}")
    with pytest.raises(SettingsError) as caught:
        settings.load()
    assert str(caught.value) == (
        "discord.token (DISCORD_TOKEN) can't be used; it must be the bot's token alone, without spaces, quotes"
        " or a leading “Bot”."
    )
    kept = Settings(database="postgres://u:hush@h/n")
    assert kept.secrets() == ("hush",)
    assert "hush" not in repr(kept)


def test_no_secret_that_stands_in_the_wrong_place_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    shaped = f"{'M' * 24}.GabcdE.{'x' * 38}"
    for text in (f'discord = "{shaped}"', '[discord]\napi_url = "ftp://me:hush@proxy"'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match="can't be used") as caught:
            settings.load(file)
        assert "hush" not in str(caught.value)
        assert shaped not in str(caught.value)
    file.write_text("", encoding="utf-8")
    monkeypatch.setenv("DISCORD_TOKEN_FILE", shaped)
    with pytest.raises(SettingsError, match=r"The token file .* can't be read") as caught:
        settings.load(file).discord.read_token()
    assert shaped not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[delivery]\ntick_seconds = 0",
            (
                "delivery.tick_seconds (PAPER_ROUND_DELIVERY__TICK_SECONDS) is 0;"
                " it must be a number of seconds from 1 to 300."
            ),
        ),
        (
            '[log]\nlevel = "loud"',
            "log.level (PAPER_ROUND_LOG__LEVEL) is 'loud'; it must be debug, info, warning or error.",
        ),
        (
            'database = "mysql://x"',
            (
                "database (DATABASE_URL) is 'mysql://x'; it must be a file's path, sqlite:///PATH or"
                " postgresql://USER:PASSWORD@HOST/NAME."
            ),
        ),
        ("delivery = 5", "delivery (PAPER_ROUND_DELIVERY) is 5; it must be a table: [delivery]."),
        (
            '[discord]\napi_url = "localhost:80"',
            (
                "discord.api_url (PAPER_ROUND_DISCORD__API_URL) is 'localhost:80'; it must be an http:// or https://"
                " address, such as a proxy's."
            ),
        ),
        ("[delivery]\ntik_seconds = 5", "delivery.tik_seconds is no setting. Did you mean delivery.tick_seconds?"),
        ("tick_seconds = 5", "tick_seconds is no setting. Did you mean delivery.tick_seconds?"),
        ("[logs]\nlevel = 'info'", "logs is no setting. Did you mean log?"),
        ("zzz = 5", "zzz is no setting. config.example.toml lists those there are."),
        ("a =", "The settings file config.toml isn't valid TOML: Invalid value (at end of document)."),
    ],
)
def test_a_bad_setting_is_named_with_its_value_and_what_is_allowed(text: str, said: str) -> None:
    assert complaint(text) == said


def test_a_database_password_is_not_shown() -> None:
    assert "hush" not in complaint('database = "mysql://me:hush@host/x"')


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("PAPER_ROUND_DELIVERY__TICK_SECOND", "Did you mean PAPER_ROUND_DELIVERY__TICK_SECONDS?"),
        ("PAPER_ROUND_TICK_SECONDS", "Did you mean PAPER_ROUND_DELIVERY__TICK_SECONDS?"),
        ("PAPER_ROUND_LOG", "PAPER_ROUND_LOG is no setting: write its keys out"),
    ],
)
def test_a_misspelled_variable_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, said: str) -> None:
    monkeypatch.setenv(variable, "5x")
    with pytest.raises(SettingsError) as caught:
        settings.load()
    assert variable in str(caught.value)
    assert said in str(caught.value)


def test_what_kubernetes_puts_into_the_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPER_ROUND_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("PAPER_ROUND_PORT", "tcp://10.0.0.1:80")
    monkeypatch.setenv("PAPER_ROUND_PORT_80_TCP_ADDR", "10.0.0.1")
    settings.load()


@pytest.mark.parametrize("text", ["1234567890123456,7", "1234567890123456 7", "[1234567890123456, 7]"])
def test_server_ids_come_from_the_environment_as_a_list(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PAPER_ROUND_KEYS__TRUSTED_SERVERS", text)
    assert settings.load().keys.trusted_servers == (1234567890123456, 7)
    monkeypatch.setenv("PAPER_ROUND_KEYS__TRUSTED_SERVERS", "1234567890123456")
    assert settings.load().keys.trusted_servers == (1234567890123456,)


def test_what_is_no_server_id_is_said() -> None:
    assert complaint('[keys]\ntrusted_servers = ["the club"]').startswith("keys.trusted_servers (PAPER_ROUND_")
