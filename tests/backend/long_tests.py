"""How thorough the tests are that could go on for ever: short by default, long where there is time for it."""

import os

from hypothesis import HealthCheck, Phase, settings

LONG_TESTS = bool(os.environ.get("OASST_LONG_TESTS"))
"""Set to 1 for the long runs: more kills, and more histories."""


def machine_settings(examples: int, steps: int) -> settings:
    """Bound a state machine; the long run tries four times as many histories."""
    return settings(
        max_examples=examples * 4 if LONG_TESTS else examples,
        stateful_step_count=steps,
        # The same ones each time: a change lands by what it does, not by luck.
        derandomize=True,
        database=None,
        deadline=None,
        # To find a shorter way to a fault takes longer than there is.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
