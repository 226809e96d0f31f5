"""Counts what people have handed in, for whoever looks after the dataset."""

from dataclasses import dataclass

import sqlalchemy as sa

from oasst_backend.storage.tables import labellings, rankings


@dataclass(frozen=True)
class Totals:
    """How many reviews decided about messages, and how many rankings about the order of replies."""

    reviews: int
    rankings: int


def totals(connection: sa.Connection) -> Totals:
    """Count the reviews and rankings that count; it scans both tables."""
    reviews = sa.select(sa.func.count()).select_from(labellings).where(labellings.c.counted)
    ballots = sa.select(sa.func.count()).select_from(rankings).where(rankings.c.counted)
    return Totals(
        reviews=connection.execute(reviews).scalar_one(), rankings=connection.execute(ballots).scalar_one()
    )
