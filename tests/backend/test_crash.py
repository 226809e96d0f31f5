"""A backend that is killed while it writes has every answer that it took, exactly once."""

import asyncio
import os
import random
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from oasst_backend.storage.database import Storage
from oasst_backend.storage.tables import messages, tasks
from oasst_client import OasstApiClient, OasstError, TaskRequestType, TextReplyToMessage

KEY = "a-key-of-the-tests"
WRITERS = 6
KILLS = 3
ANSWERS_BEFORE_A_KILL = 25
MARKER = "a text that somebody wrote"


class Load:
    """People who write prompts one after the other, and what they were told."""

    def __init__(self, url: str) -> None:
        self.client = OasstApiClient(url, KEY)
        self.taken: list[str] = []
        self.unsure: list[str] = []
        self.is_enough = asyncio.Event()

    async def write(self, worker: Any, number: int) -> None:  # noqa: ANN401  # a Worker
        """Hand in texts until the backend is gone."""
        for turn in range(10_000):
            text = f"{MARKER}: {number}, {turn}, {random.random()}"  # noqa: S311  # any text that is new
            try:
                _, shown = await worker.take(TaskRequestType.initial_prompt)
                answer = TextReplyToMessage(
                    user=worker.user, message_id=shown, user_message_id=text, text=text, lang=None
                )
                self.unsure.append(text)
                await self.client.post_interaction(answer)
            except OasstError:
                return
            self.taken.append(text)
            if len(self.taken) >= ANSWERS_BEFORE_A_KILL:
                self.is_enough.set()


@asynccontextmanager
async def serving(database: Path, port: int) -> AsyncIterator[subprocess.Popen[str]]:
    """Run the backend as a process of its own; gives it once it serves, and kills it in the end."""
    environment = {name: value for name, value in os.environ.items() if "TREE_MANAGER" not in name} | {
        "BACKEND_DATABASE_URL": f"sqlite:///{database}",
        "BACKEND_PORT": str(port),
        "BACKEND_API_KEYS": KEY,
        "TREE_MANAGER__MAX_INITIAL_PROMPT_REVIEW": "100000",
        "TREE_MANAGER__MAX_PROMPT_LOTTERY_WAITING": "100000",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with subprocess.Popen(  # noqa: ASYNC220  # the loop has nothing else to do until it serves
        [sys.executable, "-m", "oasst_backend", "serve"],
        env=environment,
        cwd=database.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("The backend listens on")
        try:
            yield process
        finally:
            process.kill()


async def test_every_answered_text_is_there_exactly_once(
    database: Path, worker_at: Callable[[OasstApiClient, str], Any]
) -> None:
    database.parent.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    taken: list[str] = []
    unsure: list[str] = []
    for _ in range(KILLS):
        load = Load(f"http://127.0.0.1:{port}")
        async with serving(database, port) as process:
            people = [worker_at(load.client, f"p{number}") for number in range(WRITERS)]
            work = asyncio.gather(*(load.write(person, number) for number, person in enumerate(people)))
            await asyncio.wait_for(load.is_enough.wait(), 30)
            process.kill()
            await work
            await load.client.close()
            assert process.stderr is not None
            assert MARKER not in process.stderr.read()
        taken += load.taken
        unsure += load.unsure

    with Storage(f"sqlite:///{database}") as storage:
        rows = storage.read_now(lambda connection: connection.execute(sa.select(messages.c.text)).all())
        done = storage.read_now(
            lambda connection: connection.execute(
                sa.select(sa.func.count()).select_from(tasks).where(tasks.c.done)
            ).scalar_one()
        )
        intact = storage.read_now(
            lambda connection: connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        )
    counts = Counter(text for (text,) in rows)
    assert len(taken) >= KILLS * ANSWERS_BEFORE_A_KILL
    assert {text: counts[text] for text in taken} == dict.fromkeys(taken, 1)
    # The answers that were under way may have arrived, but only whole: a text and its task together.
    assert set(counts) <= set(unsure)
    assert max(counts.values()) == 1
    assert done == len(rows)
    assert intact == "ok"
