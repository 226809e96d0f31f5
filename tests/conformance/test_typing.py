"""Who types is seen for ten seconds (page resources/channel, "Trigger Typing Indicator")."""

from tests.conformance.scene import Scene


async def test_typing_is_seen_for_ten_seconds(scene: Scene) -> None:
    """limits.TYPING_SECONDS, from the latest call on."""
    general = scene.channel("general")
    for _ in range(2):
        assert (await scene.call("POST", "/channels/{general}/typing")).status == 204
        scene.clock.advance(9.9)
        assert scene.alice.sees_typing(general) == ["Sandbox Bot"]
    scene.clock.advance(0.1)
    assert scene.alice.sees_typing(general) == []
