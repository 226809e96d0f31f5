"""Rows about what messages point at: files, addresses and emojis that are none."""

from typing import Any

from discord_sandbox import Permission
from tests.calling import Json
from tests.conformance.given import may
from tests.conformance.scene import Scene
from tests.conformance.table import Case, refused

CREATE = "resources/message#create-message"
EDIT = "resources/message#edit-message"
FILES = "reference#uploading-files"
MESSAGES = "/channels/{general}/messages"
MESSAGE = f"{MESSAGES}/{{message}}"
V2 = 1 << 15
NOTE = (("note.png", b"x"),)


def button(**parts: Any) -> Json:  # noqa: ANN401 - JSON of any shape
    return {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "a", **parts}]}]}


def link(url: str) -> Json:
    part = {"type": 2, "style": 5, "label": "There", "url": url}
    return {"components": [{"type": 1, "components": [part]}]}


def gallery(url: str) -> Json:
    return {"flags": V2, "components": [{"type": 12, "items": [{"media": {"url": url}}]}]}


def file(url: str) -> Json:
    return {"flags": V2, "components": [{"type": 13, "file": {"url": url}}]}


def reacted(scene: Scene, _: object) -> None:
    found = scene.channel("general").messages[int(scene.ids["message"])].reactions
    assert len(found) == 1


PLACE = "components.0.components.0"
MISSING = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
REACT = "resources/message#create-reaction"
CASES = [
    Case(
        CREATE,
        "a file that nobody has is nothing",
        "POST",
        MESSAGES,
        {"attachments": [{"id": "5"}]},
        400,
        50006,
    ),
    Case(
        EDIT,
        "a file that nobody has is nothing",
        "PATCH",
        MESSAGE,
        {"content": None, "components": [], "attachments": [{"id": "77"}]},
        400,
        50006,
    ),
    refused(
        FILES,
        "a file that is named twice",
        "POST",
        MESSAGES,
        {"attachments": [{"id": 0}, {"id": 0}]},
        "attachments.1.id: SET_TYPE_ALREADY_CONTAINS_VALUE",
        files=NOTE,
    ),
    *(
        refused(
            "components/reference#button",
            f"a link to {url}",
            "POST",
            MESSAGES,
            link(url),
            f"{PLACE}.url: {why}",
        )
        for url, why in (
            ("javascript:alert(1)", "URL_TYPE_INVALID_URL"),
            ("not a url", "URL_TYPE_INVALID_URL"),
            ("https://a b", "URL_TYPE_INVALID_URL"),
            ("ftp://example.org", "URL_TYPE_INVALID_SCHEME"),
        )
    ),
    Case(
        "components/reference#button", "a link into Discord", "POST", MESSAGES, link("discord://-/channels/1")
    ),
    refused(
        "components/reference#media-gallery",
        "a picture without an address",
        "POST",
        MESSAGES,
        gallery("foo"),
        "components.0.items.0.media.url: URL_TYPE_INVALID_URL",
    ),
    refused(
        "components/reference#media-gallery",
        "a picture that is not there",
        "POST",
        MESSAGES,
        gallery("attachment://nope"),
        f"components.0.items.0.media.url: {MISSING}",
    ),
    refused(
        "components/reference#file",
        "a file that is not there",
        "POST",
        MESSAGES,
        file("attachment://nope"),
        f"components.0.file.url: {MISSING}",
        files=NOTE,
    ),
    Case(
        "components/reference#file",
        "a file that is there",
        "POST",
        MESSAGES,
        file("attachment://note.png"),
        files=NOTE,
    ),
    *(
        refused(
            "components/reference#button", f"an emoji with {what}", "POST", MESSAGES, button(emoji=emoji), at
        )
        for what, emoji, at in (
            ("nothing in it", {}, f"{PLACE}.emoji.name: COMPONENT_INVALID_EMOJI"),
            ("a name that is no text", {"name": [1]}, f"{PLACE}.emoji.name: BASE_TYPE_STRING"),
            ("an id that is none", {"name": "x", "id": {"a": 1}}, f"{PLACE}.emoji.id: NUMBER_TYPE_COERCE"),
            (
                "a motion that is no yes or no",
                {"name": "x", "animated": 1},
                f"{PLACE}.emoji.animated: BOOLEAN_TYPE_CONVERT",
            ),
        )
    ),
    *(
        Case(
            REACT,
            f"what is not one emoji: {written}",
            "PUT",
            f"{MESSAGE}/reactions/{written}/@me",
            None,
            400,
            10014,
            given=may(Permission.ADD_REACTIONS),
        )
        for written in (
            "%FF%FE",
            "%E2%80%8B",
            "%E2%80%8D",
            "%F0%9F%91%8D%F0%9F%91%8E",
            "%E2%82%AC",
            "%F0%9F%87%A9",
        )
    ),
    *(
        Case(
            REACT,
            f"one emoji: {emoji}",
            "PUT",
            f"{MESSAGE}/reactions/{emoji}/%40me",
            None,
            204,
            given=may(Permission.ADD_REACTIONS),
            shows=reacted,
        )
        for emoji in ("👍", "👍🏽", "\U0001f468\u200d\U0001f469", "🇩🇪", "1️⃣", "❤️", "❤", "☑️", "⭐")
    ),
    Case(
        "resources/message#create-message",
        "an unknown channel, whatever the body",
        "POST",
        "/channels/{nothing}/messages",
        {"content": 5},
        404,
        10003,
    ),
]
