"""/me with a backend that speaks the protocol and nothing beyond it: what it tells is shown."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.app import BotApp
from discord_sandbox import Sandbox
from oasst_client import OasstApiClient, OasstErrorCode
from tests.bot_community.givers import (
    KEY,
    PROMPT,
    REVIEW_PROMPT,
    Giver,
    RealBackend,
    forged_click,
    real_backend,
)
from tests.bot_community.test_me_history import entry, history_of, look_at

pytestmark = pytest.mark.usefixtures("bot")


class PlainBackend:
    """Stands before our backend and lets only the protocol's own calls through.

    Attributes:
        url: where it is.
        left_out: fields that it takes out of every answer.
        added: points that it gives everybody for free.
        refuses_pages: whether it says of every page of texts, the first, too, that there is no such page.
    """

    def __init__(self, url: str) -> None:
        self._behind = url
        self.url = ""
        self.left_out: set[str] = set()
        self.added = 0
        self.refuses_pages = False

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _pass_on(self, request: web.Request) -> web.Response:
        if request.path.startswith("/api/ext/"):
            return web.json_response({"detail": "Not Found"}, status=404)
        if self.refuses_pages and request.path.endswith("/messages/cursor"):
            refusal = {"error_code": OasstErrorCode.invalid_cursor_value, "message": "no such page"}
            return web.json_response(refusal, status=400)
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method,
                self._behind + request.raw_path,
                data=await request.read(),
                headers={
                    name: value
                    for name, value in request.headers.items()
                    if name.lower() in {"x-api-key", "x-oasst-user", "content-type"}
                },
            ) as answer,
        ):
            body = await answer.read()
            if answer.content_type == "application/json" and body:
                body = json.dumps(self._less(json.loads(body))).encode()
            return web.Response(status=answer.status, body=body, content_type=answer.content_type)

    def _less(self, value: Any) -> Any:  # noqa: ANN401  # any JSON
        if isinstance(value, list):
            return [self._less(one) for one in value]
        if not isinstance(value, dict):
            return value
        less = {name: self._less(one) for name, one in value.items() if name not in self.left_out}
        if "leader_score" in less:
            less["leader_score"] += self.added
        return less


@pytest.fixture
async def ours(tmp_path: Path) -> AsyncIterator[RealBackend]:
    async with real_backend(tmp_path) as backend:
        yield backend


@pytest.fixture
async def backend(ours: RealBackend) -> AsyncIterator[PlainBackend]:
    plain = PlainBackend(ours.url)
    runner = await plain.start()
    yield plain
    await runner.cleanup()


@pytest.fixture
async def client(ours: RealBackend) -> AsyncIterator[OasstApiClient]:
    async with OasstApiClient(ours.url, KEY) as client:
        yield client


async def test_points_and_texts_are_shown_as_far_as_they_are_told(
    sandbox: Sandbox, client: OasstApiClient
) -> None:
    alice = sandbox.guild.add_member("Alice")
    me = Giver(client, alice)
    await me.write(PROMPT, "Why is the sky blue?")
    await Giver(client, "bob").review(REVIEW_PROMPT, spam=1)
    gone = await me.write(PROMPT, "Who wrote the first book?")
    await client.delete_message(gone)
    for number in range(5):
        await me.write(PROMPT, f"Question {number}")
    await Giver(client, "bob").review(REVIEW_PROMPT)
    panel = await history_of(alice)
    assert "tells no more of your texts" in panel.text
    assert "Waiting for reviews (0 so far)" in panel.text or "Accepted" in panel.text
    await panel.click("Older")
    await alice.until(lambda: "sky blue" in panel.text, what="the older ones")
    assert "Not accepted" in entry(panel, "sky blue")
    assert "Deleted" in entry(panel, "first book")
    await look_at(alice, panel, "Why is the sky blue?")
    assert "takes no changes from here" in panel.text
    assert panel.buttons == ["Back to the list"]


async def test_a_backend_that_counts_otherwise_is_said_to(
    sandbox: Sandbox, client: OasstApiClient, backend: PlainBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await Giver(client, alice).write(PROMPT, "Why is the sky blue?")
    backend.added = 7
    panel = (await alice.command("me")).message
    assert panel is not None
    assert "All in all: **7**" in panel.text
    assert "counts by rules of its own" in panel.text


async def test_a_backend_of_the_older_dialect_will_do(
    sandbox: Sandbox, client: OasstApiClient, backend: PlainBackend, bot: BotApp
) -> None:
    alice, eve = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Eve")
    theirs = await Giver(client, alice).write(PROMPT, "Why is the sky blue?")
    await Giver(client, eve).write(PROMPT, "Do fish sleep at night?")
    backend.left_out = {"streak_days", "level", "show_on_leaderboard", "user_is_author", "lang", "rank"}
    panel = (await alice.command("me")).message
    assert panel is not None
    assert "Not counted here" in panel.text
    panel = await history_of(alice)
    await look_at(alice, panel, "Why is the sky blue?")
    assert "Back to the list" in panel.buttons
    for action in ("one", "withdraw_now"):
        answer = await forged_click(sandbox, bot, eve, f"me:1:{action}:{theirs}")
        assert "sky" not in answer.text


async def test_a_backend_without_a_first_page_is_not_asked_for_ever(
    sandbox: Sandbox, client: OasstApiClient, backend: PlainBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await Giver(client, alice).write(PROMPT, "Why is the sky blue?")
    backend.refuses_pages = True
    panel = (await alice.command("me")).message
    assert panel is not None
    await panel.click("My texts")
    await alice.until(lambda: "cannot be reached right now" in panel.text, what="that it cannot be shown")


async def test_nothing_is_changed_or_withdrawn_where_that_is_no_call(
    sandbox: Sandbox, client: OasstApiClient, bot: BotApp
) -> None:
    alice = sandbox.guild.add_member("Alice")
    own = await Giver(client, alice).write(PROMPT, "Why is the sky blue?")
    answer = await forged_click(sandbox, bot, alice, f"me:1:withdraw_now:{own}")
    assert "could not be withdrawn" in answer.text
    await bot.services.store.own_texts.set_draft(int(alice.id), own, "Who painted it?", now=bot.clock.now())
    answer = await forged_click(sandbox, bot, alice, f"me:1:save:{own}")
    assert "takes no changes from here" in answer.text
    assert answer.buttons == ["Back to the list"]
    general = sandbox.guild.channel("general")
    await alice.until(
        lambda: [one for one in alice.messages(general) if "Who painted it?" in one.text],
        what="the wording given back",
    )
    message = await client.fetch_message(own)
    assert (message.text, message.deleted) == ("Why is the sky blue?", False)
    assert "not saved" not in (await history_of(alice)).text
