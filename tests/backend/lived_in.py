"""A backend whose people have worked for a while, with something of everything in its database."""

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from oasst_backend.exporting import ExportChoice, export_trees
from oasst_backend.server import BackendServer
from oasst_backend.service.context import Context
from oasst_backend.service.recount import check_scores
from oasst_backend.service.startup import rules_version
from oasst_backend.service.stories import plant_story
from oasst_backend.service.upkeep import check
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.tables import metadata
from oasst_client import (
    Emoji,
    LabelTask,
    MessageRanking,
    MessageRating,
    OasstApiClient,
    RateSummaryTask,
    TaskRequestType,
    TaskUnavailableError,
    TextLabels,
    TextTask,
    TooManyPendingError,
)

TOKEN = "a-root-token-of-the-tests"
RULES: dict[str, Any] = {
    "num_reviews_initial_prompt": 2,
    "num_reviews_reply": 2,
    "num_required_rankings": 2,
    "max_children_count": 3,
    "goal_tree_size": 4,
    "max_tree_depth": 2,
    "max_active_trees": 2,
    "prompts_per_ranking": 2,
    "num_summaries_story": 2,
    "num_ratings_summary": 2,
    "auto_mod_red_flags": 2,
    "max_pending_tasks_per_user": 1000,
}
NAMES = ("ann", "bob", "cat", "dan", "eve")
WISHES = (
    *[TaskRequestType.random] * 6,
    TaskRequestType.initial_prompt,
    TaskRequestType.rank_initial_prompts,
    TaskRequestType.summarize_story,
    TaskRequestType.rate_summary,
)


class Town:
    """A backend whose people have worked for a while, and one of them, eve, who is to leave."""

    def __init__(
        self,
        server: BackendServer,
        client: OasstApiClient,
        database: Path,
        settings: BackendSettings,
        clock: Any,  # noqa: ANN401  # a Clock
    ) -> None:
        self.server = server
        self.client = client
        self.database = database
        self.settings = settings
        self.clock = clock
        self.chance = random.Random(11)  # noqa: S311  # a history that repeats

    @property
    def context(self) -> Context:
        """What the service's own functions are given."""
        version = self.read(rules_version)
        return Context(self.settings, self.clock(), random.Random(1), version)  # noqa: S311  # nothing secret

    def read(self, query: Callable[[sa.Connection], Any]) -> Any:  # noqa: ANN401  # whatever the query gives
        assert self.server.storage is not None
        return self.server.storage.read_now(query)

    def plant_story(self, text: str) -> None:
        """Add a story that people can summarise."""
        assert self.server.storage is not None
        context = self.context
        self.server.storage.write_now(
            lambda connection: plant_story(connection, context, text=text, lang="en", origin=None)
        )

    async def work(self, workers: list[Any], rounds: int) -> None:
        """Let people do whatever there is, each in turn."""
        for number in range(rounds):
            self.clock.move(minutes=1)
            person = workers[number % len(workers)]
            try:
                wish = self.chance.choice(WISHES)
                task, shown = await person.take(
                    wish, request_key=f"{person.user.id}-at-{self.clock():%d-%H%M}"
                )
            except (TaskUnavailableError, TooManyPendingError):
                continue
            await self.answer(person, task, shown)

    async def answer(self, person: Any, task: Any, shown: str) -> None:  # noqa: ANN401  # a Worker and a Task
        """Answer a task, or skip it, or keep it in hand."""
        chance = self.chance.random()
        if chance < 0.1:
            await self.client.nack_task(task.id, f"{person.user.id} does not like it", person.user)
        elif chance < 0.15:
            return
        elif isinstance(task, TextTask):
            await person.write(task.type, f"{person.user.id} says {self.chance.random()}", shown=shown)
        elif isinstance(task, LabelTask):
            labels = {"spam": float(self.chance.random() < 0.15), "lang_mismatch": 0.0}
            text = task.conversation.messages[-1].text
            await self.client.post_interaction(
                TextLabels(
                    user=person.user, text=text, labels=labels, message_id=task.message_id, task_id=task.id
                )
            )
        elif isinstance(task, RateSummaryTask):
            await self.client.post_interaction(
                MessageRating(user=person.user, message_id=shown, rating=self.chance.randint(1, 5))
            )
        else:
            served = task.prompt_messages if task.type == "rank_initial_prompts" else task.reply_messages
            order = list(range(len(served)))
            self.chance.shuffle(order)
            await self.client.post_interaction(
                MessageRanking(user=person.user, message_id=shown, ranking=order)
            )

    def rows(self) -> list[tuple[str, str, str]]:
        """Read every value of every table: table, column, value as text."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found = []
            for table in metadata.sorted_tables:
                cursor = connection.execute(f"SELECT * FROM {table.name}")  # noqa: S608  # our own names
                columns = [column[0] for column in cursor.description]
                for row in cursor:
                    found += [(table.name, *pair) for pair in zip(columns, map(str, row), strict=True)]
            return found

    def mentions(self, *words: str) -> list[tuple[str, str, str]]:
        """Find the values that hold one of the words."""
        return [row for row in self.rows() if any(word in row[2] for word in words)]

    def assert_sound(self) -> None:
        """See that nothing points nowhere, and that all that is kept agrees with the rest."""
        with closing(sqlite3.connect(self.database)) as connection:
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        context = self.context
        assert self.read(lambda connection: check(connection, context)) == []
        assert self.read(check_scores) == []

    def exported(self) -> list[dict[str, Any]]:
        """Export everything."""
        assert self.server.storage is not None
        stream = StringIO()
        export_trees(self.server.storage, stream, ExportChoice(everything=True))
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    def finished(self) -> int:
        """Count the trees that reached the dataset."""
        return sum(tree["tree_state"] == "ready_for_export" for tree in self.exported())


def copy_database(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


async def play(town: Town, workers: list[Any]) -> None:
    """Make the history; eve, the last of the people, leaves something in every table."""
    client, ann, eve = town.client, workers[0].user, workers[-1].user
    for text in ("Once upon a time.", "There was a fox."):
        town.plant_story(text)
    for worker in workers:
        await worker.write(TaskRequestType.initial_prompt, f"{worker.user.id} asks why")
    await town.work(workers, 150)
    known = await client.fetch_user(eve)
    for message in (await client.find_messages(max_count=100))[:6]:
        assert message.id is not None
        await client.mark_message(message.id, eve, Emoji.thumbs_up)
        await client.post_text_labels(
            TextLabels(user=eve, text=message.text, labels={"humor": 1}, message_id=message.id)
        )
        if message.user_id != known.user_id:
            flagged = message.id
    await client.mark_message(flagged, eve, Emoji.red_flag)
    (own, *_) = await client.fetch_user_messages(eve)
    assert own.id is not None
    await client.mark_message(own.id, ann, Emoji.red_flag)
    await client.edit_message(own.id, ann, f"{own.text}, edited by {ann.id}")
    await client.put_user(eve, notes="eve is Eve", tos_acceptance=True)
