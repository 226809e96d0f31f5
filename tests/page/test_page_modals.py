"""Modals with all kinds of fields on the page: what is shown, what is filled, and what the bot gets."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from discord_sandbox import Actor, Sandbox
from discord_sandbox.gateway import Line
from tests.calling import client_headers
from tests.page.conftest import Browser, with_browser

Json = dict[str, Any]

FORM: Json = {
    "custom_id": "form",
    "title": "All about you",
    "components": [
        {"type": 10, "content": "Tell us **all**."},
        {
            "type": 18,
            "label": "Colours",
            "description": "two at most",
            "component": {
                "type": 3,
                "custom_id": "colours",
                "max_values": 2,
                "options": [
                    {"label": "Red", "value": "r"},
                    {"label": "Green", "value": "g", "default": True},
                    {"label": "Blue", "value": "b"},
                ],
            },
        },
        {
            "type": 18,
            "label": "Class",
            "component": {
                "type": 21,
                "custom_id": "class",
                "options": [{"label": "Witch", "value": "w"}, {"label": "Rogue", "value": "r"}],
            },
        },
        {"type": 18, "label": "News", "component": {"type": 23, "custom_id": "news", "default": True}},
        {"type": 18, "label": "Picture", "component": {"type": 19, "custom_id": "files", "required": False}},
    ],
}
MORE: Json = {
    "custom_id": "more",
    "title": "And more",
    "components": [
        {
            "type": 18,
            "label": "Days",
            "component": {
                "type": 22,
                "custom_id": "days",
                "options": [{"label": "Monday", "value": "1"}, {"label": "Tuesday", "value": "2"}],
            },
        },
        {"type": 18, "label": "Friend", "component": {"type": 5, "custom_id": "friend", "required": False}},
        {
            "type": 18,
            "label": "Name",
            "component": {"type": 4, "style": 1, "custom_id": "name", "value": "old", "max_length": 9},
        },
    ],
}


class FormBot(Line):
    """A bot by hand, because hikari does not know these fields: it asks, and says what it got."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.got: list[Json] = []
        self._sandbox = sandbox
        self._session = session
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, frame: str) -> None:
        event = json.loads(frame)
        if event["t"] == "INTERACTION_CREATE":
            task = asyncio.create_task(self._answer(event["d"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def drop(self, code: int | None) -> None:
        """Nothing is left to close."""

    def invalidate(self, *, resumable: bool) -> None:
        """Nothing is there to begin anew."""

    async def _answer(self, interaction: Json) -> None:
        data = interaction["data"]
        if interaction["type"] == 5:
            self.got.append(data)
            answer: Json = {"type": 4, "data": {"content": "Thank you"}}
        else:
            answer = {"type": 9, "data": FORM if data["name"] == "form" else MORE}
        url = f"{self._sandbox.rest_url}/interactions/{interaction['id']}/{interaction['token']}/callback"
        async with self._session.post(url, json=answer) as response:
            assert response.status == 204, await response.text()


@pytest.fixture
async def form_bot(sandbox: Sandbox) -> AsyncIterator[FormBot]:
    async with aiohttp.ClientSession() as session:
        bot = FormBot(sandbox, session)
        commands = [{"name": name, "description": "Ask"} for name in ("form", "more")]
        url = f"{sandbox.rest_url}/applications/{sandbox.bot_id}/commands"
        async with session.put(url, json=commands, headers=client_headers(sandbox)) as response:
            assert response.status == 200, await response.text()
        sandbox.gateway.identify(0, (0, 1), bot)
        yield bot
        sandbox.gateway.sessions.clear()


async def ask(screen: Page, command: str) -> None:
    await screen.locator("#people button", has_text="Alice").click()
    await screen.locator("#input").focus()
    await screen.keyboard.type(f"/{command}")
    await screen.keyboard.press("Enter")
    await screen.keyboard.press("Enter")


@with_browser
async def test_choices_checkboxes_and_files_are_filled_on_the_page(screen: Page, form_bot: FormBot) -> None:
    await ask(screen, "form")
    dialog = screen.locator("dialog")
    await expect(dialog.locator(".text strong")).to_have_text("all")
    await expect(dialog).to_contain_text("two at most")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog.locator(".problem")).to_have_text("'Class' takes 1 option, not 0.")

    await dialog.get_by_label("Colours").select_option(["Red", "Green"])
    await dialog.get_by_role("radio", name="Rogue").check()
    await dialog.get_by_role("checkbox", name="News").uncheck()
    await dialog.get_by_label("Picture").set_input_files(
        {"name": "cat.png", "mimeType": "image/png", "buffer": b"meow"}
    )
    await dialog.get_by_role("button", name="Submit").click()
    await expect(screen.locator(".message")).to_contain_text("Thank you")

    (data,) = form_bot.got
    sent = [one["component"] for one in data["components"] if "component" in one]
    assert [one.get("value", one.get("values")) for one in sent][:3] == [["r", "g"], "r", False]
    (found,) = data["resolved"]["attachments"].values()
    assert sent[3]["values"] == [found["id"]]
    async with aiohttp.ClientSession() as session, session.get(found["url"]) as response:
        assert (await response.read(), response.content_type) == (b"meow", "image/png")


@with_browser
async def test_groups_people_and_lines_are_filled_on_the_page(
    screen: Page, form_bot: FormBot, bob: Actor
) -> None:
    await ask(screen, "more")
    dialog = screen.locator("dialog")
    await dialog.get_by_role("checkbox", name="Tuesday").check()
    await dialog.get_by_label("Friend").select_option("Bob")
    await expect(dialog.get_by_label("Name")).to_have_value("old")
    await dialog.get_by_label("Name").fill("new")
    await screen.keyboard.press("Control+Enter")
    await expect(screen.locator(".message")).to_contain_text("Thank you")
    sent = [one["component"] for one in form_bot.got[0]["components"]]
    assert [one.get("value", one.get("values")) for one in sent] == [["2"], [str(bob.id)], "new"]


async def test_values_of_all_kinds_go_through_the_api(
    browser: Browser, form_bot: FormBot, alice: Actor
) -> None:
    modal = (await browser.command(alice, "form"))["modal"]
    assert [one["type"] for one in modal["fields"]] == [10, 3, 21, 23, 19]
    submit = f"people/{alice.id}/modals/{modal['id']}/submit"
    refused = await browser.post(submit, {"values": {"Picture": {"cat.png": "not base64"}}})
    assert (refused[0], "Picture" in refused[1]["message"]) == (400, True)
    files = {"cat.png": base64.b64encode(b"meow").decode()}
    values = {"Colours": ["Blue"], "Class": "Witch", "News": False, "Picture": files}
    status, done = await browser.post(submit, {"values": values})
    assert (status, done["message"]["content"]) == (200, "Thank you")
    sent = [one["component"] for one in form_bot.got[0]["components"] if "component" in one]
    assert [one.get("value", one.get("values")) for one in sent][:3] == [["b"], "w", False]
