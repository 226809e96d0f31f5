"""The floor that the backend is measured against: FastAPI on uvicorn[standard], one insert a request.

One thread writes to SQLite at `synchronous=FULL` and commits what waits together, as the backend's does.
There is no protocol, no rule and no look-up. Started by `benchmarks/backend.py` with a database file; it
prints its address and serves until it is killed.
"""

import asyncio
import queue
import socket
import sqlite3
import sys
import threading
from typing import Any

import uvicorn
from fastapi import FastAPI

MAX_GROUP = 64
"""As many as the backend commits together at most."""

Job = tuple[str, asyncio.AbstractEventLoop, asyncio.Future[None]]


def write_forever(path: str, jobs: "queue.SimpleQueue[Job]") -> None:
    """Insert a row for each job and commit those that wait together."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE answers (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    while True:
        group = [jobs.get()]
        while len(group) < MAX_GROUP and not jobs.empty():
            group.append(jobs.get())
        connection.execute("BEGIN IMMEDIATE")
        for text, _, _ in group:
            connection.execute("INSERT INTO answers (text) VALUES (?)", (text,))
        connection.execute("COMMIT")
        for _, loop, done in group:
            loop.call_soon_threadsafe(done.set_result, None)


def make_app(path: str) -> FastAPI:
    """Build the application around a writer of its own."""
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    threading.Thread(target=write_forever, args=(path, jobs), daemon=True).start()
    app = FastAPI()

    @app.post("/")
    async def put(body: dict[str, Any]) -> dict[str, str]:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        jobs.put((body["text"], loop, done))
        await done
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(make_app(sys.argv[1]), log_config=None, access_log=False)).run([listening])
