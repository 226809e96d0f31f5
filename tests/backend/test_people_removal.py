"""All that is kept of a person is handed out; after a purge nothing of them is left, and work goes on."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.service.personal_data import is_personal, names_people, rows_of_person
from oasst_backend.storage.tables import api_clients, bans, journal, metadata, people
from oasst_client import (
    LeaderboardTimeFrame,
    NotFoundError,
    OasstApiClient,
    TaskRequestType,
    UserDisabledError,
)
from tests.backend.lived_in import NAMES, RULES, TOKEN, Town, copy_database, play

LEFT_BEHIND = (
    "messages",
    "message_revisions",
    "labellings",
    "rankings",
    "reactions",
    "summaries",
    "ratings",
    "tasks",
    "terms_acceptances",
    "scores",
    "score_events",
    "journal",
    "flagged_messages",
    "trees",
)
"""Tables in which a long history leaves something of a person."""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Keep what the first test's people did, for the other tests to begin with."""
    return {"file": tmp_path_factory.mktemp("history") / "backend.db"}


@pytest.fixture
async def town(  # each is a fixture
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    settings_for: Callable[..., Any],
    database: Path,
    clock: Any,  # noqa: ANN401  # a Clock
    history: dict[str, Any],
) -> Town:
    """Have five people write, review, rank, skip, flag, label and rate for a while."""
    values: dict[str, Any] = {"rules": RULES, "backend_root_token": TOKEN}
    played: Path = history["file"]
    if "now" in history:
        copy_database(played, database)
        clock.now = history["now"]
    server = start_backend(**values)
    client = connect(server, root_token=TOKEN)
    town = Town(server, client, database, settings_for(**values), clock)
    if "now" not in history:
        await play(town, [worker_at(client, name) for name in NAMES])
        copy_database(database, played)
        history["now"] = clock.now
    return town


async def eve_id(town: Town, worker_at: Callable[..., Any]) -> UUID:
    found: UUID = (await town.client.fetch_user(worker_at(town.client, "eve").user)).user_id
    return found


def rows_of(statement: sa.Select[Any]) -> Callable[[sa.Connection], list[Any]]:
    """Make a query that gives all rows."""
    return lambda connection: list(connection.execute(statement))


def personal_columns() -> list[sa.Column[Any]]:
    return [column for table in metadata.sorted_tables for column in table.c if is_personal(column)]


def test_every_table_with_personal_columns_is_reached() -> None:
    for column in personal_columns():
        assert rows_of_person(column.table) is not None, (
            f"{column} is personal, and nothing leads to its person"
        )


def test_every_column_that_names_people_is_marked() -> None:
    unmarked = [
        str(column)
        for table in metadata.sorted_tables
        for column in table.c
        if names_people(column) and not is_personal(column)
    ]
    assert unmarked == []
    # By hand: keys name whom to write to, and a ban is kept so that nobody can be read off it.
    assert not any(is_personal(column) for table in (api_clients, bans) for column in table.c)


async def test_the_data_of_a_person_hold_every_row_of_theirs(
    town: Town, worker_at: Callable[..., Any]
) -> None:
    person_id = str(await eve_id(town, worker_at))
    data: Any = await town.client.call_extension("GET", "people/discord/id-eve/data")
    assert data["people"][0]["username"] == "id-eve"
    for table in metadata.sorted_tables:
        for column in filter(names_people, table.c):
            own = sa.select(sa.func.count()).where(column == person_id)
            (count,) = town.read(rows_of(own))[0]
            given = [row for row in data[table.name] if row.get(column.name) == person_id]
            assert len(given) == count, table.name
    # A long history has left something in each of these.
    for name in LEFT_BEHIND:
        assert data[name], name
    assert {column.table.name for column in personal_columns()} <= data.keys()
    # Others are not named.
    others = {person for (person,) in town.read(rows_of(sa.select(people.c.id)))}
    assert not any(other in json.dumps(data) for other in others - {person_id})


async def test_an_anonymous_person_is_named_nowhere_and_what_they_wrote_stays(
    town: Town, worker_at: Callable[..., Any]
) -> None:
    eve, user_id = worker_at(town.client, "eve"), await eve_id(town, worker_at)
    before = town.exported()
    texts = [message.text for message in await town.client.fetch_user_messages(eve.user, max_count=100)]
    shown = {row[2] for row in town.rows() if row[1] == "frontend_message_id"}
    await town.client.delete_user(user_id)
    left = town.mentions("id-eve", "Eve")
    # Only what she wrote herself says her name, as texts of these tests do.
    assert {(table, column) for table, column, _ in left} <= {
        ("messages", "text"),
        ("message_revisions", "text"),
        ("labellings", "text"),
        ("summaries", "text"),
    }
    known = await town.client.fetch_user(user_id)
    assert (known.deleted, known.notes, known.show_on_leaderboard) == (True, "", False)
    assert known.id == known.display_name
    assert UUID(known.id) != user_id
    assert known.tos_acceptance_date is None
    after = town.exported()
    assert [tree["prompt"] for tree in after] == [tree["prompt"] for tree in before]
    # Her waiting prompts can no longer be drawn.
    moved = {(one["tree_state"], two["tree_state"]) for one, two in zip(before, after, strict=True)}
    assert {pair for pair in moved if pair[0] != pair[1]} <= {
        ("prompt_lottery_waiting", "halted_by_moderator")
    }
    assert [
        message.text for message in await town.client.fetch_user_messages(user_id, max_count=100)
    ] == texts
    gone = shown - {row[2] for row in town.rows() if row[1] == "frontend_message_id"}
    assert len(gone) >= len(texts)
    assert str(user_id) not in {str(user.user_id) for user in await town.client.find_users()}
    board = await town.client.fetch_leaderboard(LeaderboardTimeFrame.total)
    assert user_id not in {row.user_id for row in board.leaderboard}
    town.assert_sound()
    # Once more changes nothing, and who comes back is somebody new.
    await town.client.delete_user(user_id)
    with pytest.raises(NotFoundError):
        await town.client.fetch_user(eve.user)
    await eve.take(TaskRequestType.random)
    assert (await town.client.fetch_user(eve.user)).user_id != user_id
    await town.work([worker_at(town.client, name) for name in NAMES], 60)
    town.assert_sound()


async def test_who_was_disabled_stays_out_when_anonymised(town: Town, worker_at: Callable[..., Any]) -> None:
    eve, user_id = worker_at(town.client, "eve"), await eve_id(town, worker_at)
    await town.client.update_user(user_id, enabled=False)
    await town.client.delete_user(user_id)
    with pytest.raises(UserDisabledError):
        await eve.fetch(TaskRequestType.random)


async def test_a_purged_person_is_gone_and_the_others_work_on(
    town: Town, worker_at: Callable[..., Any]
) -> None:
    eve, user_id = worker_at(town.client, "eve"), await eve_id(town, worker_at)
    result = await town.client.purge_user(user_id, preview=False)
    done = town.finished()
    assert (result.preview, result.duration >= 0) == (False, True)
    assert result.after.all < result.before.all
    assert town.mentions("id-eve", "Eve") == []
    named = town.mentions(str(user_id))
    assert {(table, column) for table, column, _ in named} == {("journal", "subject_id")}
    town.assert_sound()
    with pytest.raises(NotFoundError):
        await town.client.fetch_user(user_id)
    # Banned: neither a task nor any other call makes them known again.
    with pytest.raises(UserDisabledError):
        await eve.fetch(TaskRequestType.random)
    with pytest.raises(UserDisabledError):
        await town.client.put_user(eve.user)
    workers = [worker_at(town.client, name) for name in NAMES[:-1]]
    for _ in range(15):
        await town.work(workers, 200)
        if town.finished() > done:
            break
    town.assert_sound()
    assert town.finished() > done
    assert await town.client.call_extension("DELETE", "bans/discord/id-eve") is None
    await eve.fetch(TaskRequestType.random)
    with pytest.raises(NotFoundError):
        await town.client.call_extension("DELETE", "bans/discord/id-eve")


async def test_a_rehearsed_purge_changes_nothing(town: Town, worker_at: Callable[..., Any]) -> None:
    user_id = await eve_id(town, worker_at)
    before = town.rows()
    result = await town.client.purge_user(user_id, preview=True)
    texts = await town.client.purge_user_messages(user_id, preview=True, purge_initial_prompts=True)
    assert result.preview
    assert result.after.all < result.before.all
    assert texts.before == result.before
    assert town.rows() == before


async def test_a_person_purged_without_a_ban_may_come_back(town: Town, worker_at: Callable[..., Any]) -> None:
    eve, user_id = worker_at(town.client, "eve"), await eve_id(town, worker_at)
    await town.client.purge_user(user_id, preview=False, ban=False)
    await eve.take(TaskRequestType.random)
    assert (await town.client.fetch_user(eve.user)).user_id != user_id


async def test_what_a_person_wrote_is_purged_and_the_person_stays(
    town: Town, worker_at: Callable[..., Any]
) -> None:
    eve, user_id = worker_at(town.client, "eve"), await eve_id(town, worker_at)
    written = await town.client.fetch_user_messages(eve.user, max_count=100, include_deleted=True)
    prompts = {message.text for message in written if message.parent_id is None}
    assert prompts != {message.text for message in written}
    await town.client.purge_user_messages(user_id, preview=False)
    left = await town.client.fetch_user_messages(eve.user, max_count=100, include_deleted=True)
    assert {message.text for message in left} == prompts
    town.assert_sound()
    await town.client.purge_user_messages(
        user_id, preview=False, purge_initial_prompts=True, max_date=left[0].created_date
    )
    assert await town.client.fetch_user_messages(eve.user, include_deleted=True) == []
    assert town.mentions("id-eve says", "id-eve asks") == []
    assert (await town.client.fetch_user(eve.user)).user_id == user_id
    town.assert_sound()


async def test_who_leaves_by_themselves_and_leaves_their_texts_is_named_nowhere(
    town: Town, worker_at: Callable[..., Any]
) -> None:
    eve, user_id = worker_at(town.client, "eve"), await eve_id(town, worker_at)
    texts = [message.text for message in await town.client.fetch_user_messages(eve.user, max_count=100)]
    for _ in range(2):
        await town.client.erase_user(eve.user, keep_texts=True)
    assert {row[1] for row in town.mentions("id-eve", "Eve")} == {"text"}
    assert [one.text for one in await town.client.fetch_user_messages(user_id, max_count=100)] == texts
    town.assert_sound()
    await eve.take(TaskRequestType.random)
    assert (await town.client.fetch_user(eve.user)).user_id != user_id


async def test_who_takes_everything_away_is_gone_and_may_come_back(
    town: Town, worker_at: Callable[..., Any]
) -> None:
    eve, user_id = worker_at(town.client, "eve"), await eve_id(town, worker_at)
    # In a person's own name, too: then the journal says which key, and not who.
    path, texts = "people/discord/id-eve", {"texts": "remove"}
    assert await town.client.call_extension("DELETE", path, params=dict(texts), user=eve.user) is None
    assert await town.client.call_extension("DELETE", path, params=dict(texts), user=eve.user) is None
    assert town.mentions("id-eve", "Eve") == []
    assert {row[:2] for row in town.mentions(str(user_id))} == {("journal", "subject_id")}
    found = town.read(rows_of(sa.select(journal).where(journal.c.subject_id == str(user_id))))
    (noted,) = [row for row in found if row.action == "purge"]
    assert (noted.person_id, noted.api_client_id is not None) == (None, True)
    town.assert_sound()
    assert town.read(rows_of(sa.select(bans))) == []
    await eve.take(TaskRequestType.random)
    assert (await town.client.fetch_user(eve.user)).user_id != user_id


@pytest.mark.parametrize("keep_texts", [True, False])
async def test_leaving_is_no_way_around_being_disabled(
    town: Town,
    worker_at: Callable[..., Any],
    keep_texts: bool,  # noqa: FBT001  # a case
) -> None:
    eve, user_id = worker_at(town.client, "eve"), await eve_id(town, worker_at)
    await town.client.update_user(user_id, enabled=False)
    await town.client.erase_user(eve.user, keep_texts=keep_texts)
    with pytest.raises(UserDisabledError):
        await eve.fetch(TaskRequestType.random)


async def test_who_was_never_there_leaves_without_a_trace(town: Town, worker_at: Callable[..., Any]) -> None:
    before = town.rows()
    for keep_texts in (True, False):
        await town.client.erase_user(worker_at(town.client, "zoe").user, keep_texts=keep_texts)
    assert town.rows() == before


@pytest.mark.parametrize("leaving", ["ann", "bob", "cat"])
async def test_whoever_is_purged_the_trees_stay_whole(
    town: Town, worker_at: Callable[..., Any], leaving: str
) -> None:
    user = worker_at(town.client, leaving).user
    await town.client.purge_user((await town.client.fetch_user(user)).user_id, preview=False)
    town.assert_sound()
    left = town.mentions(f"id-{leaving}", leaving.title())
    # Ann edited a text of Eve's, in which the tests name her.
    assert {row[0] for row in left} <= ({"messages"} if leaving == "ann" else set())
    for tree in town.exported():
        assert_whole(tree["prompt"])
    await asyncio.wait_for(
        town.work([worker_at(town.client, name) for name in NAMES if name != leaving], 50), 60
    )
    town.assert_sound()


def assert_whole(node: dict[str, Any], *, deleted: bool = False) -> None:
    """See that a message without a text, and all below it, is deleted."""
    if not node["text"]:
        deleted = True
    assert node["deleted"] or not deleted
    for reply in node["replies"]:
        assert_whole(reply, deleted=deleted)
