"""What every call must have (page reference): a version of the API, a user agent, a token, readable JSON."""

import aiohttp
import pytest

from discord_sandbox import Permission
from tests.conformance.scene import Scene


async def test_a_call_names_its_user_agent(scene: Scene) -> None:
    answer = await scene.call("GET", "/users/@me", headers={"User-Agent": "curl/8"})
    assert (answer.status, answer.code) == (403, 40333)


async def test_a_version_of_the_api_that_never_was_is_refused(scene: Scene) -> None:
    address = scene.sandbox.rest_url.replace("/v10", "/v99")
    async with scene.api.session.get(f"{address}/users/@me") as response:
        assert (response.status, (await response.json())["code"]) == (400, 50041)
    scene.sandbox.violations.clear()


async def test_a_wrong_token_is_refused(scene: Scene) -> None:
    answer = await scene.call("GET", "/users/@me", headers={"Authorization": "Bot nonsense"})
    assert (answer.status, answer.body) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_unreadable_json_is_refused(scene: Scene) -> None:
    answer = await scene.call(
        "POST",
        "/channels/{general}/messages",
        data=b'{"content": ',
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status, answer.code) == (400, 50109)


@pytest.mark.parametrize("kind", [None, "text/plain"])
async def test_a_body_says_that_it_is_json(scene: Scene, kind: str | None) -> None:
    skipped = [] if kind else ["Content-Type"]
    headers = {"Content-Type": kind} if kind else {}
    async with aiohttp.ClientSession(headers=scene.api.session.headers, skip_auto_headers=skipped) as session:
        url = scene.sandbox.rest_url + scene.fill("/channels/{general}/messages")
        async with session.post(url, data=b'{"content": "x"}', headers=headers) as response:
            assert (response.status, (await response.json())["code"]) == (400, 50035)


async def test_commands_need_the_permission_to_use_them(scene: Scene) -> None:
    """Page interactions/application-commands: without USE_APPLICATION_COMMANDS nothing is offered."""
    general = scene.guild.channel("general")
    assert scene.alice.commands(general)
    scene.guild.overwrite(general, scene.alice, deny=Permission.USE_APPLICATION_COMMANDS)
    assert scene.alice.commands(general) == []


async def test_a_command_has_a_hundred_overwrites_at_most(scene: Scene) -> None:
    """Page interactions/application-commands, "Permissions": `limits.COMMAND_OVERWRITES`."""
    (command, *_) = scene.alice.commands()
    for number in range(100):
        scene.guild.set_command_permission(command, scene.guild.create_role(f"r{number}"), allow=True)
    with pytest.raises(ValueError, match="100"):
        scene.guild.set_command_permission(command, scene.guild.everyone, allow=True)
    scene.guild.set_command_permission(command, scene.guild.create_role("another"), allow=None)


async def test_a_bot_may_use_foreign_emojis_in_its_direct_messages(scene: Scene) -> None:
    """Page interactions/receiving-and-responding: what `app_permissions` has in the bot's direct messages."""
    needed = (
        Permission.ATTACH_FILES
        | Permission.EMBED_LINKS
        | Permission.MENTION_EVERYONE
        | Permission.USE_EXTERNAL_EMOJIS
    )
    assert scene.alice.permissions(scene.channel("dm")) & needed == needed
