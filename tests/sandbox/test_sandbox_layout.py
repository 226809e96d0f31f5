"""Components of version 2: texts, sections, pictures, files and containers, with buttons among them."""

from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, Sandbox

Api = Callable[..., Awaitable[tuple[int, Any]]]
BotMaker = Callable[..., hikari.GatewayBot]
Json = dict[str, Any]

V2 = 1 << 15
TEXT: Json = {"type": 10, "content": "Hello"}
BUTTON: Json = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
ROW: Json = {"type": 1, "components": [BUTTON]}


async def test_a_message_of_version_2_is_read_and_used(
    sandbox: Sandbox, make_bot: BotMaker, alice: Actor
) -> None:
    bot = make_bot()
    await bot.start(check_for_updates=False)
    build = hikari.impl
    section = build.SectionComponentBuilder(
        accessory=build.ThumbnailComponentBuilder(media=hikari.Bytes(b"x", "cat.png"), description="a cat")
    )
    section.add_text_display("A section")
    row = build.MessageActionRowBuilder()
    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "go", label="Go")
    container = build.ContainerComponentBuilder()
    container.add_text_display("In a box")
    container.add_component(row)
    gallery = build.MediaGalleryComponentBuilder()
    gallery.add_media_gallery_item("https://example.org/dog.png", description="a dog")
    file = build.FileComponentBuilder(file=hikari.Bytes(b"text", "notes.txt"))
    parts = [section, build.SeparatorComponentBuilder(), container, gallery, file]

    general = sandbox.guild.channel("general")
    sent = await bot.rest.create_message(general.id, components=parts)

    (seen,) = alice.messages(general)
    assert seen.text.splitlines() == ["A section", "📎 a cat", "In a box", "[Go]", "📎 a dog", "📎 notes.txt"]
    assert seen.buttons == ["Go"]
    assert {one["filename"] for one in seen.attachments} == {"cat.png", "notes.txt"}
    assert seen.raw.components[0]["accessory"]["media"]["url"].endswith("cat.png")
    edited = await bot.rest.edit_message(
        general.id, sent, components=[build.TextDisplayComponentBuilder(content="Done")]
    )
    assert edited.flags & hikari.MessageFlag.IS_COMPONENTS_V2
    assert seen.text == "Done"


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        (
            {"content": "x", "components": [TEXT]},
            "content",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        ({"components": [BUTTON]}, "components.0", "UNION_TYPE_CHOICES"),
        ({"components": [{"type": 17, "components": []}]}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        (
            {"components": [{"type": 9, "components": [TEXT]}]},
            "components.0.accessory",
            "BASE_TYPE_REQUIRED",
        ),
        (
            {"components": [{"type": 9, "components": [ROW], "accessory": BUTTON}]},
            "components.0.components.0",
            "UNION_TYPE_CHOICES",
        ),
        (
            {"components": [{"type": 17, "components": [{"type": 17, "components": [TEXT]}]}]},
            "components.0.components.0",
            "UNION_TYPE_CHOICES",
        ),
        (
            {"components": [ROW, {"type": 17, "components": [ROW]}]},
            "components.1.components.0.components.0.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            {"components": [{"type": 10, "content": "x" * 2001}] * 2},
            "components",
            "COMPONENT_MAX_TOTAL_COMPONENT_TEXT_LENGTH_EXCEEDED",
        ),
        (
            {"components": [{"type": 17, "components": [TEXT] * 20}] * 2},
            "components",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            {"components": [{"type": 13, "file": {"url": "https://example.org/a.txt"}}]},
            "components.0.file.url",
            "URL_TYPE_INVALID_SCHEME",
        ),
        ({"components": [{"type": 12, "items": [{}]}]}, "components.0.items.0.media", "BASE_TYPE_REQUIRED"),
        ({"components": [{"type": 14, "spacing": 3}]}, "components.0.spacing", "NUMBER_TYPE_MAX"),
    ],
)
async def test_version_2_has_its_own_limits(
    api: Api, sandbox: Sandbox, body: Json, path: str, code: str
) -> None:
    general = sandbox.guild.channel("general")
    status, answer = await api("POST", f"/channels/{general.id}/messages", {**body, "flags": V2})
    assert (status, answer["code"]) == (400, 50035)
    node = answer["errors"]
    for step in path.split("."):
        node = node[step]
    assert code in [one["code"] for one in node["_errors"]]


async def test_version_2_needs_its_flag_and_keeps_it(api: Api, sandbox: Sandbox) -> None:
    path = f"/channels/{sandbox.guild.channel('general').id}/messages"
    status, answer = await api("POST", path, {"components": [TEXT]})
    assert (status, answer["errors"]["components"]["0"]["_errors"]) == (
        400,
        [{"code": "UNION_TYPE_CHOICES", "message": 'Value of field "type" must be one of (1).'}],
    )
    _, old = await api("POST", path, {"content": "old"})
    turn = {"components": [TEXT], "flags": V2}
    assert (await api("PATCH", f"{path}/{old['id']}", turn))[1]["code"] == 50035
    assert (await api("PATCH", f"{path}/{old['id']}", {**turn, "content": None}))[1]["flags"] == V2
    assert (await api("PATCH", f"{path}/{old['id']}", {"content": "back"}))[1]["code"] == 50035
    assert (await api("PATCH", f"{path}/{old['id']}", {"components": [TEXT, ROW]}))[1]["flags"] == V2
