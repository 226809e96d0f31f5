"""What a call of the client costs over a bare request: CPU of this process, in one run, as a ratio.

Both fetch the same task from the same server, which is a process of its own, in turns; the median
of the rounds' ratios is printed. `python benchmarks/client.py [rounds]` ends with 1 if it is over 2.5.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from uuid import UUID

import aiohttp
from aiohttp import web

from oasst_client import AuthMethod, OasstApiClient, TaskRequestType, User

LIMIT = 2.5
CALLS = 200
"""Calls of each kind in a round."""

ROUNDS = 15
MESSAGES = 4
KEY = "benchmark"

TASK = {
    "id": str(UUID(int=1)),
    "type": "assistant_reply",
    "conversation": {
        "messages": [
            {
                "id": str(UUID(int=10 + index)),
                "user_id": str(UUID(int=20 + index)),
                "frontend_message_id": f"m-{index}",
                "text": "How do bees find their way home? " * 8,
                "lang": "en",
                "is_assistant": index % 2 == 1,
                "emojis": {"+1": 1},
                "user_emojis": [],
                "user_is_author": False,
                "synthetic": False,
            }
            for index in range(MESSAGES)
        ]
    },
}


def serve(told: Connection) -> None:
    """Answer every request with the task; tell the port."""

    async def run() -> None:
        body = json.dumps(TASK).encode()

        async def handle(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(body=body, content_type="application/json")

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        told.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


async def cost(call: Callable[[], Awaitable[object]]) -> float:
    """Give the CPU seconds of this process for one call, over many."""
    begun = time.process_time()
    for _ in range(CALLS):
        await call()
    return (time.process_time() - begun) / CALLS


async def measure(port: int, rounds: int) -> list[tuple[float, float]]:
    """Give the costs of a bare request and of a call of the client, round by round."""
    url = f"http://127.0.0.1:{port}"
    user = User(id="1", display_name="Ann", auth_method=AuthMethod.discord)
    asked = {
        "type": "assistant_reply",
        "user": {"id": "1", "display_name": "Ann", "auth_method": "discord"},
        "collective": False,
        "lang": "en",
    }
    async with (
        aiohttp.ClientSession(headers={"X-API-Key": KEY}) as session,
        OasstApiClient(url, KEY) as client,
    ):

        async def bare() -> object:
            async with session.post(f"{url}/api/v1/tasks/", json=asked) as response:
                return json.loads(await response.read())

        async def whole() -> object:
            return await client.fetch_task(TaskRequestType.assistant_reply, user, lang="en")

        for call in (bare, whole):
            await cost(call)
        return [(await cost(bare), await cost(whole)) for _ in range(rounds)]


def main() -> int:
    """Measure, print, and judge."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    context = get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(there,), daemon=True)
    server.start()
    try:
        pairs = asyncio.run(measure(here.recv(), rounds))
    finally:
        server.terminate()
        server.join()
    ratio = statistics.median(whole / bare for bare, whole in pairs)
    print(f"bare request      {statistics.median(bare for bare, _ in pairs) * 1e6:7.0f} us of CPU")
    print(f"client.fetch_task {statistics.median(whole for _, whole in pairs) * 1e6:7.0f} us of CPU")
    print(f"ratio             {ratio:7.2f}  (at most {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
