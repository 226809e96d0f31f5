"""The backend's settings: what can be set, and one clear line for each mistake."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from oasst_backend.settings import (
    BackendSettings,
    SettingsError,
    TreeManagerSettings,
    load_settings,
    setting_names,
    settings_problems,
)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper() in setting_names():
            monkeypatch.delenv(name)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def problems(env_file: Path, *, embedded: bool = False) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file, embedded=embedded)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_the_numbers_of_a_normal_community(env_file: Path) -> None:
    settings = load_settings(env_file)
    rules = settings.tree_manager
    assert (settings.backend_host, settings.backend_port) == ("127.0.0.1", 8080)
    assert (settings.message_size_limit, settings.duplicate_window_minutes) == (2000, 120)
    assert settings.task_validity_hours == 48
    assert (rules.goal_tree_size, rules.max_tree_depth, rules.max_children_count) == (12, 3, 3)
    assert (rules.num_reviews_initial_prompt, rules.num_reviews_reply) == (3, 3)
    assert rules.num_required_rankings == 3
    assert rules.p_full_labeling_review_reply_prompter == 0.1


def test_a_backend_beside_the_bot_is_for_a_handful_of_people(env_file: Path) -> None:
    rules = load_settings(env_file, embedded=True).tree_manager
    assert (rules.num_reviews_reply, rules.num_required_rankings, rules.max_children_count) == (1, 1, 2)


@pytest.mark.parametrize("embedded", [True, False])
def test_what_is_set_by_name_wins_over_the_preset(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, *, embedded: bool
) -> None:
    monkeypatch.setenv("TREE_MANAGER__PRESET", "small")
    monkeypatch.setenv("TREE_MANAGER__NUM_REVIEWS_REPLY", "2")
    rules = load_settings(env_file, embedded=embedded).tree_manager
    assert (rules.num_reviews_reply, rules.num_required_rankings) == (2, 1)


def test_the_preset_stays_when_only_a_number_is_set(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREE_MANAGER__GOAL_TREE_SIZE", "9")
    rules = load_settings(env_file, embedded=True).tree_manager
    assert (rules.goal_tree_size, rules.num_reviews_reply) == (9, 1)


@pytest.mark.parametrize("text", ["spam,quality", " spam , quality ", '["spam", "quality"]'])
def test_lists_are_separated_by_commas_or_json(env_file: Path, text: str) -> None:
    env_file.write_text(f"TREE_MANAGER__LABELS_ASSISTANT_REPLY={text}\nBACKEND_API_KEYS=one,two\n")
    settings = load_settings(env_file)
    assert settings.tree_manager.labels_assistant_reply == ["spam", "quality"]
    assert [key.get_secret_value() for key in settings.backend_api_keys] == ["one", "two"]


def test_the_environment_wins_over_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("BACKEND_PORT=1000\nBACKEND_HOST=10.0.0.1\n")
    monkeypatch.setenv("BACKEND_PORT", "2000")
    settings = load_settings(env_file)
    assert (settings.backend_port, settings.backend_host) == (2000, "10.0.0.1")


def test_the_bots_names_in_the_same_file_are_left_alone(env_file: Path) -> None:
    env_file.write_text(
        "# the bot\nBOT_TOKEN=abc\nexport OWNER_IDS=1\nBOT_DATABASE_URL=sqlite+aiosqlite:///x\n"
        "OASST_API_URL=\nTASK_LIFETIME_HOURS=3\nLOG_LEVEL=INFO\n\nbackend_port=1000\n"
    )
    assert load_settings(env_file).backend_port == 1000


def test_empty_values_count_as_absent(env_file: Path) -> None:
    env_file.write_text("BACKEND_PORT=\nTREE_MANAGER__GOAL_TREE_SIZE=\n")
    settings = load_settings(env_file)
    assert (settings.backend_port, settings.tree_manager.goal_tree_size) == (8080, 12)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("TREE_MANAGER__GOAL_TREE_SIZ", "3", "is not a setting; do you mean TREE_MANAGER__GOAL_TREE_SIZE?"),
        ("TREE_MANAGER__NONSENSE_XYZ", "3", "is not a setting of the backend."),
        ("TREE_MANAGER_PRESET", "small", "is not a setting; do you mean TREE_MANAGER__PRESET?"),
        ("TREE_MANAGER__PRESET__SIZE", "small", "is not a setting"),
        ("BACKEND_PORTS", "3", "is not a setting; do you mean BACKEND_PORT?"),
        ("TREE_MANAGER__GOAL_TREE_SIZE", "twelve", ": must be a valid integer"),
        ("TREE_MANAGER__GOAL_TREE_SIZE", "0", ": must be greater than or equal to 1"),
        ("TREE_MANAGER__P_LONELY_CHILD_EXTENSION", "1.5", ": must be less than or equal to 1"),
        ("TREE_MANAGER__RANK_PROMPTER_REPLIES", "maybe", ": must be a valid boolean"),
        ("TREE_MANAGER__PRESET", "tiny", ": must be 'small', 'normal' or 'large'"),
        ("TREE_MANAGER__LABELS_INITIAL_PROMPT", "spam,smap", ": unknown label smap; the labels are spam,"),
        ("TREE_MANAGER__LABELS_INITIAL_PROMPT", "spam,spam", ": names a label twice"),
        (
            "TREE_MANAGER__INIT_PROMPT_DISABLED_LANGS",
            '["de"',
            ": must be separated by commas, or a JSON list",
        ),
        ("BACKEND_PORT", "99999", ": must be less than or equal to 65535"),
        ("BACKEND_DATABASE_URL", "mysql://secret@host", ": must start with sqlite:///"),
        ("BACKEND_DATABASE_URL", "postgresql://me:secret@host/db", ": must start with sqlite:///"),
        ("TASK_VALIDITY_HOURS", "0", ": must be greater than 0"),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_mistake_is_one_clear_line(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str, *, in_file: bool
) -> None:
    if in_file:
        env_file.write_text(f"\n# a comment\n{name}={value}\n")
    else:
        monkeypatch.setenv(name, value)
    found = [text for text in problems(env_file) if line in text]
    assert len(found) == 1
    assert name in found[0]
    assert "\n" not in found[0]
    assert "secret" not in found[0]
    if in_file and "not a setting" in line:
        assert found[0].startswith(f"{env_file}, line 3: ")


def test_a_slip_of_the_pen_in_a_name_without_prefix_is_found_in_the_file(env_file: Path) -> None:
    env_file.write_text("MESSAGE_SIZE_LIMT=3\n")
    assert problems(env_file) == [
        f"{env_file}, line 1: MESSAGE_SIZE_LIMT is not a setting; do you mean MESSAGE_SIZE_LIMIT?"
    ]


def test_every_mistake_is_told_at_once(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("BACKEND_PORT=x\nthis is no setting\nTREE_MANAGER__FOO_BAR=1\n")
    monkeypatch.setenv("BACKEND_FOO_BAR", "1")
    told = problems(env_file)
    assert len(told) == 4
    assert f"{env_file}, line 2: this is not of the form NAME=value." in told


@pytest.mark.parametrize(
    ("numbers", "line"),
    [
        (
            {"TREE_MANAGER__RANDOM_GOAL_TREE_SIZE": "true", "TREE_MANAGER__MIN_GOAL_TREE_SIZE": "20"},
            "TREE_MANAGER: min_goal_tree_size must not exceed goal_tree_size",
        ),
        (
            {"TREE_MANAGER__MANDATORY_LABELS_INITIAL_PROMPT": "helpfulness"},
            "TREE_MANAGER: mandatory_labels_initial_prompt must be among labels_initial_prompt",
        ),
    ],
)
def test_settings_must_fit_together(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, numbers: dict[str, str], line: str
) -> None:
    for name, value in numbers.items():
        monkeypatch.setenv(name, value)
    assert problems(env_file) == [line]


def test_a_file_that_cannot_be_read_is_one_line(env_file: Path) -> None:
    env_file.write_bytes(b"BACKEND_HOST=\xff\n")
    assert problems(env_file) == [f"{env_file}: the file cannot be read (UnicodeDecodeError)."]


def test_settings_in_code_are_checked_as_well() -> None:
    with pytest.raises(ValidationError) as caught:
        TreeManagerSettings.model_validate({"goal_tree_siz": 3, "preset": "small"})
    assert settings_problems(caught.value)[0].startswith("GOAL_TREE_SIZ is not a setting")
    settings = BackendSettings(_env_file=None, tree_manager=TreeManagerSettings(goal_tree_size=3))
    assert settings.tree_manager.goal_tree_size == 3


def test_keys_and_the_database_are_not_shown() -> None:
    settings = BackendSettings.model_validate(
        {"backend_api_keys": ["hunter2"], "backend_database_url": "sqlite:///hunter2.db"}
    )
    assert "hunter2" not in repr(settings)


def test_every_setting_is_described() -> None:
    assert all(setting_names().values())
    own = len(BackendSettings.model_fields) - len(["tree_manager"])
    assert len(setting_names()) == own + len(TreeManagerSettings.model_fields)
