"""Answers after the first: what stands in for a deleted thinking message, and which files stay."""

import io
import json

import aiohttp
import pytest

from tests.calling import BUTTON, client_headers, started
from tests.sandbox.desk import Desk


async def test_a_follow_up_after_the_thinking_message_was_deleted_is_seen(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    assert (await desk.answer(5))[0] == 200
    assert (await desk.follow("DELETE", "@original"))[0] == 204
    status, message = await desk.follow("POST", body={"content": "here it is"})
    assert (status, message["content"]) == (200, "here it is")
    await task
    (seen,) = desk.alice.messages(desk.sandbox.guild.channel("general"))
    assert (seen.id, seen.content) == (int(message["id"]), "here it is")


async def test_a_wrong_query_does_not_use_the_answer_up(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    it = desk.newest()
    path = f"/interactions/{it.id}/{it.token}/callback"
    body = {"type": 4, "data": {"content": "once"}}
    status, answer = await desk.api("POST", f"{path}?with_response=maybe", body)
    assert (status, answer["code"]) == (400, 50035)
    assert desk.alice.messages(desk.sandbox.guild.channel("general")) == []
    assert (await desk.api("POST", f"{path}?with_response=true", body))[0] == 200
    assert (await task).content == "once"


@pytest.mark.parametrize(
    ("data", "left"),
    [({}, ["old.txt", "new.txt"]), ({"attachments": [{"id": 0}]}, ["new.txt"])],
    ids=["no list", "a list"],
)
async def test_only_the_list_of_files_removes_files_of_an_updated_message(
    desk: Desk, data: dict[str, object], left: list[str]
) -> None:
    async def send(kind: int, data: object, name: str) -> None:
        form = aiohttp.FormData()
        form.add_field("payload_json", json.dumps({"type": kind, "data": data}))
        form.add_field("files[0]", io.BytesIO(b"x"), filename=name)
        it = desk.newest()
        url = f"{desk.sandbox.rest_url}/interactions/{it.id}/{it.token}/callback"
        async with aiohttp.ClientSession(headers=client_headers(desk.sandbox)) as session:
            assert (await session.post(url, data=form)).status == 204

    task = await started(desk.alice.command("do"))
    await send(4, {"content": "files", "components": [BUTTON]}, "old.txt")
    message = (await task).message
    assert message is not None
    pressed = await started(message.click("Go"))
    await send(7, data, "new.txt")
    assert [one["filename"] for one in (await pressed).attachments] == left
