"""Databases at the newest schema: migrated once in a process, then copied for each test that wants one."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store.database import migrate
from oasst_backend.storage.database import Storage


def bot_database(file: Path) -> str:
    """Have a bot's database at a path, an empty one where there is none, and give its address."""
    _have(file, _of_a_bot())
    return f"sqlite+aiosqlite:///{file}"


def backend_database(file: Path) -> str:
    """Have a backend's database at a path, an empty one where there is none, and give its address."""
    _have(file, _of_a_backend())
    return f"sqlite:///{file}"


def _have(file: Path, content: bytes) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


@cache
def _of_a_bot() -> bytes:
    with TemporaryDirectory() as folder:
        migrate(Path(folder) / "bot.db")
        return (Path(folder) / "bot.db").read_bytes()


@cache
def _of_a_backend() -> bytes:
    with TemporaryDirectory() as folder:
        Storage(f"sqlite:///{folder}/backend.db").close()
        return (Path(folder) / "backend.db").read_bytes()
