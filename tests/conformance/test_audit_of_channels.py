"""What the bot does to channels, threads and messages is in the audit log (page resources/audit-log)."""

from typing import Any

import pytest

from discord_sandbox import Permission
from tests.conformance.scene import Scene

PIN = "/channels/{general}/messages/pins/{alices}"
OVERWRITE = "/channels/{general}/permissions/{role}"
BULK = {"messages": ["{alices}", "{message}"]}


@pytest.mark.parametrize(
    ("calls", "expected", "target"),
    [
        ([("POST", "/guilds/{guild}/channels", {"name": "new"})], 10, None),
        ([("PATCH", "/channels/{general}", {"topic": "new"})], 11, "general"),
        ([("PATCH", "/guilds/{guild}/channels", [{"id": "{tasks}", "position": 0}])], 11, "tasks"),
        ([("DELETE", "/channels/{general}", None)], 12, "general"),
        ([("PUT", OVERWRITE, {"type": 0})], 13, "general"),
        ([("PUT", OVERWRITE, {"type": 0}), ("PUT", OVERWRITE, {"type": 0, "deny": "64"})], 14, "general"),
        ([("PUT", OVERWRITE, {"type": 0}), ("DELETE", OVERWRITE, None)], 15, "general"),
        ([("DELETE", "/channels/{general}/messages/{alices}", None)], 72, "alice"),
        ([("POST", "/channels/{general}/messages/bulk-delete", BULK)], 73, "general"),
        ([("PUT", PIN, None)], 74, "alice"),
        ([("PUT", PIN, None), ("DELETE", PIN, None)], 75, "alice"),
        ([("POST", "/channels/{general}/threads", {"name": "t"})], 110, None),
        ([("PATCH", "/channels/{thread}", {"name": "t"})], 111, "thread"),
        ([("DELETE", "/channels/{thread}", None)], 112, "thread"),
    ],
)
async def test_it_is_noted_with_the_reason(
    scene: Scene, calls: list[tuple[str, str, Any]], expected: int, target: str | None
) -> None:
    scene.give(Permission.ADMINISTRATOR)
    for method, path, body in calls:
        answer = await scene.call(method, path, body, headers={"X-Audit-Log-Reason": "tidying%20up"})
        assert answer.status < 300, answer.body
    latest = scene.guild.audit_log[-1]
    assert (latest.action, latest.reason) == (expected, "tidying up")
    assert target is None or str(latest.target_id) == scene.ids[target]


async def test_own_messages_are_no_business_of_it(scene: Scene) -> None:
    before = len(scene.guild.audit_log)
    await scene.call("DELETE", "/channels/{general}/messages/{message}")
    assert len(scene.guild.audit_log) == before
