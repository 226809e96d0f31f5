"""The seed of a random test: another one each time, printed, and settable to see the same choices again."""

import os
import secrets


def fresh_seed() -> int:
    """Give the seed of CHAOS_SEED, else a new one, and say it in the report of a failed test."""
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(2**32))
    print(f"CHAOS_SEED={seed}")  # noqa: T201  # who sees a test fail needs it
    return seed
