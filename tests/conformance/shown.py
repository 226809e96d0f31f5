"""What rows show of an answer or of the scene afterwards."""

from typing import Any

from discord_sandbox.world.model import ThreadInfo
from tests.calling import Json
from tests.conformance.scene import Scene


def same(found: object, expected: object) -> None:
    """Assert that two things are equal; for a row's lambda."""
    assert found == expected


def has(**expected: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show some fields of the answer; texts may name ids of the scene."""

    def shows(scene: Scene, body: Json) -> None:
        assert {key: body[key] for key in expected} == scene.fill(expected)

    return shows


def info(scene: Scene, name: str = "thread") -> ThreadInfo:
    """Give what makes a channel of the scene a thread."""
    found = scene.channel(name).thread
    assert found is not None
    return found


def latest(scene: Scene) -> Any:  # noqa: ANN401 - a message as Alice sees it
    """Give the newest message in general."""
    return scene.alice.messages(scene.channel("general"))[-1]


def audited(action: int, reason: str | None = None) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show that the latest entry of the audit log is of this kind."""

    def shows(scene: Scene, _: Json) -> None:
        latest = scene.guild.audit_log[-1]
        assert (latest.action, latest.reason) == (action, reason)
        assert latest.user_id == scene.sandbox.bot_id

    return shows
