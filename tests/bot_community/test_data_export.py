"""/data export: all that bot and backend keep of a person comes, and nothing of anybody else."""

import asyncio
import io
import json
import random
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from bot.app import BotApp
from bot.community.data_files import PART_BYTES, PLAIN_BYTES, Document, files_of, plain, without_authors
from bot.limits import FILE_BYTES, FILES, FILES_TOTAL_BYTES
from bot.settings import BotSettings
from bot.store.personal import TABLES
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from tests.bot_community.village import Row, Village, Villager, naming
from tests.made_databases import bot_database

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def backend(own_backend: BackendServer) -> BackendServer:
    """The project's own task backend, in place of the small one."""
    return own_backend


async def files_in(message: MessageView) -> dict[str, Any]:
    """Read the JSON files of a message, also out of zip files."""
    found: dict[str, Any] = {}
    async with aiohttp.ClientSession() as session:
        for one in message.attachments:
            async with session.get(one["url"]) as answer:
                content = await answer.read()
            if one["filename"].endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    found |= {name: json.loads(archive.read(name)) for name in archive.namelist()}
            else:
                found[one["filename"]] = json.loads(content)
    return found


async def exported(person: Actor) -> tuple[str, dict[str, Any]]:
    """Ask for one's data; give what is said, and the files."""
    message = (await person.command("data export")).message
    assert message is not None
    await person.until(lambda: not message.loading, what="the data")
    assert message.ephemeral
    return message.text, await files_in(message)


def is_given(row: Row, tables: dict[str, list[dict[str, Any]]]) -> bool:
    """Whether an export has a row: with all values that it shows, and at least one that tells rows apart."""
    table, columns = row
    kept = dict(columns)
    if table == "sessions":
        kept["task"] = without_authors(str(kept["task"]))
    written = plain(kept)
    return any(
        all(written[name] == value or str(written[name]) == str(value) for name, value in given.items())
        for given in tables.get(table, [])
    )


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_row_that_names_a_person_is_given_to_them(
    bot: BotApp, sandbox: Sandbox, tmp_path: Path, seed: int
) -> None:
    village = Village(bot, sandbox, tmp_path, random.Random(seed))  # noqa: S311  # a history that repeats
    await village.live(60)
    await village.people[0].draft("what is not sent yet")
    await village.fill_tables()
    for person in village.people:
        others = [one for one in village.people if one is not person]
        await check_export(village, person, others)


async def check_export(village: Village, person: Villager, others: list[Villager]) -> None:
    said, files = await exported(person.actor)
    assert set(files) == {"bot.json", "dataset.json"}
    assert "all that the dataset's own database keeps of you" in said
    here, there = files["bot.json"]["tables"], files["dataset.json"]["tables"]
    of_person = naming(village.bot_rows(), str(person.id))
    assert {table for table, _ in of_person} == {
        table for table, declared in TABLES.items() if declared.names
    }
    missing = [row for row in of_person if not is_given(row, here)]
    assert missing == []
    # What they wrote stands in no other row but in those of tasks that showed it to others.
    owned_by_others = naming(village.bot_rows(), *(str(other.id) for other in others))
    assert naming(village.bot_rows(), person.mark) <= of_person | owned_by_others

    backend_id = village.backend_id(person)
    rows = village.backend_rows()
    in_backend = naming(rows, str(person.id), backend_id) | {
        row for row in naming(rows, person.mark) if row[0] != "labellings"
    }
    given = {table: {json.dumps(one.get("id")) for one in found} for table, found in there.items()}
    for table, columns in in_backend:
        row = dict(columns)
        if "id" in row:
            assert json.dumps(row["id"]) in given[table], (table, row)
        else:
            assert there[table], table
    for other in others:
        assert str(other.id) not in json.dumps(there)
        assert village.backend_id(other) not in json.dumps(there)
        assert str(other.id) not in json.dumps(here)
        assert village.backend_id(other) not in json.dumps(here)
        assert other.actor.name not in json.dumps(here)
        assert f"{other.mark} finds it rude" not in json.dumps(here)


async def test_who_never_did_anything_is_told_so(bot: BotApp, sandbox: Sandbox) -> None:
    said, files = await exported(sandbox.guild.add_member("Nobody"))
    assert files["bot.json"]["tables"] == {}
    assert "knows nothing of you" in said
    assert bot.services.store is not None


async def test_data_are_gathered_once_at_a_time_for_each_person(bot: BotApp, sandbox: Sandbox) -> None:
    alice, bob = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Bob")
    panel = (await alice.command("privacy")).message
    assert panel is not None
    async with bot.services.gathering.of(alice.id):
        again = (await panel.click("Get my data")).message
        assert again is not None
        await alice.until(lambda: not again.loading, what="the word that it is under way")
        assert again.ephemeral
        assert "being gathered already" in again.text
        assert again.attachments == []
        assert set((await exported(bob))[1]) == {"bot.json"}
    assert set((await exported(alice))[1]) == {"bot.json"}


async def test_without_the_backend_the_bots_part_comes(
    bot: BotApp, sandbox: Sandbox, backend: BackendServer
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await bot.services.store.people.set_language(alice.id, "de", now=NOON)
    await asyncio.to_thread(backend.close)
    said, files = await exported(alice)
    assert set(files) == {"bot.json"}
    assert files["bot.json"]["tables"]["people"][0]["lang"] == "de"
    assert "its part is missing" in said


async def test_a_key_that_is_not_trusted_gets_what_the_protocol_shows(
    sandbox: Sandbox, tmp_path: Path, start_untrusted: Callable[..., Any]
) -> None:
    bot = await start_untrusted()
    village = Village(bot, sandbox, tmp_path, random.Random(3))  # noqa: S311  # a history that repeats
    alice = village.people[0]
    await alice.draft(alice.words())
    controls = alice.open_task
    assert controls is not None
    await controls.click("Send")
    await alice.actor.until(lambda: alice.thanks, what="the thanks")
    said, files = await exported(alice.actor)
    assert f"discord:{alice.id}" in said
    there = files["dataset.json"]["tables"]
    assert there["people"][0]["id"] == str(alice.id)
    assert [alice.mark in message["text"] for message in there["messages"]] == [True]


@pytest.fixture
async def start_untrusted(
    tmp_path: Path, sandbox: Sandbox, backend: BackendServer
) -> AsyncIterator[Callable[..., Any]]:
    """Starts a bot whose key the backend does not trust."""
    running: list[BotApp] = []

    async def start() -> BotApp:
        assert backend.storage is not None
        key = backend.storage.write_now(lambda to: create_key(to, NOON, "a bot", trusted=False))
        settings = BotSettings(
            _env_file=None,
            bot_token=sandbox.token,
            discord_rest_url=sandbox.rest_url,
            oasst_api_url=backend.url,
            oasst_api_key=key,
            bot_database_url=bot_database(tmp_path / "bot.db"),
        )
        app = BotApp(settings)
        running.append(app)
        await app.start()
        await sandbox.bot_ready()
        return app

    yield start
    for app in running:
        await app.close()


def large(rows: int, letters: int) -> Document:
    chance = random.Random(5)  # noqa: S311  # texts that repeat
    texts = (f"{chance.getrandbits(letters * 4):x}" for _ in range(rows))
    return Document("bot", {"sessions": [{"id": number, "text": text} for number, text in enumerate(texts)]})


def test_large_data_go_as_zip_files_within_discords_limits() -> None:
    document = large(10_000, 2_000)
    messages = files_of([document, Document("dataset", {})], person="1", made_at=NOON)
    found: list[dict[str, Any]] = []
    for files in messages:
        assert len(files) <= FILES
        assert sum(len(file.content) for file in files) <= FILES_TOTAL_BYTES
        for file in files:
            assert len(file.content) <= FILE_BYTES
            assert file.name.endswith(".zip")
            with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
                (name,) = archive.namelist()
                held = archive.read(name)
                assert len(held) <= PART_BYTES + PLAIN_BYTES
                found += json.loads(held)["tables"].get("sessions", [])
    assert found == document.rows["sessions"]


def test_small_data_are_plain_files() -> None:
    ((file,),) = files_of([Document("bot", {"people": [{"lang": "ü \ud800"}]})], person="1", made_at=NOON)
    assert file.name == "bot.json"
    assert json.loads(file.content)["tables"] == {"people": [{"lang": "ü \ud800"}]}


async def test_thousands_of_rows_are_read_in_batches(bot: BotApp, sandbox: Sandbox) -> None:
    alice, database = sandbox.guild.add_member("Alice"), bot.services.store.database
    async with database.transaction():
        for number in range(10_000):
            await database.execute(
                "INSERT INTO guild_settings_audit (guild_id, setting, old_value, new_value, changed_by,"
                " interaction_id, changed_at) VALUES (1, 'daily_limit', ?, '1', ?, 2, ?)",
                (str(number), alice.id, bot.clock.now().timestamp()),
            )
    _, files = await exported(alice)
    rows = [row for file in files.values() for row in file["tables"].get("guild_settings_audit", [])]
    assert [int(row["old_value"]) for row in rows] == list(range(10_000))


@pytest.mark.parametrize(
    "text",
    ['{"b": 1, "b": 2}', '{"a": NaN}', '{"": ' + "[" * 1990 + "]" * 1990 + "}", "{no JSON}"],
    ids=["twice", "no number", "deep", "other"],
)
async def test_what_people_wrote_is_given_as_they_wrote_it(bot: BotApp, sandbox: Sandbox, text: str) -> None:
    alice = sandbox.guild.add_member("Alice")
    await bot.services.store.own_texts.keep(alice.id, uuid4(), text, now=NOON)
    _, files = await exported(alice)
    assert files["bot.json"]["tables"]["own_texts"][0]["text"] == text
