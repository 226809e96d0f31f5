"""The page's API over real sockets: who sees what, what comes of an act, and what is refused."""

import asyncio
from typing import Any

import pytest

from discord_sandbox import Actor, PortTakenError, Sandbox
from discord_sandbox.page import SandboxPage
from tests.page.conftest import Browser

with_bot = pytest.mark.usefixtures("bot")


def on_message(person: Actor, message: dict[str, Any], what: str) -> str:
    return f"people/{person.id}/channels/{message['channel_id']}/messages/{message['id']}/{what}"


async def test_people_are_listed_and_can_join(browser: Browser, alice: Actor) -> None:
    status, joined = await browser.post("people", {"name": "Zoë Brown", "locale": "fr"})
    assert status == 201
    _, listed = await browser.get("people")
    assert [one["name"] for one in listed["people"]] == ["Olivia Owner", "Alice", "Zoë Brown"]
    assert listed["people"][0]["owner"]
    assert listed["people"][2] == {
        "id": joined["id"],
        "name": "Zoë Brown",
        "locale": "fr",
        "owner": False,
        "roles": [],
    }
    assert await browser.post("people", {"name": alice.name}) == (
        409,
        {"error": "name_taken", "message": "Alice is here already."},
    )


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"name": "A", "admin": True}, [1]])
async def test_a_body_that_does_not_fit_is_refused_in_one_line(browser: Browser, body: object) -> None:
    status, refused = await browser.post("people", body)
    assert (status, refused["error"]) == (400, "bad_body")
    assert "\n" not in refused["message"]


@with_bot
async def test_a_private_thread_is_seen_only_by_its_people(
    browser: Browser, alice: Actor, bob: Actor
) -> None:
    await browser.command(alice, "room")
    mine = await browser.view(alice)
    thread = next(one for one in mine["channels"] if one["kind"] == "private_thread")
    inside = await browser.view(alice, thread["id"])
    assert inside["channel"] == thread["id"]
    assert inside["messages"][0]["embeds"][0]["author"]["name"] == "1 · User"

    theirs = await browser.view(bob, thread["id"])
    assert theirs["channel"] != thread["id"]
    assert all(one["kind"] == "text" for one in theirs["channels"])
    assert thread["id"] not in theirs["names"]["channels"]
    status, refused = await browser.post(
        on_message(bob, inside["messages"][0], "click"), {"custom_id": "write"}
    )
    assert (status, refused["error"]) == (404, "not_visible")


@with_bot
async def test_an_ephemeral_answer_is_only_its_owners(browser: Browser, alice: Actor, bob: Actor) -> None:
    answer = (await browser.command(alice, "task", language="de", buddy={"id": str(bob.id)}))["message"]
    assert answer["content"] == "random in de with bob"
    assert answer["ephemeral"]
    assert [one["id"] for one in (await browser.view(alice))["messages"]] == [answer["id"]]
    assert (await browser.view(bob))["messages"] == []
    for what, body in (("click", {"custom_id": "write"}), ("dismiss", {}), ("menu", {"name": "Label"})):
        assert (await browser.post(on_message(bob, answer, what), body))[0] == 404

    assert await browser.post(on_message(alice, answer, "dismiss"), {}) == (200, {})
    assert (await browser.view(alice))["messages"] == []


@with_bot
async def test_a_modal_is_filled_by_who_opened_it(browser: Browser, alice: Actor, bob: Actor) -> None:
    answer = (await browser.command(alice, "task"))["message"]
    _, opened = await browser.post(on_message(alice, answer, "click"), {"custom_id": "write"})
    modal = opened["modal"]
    assert modal["title"] == "Your story"
    assert modal["fields"][0]["value"] == "Once"
    submit = f"modals/{modal['id']}/submit"

    assert (await browser.post(f"people/{bob.id}/{submit}", {"values": {}}))[0] == 404
    status, refused = await browser.post(f"people/{alice.id}/{submit}", {"values": {"Your text": "x" * 61}})
    assert (status, refused["error"]) == (400, "bad_input")
    status, done = await browser.post(f"people/{alice.id}/{submit}", {"values": {"Your text": "a tale"}})
    assert (status, done["message"]["content"]) == (200, "**Thanks** for a tale")
    assert (await browser.post(f"people/{alice.id}/{submit}", {"values": {}}))[0] == 404


@with_bot
async def test_a_dismissed_modal_is_gone(browser: Browser, alice: Actor) -> None:
    answer = (await browser.command(alice, "task"))["message"]
    _, opened = await browser.post(on_message(alice, answer, "click"), {"custom_id": "write"})
    modal = f"people/{alice.id}/modals/{opened['modal']['id']}"
    assert await browser.post(f"{modal}/dismiss", {}) == (200, {})
    assert (await browser.post(f"{modal}/submit", {"values": {}}))[0] == 404


@with_bot
async def test_a_form_survives_an_application_that_does_not_answer(
    browser: Browser, sandbox: Sandbox, alice: Actor
) -> None:
    answer = (await browser.command(alice, "task"))["message"]
    _, opened = await browser.post(on_message(alice, answer, "click"), {"custom_id": "write"})
    submit = f"people/{alice.id}/modals/{opened['modal']['id']}/submit"
    sandbox.answer_seconds = 0
    status, refused = await browser.post(submit, {"values": {"Your text": "again"}})
    assert (status, refused["error"]) == (504, "no_answer")
    sandbox.answer_seconds = 3
    status, done = await browser.post(submit, {"values": {"Your text": "again"}})
    assert (status, done["message"]["content"]) == (200, "**Thanks** for again")


@with_bot
async def test_menus_take_what_they_offer(browser: Browser, sandbox: Sandbox, alice: Actor) -> None:
    answer = (await browser.command(alice, "task"))["message"]
    choose = on_message(alice, answer, "choose")
    status, done = await browser.post(choose, {"custom_id": "flags", "values": ["g", "a"]})
    assert (status, done["message"]["content"]) == (200, "chose ['a', 'g']")
    tasks = str(sandbox.guild.channel("tasks").id)
    status, done = await browser.post(choose, {"custom_id": "where", "values": [tasks]})
    assert (status, done["message"]["content"]) == (200, "chose #tasks")


@with_bot
@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("click", {"custom_id": "off"}, 404),
        ("click", {"custom_id": "nothing"}, 404),
        ("choose", {"custom_id": "flags", "values": []}, 400),
        ("choose", {"custom_id": "flags", "values": ["a", "b", "g"]}, 400),
        ("choose", {"custom_id": "flags", "values": ["z"]}, 404),
        ("choose", {"custom_id": "where", "values": ["somewhere"]}, 404),
        ("choose", {"custom_id": "where", "values": ["1"]}, 404),
        ("choose", {"custom_id": "nothing", "values": ["a"]}, 404),
    ],
)
async def test_what_is_not_on_the_screen_cannot_be_used(
    browser: Browser, alice: Actor, what: str, body: object, status: int
) -> None:
    answer = (await browser.command(alice, "task"))["message"]
    got, refused = await browser.post(on_message(alice, answer, what), body)
    assert (got, set(refused)) == (status, {"error", "message"})


@with_bot
async def test_commands_come_with_what_the_page_needs_to_ask(
    browser: Browser, sandbox: Sandbox, bob: Actor
) -> None:
    theirs = await browser.view(bob)
    assert [one["name"] for one in theirs["commands"]] == ["card", "room", "silent", "task"]
    assert theirs["menus"] == [{"name": "Label", "label": "Label"}]
    options = {one["name"]: one for one in theirs["commands"][-1]["options"]}
    assert [one["name"] for one in options["type"]["choices"]] == ["anything", "a story"]
    assert options["language"]["autocomplete"]
    owners = await browser.view(sandbox.guild.owner)
    assert [one["name"] for one in owners["commands"]] == ["card", "room", "settings log", "silent", "task"]
    done = await browser.command(
        sandbox.guild.owner, "settings log", channel={"id": str(sandbox.guild.channel("log").id)}
    )
    assert done["message"]["content"] == "the log goes to #log"


@with_bot
async def test_autocomplete_gives_choices(browser: Browser, alice: Actor) -> None:
    place = (await browser.view(alice))["channel"]
    path = f"people/{alice.id}/channels/{place}/autocomplete"
    _, found = await browser.post(path, {"name": "task", "option": "language", "text": "ger"})
    assert found == {"choices": [{"name": "German", "value": "de"}]}


@with_bot
async def test_messages_and_their_menu(browser: Browser, alice: Actor, bob: Actor) -> None:
    place = (await browser.view(alice))["channel"]
    status, sent = await browser.post(f"people/{alice.id}/channels/{place}/messages", {"text": "hello"})
    assert status == 201
    _, done = await browser.post(on_message(bob, sent["message"], "menu"), {"name": "Label"})
    assert done["message"]["content"] == "You label “hello”"


@with_bot
@pytest.mark.parametrize(
    ("command", "status", "code"),
    [("settings log", 404, "not_visible"), ("nothing", 404, "not_visible"), ("silent", 504, "no_answer")],
)
async def test_refused_commands_say_why_in_one_line(
    browser: Browser, sandbox: Sandbox, alice: Actor, command: str, status: int, code: str
) -> None:
    sandbox.answer_seconds = 0.1
    place = (await browser.view(alice))["channel"]
    got, refused = await browser.post(f"people/{alice.id}/channels/{place}/command", {"name": command})
    assert (got, refused["error"]) == (status, code)
    assert refused["message"]
    assert "\n" not in refused["message"]


async def test_who_may_not_write_is_told_so(browser: Browser, sandbox: Sandbox, alice: Actor) -> None:
    channel = sandbox.guild.channel("log")
    sandbox.guild.overwrite(channel, sandbox.guild.everyone, deny=1 << 11)
    assert not (await browser.view(alice, channel.id))["can_write"]
    status, refused = await browser.post(f"people/{alice.id}/channels/{channel.id}/messages", {"text": "hi"})
    assert (status, refused["error"]) == (403, "not_permitted")


@with_bot
async def test_an_archived_thread_can_still_be_read(browser: Browser, alice: Actor) -> None:
    await browser.command(alice, "room")
    thread = alice.threads()[0]
    alice.open_dm()
    alice.store.channels[thread.id].thread.archived = True  # type: ignore[union-attr]  # a thread has one
    seen = await browser.view(alice, thread.id)
    assert seen["channel"] == str(thread.id)
    assert next(one for one in seen["channels"] if one["id"] == str(thread.id))["archived"]
    assert seen["messages"]
    assert (seen["commands"], seen["menus"]) == ([], [])


async def test_nobody_and_nowhere(browser: Browser, alice: Actor, bob: Actor) -> None:
    bob.leave()
    assert (await browser.get(f"people/{bob.id}/view"))[0] == 404
    assert (await browser.post(f"people/{alice.id}/channels/1/command", {"name": "task"}))[0] == 404
    assert (await browser.get("nothing"))[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
async def test_other_sites_are_refused(browser: Browser, headers: dict[str, str]) -> None:
    for path in ("", "api/people", "api/changes", "static/app.js"):
        async with browser.session.get(f"{browser.base}{path}", headers=headers) as response:
            assert response.status == 403
            assert (await response.json())["error"].startswith("foreign")


async def test_a_form_of_another_site_is_refused(browser: Browser, sandbox: Sandbox) -> None:
    async with browser.session.post(f"{browser.base}api/people", data='{"name": "Eve"}') as response:
        assert response.status == 415
    assert [one.name for one in sandbox.guild.members] == ["Olivia Owner"]


async def test_the_page_comes_whole_and_loads_nothing_from_elsewhere(browser: Browser) -> None:
    async with browser.session.get(browser.base, headers={"Origin": browser.base.rstrip("/")}) as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        text = await response.text()
    assert "//" not in text.removeprefix("<!doctype html>")
    for name, kind in (("app.js", "text/javascript"), ("style.css", "text/css")):
        async with browser.session.get(f"{browser.base}static/{name}") as response:
            assert (response.status, response.content_type) == (200, kind)
    async with browser.session.get(f"{browser.base}static/..%2Fserver.py") as response:
        assert response.status == 404


async def test_the_stream_tells_of_changes_and_ends_with_the_page(
    browser: Browser, page: SandboxPage, sandbox: Sandbox, alice: Actor
) -> None:
    async with browser.session.get(f"{browser.base}api/changes") as stream:
        first = await stream.content.readline()
        assert first == f"data: {sandbox.version}\n".encode()
        await stream.content.readline()
        alice.send(sandbox.guild.channel("general"), "news")
        second = await asyncio.wait_for(stream.content.readline(), 5)
        assert int(second.removeprefix(b"data: ")) > int(first.removeprefix(b"data: "))
        await page.close()
        rest = await asyncio.wait_for(stream.content.read(), 5)
        assert rest.strip() == b""
    await page.close()


async def test_a_taken_port_is_named(page: SandboxPage, sandbox: Sandbox) -> None:
    port = int(page.url.rsplit(":", 1)[1].rstrip("/"))
    with pytest.raises(PortTakenError, match=str(port)):
        await SandboxPage(sandbox, port=port).start()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])  # noqa: S104 - shown to be refused
def test_the_page_stays_on_this_machine(sandbox: Sandbox, host: str) -> None:
    with pytest.raises(ValueError, match="only on this machine"):
        SandboxPage(sandbox, host=host)
