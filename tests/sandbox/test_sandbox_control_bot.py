"""Over the control, people meet the bot: commands, buttons, menus, modals, and a bot that does not answer."""

import pytest

from discord_sandbox import Sandbox
from tests.sandbox.control_client import Control

with_bot = pytest.mark.usefixtures("bot")


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
        "count",
        "greet",
        "room",
        "settings channel",
        "silent",
        "task",
    ]
    assert (offered["message_menu"], offered["person_menu"]) == (["Label"], ["Greeted"])
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
    await control.call("PATCH", "/sandbox", {"answer_seconds": 0})
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
