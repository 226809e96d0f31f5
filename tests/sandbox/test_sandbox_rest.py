"""REST: limits, refusals and permissions, as Discord words them."""

from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, Permission, Sandbox

Api = Callable[..., Awaitable[tuple[int, Any]]]
Json = dict[str, Any]


def button(number: int, **more: object) -> Json:
    return {"type": 2, "style": 1, "label": f"B{number}", "custom_id": f"b{number}", **more}


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def select(options: int, **more: object) -> Json:
    listed = [{"label": f"L{n}", "value": f"v{n}"} for n in range(options)]
    return {"type": 3, "custom_id": "s", "options": listed, **more}


def embed(length: int) -> Json:
    return {"description": "x" * length}


TOO_LONG = "BASE_TYPE_MAX_LENGTH"
BAD_LENGTH = "BASE_TYPE_BAD_LENGTH"
REQUIRED = "BASE_TYPE_REQUIRED"
USER = {"id": "1", "type": "user"}
NO_BOOLEAN = "BOOLEAN_TYPE_CONVERT"


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"content": "x" * 2001}, "content", TOO_LONG),
        ({"content": "😀" * 1001}, "content", TOO_LONG),
        ({"content": 5}, "content", "BASE_TYPE_STRING"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", TOO_LONG),
        ({"embeds": [embed(4097)]}, "embeds.0.description", TOO_LONG),
        ({"embeds": [embed(3001), embed(3000)]}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
        ({"embeds": [embed(1)] * 11}, "embeds", TOO_LONG),
        (
            {"embeds": [{"fields": [{"name": "n", "value": "x" * 1025}]}]},
            "embeds.0.fields.0.value",
            TOO_LONG,
        ),
        ({"embeds": [{"fields": [{"name": " ", "value": "v"}]}]}, "embeds.0.fields.0.name", REQUIRED),
        ({"embeds": [{"author": {"url": "https://x.example"}}]}, "embeds.0.author.name", REQUIRED),
        ({"embeds": [{"color": 3}]}, "embeds.0.description", REQUIRED),
        ({"embeds": [{"color": 1 << 24, "title": "t"}]}, "embeds.0.color", "NUMBER_TYPE_MAX"),
        ({"components": [row(button(1))] * 6}, "components", TOO_LONG),
        ({"components": [row(*map(button, range(6)))]}, "components.0.components", BAD_LENGTH),
        ({"components": [row(button(1, label="x" * 81))]}, "components.0.components.0.label", TOO_LONG),
        ({"components": [row(button(1, style=9))]}, "components.0.components.0.style", "BASE_TYPE_CHOICES"),
        (
            {"components": [row({"type": 2, "style": 1, "label": "b"})]},
            "components.0.components.0.custom_id",
            REQUIRED,
        ),
        (
            {"components": [row(button(1)), row(button(1))]},
            "components.1.components.0.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            {"components": [row(button(1), select(2))]},
            "components.0.components",
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        ),
        ({"components": [row(select(26))]}, "components.0.components.0.options", BAD_LENGTH),
        ({"components": [row(select(2, max_values=3))]}, "components.0.components.0.options", BAD_LENGTH),
        (
            {"components": [row(select(2, placeholder="x" * 151))]},
            "components.0.components.0.placeholder",
            TOO_LONG,
        ),
        (
            {"components": [row({"type": 4, "custom_id": "t"})]},
            "components.0.components.0",
            "UNION_TYPE_CHOICES",
        ),
        (
            {
                "components": [
                    row({"type": 5, "custom_id": "u", "default_values": [{"id": "1", "type": "user"}] * 2})
                ]
            },
            "components.0.components.0.default_values",
            BAD_LENGTH,
        ),
        (
            {"components": [row(button(1, id=5), button(2, id=5))]},
            "components.0.components.1.id",
            "COMPONENT_ID_DUPLICATED",
        ),
        ({"components": [row(button(1, disabled="no"))]}, "components.0.components.0.disabled", NO_BOOLEAN),
        ({"content": "x", "nonce": "x" * 26}, "nonce", TOO_LONG),
        ({"content": "x", "flags": 64}, "flags", "MESSAGE_FLAGS_INVALID"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            "allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["all"]}},
            "allowed_mentions.parse.0",
            "BASE_TYPE_CHOICES",
        ),
        (
            {"content": "x", "message_reference": {"message_id": "1"}},
            "message_reference",
            "REPLIES_UNKNOWN_MESSAGE",
        ),
    ],
)
async def test_limits_are_refused_where_they_are_broken(
    api: Api, sandbox: Sandbox, body: Json, path: str, code: str
) -> None:
    general = sandbox.guild.channel("general")
    status, answer = await api("POST", f"/channels/{general.id}/messages", body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    node = answer["errors"]
    for step in path.split("."):
        node = node[step]
    assert [one["code"] for one in node["_errors"]] == [code]
    assert general.log == []


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


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/channels/1/messages", {"content": "x"}, (404, 10003)),
        ("GET", "/channels/CHANNEL/messages/1", None, (404, 10008)),
        ("POST", "/channels/CHANNEL/messages", {}, (400, 50006)),
        ("POST", "/channels/CHANNEL/messages", {"content": "  "}, (400, 50006)),
        ("GET", "/guilds/1", None, (404, 10004)),
        ("GET", "/guilds/GUILD/members/1", None, (404, 10007)),
        ("GET", "/guilds/GUILD/members", None, (403, 50001)),
        ("GET", "/users/1", None, (404, 10013)),
        ("GET", "/applications/BOT/commands/1", None, (404, 10063)),
        ("GET", "/applications/1/commands", None, (403, 50001)),
        ("POST", "/users/@me/channels", {"recipient_id": "1"}, (400, 50033)),
        ("POST", "/interactions/1/none/callback", {"type": 4}, (404, 10062)),
        ("POST", "/webhooks/BOT/none", {"content": "x"}, (401, 50027)),
        ("POST", "/webhooks/1/none", {"content": "x"}, (404, 10015)),
        ("PUT", "/channels/CHANNEL/thread-members/@me", None, (400, 50024)),
        ("POST", "/guilds/GUILD/channels", {"name": "new"}, (403, 50013)),
        ("DELETE", "/channels/CHANNEL", None, (403, 50013)),
        ("POST", "/channels/CHANNEL/threads", {"name": "x" * 101}, (400, 50035)),
        ("POST", "/channels/CHANNEL/threads", {"name": "t", "auto_archive_duration": 5}, (400, 50035)),
        ("POST", "/channels/CHANNEL/threads", {"name": "t", "type": 15}, (400, 50035)),
    ],
)
async def test_refusals_have_discords_status_and_code(
    api: Api, sandbox: Sandbox, method: str, path: str, body: Json | None, expected: tuple[int, int]
) -> None:
    names = {
        "CHANNEL": sandbox.guild.channel("general").id,
        "GUILD": sandbox.guild.id,
        "BOT": sandbox.bot_id,
    }
    for name, number in names.items():
        path = path.replace(name, str(number))
    status, answer = await api(method, path, body)
    assert (status, answer["code"]) == expected


async def test_a_body_that_is_no_json(api: Api, sandbox: Sandbox) -> None:
    path = f"/channels/{sandbox.guild.channel('general').id}/messages"
    headers = {"Content-Type": "application/json"}
    assert (await api("POST", path, data="{", headers=headers))[1]["code"] == 50109
    assert (await api("POST", path, data="x", headers={"Content-Type": "text/plain"}))[1]["code"] == 50035


@pytest.mark.parametrize(
    ("lost", "body", "code"),
    [
        (Permission.VIEW_CHANNEL, {"content": "x"}, 50001),
        (Permission.SEND_MESSAGES, {"content": "x"}, 50013),
        (Permission.EMBED_LINKS, {"embeds": [{"title": "t"}]}, 50013),
    ],
)
async def test_permissions_are_enforced(
    api: Api, sandbox: Sandbox, lost: Permission, body: Json, code: int
) -> None:
    general = sandbox.guild.channel("general")
    path = f"/channels/{general.id}/messages"
    assert (await api("POST", path, body))[0] == 200
    sandbox.guild.overwrite(general, sandbox.guild.bot_role, deny=lost)
    status, answer = await api("POST", path, body)
    assert (status, answer["code"]) == (403, code)


async def test_only_own_messages_are_edited_and_others_deleted_by_right(
    api: Api, sandbox: Sandbox, alice: Actor
) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, "mine")
    path = f"/channels/{general.id}/messages/{message.id}"
    assert (await api("PATCH", path, {"content": "yours"}))[1]["code"] == 50005
    assert (await api("DELETE", path))[1]["code"] == 50013
    bits = sandbox.guild.bot_role.permissions | Permission.MANAGE_MESSAGES
    sandbox.guild.set_permissions(sandbox.guild.bot_role, bits)
    assert (await api("DELETE", path))[0] == 204
    assert message.deleted


async def test_a_nonce_makes_one_message_of_two(api: Api, sandbox: Sandbox) -> None:
    general = sandbox.guild.channel("general")
    path = f"/channels/{general.id}/messages"
    body = {"content": "once", "nonce": "ab12:1", "enforce_nonce": True}
    first, second = (await api("POST", path, body))[1], (await api("POST", path, body))[1]
    assert first["id"] == second["id"]
    assert len(general.log) == 1
    await api("DELETE", f"{path}/{first['id']}")
    assert (await api("POST", path, body))[1]["code"] == 10008


async def test_history_is_read_page_by_page(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    ids = [alice.send(general, str(number)).id for number in range(5)]

    async def read(query: str) -> list[int]:
        _, found = await api("GET", f"/channels/{general.id}/messages?{query}")
        return [ids.index(int(one["id"])) for one in found]

    assert await read("") == [4, 3, 2, 1, 0]
    assert await read("limit=2") == [4, 3]
    assert await read(f"limit=2&before={ids[3]}") == [2, 1]
    assert await read(f"limit=2&after={ids[0]}") == [2, 1]
    assert await read(f"limit=3&around={ids[2]}") == [3, 2, 1]
    assert (await api("GET", f"/channels/{general.id}/messages?limit=101"))[1]["code"] == 50035


async def test_mentions_ping_only_as_allowed(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    role = sandbox.guild.create_role("helpers", mentionable=True)
    content = f"{alice.mention} <@&{role.id}> @everyone"
    path = f"/channels/{general.id}/messages"
    await api("POST", path, {"content": content, "allowed_mentions": {"parse": []}})
    await api("POST", path, {"content": content})
    await api("POST", path, {"content": content, "allowed_mentions": {"users": [str(alice.id)]}})
    none, everybody, her = alice.messages(general)
    assert none.pings == []
    assert everybody.pings == [alice.id, role.id]
    assert not everybody.pings_everyone, "the bot may not ping everyone"
    assert her.pings == [alice.id]


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


async def test_direct_messages(api: Api, alice: Actor) -> None:
    status, channel = await api("POST", "/users/@me/channels", {"recipient_id": str(alice.id)})
    assert (status, channel["type"], channel["recipients"][0]["id"]) == (200, 1, str(alice.id))
    path = f"/channels/{channel['id']}/messages"
    assert (await api("POST", path, {"content": "hello"}))[0] == 200
    assert alice.dm is not None
    assert [one.content for one in alice.messages(alice.dm)] == ["hello"]
    alice.user.accepts_dms = False
    status, answer = await api("POST", path, {"content": "again"})
    assert (status, answer["code"]) == (403, 50007)


async def test_roles_are_given_below_the_bots_own(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    low = sandbox.guild.create_role("writer", position=0)
    high = sandbox.guild.create_role("chief", position=5)
    path = f"/guilds/{sandbox.guild.id}/members/{alice.id}/roles"
    assert (await api("PUT", f"{path}/{low.id}"))[1]["code"] == 50013
    bits = sandbox.guild.bot_role.permissions | Permission.MANAGE_ROLES
    sandbox.guild.set_permissions(sandbox.guild.bot_role, bits)
    assert (await api("PUT", f"{path}/{low.id}"))[0] == 204
    assert (await api("PUT", f"{path}/{high.id}"))[1]["code"] == 50013
    _, member = await api("GET", f"/guilds/{sandbox.guild.id}/members/{alice.id}")
    assert member["roles"] == [str(low.id)]
    assert (await api("DELETE", f"{path}/{low.id}"))[0] == 204


async def test_reactions(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, "good?")
    alice.react(message, "👍")
    path = f"/channels/{general.id}/messages/{message.id}/reactions"
    assert (await api("PUT", f"{path}/👍/@me"))[0] == 204
    assert (await api("PUT", f"{path}/thumbs/@me"))[1]["code"] == 10014
    assert message.reactions == {"👍": 2}
    assert [one["id"] for one in (await api("GET", f"{path}/👍"))[1]] == sorted(
        [str(sandbox.bot_id), str(alice.id)]
    )
    assert (await api("DELETE", f"{path}/👍/@me"))[0] == 204
    assert message.reactions == {"👍": 1}


async def test_many_messages_are_deleted_at_once(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    ids = [str(alice.send(general, str(number)).id) for number in range(3)]
    path = f"/channels/{general.id}/messages/bulk-delete"
    assert (await api("POST", path, {"messages": ids}))[1]["code"] == 50013
    bits = sandbox.guild.bot_role.permissions | Permission.MANAGE_MESSAGES
    sandbox.guild.set_permissions(sandbox.guild.bot_role, bits)
    assert (await api("POST", path, {"messages": ids[:1]}))[1]["code"] == 50035
    assert (await api("POST", path, {"messages": [*ids[:1], "1"]}))[1]["code"] == 50034
    assert (await api("POST", path, {"messages": ids[:2]}))[0] == 204
    assert [one.content for one in alice.messages(general)] == ["2"]


async def test_reactions_of_others_are_removed_by_right(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, "good?")
    alice.react(message, "👍")
    path = f"/channels/{general.id}/messages/{message.id}/reactions"
    assert (await api("DELETE", f"{path}/👍/{alice.id}"))[1]["code"] == 50013
    bits = sandbox.guild.bot_role.permissions | Permission.MANAGE_MESSAGES
    sandbox.guild.set_permissions(sandbox.guild.bot_role, bits)
    assert (await api("DELETE", f"{path}/👍/1"))[1]["code"] == 10013
    assert (await api("DELETE", f"{path}/👍/{alice.id}"))[0] == 204
    alice.react(message, "👎")
    assert (await api("DELETE", path))[0] == 204
    assert message.reactions == {}


async def test_channels_are_made_and_changed_by_right(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    bits = sandbox.guild.bot_role.permissions | Permission.MANAGE_CHANNELS
    sandbox.guild.set_permissions(sandbox.guild.bot_role, bits)
    status, made = await api(
        "POST", f"/guilds/{sandbox.guild.id}/channels", {"name": "new", "topic": "all new"}
    )
    assert (status, made["topic"]) == (201, "all new")
    path = f"/channels/{made['id']}"
    assert (await api("PATCH", path, {"topic": "x" * 1025}))[1]["code"] == 50035
    assert (await api("PATCH", path, {"name": "newer", "rate_limit_per_user": 5}))[1]["name"] == "newer"
    assert (await api("POST", f"{path}/typing"))[0] == 204
    channel = sandbox.guild.channel("newer")
    assert channel in alice.channels()
    assert (await api("DELETE", path))[0] == 200
    assert channel not in alice.channels()


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
