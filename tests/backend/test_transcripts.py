"""Our answers have the shapes, statuses and codes of those recorded from the original backend."""

import re
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from tests.backend import replays
from tests.backend.bare_calls import Answer, Api
from tests.backend.conftest import KEY, Clock
from tests.backend.replays import Keys, Replay
from tests.backend.shapes import Shapes, names_that_may_be_null
from tests.backend.stage import RULES, Stage
from tests.recorded import EXCHANGES, needs_recordings

EXCEPTIONS: dict[str, tuple[tuple[int, int], str]] = {
    "B assistant_reply (lottery promotes)": (
        (200, 0),
        "the original overlooks the tree that it drew just now",
    ),
    "rate limit: array body": ((422, 0), "the original breaks on a body that is no object"),
    "close": ((200, 0), "the original breaks on every close"),
    "nack with 600 char reason": ((422, 0), "the original breaks on a long reason"),
    "interaction when two tasks share the same frontend_message_id": (
        (200, 0),
        "in the protocol an id is of one task; ours refuses the second ack, and the first task stays whole",
    ),
    "type missing (defaults by union order)": ((422, 0), "in the protocol every interaction has a type"),
    "text_labels unknown message": ((404, 2001), "the original does not say what is wrong"),
    "TOS: nack": ((400, 2100), "ours takes a task back from anybody; of terms it asks who gives something"),
    "user id 129 chars": ((422, 0), "the original fails in its database; it is malformed"),
    "lang 40 chars": ((422, 0), "the original fails in its database; it is malformed"),
}
"""Exchanges that ours must not repeat, by their notes: what ours answers, as status and code, and why."""

NEVER_THERE = {"streak_last_day_date"}
"""Null in ours where the original has a date: it holds the start there, ours the last day of a streak."""

EXTRA: frozenset[str] = frozenset()
"""Names of the protocol that the recorded answers lack."""


class Case(NamedTuple):
    """Recorded exchanges that differ in their values alone."""

    note: str
    exchanges: list[dict[str, Any]]

    @property
    def first(self) -> dict[str, Any]:
        """The exchange that is replayed."""
        return self.exchanges[0]


def template(path: str) -> str:
    """Reduce a path to its call: no ids, no query."""
    bare = urlsplit(path).path
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=discord/)[^/]+", "{id}", bare)


def cases() -> Iterator[Any]:
    """Put exchanges together that differ in their values alone."""
    found: dict[tuple[object, ...], Case] = {}
    for exchange in EXCHANGES:
        body, response = exchange["request"], exchange["response"]
        key: tuple[object, ...] = (
            exchange["method"],
            template(exchange["path"]),
            exchange["api_key"],
            exchange["note"],
            exchange["status"],
            body.get("type") if isinstance(body, dict) else None,
            response.get("type") if isinstance(response, dict) else None,
        )
        found.setdefault(key, Case(exchange["note"], [])).exchanges.append(exchange)
    for key, case in found.items():
        yield pytest.param(case, id=" ".join(str(part) for part in (*key[:2], *key[3:]) if part is not None))


class Served(NamedTuple):
    """A running backend and the frontends that call it."""

    server: BackendServer
    keys: Keys
    clock: Clock


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Start backends that all tests of this file share, one for each choice of settings."""
    running: dict[str, Served] = {}

    def start(**values: object) -> Served:
        name = repr(sorted(values))
        if name not in running:
            folder: Path = tmp_path_factory.mktemp("transcripts")
            clock = Clock()
            given: dict[str, Any] = {"_env_file": None, "tree_manager": RULES, **values}
            settings = BackendSettings(
                **given,
                backend_database_url=f"sqlite:///{folder}/backend.db",
                backend_port=0,
                backend_api_keys=[KEY],
            )
            server = BackendServer(settings, clock=clock).start()
            running[name] = Served(server, replays.make_keys(server, KEY, clock()), clock)
        return running[name]

    yield start
    for served in running.values():
        served.server.close()


@pytest.fixture
def stages(
    serve: Callable[..., Served],
) -> Iterator[Callable[..., tuple[Served, Stage]]]:
    """Open stages, each in a language of its own."""
    opened: list[Api] = []

    def open_stage(**values: object) -> tuple[Served, Stage]:
        served = serve(**values)
        api = Api(served.server.url, KEY)
        opened.append(api)
        lang = f"x-{uuid4().hex[:12]}"
        return served, Stage(api, lang, lambda minutes: served.clock.move(minutes=minutes))

    yield open_stage
    for api in opened:
        api.close()


SHAPES = Shapes(names_that_may_be_null([exchange["response"] for exchange in EXCHANGES]) | NEVER_THERE, EXTRA)


@needs_recordings
@pytest.mark.parametrize("case", list(cases()))
def test_a_recorded_exchange_is_answered_alike(
    case: Case, stages: Callable[..., tuple[Served, Stage]]
) -> None:
    served, stage = stages(**replays.settings_for(case.note))
    replay = replays.plan(case.first, stage)
    answer = send(served, replay)
    if case.note in EXCEPTIONS:
        assert answer.outcome == EXCEPTIONS[case.note][0], answer
        return
    recorded = case.first["response"]
    assert answer.status == case.first["status"], answer
    if answer.status == 422:
        assert_names_the_faults(answer.body)
        return
    if answer.status >= 400:
        # The original has two bodies for errors; what it says as a bare text, ours says with a code.
        code = recorded.get("error_code", 0)
        assert answer.body.keys() >= {"error_code", "message"}, answer
        assert (answer.code, bool(answer.body["message"])) == (code, True), answer
        return
    place = urlsplit(case.first["path"]).path.rpartition("/")[2] or "answer"
    found = [list(SHAPES.differences(answer.body, each["response"], place)) for each in case.exchanges]
    assert min(found, key=len) == []


def assert_names_the_faults(body: dict[str, Any]) -> None:
    for fault in body["detail"]:
        assert isinstance(fault["loc"], list)
        assert fault["msg"]
        assert fault["type"]


def send(served: Served, replay: Replay) -> Answer:
    """Send what a replay says, bit by bit where it says so."""
    if replay.raw is None:
        api = Api(served.server.url, served.keys.of(replay.key))
        try:
            return api.call(replay.method, replay.path, replay.body, person=replay.person)
        finally:
            api.close()
    parts = urlsplit(served.server.url)
    assert parts.hostname is not None
    connection = HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        headers = {"X-API-Key": served.keys.of(replay.key), "Content-Type": "application/json"}
        connection.request(replay.method, replay.path, replay.raw, headers)
        response = connection.getresponse()
        return Answer(response.status, replays.read(response.read()))
    finally:
        connection.close()


@needs_recordings
def test_every_exception_is_a_recorded_exchange() -> None:
    assert EXCEPTIONS.keys() <= {exchange["note"] for exchange in EXCHANGES}
