"""Waits over the control end with what they wait for, or say what there is instead."""

import asyncio
import time
from typing import Any

import pytest

from tests.sandbox.control_client import Control

with_bot = pytest.mark.usefixtures("bot")


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


async def test_no_expression_holds_up_the_sandbox(control: Control) -> None:
    await control.post("/people/Ben/send", text="a" * 2000)
    begun = time.process_time()
    status, code, _ = await control.refused(
        "/people/Ada/wait/message", message={"matches": "(a+)+$b"}, timeout=0.05
    )
    assert (status, code) == (504, "timeout")
    assert time.process_time() - begun < 2
    found = await control.post("/people/Ada/wait/message", message={"matches": "^(a+)+$"})
    assert found["message"]["author"]["name"] == "Ben"


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
