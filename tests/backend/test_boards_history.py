"""After a random life of a small community the boards are what a count of everything gives."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.service.context import Context
from oasst_backend.service.recount import check_scores, rebuild_scores, recount_people
from oasst_backend.service.scores import move_frames
from oasst_backend.settings import BackendSettings
from oasst_backend.storage import tables
from oasst_client import (
    LabelTask,
    MessageRanking,
    OasstApiClient,
    OasstError,
    RankInitialPromptsTask,
    RankTask,
    Task,
    TaskRequestType,
    TextLabels,
    TextTask,
)

Workers = Callable[[str], Any]
Call = Callable[..., Any]

NAMES = ("ann", "bob", "cat", "dan", "eve", "fay")


KINDS = {
    TaskRequestType.random: 8,
    TaskRequestType.assistant_reply: 3,
    TaskRequestType.rank_assistant_replies: 3,
    TaskRequestType.initial_prompt: 1,
}
"""What people ask for, and how often."""


class Life:
    """People who take whatever task there is, and a moderator who deletes, restores, halts and resumes."""

    def __init__(self, worker: Workers, call: Call, seed: int) -> None:
        self.worker = worker
        self.call = call
        self.rng = random.Random(seed)  # noqa: S311  # a life that repeats
        self.written: list[str] = []

    async def step(self) -> None:
        """Let somebody do something; what is refused is refused."""
        if self.written and self.rng.random() < 0.15:
            await self.moderate()
            return
        person = self.worker(self.rng.choice(NAMES))
        kind = self.rng.choices(list(KINDS), list(KINDS.values()))[0]
        try:
            await self.answer(person, await person.fetch(kind))
        except OasstError as error:
            # A refusal, or no such work; whatever else there is, is a fault.
            if error.code not in {1006, 1009, 1011, 1012, 2010, 2053}:
                raise

    async def answer(self, person: Any, task: Task) -> None:  # noqa: ANN401  # a person of the tests
        """Answer a task in some way."""
        shown = f"shown-{task.id}"
        await person.client.ack_task(task.id, shown)
        number = self.rng.randrange(10**9)
        if isinstance(task, TextTask):
            message = await person.write(TaskRequestType.random, f"Text {number}", shown=shown)
            _, found = await self.call("GET", f"/api/v1/frontend_messages/{message}")
            self.written.append(found["id"])
        elif isinstance(task, LabelTask):
            await person.hand_in_labels(task, {"spam": float(self.rng.random() < 0.2)})
        elif isinstance(task, RankTask):
            count = len(
                task.prompt_messages if isinstance(task, RankInitialPromptsTask) else task.reply_messages
            )
            order = self.rng.sample(range(count), count)
            bad = self.rng.random() < 0.1
            await person.client.post_interaction(
                MessageRanking(user=person.user, message_id=shown, ranking=order, not_rankable=bad)
            )

    async def moderate(self) -> None:
        """Delete, restore, halt, resume or report something."""
        message_id = self.rng.choice(self.written)
        path = f"/api/v1/messages/{message_id}"
        deed = self.rng.choice(("delete", "undelete", "undelete", "halt", "resume", "resume", "report"))
        if deed == "delete":
            status, _ = await self.call("DELETE", path)
        elif deed == "undelete":
            status, _ = await self.call("PUT", f"{path}/undelete")
        elif deed == "report":
            report = TextLabels(
                user=self.worker(self.rng.choice(NAMES)).user,
                text="",
                labels={"spam": 1},
                message_id=message_id,
                is_report=True,
            )
            status, _ = await self.call("POST", "/api/v1/text_labels/", body=report.model_dump(mode="json"))
        else:
            halt = str(deed == "halt").lower()
            status, _ = await self.call("PUT", f"{path}/tree/state?halt={halt}")
        assert status in {200, 202, 204}


def kept(connection: sa.Connection) -> list[tuple[Any, ...]]:
    """Read what is kept, without when it was changed."""
    columns = [column for column in tables.scores.c if column.name != "modified_date"]
    order = tables.scores.c.time_frame, tables.scores.c.person_id
    return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*order))]


@pytest.fixture
def context(
    settings_for: Callable[..., BackendSettings], clock: Callable[[], datetime]
) -> Callable[[], Context]:
    settings, rng = settings_for(), random.Random(1)  # noqa: S311  # draws that repeat
    return lambda: Context(settings, clock(), rng)


@pytest.fixture
def begin(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Call,
) -> Callable[[int], tuple[BackendServer, Life]]:
    """Start a backend with a life in it."""

    def start(seed: int) -> tuple[BackendServer, Life]:
        backend = start_backend(rules={"num_required_rankings": 2, "max_tree_depth": 2})
        client = connect(backend)

        async def call_it(*given: Any, **more: Any) -> Any:  # noqa: ANN401  # passed on
            return await call(*given, url=backend.url, **more)

        return backend, Life(lambda name: worker_at(client, name), call_it, seed)

    return start


@pytest.mark.parametrize("seed", [1, 2])
async def test_boards_are_what_a_count_of_everything_gives(
    begin: Callable[[int], tuple[BackendServer, Life]],
    context: Callable[[], Context],
    pass_time: Callable[..., None],
    seed: int,
) -> None:
    backend, life = begin(seed)
    assert backend.storage is not None
    for _ in range(6):
        for _ in range(25):
            await life.step()
        pass_time(hours=life.rng.choice((0, 1, 20, 100, 400)))
        assert backend.storage.read_now(check_scores) == []
    while backend.storage.write_now(lambda connection: move_frames(connection, context())):
        pass
    before = backend.storage.read_now(kept)
    assert before
    everybody = backend.storage.read_now(
        lambda connection: list(connection.scalars(sa.select(tables.people.c.id)))
    )
    backend.storage.write_now(lambda connection: recount_people(connection, context(), everybody[::2]))
    assert backend.storage.read_now(kept) == before
    backend.storage.write_now(lambda connection: rebuild_scores(connection, context()))
    assert backend.storage.read_now(kept) == before
    assert backend.storage.read_now(check_scores) == []


async def test_a_check_tells_what_is_wrong(
    backend: BackendServer, finished_tree: str, clock: Callable[[], datetime]
) -> None:
    assert finished_tree
    storage = backend.storage
    assert storage is not None
    cat = storage.read_now(
        lambda connection: connection.scalars(
            sa.select(tables.people.c.id).where(tables.people.c.username == "id-cat")
        ).one()
    )

    def spoil(connection: sa.Connection) -> None:
        of_cat = tables.scores.c.person_id == cat
        connection.execute(
            tables.scores.update().where(of_cat, tables.scores.c.time_frame == "week").values(prompts=2)
        )
        connection.execute(tables.scores.delete().where(of_cat, tables.scores.c.time_frame == "total"))
        connection.execute(
            tables.score_events.delete().where(
                tables.score_events.c.person_id == cat, tables.score_events.c.counter == "reply_ranked_1"
            )
        )
        connection.execute(
            tables.scores.insert(),
            {"time_frame": "year", "person_id": cat, "modified_date": clock()},
        )

    storage.write_now(spoil)
    assert storage.read_now(check_scores) == [
        f"week of {cat}: prompts is 2 instead of 0",
        f"total of {cat}: accepted_replies_assistant is 0 instead of 1",
        f"total of {cat}: replies_assistant is 0 instead of 1",
        f"total of {cat}: reply_ranked_1 is 0 instead of 1",
        f"events of {cat}: reply_ranked_1 at 2026-03-14 12:00:00.000000 is 0 instead of 1",
        f"year of {cat}: a row that counts nothing is kept",
    ]
