"""What every transaction is given besides the connection."""

import random
from dataclasses import dataclass
from datetime import datetime
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
    """The settings, the moment of the call (UTC), the source of chance, and the rules' number."""

    settings: BackendSettings
    now: datetime
    rng: random.Random
    rules_version: int = 0

    @property
    def trees(self) -> TreeManagerSettings:
        """The numbers by which trees grow."""
        return self.settings.tree_manager


def new_id() -> str:
    """Make an id for a row; nothing is drawn from the context's chance, which tests repeat."""
    return str(uuid4())
