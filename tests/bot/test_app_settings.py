"""Settings: lists in two spellings, and one clear line for each mistake."""

from pathlib import Path

import pytest

import bot
from bot.errors import SettingsError
from bot.settings import BotSettings, load_settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BotSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def read(tmp_path: Path, text: str) -> BotSettings:
    file = tmp_path / ".env"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, text)
    return raised.value.problems


@pytest.mark.parametrize("written", ["1,2", " 1 , 2 ", "[1, 2]", '["1", "2"]'])
def test_lists_are_separated_by_commas_or_json(tmp_path: Path, written: str) -> None:
    assert read(tmp_path, f"DECLARE_GUILD_IDS={written}").declare_guild_ids == [1, 2]


def test_one_id_is_a_list_and_nothing_is_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path, "DECLARE_GUILD_IDS=80351110224678912\n").declare_guild_ids == [80351110224678912]
    assert read(tmp_path, "DECLARE_GUILD_IDS=\n").declare_guild_ids == []


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert read(tmp_path, "LOG_LEVEL=ERROR").log_level == "DEBUG"


def test_without_a_file_everything_has_a_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "nowhere")
    assert settings.discord_rest_url == "https://discord.com/api/v10"
    assert settings.task_lifetime_hours == 47


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("DECLARE_GUILD_IDS=alice", ["DECLARE_GUILD_IDS", "integer"]),
        ("DECLARE_GUILD_IDS=[1,", ["DECLARE_GUILD_IDS", "commas"]),
        ("LOG_LEVEL=loud", ["LOG_LEVEL", "DEBUG"]),
        ("TASK_LIFETIME_HOURS=0", ["TASK_LIFETIME_HOURS", "greater than 0"]),
        ("DISCORD_REST_URL=https://discord.com", ["DISCORD_REST_URL", "/api/v10"]),
        ("OASST_API_URL=localhost:8080", ["OASST_API_URL", "http"]),
        ("TEMPLATES_DIR=/no/such/folder", ["TEMPLATES_DIR", "folder"]),
        ("TERMS_URL=example.org/terms", ["TERMS_URL", "http"]),
        ("TERMS_URL=javascript:alert(1)", ["TERMS_URL", "http"]),
        (f"HELP_URL=https://example.org/{'x' * 512}", ["HELP_URL", "512 characters"]),
        ("HELP_URL=https://[", ["HELP_URL"]),
        ("COOLDOWN_COMMANDS=0", ["COOLDOWN_COMMANDS", "greater than"]),
        ("BOT_TOKN=x", ["line 2", "BOT_TOKN", "do you mean BOT_TOKEN?"]),
        ("OASST_SOMETHING=x", ["line 2", "OASST_SOMETHING", "not a setting"]),
        ("this is no setting", ["line 2", "NAME=value"]),
    ],
)
def test_each_mistake_is_one_clear_line(tmp_path: Path, line: str, words: list[str]) -> None:
    (problem,) = problems(tmp_path, f"# settings\n{line}\n")
    assert "\n" not in problem
    for word in words:
        assert word in problem


def test_all_mistakes_are_told_at_once_and_never_a_secret(tmp_path: Path) -> None:
    found = problems(tmp_path, "BOT_TOKN=hush\nLOG_LEVEL=loud\nMESSAGE_SIZE_LIMIT=many\n")
    assert len(found) == 3
    assert "hush" not in "".join(found)


def test_other_programs_names_are_left_alone(tmp_path: Path) -> None:
    read(tmp_path, "BACKEND_PORT=1\nTREE_MANAGER__PRESET=small\nPATH_TO_SOMETHING=x\nEDITOR=vi\n")


def test_every_setting_is_described() -> None:
    for name, field in BotSettings.model_fields.items():
        assert field.description, name


def test_secrets_are_not_shown() -> None:
    settings = BotSettings(_env_file=None, bot_token="hush", oasst_api_key="hush")
    assert "hush" not in repr(settings)


def test_every_setting_does_something() -> None:
    """A setting that no part of the bot reads would promise what does not happen."""
    sources = [path.read_text(encoding="utf-8") for path in Path(bot.__file__).parent.rglob("*.py")]
    unread = [name for name in BotSettings.model_fields if not any(f".{name}" in text for text in sources)]
    assert unread == []
