"""The control sets the scene: guilds, channels, roles, people, and who may do what."""

import pytest

from discord_sandbox import Permission, Sandbox
from tests.calling import Api
from tests.sandbox.control_client import Control
from tests.small_bot import RunningBot

with_bot = pytest.mark.usefixtures("bot")


async def test_a_scene_is_set_by_names(control: Control, sandbox: Sandbox) -> None:
    made = await control.post("/guilds/Sandbox/roles", name="Helpers", permissions=["MANAGE_MESSAGES"])
    assert (made["name"], made["permissions"]) == ("Helpers", ["MANAGE_MESSAGES"])
    await control.post("/guilds/Sandbox/channels", name="quiet", topic="shh")
    closed = await control.post(
        "/guilds/Sandbox/channels/quiet/overwrite", role="@everyone", deny=["VIEW_CHANNEL"]
    )
    assert closed["overwrites"] == [{"role": "@everyone", "allow": [], "deny": ["VIEW_CHANNEL"]}]
    await control.post("/guilds/Sandbox/channels/quiet/overwrite", role="Helpers", allow=["VIEW_CHANNEL"])
    mia = await control.post("/guilds/Sandbox/people", name="Mia", locale="de", roles=["Helpers"])
    assert (mia["locale"], mia["guilds"]) == (
        "de",
        [{"guild": "Sandbox", "owner": False, "roles": ["Helpers"]}],
    )

    async def sees(person: str) -> bool:
        listed = (await control.get(f"/people/{person}/channels"))["channels"]
        return "quiet" in [one["name"] for one in listed]

    assert (await sees("Mia"), await sees("Ada")) == (True, False)
    await control.post("/guilds/Sandbox/roles/Helpers/give", person="Ada")
    await control.post("/guilds/Sandbox/roles/Helpers/take", person="Mia")
    assert (await sees("Mia"), await sees("Ada")) == (False, True)
    await control.post("/guilds/Sandbox/channels/quiet/overwrite", person="Ada", deny=["VIEW_CHANNEL"])
    assert not await sees("Ada")
    assert await control.call("DELETE", "/guilds/Sandbox/roles/Helpers") == (200, {})
    assert await control.call("DELETE", "/guilds/Sandbox/channels/quiet") == (200, {})
    guild = await control.get("/guilds/Sandbox")
    assert [one["name"] for one in guild["channels"]] == ["general", "tasks", "log"]
    assert guild["people"] == ["Olivia Owner", "Ada", "Ben", "Mia"]
    assert sandbox.guild.member("Mia").locale == "de"


async def test_a_guild_is_ruled(control: Control, api: Api, sandbox: Sandbox) -> None:
    status, changed = await control.call("PATCH", "/guilds/Sandbox", {"name": "Town", "locale": "de"})
    assert (status, changed["name"], changed["locale"]) == (200, "Town", "de")
    await control.post("/guilds/Town/time_out", person="Ada", seconds=60)
    member = f"/guilds/{sandbox.guild.id}/members/{sandbox.guild.member('Ada').id}"
    assert (await api("GET", member))[1]["communication_disabled_until"] is not None
    await control.post("/guilds/Town/time_out", person="Ada", seconds=0)
    assert (await api("GET", member))[1]["communication_disabled_until"] is None
    await control.post("/guilds/Town/kick", person="Ada")
    await control.post("/guilds/Town/join", person="Ada")
    await control.post("/guilds/Town/ban", person="Ben", reason="spam")
    assert (await control.get("/guilds/Town"))["people"] == ["Olivia Owner", "Ada"]
    await control.post("/guilds/Town/unban", person="Ben")
    await control.post("/guilds/Town/join", person="Ben")
    assert (await control.get("/guilds/Town/audit_log"))["audit_log"] == []
    assert sandbox.guild.name == "Town"


@with_bot
async def test_who_may_use_a_command_is_set(control: Control) -> None:
    async def offered(person: str) -> bool:
        found = await control.get(f"/people/{person}/commands")
        return "task" in [one["name"] for one in found["commands"]]

    await control.post("/guilds/Sandbox/command_permission", command="task", person="Ada", allow=False)
    assert (await offered("Ada"), await offered("Ben")) == (False, True)
    await control.post("/guilds/Sandbox/command_permission", command="task", role="@everyone", allow=False)
    await control.post("/guilds/Sandbox/command_permission", command="task", person="Ada", allow=True)
    assert (await offered("Ada"), await offered("Ben")) == (True, False)
    await control.post("/guilds/Sandbox/command_permission", command="task", channel="general", allow=False)
    assert not await offered("Ada")
    await control.post("/guilds/Sandbox/command_permission", allow=False)
    assert (await control.refused("/people/Ada/command", name="room"))[:2] == (404, "not_visible")
    refused = await control.refused("/guilds/Sandbox/command_permission", command="fly", allow=True)
    assert refused[:2] == (404, "unknown")
    both = {"role": "@everyone", "person": "Ada", "allow": True}
    assert (await control.refused("/guilds/Sandbox/command_permission", **both))[:2] == (400, "bad_body")


@with_bot
async def test_what_the_bot_did_to_a_guild_can_be_read(
    control: Control, bot: RunningBot, sandbox: Sandbox
) -> None:
    sandbox.guild.set_permissions(sandbox.guild.bot_role, Permission.ADMINISTRATOR)
    await bot.rest.kick_user(sandbox.guild.id, sandbox.guild.member("Ben").id, reason="loud")
    assert (await control.get("/guilds/Sandbox/audit_log"))["audit_log"] == [
        {
            "action": "MEMBER_KICK",
            "target_id": str(sandbox.guild.member("Ben").id),
            "target": "Ben",
            "reason": "loud",
        }
    ]


async def test_what_a_role_grants_can_be_changed(control: Control) -> None:
    sent = await control.post("/people/Ada/send", text="hello")
    assert await control.refused("/people/Ben/delete", message="hello") == (
        403,
        "not_permitted",
        "Ben: 403 (50013) Missing Permissions",
    )
    changed = await control.call(
        "PATCH", "/guilds/Sandbox/roles/@everyone", {"permissions": ["VIEW_CHANNEL", "MANAGE_MESSAGES"]}
    )
    assert changed[1]["permissions"] == ["VIEW_CHANNEL", "MANAGE_MESSAGES"]
    await control.post("/people/Ben/delete", message={"id": sent["message"]["id"]})
    assert (await control.get("/people/Ada/messages", channel="general"))["messages"] == []


async def test_people_leave_and_come_back_and_there_are_other_guilds(control: Control) -> None:
    other = await control.post("/guilds", name="Other", owner="Ada")
    assert (other["owner"], other["bot"], other["people"]) == ("Ada", True, ["Ada"])
    lonely = await control.post("/guilds", name="No bot", owner="Somebody new", bot=False)
    assert (lonely["owner"], lonely["bot"]) == ("Somebody new", False)
    assert (await control.post("/guilds/No bot/bot/join"))["bot"]
    assert not (await control.post("/guilds/No bot/bot/leave"))["bot"]
    assert (await control.post("/guilds/Other/outage/begin"))["outage"]
    assert not (await control.post("/guilds/Other/outage/end"))["outage"]

    await control.post("/people/Ada/leave", guild="Sandbox")
    status, code, message = await control.refused(
        "/people/Ada/send", guild="Sandbox", channel="general", text="x"
    )
    assert (status, code) == (404, "not_visible")
    assert "Ada finds no channel general" in message
    await control.post("/people/Ada/send", channel="general", text="only the other one is left")
    await control.post("/guilds/Sandbox/join", person="Ada")
    assert (await control.refused("/guilds/Sandbox/join", person="Ada"))[:2] == (409, "already_there")
    assert (await control.refused("/people/Ada/send", channel="general", text="x"))[:2] == (409, "ambiguous")
    sent = await control.post("/people/Ada/send", channel="general", guild="Other", text="here")
    assert sent["message"]["channel"] == "general"
    listed = (await control.get("/guilds"))["guilds"]
    assert [one["name"] for one in listed] == ["Sandbox", "Other", "No bot"]


async def test_channels_of_all_kinds(control: Control) -> None:
    area = await control.post("/guilds/Sandbox/channels", name="Area", kind="category")
    assert area["kind"] == "category"
    forum = await control.post("/guilds/Sandbox/channels", name="ideas", kind="forum", parent="Area")
    assert (forum["kind"], forum["parent"]) == ("forum", "Area")
    post = await control.post("/people/Ada/threads/post", channel="ideas", name="First", text="what if")
    assert (post["channel"]["kind"], post["channel"]["parent"]) == ("thread", "ideas")
    seen = (await control.get("/people/Ben/messages", channel="First"))["messages"]
    assert [one["content"] for one in seen] == ["what if"]
    kinds = {one["name"]: one["kind"] for one in (await control.get("/people/Ben/channels"))["channels"]}
    assert (kinds["Area"], kinds["ideas"], kinds["First"]) == ("category", "forum", "thread")
    await control.post("/people/Ada/send", text="about this", channel="general")
    made = await control.post(
        "/people/Ada/threads/create", channel="general", name="Talk", about="about this"
    )
    assert made["channel"]["parent"] == "general"
    wrong = await control.refused("/guilds/Sandbox/channels", name="Radio", kind="voice")
    assert wrong[:2] == (400, "bad_body")
