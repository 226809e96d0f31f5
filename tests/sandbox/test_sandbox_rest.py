"""REST: what the sandbox does not know is loud; files, lists of members, and what goes with a channel."""

from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, Permission, Sandbox

Api = Callable[..., Awaitable[tuple[int, Any]]]
Json = dict[str, Any]


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/channels/CHANNEL/messages", {"content": "x", "colour": 1}, 400, "unknown colour"),
        ("POST", "/channels/CHANNEL/messages", {"embeds": [{"titel": "x"}]}, 400, "unknown embeds.0.titel"),
        (
            "POST",
            "/channels/CHANNEL/messages",
            {"components": [{"type": 42}]},
            400,
            "unknown components.0.type",
        ),
        (
            "POST",
            "/channels/CHANNEL/messages",
            {"components": [row({"type": 2, "style": 6, "sku_id": "1"})]},
            400,
            "unknown components.0.components.0.style",
        ),
        ("GET", "/channels/CHANNEL/messages/last", None, 400, "unknown path.last"),
        ("GET", "/users/somebody", None, 400, "unknown path.somebody"),
        ("PATCH", "/channels/CHANNEL", {"colour": 1}, 400, "unknown colour"),
        ("GET", "/channels/CHANNEL/messages?since=1", None, 400, "unknown query.since"),
        ("GET", "/stage-instances/1", None, 501, "unknown route"),
        ("PUT", "/channels/CHANNEL/messages", None, 405, "unknown method, the sandbox has GET, POST"),
    ],
)
async def test_what_the_sandbox_does_not_know_is_loud(
    strict_api: Api,
    strict_sandbox: Sandbox,
    method: str,
    path: str,
    body: Json | None,
    status: int,
    said: str,
) -> None:
    channel = strict_sandbox.guild.channel("general").id
    assert (await strict_api(method, path.replace("CHANNEL", str(channel)), body))[0] == status
    (violation,) = strict_sandbox.violations
    assert said in violation


async def test_files_are_kept_and_served(
    sandbox: Sandbox, make_bot: Callable[..., hikari.GatewayBot], alice: Actor
) -> None:
    general = sandbox.guild.channel("general")
    bot = make_bot()
    await bot.start(check_for_updates=False)
    picture = hikari.Bytes(b"not really a picture", "board.png")
    sent = await bot.rest.create_message(
        general.id,
        embed=hikari.Embed(title="Board").set_image(picture),
        attachment=hikari.Bytes("ein Text, ganz groß", "text.txt"),
    )
    assert await sent.attachments[0].read() == "ein Text, ganz groß".encode()
    (seen,) = alice.messages(general)
    assert [one["filename"] for one in seen.attachments] == ["text.txt", "board.png"]
    assert seen.embeds[0]["image"]["url"] == seen.attachments[1]["url"]

    edited = await bot.rest.edit_message(general.id, sent, attachments=[sent.attachments[0]])
    assert [one.filename for one in edited.attachments] == ["text.txt"]


async def test_deleting_channels_and_roles_takes_what_hangs_on_them(sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    thread = alice.create_thread(general, "talk")
    role = sandbox.guild.create_role("managers", Permission.MANAGE_THREADS)
    sandbox.guild.give_role(alice, role)
    assert alice.permissions(general) & Permission.MANAGE_THREADS
    sandbox.guild.delete_role(role)
    assert not alice.permissions(general) & Permission.MANAGE_THREADS
    sandbox.guild.delete_channel(general)
    assert thread.deleted
    assert alice.threads() == []
    with pytest.raises(KeyError):
        sandbox.guild.channel("general")


async def test_members_are_listed_and_searched(sandbox: Sandbox, api: Api, alice: Actor) -> None:
    guild = f"/guilds/{sandbox.guild.id}/members"
    sandbox.store.privileged_intents = 1 << 1
    _, everybody = await api("GET", f"{guild}?limit=10")
    assert len(everybody) == 3
    _, found = await api("GET", f"{guild}/search?query=ali&limit=5")
    assert [one["user"]["id"] for one in found] == [str(alice.id)]
