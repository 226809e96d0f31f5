"""To hand out a task costs no more when very much work is free, waits for the lottery, or was let go."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from oasst_backend.rules.selection import WorkKind
from oasst_backend.service import lottery, selection, startup, work
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.places import Answering
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage
from oasst_backend.storage.tables import (
    api_clients,
    messages,
    open_work,
    people,
    reactions,
    tasks,
    tree_counts,
    trees,
)
from oasst_client import TaskRequestType
from tests.made_databases import backend_database

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ANN = "00000000-0000-4000-8000-00000000000a"
BOB = "00000000-0000-4000-8000-00000000000b"

LOOK = 100
"""Steps of SQLite's machine by which work is measured."""


@pytest.fixture
def storage(database: Path) -> Iterator[Storage]:
    with Storage(backend_database(database)) as opened:
        yield opened


@pytest.fixture
def context(settings_for: Callable[..., BackendSettings], storage: Storage) -> Context:
    settings = settings_for(rules={"max_active_trees": 1_000_000, "prompts_per_ranking": 0})
    made = Context(settings, NOON, random.Random(1), 1)  # noqa: S311  # draws that repeat
    storage.write_now(lambda connection: startup.prepare(connection, made))
    storage.write_now(_add_people)
    return made


def _add_people(connection: sa.Connection) -> None:
    connection.execute(
        people.insert(),
        [
            {
                "id": person_id,
                "auth_method": "discord",
                "username": person_id,
                "display_name": person_id,
                "enabled": True,
                "deleted": False,
                "show_on_leaderboard": True,
                "notes": "",
                "created_date": NOON,
                "streak_days": 0,
            }
            for person_id in (ANN, BOB)
        ],
    )


def add_trees(connection: sa.Connection, numbers: range, state: str) -> list[str]:
    """Add trees of a prompt each; gives their ids, which are spread like random ones."""
    rng = random.Random(numbers.start)  # noqa: S311  # ids that repeat
    ids = [str(UUID(int=rng.getrandbits(128))) for _ in numbers]
    connection.execute(
        trees.insert(),
        [
            {
                "id": tree_id,
                "state": state,
                "lang": "en",
                "goal_tree_size": 3,
                "max_depth": 1,
                "max_children_count": 2,
                "created_date": NOON,
                "reply_places": 0,
                "replies_under_way": 0,
                "rules_version": 1,
            }
            for tree_id in ids
        ],
    )
    connection.execute(
        messages.insert(),
        [
            {
                "id": tree_id,
                "tree_id": tree_id,
                "source": "import",
                "role": "prompter",
                "depth": 0,
                "lang": "en",
                "text": "Why?",
                "text_hash": tree_id,
                "created_date": NOON,
                "deleted": False,
                "edited": False,
                "synthetic": False,
                "surplus": False,
                "review_count": 0,
                "review_result": None if state == "initial_prompt_review" else True,
                "ranking_count": 0,
            }
            for tree_id in ids
        ],
    )
    connection.execute(tree_counts.delete())
    connection.exec_driver_sql(
        "INSERT INTO tree_counts SELECT lang, state, count(*) FROM trees GROUP BY lang, state"
    )
    return ids


def add_reviews(connection: sa.Connection, numbers: range, **more: object) -> list[str]:
    """Add prompts to review, all of which ann has skipped."""
    ids = add_trees(connection, numbers, "initial_prompt_review")
    rng = random.Random(1)  # noqa: S311  # places that repeat
    connection.execute(
        open_work.insert(),
        [
            {
                "kind": "review",
                "subject_id": tree_id,
                "type": "label_initial_prompt",
                "draw_kind": "label_prompt",
                "lang": "en",
                "tree_id": tree_id,
                "wanted": 1,
                "reserved": 0,
                "free": True,
                "lonely": False,
                "shuffle": rng.random(),
                **more,
            }
            for tree_id in ids
        ],
    )
    skips = [
        {"message_id": tree_id, "person_id": ANN, "emoji": selection.SKIP_LABELING, "created_date": NOON}
        for tree_id in ids
    ]
    connection.execute(reactions.insert(), skips)
    return ids


def steps_of(connection: sa.Connection, work_on: Callable[[], object]) -> int:
    """Count the looks that SQLite's machine takes for what a function does."""
    looks = 0

    def look() -> int:
        nonlocal looks
        looks += 1
        return 0

    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(look, LOOK)
    work_on()
    driver.set_progress_handler(None, 0)
    return looks


@pytest.mark.parametrize(
    ("wanted", "lonely", "more"),
    [
        (TaskRequestType.label_initial_prompt, False, {}),
        (WorkKind.label_prompt, False, {}),
        (TaskRequestType.prompter_reply, True, {"kind": "reply", "lonely": True, "type": "assistant_reply"}),
    ],
)
def test_work_that_is_not_for_a_person_is_not_all_looked_at(
    storage: Storage,
    context: Context,
    wanted: TaskRequestType | WorkKind,
    *,
    lonely: bool,
    more: dict[str, Any],
) -> None:
    def look(person_id: str) -> Callable[[sa.Connection], int]:
        def find(connection: sa.Connection) -> list[Any]:
            return selection.find_work(
                connection, context, person_id=person_id, lang="en", wanted=wanted, lonely=lonely
            )

        return lambda connection: max(
            steps_of(connection, lambda: found.append(find(connection))) for _ in range(5)
        )

    found: list[Any] = []
    storage.write_now(lambda connection: add_reviews(connection, range(3000), **more))
    before = storage.read_now(look(ANN))
    storage.write_now(lambda connection: add_reviews(connection, range(3000, 9000), **more))
    after = storage.read_now(look(ANN))
    assert found == [[]] * 10
    assert after <= before * 1.1 + 10
    if not lonely:
        # For somebody else it ends when there is enough.
        assert storage.read_now(look(BOB)) < after / 10
        assert {len(rows) for rows in found[10:]} == {selection.WINDOW}


def test_what_is_found_is_any_of_what_there_is(storage: Storage, context: Context) -> None:
    ids = storage.write_now(lambda connection: add_reviews(connection, range(60)))
    storage.write_now(
        lambda connection: connection.execute(reactions.delete().where(reactions.c.message_id.in_(ids[:3])))
    )

    def find(connection: sa.Connection) -> list[str]:
        rows = selection.find_work(
            connection, context, person_id=ANN, lang="en", wanted=WorkKind.label_prompt
        )
        return sorted(row.subject_id for row in rows)

    assert (
        storage.read_now(lambda connection: [find(connection) for _ in range(20)]) == [sorted(ids[:3])] * 20
    )


def test_the_lottery_does_not_read_all_that_waits(storage: Storage, context: Context) -> None:
    def draw(connection: sa.Connection) -> int:
        return steps_of(
            connection, lambda: lottery.draw_waiting_prompts(connection, context, "en", at_most=1)
        )

    storage.write_now(lambda connection: add_trees(connection, range(1000), "prompt_lottery_waiting"))
    before = storage.write_now(lambda connection: max(draw(connection) for _ in range(5)))
    storage.write_now(lambda connection: add_trees(connection, range(1000, 6000), "prompt_lottery_waiting"))
    after = storage.write_now(lambda connection: max(draw(connection) for _ in range(5)))
    assert after <= before * 1.1 + 10
    won = storage.read_now(
        lambda connection: connection.execute(sa.select(trees.c.id).where(trees.c.state == "growing")).all()
    )
    assert len(won) == 10


def test_every_waiting_prompt_of_many_may_be_drawn(
    storage: Storage, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lottery, "CANDIDATES", 5)
    storage.write_now(lambda connection: add_trees(connection, range(40), "prompt_lottery_waiting"))
    states = storage.write_now(
        lambda connection: [
            lottery.draw_waiting_prompts(connection, context, "en", at_most=1) for _ in range(40)
        ]
    )
    assert [counts.get("growing") for counts in states] == list(range(1, 41))


def hand_out(connection: sa.Connection, number: int) -> list[str]:
    """Hand prompts to review to bob, long ago; the place at the first of them ran out last."""
    ids = add_reviews(connection, range(number), reserved=1, free=False)
    client_id = connection.execute(sa.select(api_clients.c.id)).scalars().first()
    connection.execute(
        tasks.insert(),
        [
            {
                "id": subject_id,
                "type": "label_initial_prompt",
                "kind": "review",
                "lang": "en",
                "api_client_id": client_id,
                "person_id": BOB,
                "subject_id": subject_id,
                "tree_id": subject_id,
                "payload": {},
                "collective": False,
                "created_date": NOON - timedelta(days=1),
                "expiry_date": NOON + timedelta(days=1),
                "reserved_until": NOON - timedelta(minutes=place + 1),
                "is_open": True,
                "done": False,
            }
            for place, subject_id in enumerate(ids)
        ],
    )
    return ids


def test_places_that_ran_out_long_ago_are_given_back_a_few_at_a_time(
    storage: Storage, context: Context
) -> None:
    number = 2 * work.EXPIRED_AT_ONCE + 10

    def counts(connection: sa.Connection) -> tuple[int, int]:
        work.release_expired(connection, context)
        held = sa.select(sa.func.count()).where(tasks.c.reserved_until.is_not(None))
        free = sa.select(sa.func.count()).where(open_work.c.free, open_work.c.reserved == 0)
        return connection.execute(held).scalar_one(), connection.execute(free).scalar_one()

    storage.write_now(lambda connection: hand_out(connection, number))
    seen = [storage.write_now(counts) for _ in range(3)]
    assert seen == [(110, 100), (10, 200), (0, 210)]


def test_a_late_answer_counts_while_many_others_have_yet_to_be_given_back(
    storage: Storage, context: Context
) -> None:
    def answer(connection: sa.Connection) -> tuple[bool, bool]:
        newest, *_ = hand_out(connection, work.EXPIRED_AT_ONCE + 10)
        task = connection.execute(sa.select(tasks).where(tasks.c.id == newest)).one()
        bob: Any = connection.execute(sa.select(people).where(people.c.id == BOB)).one()
        answering = Answering(connection, context, ApiClient(task.api_client_id, "", trusted=True), task, bob)
        return answering.has_room, answering.holds_place

    assert storage.write_now(answer) == (True, False)
