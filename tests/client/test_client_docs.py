"""The page about the client is complete, and its example runs as it stands."""

import asyncio
import inspect
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import oasst_client
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_client import OasstApiClient, OasstError
from tests.made_databases import backend_database

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text(encoding="utf-8")
KEY = "a-key-of-the-tests"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    settings = BackendSettings(
        _env_file=None,
        backend_database_url=backend_database(tmp_path / "backend.db"),
        backend_port=0,
        backend_api_keys=[KEY],
    )
    server = BackendServer(settings)
    server.start()
    try:
        yield server.url
    finally:
        server.close()


async def test_the_example_runs(url: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(example, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        env={**os.environ, "OASST_API_URL": url, "OASST_API_KEY": KEY, "PYTHONPATH": str(Path.cwd())},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert (printed.decode(), process.returncode) == ("Taken: Why do bees dance?\n", 0)


def test_every_call_error_and_argument_is_on_the_page() -> None:
    calls = {
        name
        for name, member in inspect.getmembers(OasstApiClient, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    errors = {
        name
        for name in oasst_client.__all__
        if inspect.isclass(value := getattr(oasst_client, name)) and issubclass(value, OasstError)
    }
    arguments = set(inspect.signature(OasstApiClient).parameters)
    missing = {name for name in calls | errors | arguments if not re.search(rf"`[^`]*\b{name}\b", PAGE)}
    assert missing == set()
