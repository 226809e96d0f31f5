"""Modals as Discord has them today: what people can fill, and what the bot gets."""

import aiohttp
import pytest

from discord_sandbox import BadInput, FormValue, ModalView, NotVisible
from tests.calling import Json, started
from tests.modal_bodies import (
    box,
    boxes,
    labelled,
    modal,
    old_row,
    options,
    people,
    radio,
    select,
    text,
    upload,
)
from tests.sandbox.desk import Desk


async def opened(desk: Desk, *components: Json) -> ModalView:
    """Have Alice open a modal with these components."""
    task = await started(desk.alice.command("do"))
    assert await desk.answer(9, modal(*components)) == (
        200,
        {"interaction": {"id": str(desk.newest().id), "type": 2}},
    )
    found = (await task).modal
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("component", "place"),
    [
        ({"type": 99}, "data.components.0.type"),
        (labelled({"type": 20, "custom_id": "x"}), "data.components.0.component.type"),
        (labelled(box(required=True)), "data.components.0.component.required"),
        (
            labelled(radio(offered=[{"emoji": {"name": "x"}}] * 2)),
            "data.components.0.component.options.0.emoji",
        ),
    ],
)
async def test_what_the_sandbox_does_not_know_in_a_modal_is_loud(
    desk: Desk, component: Json, place: str
) -> None:
    task = await started(desk.alice.command("do"))
    assert (await desk.answer(9, modal(component)))[0] == 400
    assert place in desk.sandbox.violations.pop()
    await desk.answer(4, {"content": "instead"})
    await task


async def test_a_modal_of_all_kinds_is_read_filled_and_sent_as_discord_sends_it(desk: Desk) -> None:
    bob = desk.sandbox.guild.add_member("Bob")
    asked = await opened(
        desk,
        {"type": 10, "content": "Tell us **all**."},
        labelled(text(value="Once"), "Story", description="in your words", id=2),
        labelled(select(max_values=2), "Colours"),
        labelled(radio(offered=options("Warrior", "Witch")), "Class"),
        labelled(box(default=True), "News"),
    )
    assert (asked.title, asked.inputs) == (
        "A form",
        {"Story": "Once", "Colours": [], "Class": None, "News": True},
    )
    assert asked.text.splitlines() == [
        "A form",
        "Tell us **all**.",
        "Story (needed, in your words): “Once”",
        "Colours (needed): Red | Blue",
        "Class (needed): Warrior | Witch",
        "News: [x]",
    ]
    task = await started(asked.submit({"Story": "Twice", "Colours": ["Blue", "Red"], "Class": "Wi"}))
    data = desk.received()["data"]
    assert data == {
        "custom_id": "m",
        "components": [
            {"type": 10, "id": 1},
            {
                "type": 18,
                "id": 2,
                "component": {"type": 4, "id": 3, "custom_id": "text", "value": "Twice"},
            },
            {
                "type": 18,
                "id": 4,
                "component": {"type": 3, "id": 5, "custom_id": "select", "values": ["blue", "red"]},
            },
            {"type": 18, "id": 6, "component": {"type": 21, "id": 7, "custom_id": "radio", "value": "witch"}},
            {"type": 18, "id": 8, "component": {"type": 23, "id": 9, "custom_id": "box", "value": True}},
        ],
    }
    await desk.answer(4, {"content": "thanks"})
    assert (await task).text == "thanks"
    assert bob.messages(desk.sandbox.guild.channel("general"))[-1].content == "thanks"


async def test_people_roles_and_channels_come_with_what_they_are(desk: Desk) -> None:
    guild = desk.sandbox.guild
    bob, helpers, tasks = guild.add_member("Bob"), guild.create_role("helpers"), guild.channel("tasks")
    asked = await opened(
        desk,
        labelled(people(5, default_values=[{"id": str(bob.id), "type": "user"}]), "Who"),
        labelled(people(6), "Which role"),
        labelled(people(7, max_values=2), "Whom to ping"),
        labelled(people(8, channel_types=[0], required=False), "Where"),
    )
    assert asked.inputs["Who"] == ["Bob"]
    task = await started(
        asked.submit({"Which role": "helpers", "Whom to ping": ["helpers", "Bob"], "Where": "tasks"})
    )
    data = desk.received()["data"]
    assert [one["component"]["values"] for one in data["components"]] == [
        [str(bob.id)],
        [str(helpers.id)],
        [str(helpers.id), str(bob.id)],
        [str(tasks.id)],
    ]
    assert {key: set(found) for key, found in data["resolved"].items()} == {
        "users": {str(bob.id)},
        "members": {str(bob.id)},
        "roles": {str(helpers.id)},
        "channels": {str(tasks.id)},
    }
    await desk.answer(4, {"content": "thanks"})
    await task


async def test_files_can_be_fetched_by_the_bot(desk: Desk) -> None:
    asked = await opened(desk, labelled(upload(max_values=2, file_types=["image", ".TXT"]), "Files"))
    assert asked.text == "A form\nFiles (needed): up to 2 files"
    task = await started(asked.submit({"Files": {"bug.png": b"pixels", "notes.txt": b"text"}}))
    data = desk.received()["data"]
    (sent,) = data["components"]
    described = [data["resolved"]["attachments"][one] for one in sent["component"]["values"]]
    assert [(one["filename"], one["content_type"], one["size"], one["ephemeral"]) for one in described] == [
        ("bug.png", "image/png", 6, True),
        ("notes.txt", "text/plain", 4, True),
    ]
    async with aiohttp.ClientSession() as session, session.get(described[0]["url"]) as response:
        assert await response.read() == b"pixels"
    await desk.answer(4, {"content": "thanks"})
    await task


async def test_what_need_not_be_filled_is_sent_empty(desk: Desk) -> None:
    optional: Json = {"required": False}
    asked = await opened(
        desk,
        labelled(text(**optional), "Text"),
        labelled(select(min_values=2, max_values=2, **optional), "Select"),
        labelled(radio(**optional), "Radio"),
        labelled(boxes(**optional), "Boxes"),
        labelled(upload(**optional), "Files"),
    )
    task = await started(asked.submit())
    sent = [one["component"] for one in desk.received()["data"]["components"]]
    assert [one.get("value", one.get("values")) for one in sent] == ["", [], None, [], []]
    await desk.answer(4, {"content": "thanks"})
    await task


async def test_what_stands_there_already_is_kept_even_if_labels_are_the_same(desk: Desk) -> None:
    twins: list[Json] = [
        {"label": "Same", "value": "a"},
        {"label": "Same", "value": "b", "default": True},
    ]
    asked = await opened(
        desk,
        labelled(select(offered=twins), "Twin"),
        labelled(boxes(offered=options("Red", "Blue", default="Blue")), "Twin"),
        labelled(radio(offered=options("Red", "Blue", default="Red")), "Other"),
        old_row(value="old"),
    )
    assert asked.inputs == {"Twin": ["Same"], "Twin (2)": ["Blue"], "Other": "Red", "Old text": "old"}
    task = await started(asked.submit())
    sent = [one.get("component") or one["components"][0] for one in desk.received()["data"]["components"]]
    assert [one.get("value", one.get("values")) for one in sent] == [["b"], ["blue"], "red", "old"]
    await desk.answer(4, {"content": "thanks"})
    await task


@pytest.mark.parametrize(
    ("component", "given", "error", "words"),
    [
        (text(max_length=3), "long", BadInput, "'Field' takes 1 to 3 characters, not 4."),
        (text(min_length=3), "", BadInput, "'Field' takes 3 to 4000 characters, not 0."),
        (text(style=1), "two\nlines", BadInput, "'Field' has room for one line only."),
        (text(), ["a"], BadInput, "'Field' takes a text, not ['a']."),
        (select(), [], BadInput, "'Field' takes 1 option, not 0."),
        (select(), ["Red", "Blue"], BadInput, "'Field' takes 1 option, not 2."),
        (select(), True, BadInput, "'Field' takes labels of its options, not True."),
        (
            select(min_values=2, max_values=2, required=False),
            "Red",
            BadInput,
            "takes none or 2 options, not 1",
        ),
        (
            select(),
            "Green",
            NotVisible,
            "Alice finds no options 'Green' in 'Field': Field (needed): Red | Blue.",
        ),
        (select(offered=options("Red", "Rose")), "R", NotVisible, "Alice finds 2 options 'R' in 'Field'"),
        (radio(), None, BadInput, "'Field' takes 1 option, not 0."),
        (boxes(max_values=1), ["Red", "Blue"], BadInput, "'Field' takes 1 option, not 2."),
        (boxes(), [], BadInput, "'Field' takes 1 to 2 options, not 0."),
        (box(), "yes", BadInput, "'Field' is a checkbox: it takes True or False, not 'yes'."),
        (upload(), {}, BadInput, "'Field' takes 1 file, not 0."),
        (upload(required=False), {"a": b"", "b": b""}, BadInput, "'Field' takes up to 1 file, not 2."),
        (upload(), "a.txt", BadInput, "'Field' takes files: a mapping of names to bytes, not 'a.txt'."),
        (
            upload(file_types=["image", ".pdf"]),
            {"a.txt": b""},
            BadInput,
            "'Field' does not take 'a.txt', only image, .pdf.",
        ),
        (upload(), {"a.bin": bytes(10 * 1024 * 1024 + 1)}, BadInput, "The file 'a.bin' is larger than"),
    ],
)
async def test_what_discords_client_would_not_send_is_said_clearly(
    desk: Desk,
    component: Json,
    given: FormValue,
    error: type[Exception],
    words: str,
) -> None:
    asked = await opened(desk, labelled(component))
    with pytest.raises(error) as raised:
        await asked.submit({"Field": given})
    assert words in str(raised.value)
    assert asked.open, "it can be filled again"


async def test_a_field_that_is_not_there_is_answered_with_those_that_are(desk: Desk) -> None:
    asked = await opened(desk, labelled(text(value="draft"), "Story"), labelled(box(), "Stories"))
    with pytest.raises(NotVisible) as raised:
        await asked.submit({"Name": "x"})
    assert str(raised.value).startswith(
        "Alice finds no fields 'Name'.\nThe modal is:\nA form\nStory (needed): “draft”\nStories: [ ]\n"
    )
    with pytest.raises(NotVisible, match="2 fields 'Stor'"):
        await asked.submit({"Stor": "x"})
    asked.dismiss()
    with pytest.raises(NotVisible, match="Alice finds that the modal 'A form' is closed"):
        await asked.submit()


async def test_a_page_gets_what_it_must_show(desk: Desk) -> None:
    bob = desk.sandbox.guild.add_member("Bob")
    asked = await opened(
        desk, {"type": 10, "content": "Hello"}, labelled(text()), labelled(people(required=False), "Who")
    )
    shown = asked.as_dict()
    assert [one["type"] for one in shown["fields"]] == [10, 4, 5]
    assert shown["fields"][0]["content"] == "Hello"
    assert (shown["fields"][1]["name"], shown["fields"][1]["max_length"]) == ("Field", 4000)
    assert {"label": "Bob", "value": str(bob.id), "default": False} in shown["fields"][2]["options"]


async def test_components_of_messages_get_ids_that_are_free(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "A", "custom_id": "a", "id": 1}]}
    more = {"type": 1, "id": 0, "components": [{"type": 2, "style": 1, "label": "B", "custom_id": "b"}]}
    _, body = await desk.answer(4, {"components": [row, more]})
    first, second = body["resource"]["message"]["components"]
    assert (first["id"], first["components"][0]["id"]) == (2, 1)
    assert (second["id"], second["components"][0]["id"]) == (3, 4)
    await task
