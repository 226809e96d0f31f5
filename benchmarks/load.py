"""The load of the backend's benchmark: people who fetch, ack and answer tasks, in a process of its own."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

import aiohttp

from benchmarks.seed import TEXT

PEOPLE = 16
WORDS = TEXT.split()
REJECTED = 0.05
"""The chance of each label to be set."""


@dataclass
class Round:
    """What a round of load came to.

    Attributes:
        requests: how many were answered with 2xx.
        seconds: how long the round took.
        kinds: finished tasks by type.
        refused: answers that were no success, by status and code.
    """

    requests: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class Load:
    """Sixteen people at one address; ids go on from round to round."""

    def __init__(self, url: str, key: str | None) -> None:
        self._url = url
        self._key = key
        self._ids = count(random.randrange(10**9) * 10**9)  # noqa: S311  # ids of frontends, unlike those of earlier loads
        self._chance = random.Random(5)  # noqa: S311  # the same texts every time

    async def run(self, seconds: float) -> Round:
        """Work for some seconds; calls under way at the end are finished and counted."""
        result = Round()
        start = time.perf_counter()
        headers = {"X-API-Key": self._key} if self._key else {}
        connector = aiohttp.TCPConnector(limit=PEOPLE)
        async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
            until = start + seconds
            work = self._insert if self._key is None else self._work
            await asyncio.gather(
                *(self._repeat(work, session, f"person{n}", until, result) for n in range(PEOPLE))
            )
        result.seconds = time.perf_counter() - start
        return result

    async def _repeat(
        self,
        work: Callable[[aiohttp.ClientSession, str, Round], Awaitable[None]],
        session: aiohttp.ClientSession,
        person: str,
        until: float,
        result: Round,
    ) -> None:
        while time.perf_counter() < until:
            await work(session, person, result)

    async def _insert(self, session: aiohttp.ClientSession, person: str, result: Round) -> None:
        await self._post(session, "/", {"text": self._text(person)}, result)

    async def _work(self, session: aiohttp.ClientSession, person: str, result: Round) -> None:
        user = {"id": person, "display_name": person, "auth_method": "discord"}
        task = await self._post(session, "/api/v1/tasks/", {"type": "random", "user": user}, result)
        if task is None:
            return
        shown = str(next(self._ids))
        await self._post(
            session,
            f"/api/v1/tasks/{task['id']}/ack",
            {"message_id": shown},
            result,
            person=f"discord:{person}",
        )
        answer = self._answer(task, user, shown)
        if await self._post(session, "/api/v1/tasks/interaction", answer, result) is not None:
            result.kinds[task["type"]] += 1

    def _answer(self, task: dict[str, Any], user: dict[str, str], shown: str) -> dict[str, Any]:
        kind = task["type"]
        if kind.startswith("label"):
            labels = {name: float(self._chance.random() < REJECTED) for name in task["valid_labels"]}
            return {
                "type": "text_labels",
                "user": user,
                "text": "",
                "labels": labels,
                "message_id": task["message_id"],
                "task_id": task["id"],
            }
        if kind.startswith("rank"):
            order = list(range(len(task.get("reply_messages") or task["prompt_messages"])))
            self._chance.shuffle(order)
            return {"type": "message_ranking", "user": user, "message_id": shown, "ranking": order}
        return {
            "type": "text_reply_to_message",
            "user": user,
            "message_id": shown,
            "user_message_id": f"u{shown}",
            "text": self._text(shown),
            "lang": "en",
        }

    def _text(self, name: str) -> str:
        return f"{name} {' '.join(self._chance.choices(WORDS, k=self._chance.randrange(20, 80)))}"

    async def _post(
        self,
        session: aiohttp.ClientSession,
        path: str,
        body: dict[str, Any],
        result: Round,
        person: str | None = None,
    ) -> dict[str, Any] | None:
        headers = {"x-oasst-user": person} if person else None
        async with session.post(self._url + path, json=body, headers=headers) as response:
            raw = await response.read()
            if response.status < HTTPStatus.MULTIPLE_CHOICES:
                result.requests += 1
                found: dict[str, Any] = json.loads(raw) if raw else {}
                return found
            code = json.loads(raw).get("error_code") if raw.startswith(b"{") else None
            result.refused[f"{response.status}/{code}"] += 1
            return None


def serve_load(orders: Connection, url: str, key: str | None) -> None:
    """Run rounds on order: takes seconds, gives a `Round`, ends with None."""
    load = Load(url, key)
    while (seconds := orders.recv()) is not None:
        orders.send(asyncio.run(load.run(seconds)))
