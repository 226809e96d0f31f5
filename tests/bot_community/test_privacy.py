"""What is kept of people is declared for every table, shown in the docs, and told by /privacy."""

import re
from pathlib import Path

import pytest

from bot.community.data_panel import Unfinished, first_step
from bot.community.privacy_panel import privacy_panel
from bot.limits import message_problems
from bot.store.database import Database
from bot.store.personal import NO_PERSON, TABLES
from bot.texts import locales, texts_for
from discord_sandbox import Sandbox
from oasst_backend.service.personal_data import is_personal
from oasst_backend.storage.tables import metadata

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "privacy.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


async def schema(database: Database) -> dict[str, set[str]]:
    tables = await database.fetch_all(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    found = {}
    for (name,) in tables:
        columns = await database.fetch_all(f"SELECT name FROM pragma_table_info('{name}')")  # noqa: S608  # a name of the schema
        found[name] = {column["name"] for column in columns}
    return found


async def test_every_table_and_column_is_declared(database: Database) -> None:
    assert {name: set(table.columns) for name, table in TABLES.items()} == await schema(database), (
        "say in bot/store/personal.py what a new table or column says about people"
    )


def test_no_column_is_declared_twice() -> None:
    for name, table in TABLES.items():
        columns = [*(one.column for one in table.names), *table.personal, *table.plain]
        assert len(columns) == len(set(columns)), name
        assert (table.at_deletion == NO_PERSON) == (not table.names and not table.personal), name
        for one in table.names:
            assert set(one.hides) <= table.columns, name


def test_every_column_that_sounds_like_a_person_names_one() -> None:
    named = {f"{name}.{one.column}" for name, table in TABLES.items() for one in table.names}
    suspicious = re.compile(
        r"(user|author|reporter|person|member|moderator)_id|(changed|settled|reported)_by$"
    )
    sounding = {
        f"{name}.{column}"
        for name, table in TABLES.items()
        for column in table.columns
        if suspicious.search(column)
    }
    assert sounding <= named


def test_the_table_in_the_docs_is_the_declaration() -> None:
    rows = [
        tuple(part.strip() for part in line.strip("|").split("|"))
        for line in section("The bot's database").splitlines()
        if line.startswith("| `")
    ]
    assert rows == [
        (f"`{name}`", table.what, table.why, table.period, table.at_deletion)
        for name, table in TABLES.items()
    ]


def test_the_docs_name_every_table_of_the_backend_that_says_something_of_people() -> None:
    named = set(re.findall(r"`(\w+)`", section("The backend's database")))
    tables = {table.name for table in metadata.sorted_tables if any(is_personal(one) for one in table.c)}
    assert {*tables, "bans"} <= named


@pytest.mark.parametrize("page", ["../README.md", "operating.md", "commands.md"])
def test_other_pages_lead_to_it(page: str) -> None:
    assert "privacy.md" in (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("locale", locales())
def test_the_panel_fits_a_message_in_every_language(locale: str) -> None:
    panel = privacy_panel(texts_for(locale))
    assert message_problems(panel.content, panel.embeds, panel.rows) == []


@pytest.mark.parametrize("locale", locales())
def test_a_deletion_says_of_each_thing_that_remains_why(locale: str) -> None:
    texts = texts_for(locale)
    panel = first_step(1, Unfinished(has_task=True, undelivered=0), texts)
    assert message_problems(panel.content, panel.embeds, panel.rows) == []
    (remains,) = [one.value for one in panel.embeds[0].fields if one.name == texts("data.remains.name")]
    assert all(re.fullmatch(r"- .+: .+", line) for line in remains.splitlines())


@pytest.mark.usefixtures("bot")
async def test_privacy_says_what_is_kept_who_sees_it_and_how_to_get_rid_of_it(sandbox: Sandbox) -> None:
    alice = sandbox.guild.add_member("Alice")
    shown = (await alice.command("privacy")).message
    assert shown is not None
    assert shown.ephemeral
    assert "labels and reports of messages of the dataset" in shown.text
    assert "The board of the week names" in shown.text
    for words in (
        "90 days",
        "30 days",
        "*Contribute*",
        "Manage Threads",
        "published dataset",
        "What you have open",
        "Those who manage your server",
        "/data export",
        "/data delete",
    ):
        assert words in shown.text
    assert shown.buttons == ["Get my data", "Delete my data"]
    got = (await shown.click("Get my data")).message
    assert got is not None
    await alice.until(lambda: not got.loading, what="the data")
    assert [one["filename"] for one in got.attachments] == ["bot.json"]
    asked = (await shown.click("Delete my data")).message
    assert asked is not None
    assert asked.ephemeral
    assert "What remains either way, and why" in asked.text
    assert "If you were shut out of the dataset" in asked.text
    assert asked.buttons == ["Take my name away", "Delete everything I gave", "Cancel"]


@pytest.mark.usefixtures("bot")
async def test_privacy_is_told_in_german_and_in_direct_messages(sandbox: Sandbox) -> None:
    dora = sandbox.guild.add_member("Dora", locale="de")
    shown = (await dora.command("datenschutz")).message
    assert shown is not None
    assert "Threads verwalten" in shown.text
    assert shown.buttons == ["Meine Daten holen", "Meine Daten löschen"]
