"""What all tests share: property tests have no deadline; sandboxes hold nobody up, and check themselves.

The sandbox's plugin is named here so that the tests also run where the project is not installed.
"""

import gc
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["discord_sandbox.pytest_plugin"]

# A busy machine would make property tests miss a deadline.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Set for the whole run, so that the sandboxes in programs which tests start are checked as well; those have
# folders of their own.
DESCRIPTION = Path(__file__).parents[2] / "shared" / "discord" / "openapi.json"
if named := os.environ.get("DISCORD_OPENAPI", str(DESCRIPTION) if DESCRIPTION.is_file() else ""):
    os.environ["DISCORD_OPENAPI"] = str(Path(named).absolute())

DEAR = ("chaos", "e2e", "simulation")
"""Folders whose tests take seconds each, as do those with a time limit of their own."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread dear tests over the first half of a run: all would wait for one that begins last."""
    dear = [item for item in items if item.get_closest_marker("timeout") or item.path.parent.name in DEAR]
    others = [item for item in items if item not in dear]
    gap = max(1, len(others) // 2 // max(1, len(dear)))
    items.clear()
    for place, item in enumerate(others):
        if place % gap == 0 and dear:
            items.append(dear.pop())
        items.append(item)
    items += dear


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from looking again and again at what stays to the end of the run."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def sandbox_options() -> dict[str, Any]:
    from discord_sandbox import GatewaySettings, RateLimits  # noqa: PLC0415 - most tests have no sandbox

    # Tests restart bots; nothing is learnt from five seconds in between.
    return {"rate_limits": RateLimits.roomy(), "gateway": GatewaySettings(identify_seconds=0)}
