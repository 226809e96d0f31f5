"""No statement that runs time and again reads all that the bot has ever done."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Row
from uuid import UUID

import pytest

from bot.store import Store
from bot.store.database import Database, Parameters

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
GROWING = (
    *("outbox", "sessions", "shown", "terms_ledger", "guild_settings_audit"),
    *("given_labels", "guild_reports", "own_texts"),
)
"""The tables that hold what is over, too."""


class WatchedDatabase(Database):
    """Notes how SQLite goes about each statement."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.plans: list[str] = []

    async def execute(self, sql: str, parameters: Parameters = ()) -> int:
        await self._note(sql, parameters)
        return await super().execute(sql, parameters)

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        await self._note(sql, parameters)
        return await super().fetch_all(sql, parameters)

    async def _note(self, sql: str, parameters: Parameters) -> None:
        steps = await super().fetch_all(f"EXPLAIN QUERY PLAN {sql}", parameters)
        self.plans += [step["detail"] for step in steps]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[WatchedDatabase]:
    one = WatchedDatabase(tmp_path / "watched.db")
    await one.open()
    yield one
    await one.close()


def reads_all(step: str, partial: Sequence[str]) -> bool:
    """Whether a step goes through a table that grows, and not only through an index of what is under way."""
    words = step.split()
    if words[0] != "SCAN" or words[1] not in GROWING:
        return False
    return words[-1] not in partial


@pytest.mark.parametrize(
    "statement",
    [
        lambda store: store.outbox.due(NOW, 32),
        lambda store: store.outbox.next_at(),
        lambda store: store.outbox.hurry(NOW),
        lambda store: store.outbox.get(1),
        lambda store: store.outbox.waiting_of(1),
        lambda store: store.outbox.undelivered(1),
        lambda store: store.outbox.unannounced(100, before=NOW),
        lambda store: store.outbox.untold(1),
        lambda store: store.outbox.announce_again(1),
        lambda store: store.guilds.changes(1, skip=8, most=8, newest_first=True),
        lambda store: store.guilds.count_changes(1),
        lambda store: store.sessions.by_code("1a2b3c4d"),
        lambda store: store.sessions.by_control(1),
        lambda store: store.sessions.by_ack(1),
        lambda store: store.sessions.live_of(1),
        lambda store: store.sessions.unposted(),
        lambda store: store.sessions.standing_in(1),
        lambda store: store.sessions.standing_in_guild(1),
        lambda store: store.sessions.to_remind(NOW, DAY, 4),
        lambda store: store.sessions.overdue(NOW),
        lambda store: store.sessions.to_close(),
        lambda store: store.sessions.languages_of(1),
        lambda store: store.sessions.parent_of_thread(1, 2),
        lambda store: store.finished_threads.keep(1, NOW),
        lambda store: store.finished_threads.is_needed(1, NOW),
        lambda store: store.finished_threads.has_open_task(1),
        lambda store: store.finished_threads.to_delete(NOW, 20),
        lambda store: store.finished_threads.set_over(1),
        lambda store: store.finished_threads.close_left_behind(NOW, 20),
        lambda store: store.guild_members.finished(1, 2, since=NOW, began_after=NOW - DAY),
        lambda store: store.guild_members.to_look_up(NOW, 5),
        lambda store: store.left_guilds.left_before(NOW, 5),
        lambda store: store.people.task_languages(1),
        lambda store: store.shown.on(1),
        lambda store: store.shown.stands_in(1, UUID(int=1)),
        lambda store: store.given_labels.get(1, UUID(int=1), is_report=False),
        lambda store: store.guild_reports.of(1, 2),
        lambda store: store.guild_reports.is_open_of(1),
        lambda store: store.guild_reports.count_open_by(1, 2),
        lambda store: store.guild_reports.open_for(2, 1, 4),
        lambda store: store.guild_reports.settled_for(2, 1, 4),
        lambda store: store.guild_reports.counts_for(2, 1),
        lambda store: store.guild_reports.forget_before(settled=NOW, created=NOW),
        lambda store: store.shown.forget(1),
        lambda store: store.work_alerts.pending(),
        lambda store: store.pruning.sessions(NOW, 100),
        lambda store: store.pruning.outbox(NOW, 100),
        lambda store: store.own_texts.get(1, UUID(int=1)),
        lambda store: store.own_texts.drafted(1),
        lambda store: store.own_texts.drop_draft(1, UUID(int=1)),
        lambda store: store.own_texts.prune(NOW),
        lambda store: store.pruning.settings_history(NOW, 100),
        lambda store: store.outbox.is_leaving(1),
        lambda store: store.outbox.take_erasures(1),
        lambda store: store.outbox.forget(1, 2),
        lambda store: store.departures.forget_shown(1),
        lambda store: store.departures.to_close(1, NOW),
        lambda store: store.departures.take_back(1, "x"),
        lambda store: store.departures.let_go(1),
        lambda store: store.departures.forget_closed(),
        lambda store: store.personal.erase(1),
        lambda store: store.weekly_boards.due("2026-W47", NOW),
        lambda store: store.weekly_boards.workers(5, NOW - 7 * DAY, NOW),
        lambda store: store.weekly_boards.newcomers(5, NOW - 7 * DAY, NOW),
    ],
)
async def test_a_statement_finds_its_rows_by_an_index(
    database: WatchedDatabase, statement: Callable[[Store], Awaitable[object]]
) -> None:
    indexes = await database.fetch_all(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
    )
    database.plans.clear()
    await statement(Store(database))
    assert database.plans
    assert [step for step in database.plans if reads_all(step, [row["name"] for row in indexes])] == []


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (lambda store: store.guild_members.to_look_up(NOW, 5), "sessions_to_look_at"),
        (
            lambda store: store.guild_members.finished(1, 2, since=NOW, began_after=NOW - DAY),
            "sessions_by_guild_day (guild_id=? AND user_id=? AND created_at>?)",
        ),
        (lambda store: store.finished_threads.to_delete(NOW, 20), "sessions_to_delete"),
        (lambda store: store.finished_threads.close_left_behind(NOW, 20), "sessions_left_behind"),
    ],
)
async def test_what_is_looked_for_time_and_again_has_an_index_of_its_own(
    database: WatchedDatabase, statement: Callable[[Store], Awaitable[object]], index: str
) -> None:
    await statement(Store(database))
    assert any(index in step for step in database.plans), database.plans


async def test_what_was_delivered_long_ago_is_found_by_its_age(database: WatchedDatabase) -> None:
    await Store(database).pruning.outbox(NOW, 100)
    assert any("outbox_by_end" in step for step in database.plans)
