"""A real backend on a loopback socket with a real database file, and people who work with it."""

import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from loguru import logger

from oasst_backend.api.app import create_app
from oasst_backend.server import BackendServer
from oasst_backend.service import upkeep
from oasst_backend.service.context import Context
from oasst_backend.service.keys import create_key
from oasst_backend.service.startup import rules_version
from oasst_backend.settings import BackendSettings, MetricsAccess
from oasst_backend.storage.database import Storage
from oasst_client import (
    AuthMethod,
    LabelTask,
    MessageRanking,
    OasstApiClient,
    RankInitialPromptsTask,
    RankTask,
    Task,
    TaskRequestType,
    TextLabels,
    TextReplyToMessage,
    TextTask,
    User,
)
from tests.made_databases import backend_database

KEY = "a-key-of-the-tests"

SMALL: dict[str, Any] = {
    "num_reviews_initial_prompt": 1,
    "num_reviews_reply": 1,
    "num_required_rankings": 1,
    "max_children_count": 2,
    "goal_tree_size": 3,
    "max_tree_depth": 1,
}
"""A tree of a prompt and two replies, each reviewed once and ranked once."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


def person(name: str) -> User:
    """Name a person of the tests."""
    return User(id=f"id-{name}", display_name=name.title(), auth_method=AuthMethod.discord)


class Worker:
    """A person who fetches tasks through the client and answers them."""

    def __init__(self, client: OasstApiClient, name: str) -> None:
        self.client = client
        self.user = person(name)

    async def fetch(
        self,
        kind: TaskRequestType,
        lang: str | None = None,
        *,
        collective: bool = False,
        request_key: str | None = None,
    ) -> Task:
        """Ask for a task."""
        return await self.client.fetch_task(
            kind, self.user, lang=lang, collective=collective, request_key=request_key
        )

    async def take(
        self, kind: TaskRequestType, lang: str | None = None, *, request_key: str | None = None
    ) -> tuple[Task, str]:
        """Ask for a task and ack it; gives the task and the id it is shown under."""
        task = await self.fetch(kind, lang, request_key=request_key)
        shown = f"shown-{uuid4()}"
        await self.client.ack_task(task.id, shown)
        return task, shown

    async def write(
        self, kind: TaskRequestType, text: str, lang: str | None = None, *, shown: str | None = None
    ) -> str:
        """Write a prompt or a reply; gives the frontend's id of the message."""
        if shown is None:
            task, shown = await self.take(kind, lang)
            assert isinstance(task, TextTask)
        message = f"text-{uuid4()}"
        await self.client.post_interaction(
            TextReplyToMessage(
                user=self.user, message_id=shown, user_message_id=message, text=text, lang=lang
            )
        )
        return message

    async def label(
        self, kind: TaskRequestType, labels: dict[str, float] | None = None, lang: str | None = None
    ) -> LabelTask:
        """Review a message; without labels it is found good."""
        task, _ = await self.take(kind, lang)
        assert isinstance(task, LabelTask)
        await self.hand_in_labels(task, labels)
        return task

    async def hand_in_labels(self, task: LabelTask, labels: dict[str, float] | None = None) -> None:
        """Hand in labels for a task."""
        await self.client.post_interaction(
            TextLabels(
                user=self.user,
                text="",
                labels=labels or {"spam": 0},
                message_id=task.message_id,
                task_id=task.id,
            )
        )

    async def rank(
        self, kind: TaskRequestType, better: Callable[[str], Any] = str, *, not_rankable: bool | None = None
    ) -> RankTask:
        """Put replies in the order of a key of their texts; without one, by the alphabet."""
        task, shown = await self.take(kind)
        assert isinstance(task, RankTask)
        assert not isinstance(task, RankInitialPromptsTask)
        replies = task.reply_messages
        order = sorted(range(len(replies)), key=lambda index: better(replies[index].text))
        await self.client.post_interaction(
            MessageRanking(user=self.user, message_id=shown, ranking=order, not_rankable=not_rankable)
        )
        return task


Described = dict[tuple[str, str], set[int]]


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> Described:
    """Read off the description of the calls with which statuses each can answer."""
    url = f"sqlite:///{tmp_path_factory.mktemp('described')}/backend.db"
    values: dict[str, Any] = {"_env_file": None, "backend_metrics": MetricsAccess.trusted}
    with Storage(url) as storage:
        paths = create_app(BackendSettings(**values), storage=storage).openapi()["paths"]
    return {
        (method.upper(), path): {int(status) for status in operation["responses"]}
        for path, operations in paths.items()
        for method, operation in operations.items()
    }


@pytest.fixture(autouse=True)
def _answers_are_described(described: Described) -> Iterator[None]:
    """See that a call met in a test never answered with a status that its description does not name."""
    met: Described = defaultdict(set)

    def look(message: Any) -> None:  # noqa: ANN401  # loguru's class exists for type checkers alone
        if message.record["name"] == "oasst_backend.api.middleware":
            method, route, status, *_ = message.record["message"].split()
            met[method, route].add(int(status))

    handler = logger.add(look, level="DEBUG")
    yield
    with suppress(ValueError):  # a test of the log may have taken it away
        logger.remove(handler)
    # A body that is too long can come with any call.
    unnamed = {call: found - described.get(call, found) - {413} for call, found in met.items()}
    assert not {call: found for call, found in unnamed.items() if found}, "name these in `responses=`"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pass_time(clock: Clock) -> Callable[..., None]:
    return clock.move


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "backend.db"


@pytest.fixture
def settings_for(database: Path) -> Callable[..., BackendSettings]:
    """Build settings that no environment reaches: small trees, a file of this test, any port."""

    def build(*, rules: dict[str, Any] | None = None, **values: object) -> BackendSettings:
        given: dict[str, Any] = {
            "_env_file": None,
            "backend_database_url": f"sqlite:///{database}",
            "backend_port": 0,
            "backend_api_keys": [KEY],
            "tree_manager": {**SMALL, **(rules or {})},
            **values,
        }
        return BackendSettings(**given)

    return build


@pytest.fixture
def start_backend(
    settings_for: Callable[..., BackendSettings], clock: Clock, database: Path
) -> Iterator[Callable[..., BackendServer]]:
    """Start backends on the test's database; a second start ends the first, as a restart does."""
    running: list[BackendServer] = []

    def start(**values: object) -> BackendServer:
        while running:
            running.pop().close()
        backend_database(database)
        server = BackendServer(settings_for(**values), clock=clock, rng=random.Random(7))  # noqa: S311  # draws that repeat
        running.append(server.start())
        return server

    yield start
    while running:
        running.pop().close()


@pytest.fixture
def differences(settings_for: Callable[..., BackendSettings], clock: Clock) -> Callable[..., list[str]]:
    """Compare what a backend keeps with a count from scratch, under the rules that it serves by."""

    def look(server: BackendServer, **values: object) -> list[str]:
        settings = settings_for(**values)
        assert server.storage is not None
        return server.storage.read_now(
            lambda connection: upkeep.check(
                connection,
                Context(settings, clock(), random.Random(), rules_version(connection)),  # noqa: S311  # nothing is drawn
            )
        )

    return look


@pytest.fixture
def backend(start_backend: Callable[..., BackendServer]) -> BackendServer:
    return start_backend()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., OasstApiClient]]:
    """Connect clients to backends; they are closed after the test."""
    clients: list[OasstApiClient] = []

    def open_client(server: BackendServer, key: str = KEY, root_token: str | None = None) -> OasstApiClient:
        clients.append(OasstApiClient(server.url, key, root_token=root_token))
        return clients[-1]

    yield open_client
    for client in clients:
        await client.close()


@pytest.fixture
def client(backend: BackendServer, connect: Callable[..., OasstApiClient]) -> OasstApiClient:
    return connect(backend)


@pytest.fixture
def worker(client: OasstApiClient) -> Callable[[str], Worker]:
    return lambda name: Worker(client, name)


@pytest.fixture
def worker_at() -> Callable[[OasstApiClient, str], Worker]:
    return Worker


@pytest.fixture
def call(backend: BackendServer) -> Callable[..., Any]:
    """Make a bare HTTP call; gives the status and the body."""

    async def make(
        method: str,
        path: str,
        *,
        body: object = None,
        key: str | None = KEY,
        person: str | None = None,
        url: str | None = None,
    ) -> tuple[int, Any]:
        headers = {name: value for name, value in (("X-API-Key", key), ("x-oasst-user", person)) if value}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(
                method, (url or backend.url) + path, json=body, allow_redirects=False
            ) as response,
        ):
            is_json = response.content_type == "application/json" and response.status != 204
            return response.status, await response.json() if is_json else await response.text()

    return make


@pytest.fixture
def plain_key(backend: BackendServer, clock: Clock) -> str:
    """Make a key that is not trusted."""
    assert backend.storage is not None
    return backend.storage.write_now(
        lambda connection: create_key(connection, clock.now, "plain", trusted=False)
    )


@pytest.fixture
async def finished_tree(worker: Callable[[str], Worker]) -> str:
    """Bring one tree from its prompt to the dataset; gives the frontend's id of the prompt."""
    return await grow_a_tree(worker)


async def grow_a_tree(worker: Callable[[str], Worker]) -> str:
    """Have four people write, review and rank one small tree."""
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why is the sky blue?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    await worker("bob").write(TaskRequestType.assistant_reply, "Because of the sea.")
    await worker("cat").write(TaskRequestType.assistant_reply, "Air scatters blue light most.")
    for _ in range(2):
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    await worker("dan").rank(TaskRequestType.rank_assistant_replies)
    return prompt
