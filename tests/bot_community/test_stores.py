"""What the bot keeps of people and servers survives and stays apart."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.guild_settings import (
    DEFAULTS,
    FinishedThreads,
    GuildSetting,
    GuildSettings,
    TaskDisplay,
    WhenBotLeaves,
    WhenMemberLeaves,
)
from bot.store.contributors import Contributors
from bot.store.database import Database, migrate
from bot.store.guild_reports import GuildReports
from bot.store.guilds import Guilds, SettingChange, Values
from bot.store.label_panels import LabelPanel, LabelPanels
from bot.store.outbox import Outbox, OutboxKind, OutboxState
from bot.store.people import People
from oasst_client import AuthMethod, TaskRequestType, User
from tests.bot_community.conftest import terms_ledger

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LARGEST_SNOWFLAKE = 2**63 - 1


async def test_a_language_is_remembered_per_person_and_can_change(database: Database) -> None:
    people = People(database)
    assert await people.language(1) is None
    await people.set_language(1, "de", now=NOON)
    await people.set_language(LARGEST_SNOWFLAKE, "pt-BR", now=NOON)
    await people.set_language(1, "eo", now=NOON)
    assert await people.language(1) == "eo"
    assert await people.language(LARGEST_SNOWFLAKE) == "pt-BR"


async def test_terms_are_accepted_once_per_version_and_the_first_row_stays(database: Database) -> None:
    people = People(database)
    assert await people.accepted_terms(1) is None
    assert await people.record_terms(1, version=1, locale="en-US", interaction_id=10, now=NOON)
    later = NOON + timedelta(days=1)
    assert not await people.record_terms(1, version=1, locale="de", interaction_id=11, now=later)
    assert await people.record_terms(1, version=2, locale="de", interaction_id=12, now=later)
    assert await people.accepted_terms(1) == 2
    assert await people.accepted_terms(2) is None
    assert await terms_ledger(database, 1) == [
        (1, "en-US", 10, NOON.timestamp()),
        (2, "de", 12, later.timestamp()),
    ]


async def test_the_same_click_delivered_twice_leaves_one_row(database: Database) -> None:
    people = People(database)
    for _ in range(2):
        await people.record_terms(1, version=1, locale="en-US", interaction_id=10, now=NOON)
    assert len(await terms_ledger(database, 1)) == 1


async def test_a_server_without_settings_has_none_set(database: Database) -> None:
    assert await Guilds(database).settings(5) == GuildSettings()


OTHER_VALUES: Mapping[GuildSetting, Any] = {
    GuildSetting.task_channel: 70,
    GuildSetting.log_channel: 71,
    GuildSetting.announcement_channel: LARGEST_SNOWFLAKE,
    GuildSetting.moderator_role: 73,
    GuildSetting.contributor_role: 74,
    GuildSetting.language: "pt-BR",
    GuildSetting.languages: ("de", "en"),
    GuildSetting.task_types: (TaskRequestType.initial_prompt,),
    GuildSetting.task_display: TaskDisplay.ephemeral,
    GuildSetting.finished_threads: FinishedThreads.delete,
    GuildSetting.daily_limit: 5,
    GuildSetting.log_tasks: False,
    GuildSetting.log_labels: True,
    GuildSetting.log_reports: False,
    GuildSetting.when_bot_leaves: WhenBotLeaves.forget,
    GuildSetting.when_member_leaves: WhenMemberLeaves.give_back,
}


@pytest.mark.parametrize("setting", list(GuildSetting))
async def test_each_setting_is_set_and_cleared_alone_with_a_history(
    database: Database, setting: GuildSetting
) -> None:
    guilds, value = Guilds(database), OTHER_VALUES[setting]
    await guilds.replace(6, OTHER_VALUES, changed_by=1, interaction_id=1, now=NOON)
    after = await guilds.replace(5, {setting: value}, changed_by=1, interaction_id=2, now=NOON)
    assert after == await guilds.settings(5) == GuildSettings(**{setting.value: value})
    default, other = DEFAULTS.json_value(setting), after.json_value(setting)
    assert (
        await guilds.replace(5, {setting: DEFAULTS.value(setting)}, changed_by=3, interaction_id=4, now=NOON)
        == GuildSettings()
    )
    assert await guilds.changes(5) == [
        SettingChange(setting, default, other, changed_by=1, interaction_id=2, changed_at=NOON),
        SettingChange(setting, other, default, changed_by=3, interaction_id=4, changed_at=NOON),
    ]
    assert await guilds.settings(6) == GuildSettings(**{one.value: OTHER_VALUES[one] for one in GuildSetting})


async def test_settings_that_do_not_go_change_nothing(database: Database) -> None:
    guilds = Guilds(database)
    with pytest.raises(ValidationError, match="daily_limit"):
        await guilds.replace(
            5,
            {GuildSetting.task_channel: 7, GuildSetting.daily_limit: 0},
            changed_by=1,
            interaction_id=1,
            now=NOON,
        )
    assert await guilds.settings(5) == GuildSettings()
    assert await guilds.changes(5) == []


async def test_what_a_change_raises_undoes_it_and_nobody_changes_anything_in_between(
    database: Database,
) -> None:
    guilds = Guilds(database)

    async def one_more(person: int) -> None:
        def raised(before: GuildSettings) -> Values:
            if before.daily_limit == 3:
                raise LookupError
            return {GuildSetting.daily_limit: (before.daily_limit or 0) + 1}

        await guilds.rework(5, raised, changed_by=person, interaction_id=person, now=NOON)

    outcomes = await asyncio.gather(*(one_more(person) for person in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(LookupError) == 2
    assert (await guilds.settings(5)).daily_limit == 3
    assert await guilds.count_changes(5) == 3
    changes = await guilds.changes(5)
    assert [(change.old_value, change.new_value) for change in changes] == [(None, 1), (1, 2), (2, 3)]
    assert await guilds.changes(5, skip=1, most=1, newest_first=True) == [changes[1]]


async def test_a_value_that_nobody_understands_counts_as_not_set(database: Database) -> None:
    guilds = Guilds(database)
    await guilds.replace(5, {GuildSetting.task_channel: 7}, changed_by=1, interaction_id=1, now=NOON)
    for setting, value in (("task_display", '"hologram"'), ("of_a_later_bot", "1"), ("languages", "{")):
        await database.execute("INSERT INTO guild_settings VALUES (5, ?, ?)", (setting, value))
    assert await guilds.settings(5) == GuildSettings(task_channel=7)


async def test_settings_of_the_former_columns_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    migrate(path, "0007")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO guild_settings VALUES (5, 70, NULL, 9007199254740993)")
        connection.execute(
            "INSERT INTO guild_settings_audit (guild_id, setting, old_value, new_value, changed_by,"
            " interaction_id, changed_at) VALUES (5, 'task_channel', NULL, 70, 1, 2, ?)",
            (NOON.timestamp(),),
        )
        connection.commit()
    database = Database(path)
    await database.open()
    guilds = Guilds(database)
    assert await guilds.settings(5) == GuildSettings(task_channel=70, moderator_role=9007199254740993)
    assert await guilds.changes(5) == [
        SettingChange(GuildSetting.task_channel, None, 70, changed_by=1, interaction_id=2, changed_at=NOON)
    ]
    await database.close()


async def test_a_person_has_several_languages_in_their_order(database: Database) -> None:
    people = People(database)
    assert await people.languages(1) == []
    await people.set_languages(1, ["fr", "de"], now=NOON)
    await people.set_languages(2, ["en"], now=NOON)
    assert await people.languages(1) == ["fr", "de"]
    assert await people.language(1) == "fr"
    await people.set_language(1, "de", now=NOON)
    await people.set_languages(1, ["en", "de"], now=NOON)
    assert await people.language(1) == "de"
    assert await people.languages(2) == ["en"]


async def test_what_a_person_chose_is_kept_apart(database: Database) -> None:
    people = People(database)
    assert not await people.is_anonymous(1)
    await people.set_anonymous(1, wanted=True, now=NOON)
    assert not await people.was_welcomed(1)
    await people.set_welcomed(1, now=NOON)
    await people.set_direct_messages(1, wanted=True, now=NOON)
    assert await people.is_anonymous(1)
    assert await people.was_welcomed(1)
    assert await people.direct_messages(1)
    assert await people.language(1) is None
    assert not await people.is_anonymous(2)


async def test_who_finished_tasks_on_a_server_stands_there_once(database: Database) -> None:
    contributors = Contributors(database)
    for minute, (guild, user) in enumerate(((5, 1), (5, 2), (6, 3), (5, 1))):
        await contributors.note(guild, user, NOON + timedelta(minutes=minute))
    assert await contributors.of_guild(5, 10) == [1, 2]
    assert await contributors.of_guild(5, 1) == [1]
    assert await contributors.of_guild(7, 10) == []


async def test_a_report_is_one_per_message_and_reporter_and_settled_once(database: Database) -> None:
    reports = GuildReports(database)

    async def put(guild: int, message: int, reporter: int, note: str) -> bool:
        return await reports.put(
            guild_id=guild,
            channel_id=8,
            message_id=message,
            author_id=9,
            reporter_id=reporter,
            note=note,
            now=NOON,
        )

    assert await put(5, 100, 1, "rude")
    assert await put(5, 100, 2, "rude indeed")
    assert not await put(5, 100, 1, "very rude")
    assert await put(6, 200, 1, "elsewhere")
    first, second = await reports.open_for(0, 5, 10)
    assert (first.note, second.note) == ("very rude", "rude indeed")
    assert await reports.counts_for(0, 5) == (2, 0)
    assert not await reports.settle(first.id, 6, 77, NOON), "another server's moderator"
    assert await reports.settle(first.id, 5, 77, NOON)
    assert not await reports.settle(first.id, 5, 78, NOON)
    assert await reports.open_for(0, 5, 10) == [second]
    settled = await reports.get_for(78, first.id)
    assert settled is not None
    assert settled.settled_by == 77
    assert not await put(5, 100, 1, "again")
    assert await reports.counts_for(0, 5) == (2, 0)


async def test_versions_of_the_terms_do_not_overtake_each_other(database: Database) -> None:
    outbox = Outbox(database)
    alice, bob = (User(id=name, display_name="?", auth_method=AuthMethod.discord) for name in ("1", "2"))
    first, second = [await outbox.add_terms(alice, version, NOON) for version in (1, 2)]
    bobs = await outbox.add_terms(bob, 1, NOON)
    assert [entry.id for entry in await outbox.due(NOON, 10)] == [first, bobs]
    await outbox.settle(first, OutboxState.done, NOON)
    (entry, _) = await outbox.due(NOON, 10)
    assert (entry.id, entry.kind, entry.payload) == (second, OutboxKind.terms, "2")
    assert entry.announced, "nobody is told of it"


async def test_setting_what_stands_already_is_no_change(database: Database) -> None:
    guilds = Guilds(database)
    for interaction in (1, 2):
        await guilds.replace(
            5, {GuildSetting.log_channel: 70}, changed_by=1, interaction_id=interaction, now=NOON
        )
    assert [change.interaction_id for change in await guilds.changes(5)] == [1]


async def test_everything_is_still_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    for attempt in range(2):
        database = Database(tmp_path / "again.db")
        await database.open()
        people, guilds = People(database), Guilds(database)
        if attempt == 0:
            await people.set_language(1, "de", now=NOON)
            await people.record_terms(1, version=1, locale="de", interaction_id=1, now=NOON)
            await guilds.replace(5, {GuildSetting.task_channel: 7}, changed_by=1, interaction_id=2, now=NOON)
        assert await people.language(1) == "de"
        assert await people.accepted_terms(1) == 1
        assert (await guilds.settings(5)).task_channel == 7
        await database.close()


async def test_a_label_panel_keeps_its_state_until_it_is_closed_once(database: Database) -> None:
    panels = LabelPanels(database)
    panel = LabelPanel(10, user_id=1, form_state="first")
    await panels.open(panel, now=NOON)
    await panels.save_state(10, "second")
    assert await panels.get(10) == replace(panel, form_state="second")
    assert [await panels.close(10), await panels.close(10)] == [True, False]
    assert await panels.get(10) is None


async def test_old_label_panels_are_forgotten(database: Database) -> None:
    panels = LabelPanels(database)
    for number, hours in ((1, 0), (2, 12), (3, 25)):
        panel = LabelPanel(number, user_id=1, form_state="{}")
        await panels.open(panel, now=NOON + timedelta(hours=hours))
    assert [await panels.get(number) is not None for number in (1, 2, 3)] == [False, True, True]
