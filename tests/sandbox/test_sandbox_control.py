"""The control over HTTP: a test in any language sets the scene, is any person, and reads what the bot did."""

import asyncio
import base64
import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import aiohttp
import hikari
import pytest

from discord_sandbox import Fault, Permission, PortTakenError, Sandbox
from discord_sandbox.control import SandboxControl
from discord_sandbox.control.faults import KINDS
from discord_sandbox.model import MessageFlag
from tests.sandbox.conftest import Api, RunningBot

MakeBot = Callable[..., hikari.GatewayBot]

with_bot = pytest.mark.usefixtures("bot")


class Control:
    """A plain client of the control: (status, body) of each call."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base

    async def call(self, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
        async with self.session.request(method, f"{self.base}{path}", json=body, params=query) as response:
            return response.status, await response.json()

    async def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - JSON
        status, found = await self.call("GET", path, **query)
        assert status == 200, found
        return found

    async def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        status, found = await self.call("POST", path, body)
        assert status in {200, 201}, found
        return found

    async def refused(self, path: str, **body: object) -> tuple[int, str, str]:
        status, found = await self.call("POST", path, body)
        assert set(found) == {"error", "message"}
        return status, found["error"], found["message"]


@pytest.fixture
async def control(sandbox: Sandbox) -> AsyncIterator[Control]:
    async with SandboxControl(sandbox) as running, aiohttp.ClientSession() as session:
        client = Control(session, running.url.rstrip("/"))
        for name in ("Ada", "Ben"):
            await client.post("/guilds/Sandbox/people", name=name)
        yield client


# -- setting the scene --------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/guilds", {"name": "Sandbox"}, 409, "name_taken"),
        ("/guilds/Sandbox/people", {"name": "Ada"}, 409, "name_taken"),
        ("/guilds/Sandbox/roles", {"name": "@everyone"}, 409, "name_taken"),
        ("/guilds/Sandbox/roles", {"name": "R", "permissions": ["FLY"]}, 400, "bad_body"),
        ("/guilds/Sandbox/people", {"name": " "}, 400, "bad_body"),
        ("/guilds/Sandbox/people", {"name": "Eve", "admin": True}, 400, "bad_body"),
        ("/guilds/Sandbox/people", {"name": "Eve", "roles": ["none"]}, 404, "unknown"),
        ("/guilds/Nowhere/channels", {"name": "x"}, 404, "unknown"),
        ("/guilds/Sandbox/channels/general/overwrite", {"allow": []}, 400, "bad_body"),
        ("/guilds/Sandbox/channels/nowhere/overwrite", {"role": "@everyone"}, 404, "unknown"),
        ("/people/Nobody/command", {"name": "task"}, 404, "unknown"),
        ("/people/Ada/fly", {}, 404, "refused"),
        ("/people/Ada/wait/message", {"message": {"matches": "("}}, 400, "bad_body"),
        ("/people/Ada/wait/message", {"message": {"id": "one"}}, 400, "bad_body"),
        ("/people/Ada/wait/message", {"message": "x", "timeout": 0}, 400, "bad_body"),
        ("/people/Ada/modal/submit", {}, 404, "not_visible"),
        ("/clock/advance", {"seconds": -1}, 400, "bad_body"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    control: Control, path: str, body: dict[str, object], status: int, code: str
) -> None:
    refused = await control.refused(path, **body)
    assert refused[:2] == (status, code)
    assert refused[2]


async def test_a_query_is_no_body_and_must_be_known(control: Control) -> None:
    status, refused = await control.call("POST", "/people/Ada/send", {"text": "x"}, channel="log")
    assert (status, refused["error"]) == (400, "bad_body")
    status, refused = await control.call("GET", "/people/Ada/messages", chanel="log")
    assert (status, refused["error"]) == (400, "bad_body")
    assert "chanel" in refused["message"]


# -- people and the bot -------------------------------------------------------------------------------


@with_bot
async def test_a_command_is_played_to_its_end(control: Control) -> None:
    answer = await control.post(
        "/people/Ada/command", name="task", channel="tasks", options={"type": "random", "language": "de"}
    )
    message = answer["message"]
    assert (message["content"], message["channel"], message["ephemeral"]) == ("random in de", "tasks", True)
    assert message["buttons"] == ["Press", "Later", "Write"]
    assert message["menus"][0]["options"] == ["1. reply", "2. reply", "3. reply"]
    assert (await control.get("/people/Ben/messages"))["messages"] == []

    chosen = await control.post("/people/Ada/choose", menu="Choose the best", options=["2."])
    assert chosen["message"]["content"] == "chose 2"
    opened = (await control.post("/people/Ada/click", label="Write", message="chose 2"))["modal"]
    assert (opened["title"], opened["text"]) == ("Your answer", "Your answer\nYour text (needed): “draft”")
    assert (await control.get("/people/Ada/modal"))["modal"] == opened
    assert (await control.get("/people/Ben/modal"))["modal"] is None
    too_long = {"Your text": "x" * 41}
    assert (await control.refused("/people/Ada/modal/submit", values=too_long))[:2] == (400, "bad_input")
    done = await control.post("/people/Ada/modal/submit", values={"Your text": "forty-two"})
    assert done["message"]["text"] == "Thanks for “forty-two”"
    assert (await control.get("/people/Ada/modal"))["modal"] is None


@with_bot
async def test_people_channels_and_roles_are_options_by_name(control: Control, sandbox: Sandbox) -> None:
    greeted = await control.post("/people/Ada/command", name="greet", options={"who": {"person": "Ben"}})
    assert greeted["message"]["content"] == f"Hello {sandbox.guild.member('Ben').mention}"
    bot = await control.post(
        "/people/Ada/command", name="greet", options={"who": {"person": "Sandbox Bot"}, "times": 2}
    )
    assert bot["message"]["content"] == f"Hello Hello <@{sandbox.bot_id}>"
    shown = await control.post(
        "/people/Ada/command", name="settings channel", options={"channel": {"channel": "log"}}
    )
    assert shown["message"]["content"] == "tasks go to #log"
    status, code, _ = await control.refused(
        "/people/Ada/command", name="greet", options={"who": {"person": "Nobody"}}
    )
    assert (status, code) == (404, "unknown")
    status, code, _ = await control.refused(
        "/people/Ada/command", name="greet", options={"who": {"role": "@everyone"}}
    )
    assert (status, code) == (404, "not_visible")


@with_bot
async def test_autocomplete_and_menus(control: Control) -> None:
    found = await control.post("/people/Ada/autocomplete", name="task", option="language", text="ger")
    assert found == {"choices": [{"name": "German", "value": "de"}]}
    await control.post("/people/Ben/send", text="look at me")
    labelled = await control.post("/people/Ada/menu", name="Label", message="look")
    assert labelled["message"]["content"] == "You label “look at me”"
    offered = await control.get("/people/Ada/commands")
    assert [one["name"] for one in offered["commands"]] == [
        "greet",
        "room",
        "settings channel",
        "silent",
        "task",
    ]
    assert (offered["message_menu"], offered["person_menu"]) == (["Label"], [])
    assert (await control.refused("/people/Ada/menu", name="Hug", person="Ben"))[:2] == (404, "not_visible")


@with_bot
async def test_the_button_that_is_meant_is_the_newest_of_this_name(control: Control) -> None:
    first = (await control.post("/people/Ada/command", name="task"))["message"]
    second = (await control.post("/people/Ada/command", name="task", channel="log"))["message"]
    assert (await control.post("/people/Ada/click", label="Press"))["message"]["id"] == second["id"]
    pressed = await control.post("/people/Ada/click", label="Press", message={"id": first["id"]})
    assert pressed["message"]["id"] == first["id"]
    pressed = await control.post("/people/Ada/click", label="Press", channel="general")
    assert pressed["message"]["id"] == first["id"]


@with_bot
async def test_what_is_not_there_is_refused_with_what_is(control: Control) -> None:
    await control.post("/people/Ben/send", text="only this")
    status, code, message = await control.refused("/people/Ada/click", label="Press")
    assert (status, code) == (404, "not_visible")
    assert message.splitlines()[0] == "Ada finds no message with button 'Press'."
    assert "only this" in message
    await control.post("/people/Ada/command", name="task")
    status, code, message = await control.refused("/people/Ada/click", label="Off", message="random")
    assert (status, code) == (404, "not_visible")
    assert "greyed out" in message
    assert (await control.refused("/people/Ada/command", name="manage"))[:2] == (404, "not_visible")


@with_bot
async def test_a_bot_that_does_not_answer(control: Control) -> None:
    await control.call("PATCH", "/sandbox", {"answer_seconds": 0.1})
    status, code, message = await control.refused("/people/Ada/command", name="silent")
    assert (status, code) == (504, "no_answer")
    assert "What Ada sees" in message


@with_bot
async def test_a_form_stays_open_when_the_bot_does_not_answer(control: Control) -> None:
    await control.post("/people/Ada/command", name="task")
    await control.post("/people/Ada/click", label="Write")
    await control.call("PATCH", "/sandbox", {"answer_seconds": 0})
    assert (await control.refused("/people/Ada/modal/submit"))[:2] == (504, "no_answer")
    await control.call("PATCH", "/sandbox", {"answer_seconds": 3})
    assert (await control.post("/people/Ada/modal/submit"))["message"]["content"] == "Thanks for “draft”"


@with_bot
async def test_modals_and_ephemeral_messages_go_away(control: Control) -> None:
    await control.post("/people/Ada/command", name="task")
    await control.post("/people/Ada/click", label="Write")
    await control.post("/people/Ada/modal/dismiss")
    assert (await control.get("/people/Ada/modal"))["modal"] is None
    await control.post("/people/Ada/click", label="Write")
    await control.post("/people/Ada/restart")
    assert (await control.get("/people/Ada/modal"))["modal"] is None
    assert (await control.get("/people/Ada/messages"))["messages"] == []
    await control.post("/people/Ada/command", name="task")
    await control.post("/people/Ada/dismiss", message="random")
    assert (await control.get("/people/Ada/messages"))["messages"] == []


async def test_people_write_react_edit_and_delete(control: Control) -> None:
    first = await control.post(
        "/people/Ada/send",
        channel="log",
        text="first",
        files={"a.txt": base64.b64encode(b"abc").decode()},
    )
    assert first["message"]["attachments"][0]["size"] == 3
    reply = await control.post("/people/Ben/send", channel="log", text="second", reply_to="first")
    assert reply["message"]["reply_to"] == first["message"]["id"]
    await control.post("/people/Ben/react", message="first", emoji="👍")
    waited = await control.post("/people/Ada/wait/message", message={"reaction": "👍", "author": "Ada"})
    assert waited["message"]["reactions"] == {"👍": 1}
    await control.post("/people/Ben/unreact", message="first", emoji="👍")
    edited = await control.post("/people/Ada/edit", message="first", text="changed")
    assert (edited["message"]["edited"], edited["message"]["reactions"]) == (True, {})
    assert (await control.refused("/people/Ben/edit", message="changed", text="x"))[:2] == (
        403,
        "not_permitted",
    )
    await control.post("/people/Ada/delete", message="changed")
    left = await control.get("/people/Ada/messages", channel="log", limit="1")
    assert [one["content"] for one in left["messages"]] == ["second"]
    assert "second" in (await control.get("/people/Ada/transcript"))["text"]
    assert (await control.refused("/people/Ada/send", text="x" * 2001))[:2] == (400, "bad_input")


@with_bot
async def test_direct_messages(control: Control, sandbox: Sandbox) -> None:
    assert (await control.call("GET", "/people/Ada/messages", channel="log", guild="Nowhere"))[0] == 404
    answer = await control.post("/people/Ada/command", name="task", channel="@me")
    assert answer["message"]["ephemeral"]
    await control.post("/people/Ada/send", channel="@me", text="between us")
    mine = (await control.get("/people/Ada/messages", channel="@me"))["messages"]
    assert [one["content"] for one in mine] == ["random in en", "between us"]
    status, changed = await control.call(
        "PATCH",
        "/people/Ada",
        {"accepts_dms": False, "locale": "fr", "patience": 5, "age_restricted_dms": True},
    )
    assert status == 200
    assert (changed["accepts_dms"], changed["locale"], changed["patience"]) == (False, "fr", 5)
    assert changed["age_restricted_dms"]
    assert not sandbox.guild.member("Ada").user.accepts_dms


async def test_threads(control: Control) -> None:
    made = await control.post("/people/Ada/threads/create", channel="tasks", name="our thread")
    assert (made["channel"]["kind"], made["channel"]["parent"]) == ("thread", "tasks")
    await control.post("/people/Ben/threads/join", thread="our thread")
    await control.post("/people/Ada/send", channel="our thread", text="inside")
    changed = await control.post(
        "/people/Ada/threads/change", thread="our thread", name="ours", archived=True
    )
    assert (changed["channel"]["name"], changed["channel"]["archived"]) == ("ours", True)
    status, code, _ = await control.refused("/people/Ben/threads/change", thread="ours", locked=True)
    assert (status, code) == (403, "not_permitted")
    await control.post("/people/Ben/send", channel="ours", text="opens it again")
    await control.post("/people/Ben/threads/leave", thread="ours")
    await control.post("/people/Ada/threads/join", thread="ours", person="Ben")
    assert (await control.refused("/people/Ada/threads/delete", thread="ours"))[:2] == (403, "not_permitted")
    await control.post("/people/Olivia%20Owner/threads/delete", thread="ours")
    assert (await control.refused("/people/Ada/threads/leave", thread="ours"))[:2] == (404, "not_visible")
    private = await control.post(
        "/people/Olivia%20Owner/threads/create", channel="tasks", name="p", private=True
    )
    assert private["channel"]["kind"] == "private_thread"
    assert "p" not in [one["name"] for one in (await control.get("/people/Ada/channels"))["channels"]]


async def test_people_pin_forward_and_hide_embeds(control: Control, sandbox: Sandbox) -> None:
    await control.post("/people/Ada/send", text="worth it", channel="general")
    assert (await control.refused("/people/Ada/pin", message="worth"))[:2] == (403, "not_permitted")
    await control.post("/people/Olivia Owner/pin", message="worth")
    seen = await control.post("/people/Ben/wait/message", message={"contains": "worth"})
    assert seen["message"]["pinned"]
    await control.post("/people/Olivia Owner/unpin", message={"id": seen["message"]["id"]})
    passed_on = await control.post("/people/Ben/forward", message={"id": seen["message"]["id"]}, to="log")
    assert passed_on["message"]["channel"] == "log"
    assert passed_on["message"]["forwarded"][0]["content"] == "worth it"
    await control.post("/people/Ada/suppress_embeds", message={"id": seen["message"]["id"]})
    assert sandbox.store.channels[int(seen["message"]["channel_id"])].messages[
        int(seen["message"]["id"])
    ].flags == int(MessageFlag.SUPPRESS_EMBEDS)


async def test_people_type_and_block(control: Control) -> None:
    await control.post("/clock/freeze")
    await control.post("/people/Ada/type", channel="log")
    assert (await control.get("/people/Ben/typing", channel="log"))["typing"] == ["Ada"]
    await control.post("/clock/advance", seconds=11)
    assert (await control.get("/people/Ben/typing", channel="log"))["typing"] == []
    await control.post("/people/Ben/send", text="mine")
    await control.post("/people/Ben/block", person="Ada")
    assert (await control.refused("/people/Ada/react", message="mine", emoji="👍"))[:2] == (
        403,
        "not_permitted",
    )
    await control.post("/people/Ben/unblock", person="Ada")
    await control.post("/people/Ada/react", message="mine", emoji="👍")
    await control.post("/people/Ben/block", person="Sandbox Bot")


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


async def test_names_that_two_threads_have_are_told_apart_by_id(control: Control) -> None:
    first = (await control.post("/people/Ada/threads/create", channel="tasks", name="same"))["channel"]
    await control.post("/people/Ada/threads/create", channel="tasks", name="same")
    status, code, message = await control.refused("/people/Ada/send", channel="same", text="where?")
    assert (status, code) == (409, "ambiguous")
    assert first["id"] in message
    sent = await control.post("/people/Ada/send", channel=first["id"], text="there")
    assert sent["message"]["channel_id"] == first["id"]
    await control.post("/people/Ada/threads/change", thread=first["id"], archived=True)
    sent = await control.post("/people/Ada/send", channel="same", text="the open one is meant")
    assert sent["message"]["channel_id"] != first["id"]


async def test_names_may_have_any_letter(control: Control) -> None:
    name = "Zoë / 50% & more"
    await control.post("/guilds/Sandbox/people", name=name)
    found = await control.get(f"/people/{quote(name, safe='')}")
    assert found["name"] == name


# -- waiting ------------------------------------------------------------------------------------------


async def test_waits_end_with_what_they_wait_for(control: Control) -> None:
    async def later(path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        waiting = asyncio.ensure_future(control.post(path, **body))
        await control.get("/sandbox")  # the wait is there before what it waits for
        return waiting

    waiting = await later("/people/Ada/wait/message", message={"matches": r"n\w+s", "author": "Ben"})
    await control.post("/people/Ada/send", text="news from me")
    sent = await control.post("/people/Ben/send", channel="log", text="good news")
    assert (await waiting)["message"]["id"] == sent["message"]["id"]

    waiting = await later(
        "/people/Ada/wait/message", message={"contains": "news", "after": sent["message"]["id"]}
    )
    again = await control.post("/people/Ben/send", text="other news")
    assert (await waiting)["message"]["id"] == again["message"]["id"]

    waiting = await later("/people/Ada/wait/change", message="other news", text="other news")
    await control.post("/people/Ben/edit", message="other news", text="old hat")
    assert (await waiting)["message"]["text"] == "old hat"

    waiting = await later("/people/Ada/wait/gone", message="old hat")
    await control.post("/people/Ben/delete", message="old hat")
    assert await waiting == {}

    waiting = await later("/people/Ada/wait/channel", name="our")
    await control.post("/people/Ben/threads/create", channel="tasks", name="our thread")
    assert (await waiting)["channel"]["name"] == "our thread"

    waiting = await later("/people/Ada/wait/channel", name="our thread", archived=True)
    await control.post("/people/Ben/threads/change", thread="our thread", archived=True)
    assert (await waiting)["channel"]["archived"]

    waiting = await later("/people/Ada/wait/channel", name="our thread", gone=True)
    await control.post("/people/Olivia Owner/threads/delete", thread="our thread")
    assert await waiting == {"channel": None}


@with_bot
async def test_a_button_that_comes_later_is_waited_for(control: Control) -> None:
    await control.post("/people/Ada/command", name="room", channel="tasks")
    found = await control.post("/people/Ada/wait/message", message={"button": "Press"}, channel="task ab12")
    assert (found["message"]["content"], found["message"]["author"]["name"]) == ("Your turn", "Sandbox Bot")
    await control.post("/people/Ada/click", label="Later", channel="task ab12")
    changed = await control.post(
        "/people/Ada/wait/change", message={"id": found["message"]["id"]}, text=found["message"]["text"]
    )
    assert changed["message"]["content"] == "later came"


async def test_a_wait_in_vain_shows_what_there_is(control: Control) -> None:
    await control.post("/people/Ben/send", text="only this")
    status, code, message = await control.refused(
        "/people/Ada/wait/message", message={"contains": "that", "menu": "Best"}, timeout=0.05
    )
    assert (status, code) == (504, "timeout")
    assert message.startswith("a message with contains 'that', menu 'Best': not within 0.05 s.")
    assert "only this" in message
    status, code, message = await control.refused("/people/Ada/wait/channel", name="our", timeout=0.05)
    assert (status, code) == (504, "timeout")


# -- the whole ----------------------------------------------------------------------------------------


async def test_the_bot_is_waited_for(control: Control, make_bot: MakeBot, sandbox: Sandbox) -> None:
    status, code, message = await control.refused("/bot/ready", timeout=0.05)
    assert (status, code) == (504, "timeout")
    assert "connected False" in message
    assert await control.post("/bot/gone") == {}
    told = await control.get("/sandbox")
    assert (told["rest_url"], told["token"]) == (sandbox.rest_url, sandbox.token)
    assert (told["guilds"], told["people"]) == (["Sandbox"], ["Olivia Owner", "Ada", "Ben"])
    bot = make_bot()
    await bot.start(check_for_updates=False)
    assert (await control.get("/sandbox"))["bot"]["connected"]
    assert (await control.refused("/bot/gone", timeout=0.05))[:2] == (504, "timeout")
    status, changed = await control.call("PATCH", "/sandbox", {"dm_openings": 3})
    assert (status, changed["dm_openings"], sandbox.dm_openings) == (200, 3, 3)


@with_bot
async def test_what_the_bot_did_can_be_read(control: Control) -> None:
    assert "task" in [one["name"] for one in (await control.get("/commands"))["commands"]]
    await control.post("/bot/ready")
    requests = (await control.get("/requests", limit="3"))["requests"]
    assert len(requests) == 3
    bulk = "PUT /applications/{}/commands"
    (registered,) = (await control.get("/requests", on=bulk))["requests"]
    assert (registered["method"], registered["route"], registered["status"]) == (*bulk.split(), 200)
    assert "task" in [one["name"] for one in registered["payload"]]
    status, refused = await control.call("GET", "/requests", on="POST /nowhere")
    assert (status, refused["error"]) == (400, "bad_input")
    assert (await control.get("/violations"))["violations"] == []
    assert (await control.get("/refusals"))["refusals"] == []
    await control.post("/people/Ada/command", name="task")
    last = (await control.get("/journal", limit="2"))["text"].splitlines()
    assert len(last) == 2
    assert "random in en" in last[1]


async def test_the_clock_is_moved(control: Control, sandbox: Sandbox) -> None:
    assert not (await control.get("/clock"))["frozen"]
    stands = (await control.post("/clock/freeze"))["now"]
    assert await control.post("/clock/advance", seconds=900) == {"now": stands + 900, "frozen": True}
    assert sandbox.clock() == stands + 900
    assert not (await control.post("/clock/run"))["frozen"]


# -- faults -------------------------------------------------------------------------------------------


async def test_faults_strike_by_rule_and_count(control: Control, api: Api, sandbox: Sandbox) -> None:
    channel = f"/channels/{sandbox.guild.channel('log').id}"
    made = await control.post("/faults/status", status=503, on="GET /channels/{}", times=2, skip=1)
    assert made == {
        "id": 1,
        "what": "status 503 on GET /channels/{}",
        "times": 2,
        "struck": 0,
        "active": True,
        "text": "status 503 on GET /channels/{}: struck 0 of 2, 1 more to pass",
    }
    assert [(await api("GET", channel))[0] for _ in range(4)] == [200, 503, 503, 200]
    (struck,) = (await control.get("/faults"))["faults"]
    assert (struck["struck"], struck["active"]) == (2, False)
    assert (await control.post("/faults/1/wait", times=2))["struck"] == 2

    await control.post("/faults/rate_limit", retry_after=0.1, scope="shared", on="GET /channels/{}")
    status, limited = await api("GET", channel)
    assert (status, limited["retry_after"]) == (429, 0.1)
    for kind in ("cut", "lose_reply"):
        await control.post(f"/faults/{kind}", on="*")
        with pytest.raises(aiohttp.ClientError):
            await api("POST", f"{channel}/messages", {"content": kind})
    left = (await control.get("/people/Ada/messages", channel="log"))["messages"]
    assert [one["content"] for one in left] == ["lose_reply"]


async def test_a_delay_goes_by_the_sandboxs_clock(control: Control, api: Api, sandbox: Sandbox) -> None:
    await control.post("/clock/freeze")
    await control.post("/faults/delay", seconds=60, on="GET /users/@me", times=None)
    waiting = asyncio.ensure_future(api("GET", "/users/@me"))
    assert (await control.post("/faults/1/wait"))["struck"] == 1
    assert not waiting.done()
    await control.post("/clock/advance", seconds=60)
    assert (await waiting)[0] == 200
    assert await control.call("DELETE", "/faults/1") == (
        200,
        {
            "id": 1,
            "what": "delay of 60 s on GET /users/@me",
            "times": None,
            "struck": 1,
            "active": False,
            "text": "delay of 60 s on GET /users/@me: struck 1, removed",
        },
    )
    await control.post("/faults/cut", on="*")
    assert await control.call("DELETE", "/faults") == (200, {})
    assert await control.get("/faults") == {"faults": []}
    assert sandbox.faults.waiting == []


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/faults/status", {"status": 503, "on": "GET /nowhere"}, 400, "bad_input"),
        ("/faults/status", {"status": 200, "on": "*"}, 400, "bad_body"),
        ("/faults/cut", {"on": "*", "times": 0}, 400, "bad_body"),
        ("/faults/rate_limit", {"on": "*", "retry_after": 1, "scope": "mine"}, 400, "bad_body"),
        ("/faults/lose_event", {"on": "NOTHING_HAPPENED"}, 400, "bad_input"),
        ("/faults/refuse_identify", {"code": 4999}, 400, "bad_input"),
        ("/faults/7/wait", {}, 404, "unknown"),
    ],
)
async def test_faults_that_make_no_sense_are_refused(
    control: Control, path: str, body: dict[str, object], status: int, code: str
) -> None:
    assert (await control.refused(path, **body))[:2] == (status, code)


async def test_the_gateway_is_disturbed_at_once(control: Control, make_bot: MakeBot) -> None:
    bot = make_bot()
    await bot.start(check_for_updates=False)
    await control.post("/gateway/heartbeat")
    for path, body in (
        ("/gateway/reconnect", {}),
        ("/gateway/invalidate", {"resumable": True}),
        ("/gateway/drop", {"code": 4000}),
    ):
        resumed = asyncio.ensure_future(bot.wait_for(hikari.ShardResumedEvent, timeout=30))
        await control.get("/sandbox")  # the bot's wait is there before the disturbance
        await control.post(path, **body)
        await resumed


async def test_the_gateway_fails_by_rule_and_count(control: Control, make_bot: MakeBot) -> None:
    bot = make_bot()
    await bot.start(check_for_updates=False)
    again = asyncio.ensure_future(bot.wait_for(hikari.ShardReadyEvent, timeout=30))
    await control.post("/faults/drop_gateway", on="MESSAGE_CREATE", code=4000, before=True)
    await control.post("/faults/refuse_resume")
    await control.post("/people/Ada/send", text="at this moment")
    assert (await control.post("/faults/1/wait"))["struck"] == 1
    assert (await control.post("/faults/2/wait", timeout=30))["struck"] == 1
    await again


@pytest.mark.sandbox(unstruck_faults="allowed")
async def test_every_kind_of_fault_can_be_set(control: Control, sandbox: Sandbox) -> None:
    made_by_hand = {"before", "after"}  # they take a function
    kinds = {
        name
        for name, method in inspect.getmembers(type(sandbox.faults), inspect.isfunction)
        if inspect.signature(method).return_annotation is Fault and not name.startswith("_")
    }
    assert kinds - made_by_hand == KINDS.keys()
    needed = {"on": "*", "status": 503, "retry_after": 1, "seconds": 1, "resumable": True, "code": 4000}
    for kind, model in KINDS.items():
        body = {name: needed[name] for name, one in model.model_fields.items() if one.is_required()}
        assert (await control.post(f"/faults/{kind}", **body))["struck"] == 0
    assert len(sandbox.faults.waiting) == len(KINDS)


@pytest.mark.sandbox(unstruck_faults="allowed")
async def test_a_fault_that_does_not_strike_is_waited_for_in_vain(control: Control) -> None:
    await control.post("/faults/cut", on="*")
    assert (await control.refused("/faults/1/wait", timeout=0.05))[:2] == (504, "timeout")
    assert (await control.refused("/faults/1/wait", times=2))[:2] == (400, "bad_input")


# -- this machine alone -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
async def test_other_sites_are_refused(control: Control, headers: dict[str, str]) -> None:
    for method, path in (
        ("GET", "/sandbox"),
        ("POST", "/clock/freeze"),
        ("DELETE", "/guilds/Sandbox/roles/x"),
    ):
        async with control.session.request(
            method, f"{control.base}{path}", headers=headers, json={}
        ) as response:
            assert response.status == 403
            assert (await response.json())["error"].startswith("foreign")


@pytest.mark.parametrize(("method", "path"), [("POST", "/guilds/Sandbox/people"), ("PATCH", "/people/Ada")])
async def test_a_form_of_another_site_is_refused(control: Control, method: str, path: str) -> None:
    async with control.session.request(method, f"{control.base}{path}", data='{"name": "Eve"}') as response:
        assert response.status == 415
        assert (await response.json())["error"] == "not_json"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])  # noqa: S104 - shown to be refused
def test_the_control_stays_on_this_machine(sandbox: Sandbox, host: str) -> None:
    with pytest.raises(ValueError, match="only on this machine"):
        SandboxControl(sandbox, host=host)


async def test_it_starts_and_ends_more_than_once(sandbox: Sandbox) -> None:
    control = SandboxControl(sandbox, host="localhost")
    await control.start()
    port = int(control.url.rsplit(":", 1)[1].rstrip("/"))
    with pytest.raises(PortTakenError, match=str(port)):
        await SandboxControl(sandbox, port=port).start()
    await control.close()
    await control.close()
    await control.start()
    await control.close()


async def test_a_fault_of_the_sandbox_itself_is_told_in_json(control: Control, sandbox: Sandbox) -> None:
    # A guild without its role for everyone cannot be: whatever reads it fails.
    roles = sandbox.guild.guild.roles
    everyone = roles.pop(sandbox.guild.id)
    status, told = await control.call("GET", "/people/Ada/channels")
    roles[sandbox.guild.id] = everyone
    assert (status, told["error"]) == (500, "failed")
    assert "KeyError" in told["message"]
