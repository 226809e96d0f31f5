"""What every transaction is given besides the connection."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from oasst_backend.settings import BackendSettings, TreeManagerSettings


@dataclass(frozen=True)
class ApiClient:
    """The frontend behind a call."""

    id: str
    name: str
    trusted: bool


@dataclass(frozen=True)
class Context:
    """The settings, the moment of the call (UTC), and the source of chance."""

    settings: BackendSettings
    now: datetime
    rng: random.Random

    @property
    def trees(self) -> TreeManagerSettings:
        """The numbers by which trees grow."""
        return self.settings.tree_manager

    @property
    def reserved_since(self) -> datetime:
        """Open tasks handed out after this moment keep their work reserved."""
        return self.now - timedelta(seconds=self.trees.recent_tasks_span_sec)


def new_id() -> str:
    """Make an id for a row; nothing is drawn from the context's chance, which tests repeat."""
    return str(uuid4())
