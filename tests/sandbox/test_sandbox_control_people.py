"""Over the control, people write, react, pin, forward, type, block and talk in threads."""

import base64
from urllib.parse import quote

import pytest

from discord_sandbox import Sandbox
from discord_sandbox.world.model import MessageFlag
from tests.sandbox.control_client import Control

with_bot = pytest.mark.usefixtures("bot")


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


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.txt": "!!"}, "files.a.txt: a file is base64"),
        ({"a.txt": "YWJj\nYWJj"}, "files.a.txt: a file is base64"),
        ({"a.txt": "YWJ"}, "files.a.txt: a file is base64"),
        ({"a.txt": "ä"}, "files.a.txt: a file is base64"),
        ({"a.txt": 5}, "files.a.txt: a file is base64"),
        ({"../a": "YWJj"}, "a plain name"),
        ({"..": "YWJj"}, "a plain name"),
        ({"a\\b": "YWJj"}, "a plain name"),
        ({"a\nb": "YWJj"}, "a plain name"),
        ({"": "YWJj"}, "at least 1 character"),
    ],
)
async def test_files_are_base64_with_plain_names(
    control: Control, files: dict[str, object], said: str
) -> None:
    status, code, message = await control.refused("/people/Ada/send", text="look", files=files)
    assert (status, code) == (400, "bad_body")
    assert said in message
    assert (await control.get("/people/Ada/messages"))["messages"] == []


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
