"""Starting: commands are registered once, and what stands in the way is said in one line."""

import asyncio
import logging
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import hikari
import lightbulb
import pytest
from loguru import logger
from pydantic import SecretStr

import bot.extensions
from bot.app import BotApp
from bot.errors import DatabaseError, DiscordUnreachableError, ExtensionError, RefusedTokenError, StartError
from bot.settings import BotSettings
from bot.texts import use_templates
from discord_sandbox import Call, InteractionFailed, Sandbox
from tests.bot.conftest import Backend, Join, Life, shown_task, task
from tests.meeting import welcomed

NOBODY_LISTENS = "http://127.0.0.1:9/api/v10"


def registrations(sandbox: Sandbox) -> int:
    return sum(one.method == "PUT" and one.route.endswith("/commands") for one in sandbox.requests)


async def test_commands_are_registered_only_when_they_differ(life: Life, sandbox: Sandbox) -> None:
    await life.begin()
    assert registrations(sandbox) == 1
    await life.end()
    await life.begin()
    assert registrations(sandbox) == 1


async def test_commands_of_a_test_guild_are_registered_there(settings: BotSettings, sandbox: Sandbox) -> None:
    app = BotApp(settings.model_copy(update={"declare_guild_ids": [int(sandbox.guild.id)]}))
    await app.start()
    await sandbox.bot_ready()
    alice = sandbox.guild.add_member("Alice")
    assert "task" in {command.name for command in alice.commands()}
    await app.close()


@pytest.mark.parametrize(
    ("changes", "kind", "word"),
    [
        ({"bot_token": SecretStr("")}, RefusedTokenError, "BOT_TOKEN"),
        ({"bot_token": SecretStr("nonsense")}, RefusedTokenError, "BOT_TOKEN"),
        ({"bot_token": SecretStr("MTIzNDU2Nzg5MDEyMzQ1Njc4.wrong.token")}, RefusedTokenError, "BOT_TOKEN"),
        ({"discord_rest_url": NOBODY_LISTENS}, DiscordUnreachableError, NOBODY_LISTENS),
        ({"oasst_api_url": ""}, StartError, "OASST_API_URL"),
        ({"bot_database_url": "postgresql://localhost/bot"}, DatabaseError, "BOT_DATABASE_URL"),
    ],
)
async def test_what_stands_in_the_way_is_one_line(
    settings: BotSettings, changes: dict[str, object], kind: type[StartError], word: str
) -> None:
    app = BotApp(settings.model_copy(update=changes))
    with pytest.raises(kind) as raised:
        await app.start()
    message = str(raised.value)
    assert word in message
    assert "\n" not in message
    token = settings.bot_token.get_secret_value()
    assert token not in message


async def test_a_file_that_is_no_database_is_said(settings: BotSettings, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("this is no database, but long enough to be looked at" * 100)
    app = BotApp(settings.model_copy(update={"bot_database_url": f"sqlite+aiosqlite:///{broken}"}))
    with pytest.raises(DatabaseError, match=r"broken\.db"):
        await app.start()


@pytest.mark.parametrize("status", [400, 403, 500])
@pytest.mark.sandbox(violations="allowed")
async def test_commands_that_discord_refuses_are_said(
    settings: BotSettings, sandbox: Sandbox, status: int
) -> None:
    app = BotApp(settings)
    with (
        sandbox.faults.status(status, on="PUT /applications/{}/commands", times=None),
        pytest.raises(DiscordUnreachableError, match="did not take the commands"),
    ):
        await app.start()


async def test_a_broken_template_is_named_and_not_used(
    settings: BotSettings, backend: Backend, sandbox: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "intro_initial_prompt.md.j2").write_text("{{ nobody_knows_this }}")
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING")
    app = BotApp(settings.model_copy(update={"templates_dir": folder}))
    await app.start()
    logger.remove(sink)
    assert "intro_initial_prompt.md.j2" in "".join(lines)
    await sandbox.bot_ready()
    alice = sandbox.guild.add_member("Alice")
    backend.tasks.append(task("initial_prompt"))
    terms = (await alice.command("task")).message
    assert terms is not None
    await welcomed(alice, terms)
    await shown_task(alice)
    assert "Start a conversation" in alice.messages(alice.threads()[0])[0].text
    await app.close()
    use_templates(None)


@pytest.fixture
def broken_extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An extension whose import fails with the very error that lightbulb only logs."""
    (tmp_path / "broken_feature.py").write_text("import a_module_that_is_nowhere\n")
    monkeypatch.setattr(bot.extensions, "__path__", [*bot.extensions.__path__, str(tmp_path)])
    yield
    sys.modules.pop("bot.extensions.broken_feature", None)


@pytest.mark.usefixtures("broken_extension")
async def test_a_broken_extension_stops_the_start_and_keeps_the_commands(
    settings: BotSettings, sandbox: Sandbox
) -> None:
    app = BotApp(settings)
    with pytest.raises(ExtensionError, match="broken_feature"):
        await app.start()
    assert registrations(sandbox) == 0


async def test_the_bot_starts_without_its_backend(
    settings: BotSettings, sandbox: Sandbox, backend: Backend
) -> None:
    await backend.stop()
    app = BotApp(settings)
    await app.start()
    await sandbox.bot_ready()
    await app.close()


async def test_old_and_unknown_controls_have_expired(bot: BotApp, sandbox: Sandbox, join: Join) -> None:
    alice = await join("Alice")
    general = sandbox.guild.channel("general")
    row = hikari.impl.MessageActionRowBuilder()
    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "task:0:answer", label="Very old")
    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "task:1:send", label="Of no task")
    await bot.services.rest.create_message(int(general.id), "old", components=[row])
    message = await alice.until(lambda: alice.latest(general), what="the message")
    assert message is not None
    for label in ("Very old", "Of no task"):
        reply = await message.click(label)
        assert reply.message is not None
        assert reply.message.ephemeral
        assert "expired" in reply.message.content


async def test_choices_that_come_too_late_are_no_error(sandbox: Sandbox, join: Join) -> None:
    alice = await join("Alice")
    gave_up = asyncio.Event()
    lines: list[str] = []

    async def slowly(_: Call) -> None:
        await gave_up.wait()

    sandbox.faults.before("POST /interactions/{}/{}/callback", slowly)
    sandbox.answer_seconds = 0.2
    with pytest.raises(InteractionFailed):
        await alice.autocomplete("task", "language", "ger")
    sandbox.answer_seconds = 3
    handler = _Lines(lines)
    logging.getLogger("lightbulb").addHandler(handler)
    gave_up.set()
    assert (await alice.autocomplete("task", "language", "germ"))[0] == ("German", "de")
    logging.getLogger("lightbulb").removeHandler(handler)
    assert lines == []


class _Lines(logging.Handler):
    """Collects what a library logs."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())


async def test_an_unexpected_error_is_told_with_an_id_that_is_in_the_log(
    bot: BotApp, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await join("Alice")

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a marker that nobody reads")

    monkeypatch.setattr(bot.services.sessions, "ask", fail)
    lines: list[str] = []
    sink = logger.add(lines.append, level="ERROR", diagnose=False)
    reply = await alice.command("task")
    message = await alice.until(
        lambda: next(
            (one for one in alice.messages(alice.channels()[0]) if "went wrong" in one.content), None
        ),
        what="the apology",
    )
    assert reply.message is not None
    assert message is not None
    assert "a marker" not in message.content
    assert message.content.rstrip(".").rpartition(" ")[2] in "".join(lines)
    logger.remove(sink)


@pytest.mark.parametrize("what", ["command", "click"])
async def test_an_answer_that_comes_too_late_is_one_line_in_the_log(
    sandbox: Sandbox, backend: Backend, join: Join, what: str
) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    if what == "click":
        await alice.command("task")
        controls = await shown_task(alice)
    gave_up, logged = asyncio.Event(), asyncio.Event()
    lines: list[str] = []

    async def slowly(_: Call) -> None:
        await gave_up.wait()

    def note(line: str) -> None:
        lines.append(line)
        logged.set()

    sink = logger.add(note, level="WARNING", diagnose=False)
    sandbox.faults.before("POST /interactions/{}/{}/callback", slowly)
    sandbox.answer_seconds = 0.2
    with pytest.raises(InteractionFailed):
        await (alice.command("task") if what == "command" else controls.click("Write"))
    sandbox.answer_seconds = 3
    gave_up.set()
    async with asyncio.timeout(10):
        await logged.wait()
    await asyncio.wait_for(alice.autocomplete("task", "language", "ger"), 10)
    logger.remove(sink)
    assert [line for line in lines if "too late" in line] == lines
    assert "".join(lines).count("\n") == 1


def test_every_extension_can_be_loaded_alone() -> None:
    for name in ("task", "terms", "labels", "leaderboard", "settings"):
        module: types.ModuleType = __import__(f"bot.extensions.{name}", fromlist=["loader"])
        assert isinstance(module.loader, lightbulb.Loader)
