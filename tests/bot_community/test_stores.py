"""What the bot keeps of people and servers survives and stays apart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.guilds import Guilds, GuildSetting, GuildSettings, SettingChange
from bot.store.label_panels import LabelPanel, LabelPanels
from bot.store.people import People
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


@pytest.mark.parametrize("setting", list(GuildSetting))
async def test_each_setting_is_set_and_cleared_alone_with_a_history(
    database: Database, setting: GuildSetting
) -> None:
    guilds = Guilds(database)
    for other in GuildSetting:
        await guilds.update(6, other, 99, changed_by=1, interaction_id=1, now=NOON)
    after = await guilds.update(5, setting, 70, changed_by=1, interaction_id=2, now=NOON)
    assert after == GuildSettings(**{f"{setting.value}_id": 70})
    assert await guilds.update(5, setting, None, changed_by=3, interaction_id=4, now=NOON) == GuildSettings()
    assert await guilds.changes(5) == [
        SettingChange(setting, None, 70, changed_by=1, interaction_id=2, changed_at=NOON),
        SettingChange(setting, 70, None, changed_by=3, interaction_id=4, changed_at=NOON),
    ]
    assert await guilds.settings(6) == GuildSettings(99, 99, 99)


async def test_setting_what_stands_already_is_no_change(database: Database) -> None:
    guilds = Guilds(database)
    for interaction in (1, 2):
        await guilds.update(
            5, GuildSetting.log_channel, 70, changed_by=1, interaction_id=interaction, now=NOON
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
            await guilds.update(5, GuildSetting.task_channel, 7, changed_by=1, interaction_id=2, now=NOON)
        assert await people.language(1) == "de"
        assert await people.accepted_terms(1) == 1
        assert (await guilds.settings(5)).task_channel_id == 7
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
