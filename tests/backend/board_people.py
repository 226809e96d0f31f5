"""People who stand on the board of all time, put there without a single task."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.storage.tables import people, scores

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def add_people(connection: sa.Connection, points: Mapping[str, int]) -> None:
    """Put people on the board of all time, by their Discord ids, each with so many simple reviews."""
    rng = random.Random(3)  # noqa: S311  # ids that repeat
    ids = {name: str(UUID(int=rng.getrandbits(128))) for name in points}
    connection.execute(
        people.insert(),
        [
            {
                "id": ids[name],
                "auth_method": "discord",
                "username": name,
                "display_name": f"Person {name}",
                "enabled": True,
                "deleted": False,
                "show_on_leaderboard": True,
                "notes": "",
                "created_date": NOON,
                "streak_days": 0,
            }
            for name in points
        ],
    )
    connection.execute(
        scores.insert(),
        [
            {"time_frame": "total", "person_id": ids[name], "labels_simple": score, "modified_date": NOON}
            for name, score in points.items()
        ],
    )
