"""Rows about components of version 2: texts, sections, pictures, files, separators and containers."""

from typing import Any

from tests.calling import Json
from tests.conformance.scene import Scene
from tests.conformance.table import Case, bounds, refused

REFERENCE = "components/reference#legacy-message-component-behavior"
OVERVIEW = "components/using-message-components"
SECTION = "components/reference#section"
TEXT = "components/reference#text-display"
THUMBNAIL = "components/reference#thumbnail"
GALLERY = "components/reference#media-gallery"
FILE = "components/reference#file"
SEPARATOR = "components/reference#separator"
CONTAINER = "components/reference#container"
CREATE = "resources/message#create-message"
MESSAGES = "/channels/{general}/messages"

TOO_LONG = "BASE_TYPE_MAX_LENGTH"
BAD_LENGTH = "BASE_TYPE_BAD_LENGTH"
REQUIRED = "BASE_TYPE_REQUIRED"
CHOICES = "UNION_TYPE_CHOICES"
PICTURE: Json = {"media": {"url": "https://x.example/a.png"}}
BUTTON: Json = {"type": 2, "style": 1, "label": "B", "custom_id": "b"}
ROW: Json = {"type": 1, "components": [BUTTON]}


def v2(*components: Json, **more: object) -> Json:
    return {"flags": 1 << 15, "components": list(components), **more}


def text(content: str = "x") -> Json:
    return {"type": 10, "content": content}


def section(*texts: Json, accessory: Json | None = None) -> Json:
    return {"type": 9, "components": list(texts), "accessory": accessory or {"type": 11, **PICTURE}}


def container(*components: Json, **more: object) -> Json:
    return {"type": 17, "components": list(components), **more}


def gallery(count: int, **more: object) -> Json:
    return {"type": 12, "items": [{**PICTURE, **more}] * count}


def nested(count: int) -> Json:
    """Make so many components: a container, a section with two inside it, and texts."""
    return v2(container(section(text())), *[text()] * (count - 4))


def first_has(**expected: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show some fields of the answer's first component."""

    def shows(_: Scene, body: Json) -> None:
        assert {key: body["components"][0].get(key) for key in expected} == expected

    return shows


def taken(page: str, name: str, *components: Json, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    return Case(page, name, "POST", MESSAGES, v2(*components), **more)


def wrong(page: str, name: str, component: Json, at: str, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    return refused(page, name, "POST", MESSAGES, v2(component), f"components.0{at}", **more)


def a_file(_: Scene, body: Json) -> None:
    (shown,), (attached,) = body["components"], body["attachments"]
    assert (shown["name"], shown["size"], shown["file"]["url"]) == ("a.txt", 1, attached["url"])


LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"

CASES = [
    *bounds(OVERVIEW, "V2_COMPONENTS", 40, "POST", MESSAGES, nested, f"components: {BAD_LENGTH}"),
    *bounds(
        TEXT,
        "V2_TEXT",
        4000,
        "POST",
        MESSAGES,
        lambda n: v2(text("x" * 2000), container(text("x" * (n - 2000)))),
        "components: COMPONENT_MAX_TOTAL_COMPONENT_TEXT_LENGTH_EXCEEDED",
    ),
    *bounds(
        SECTION,
        "SECTION_TEXTS",
        3,
        "POST",
        MESSAGES,
        lambda n: v2(section(*[text()] * n)),
        f"components.0.components: {BAD_LENGTH}",
    ),
    *bounds(
        GALLERY,
        "GALLERY_ITEMS",
        10,
        "POST",
        MESSAGES,
        lambda n: v2(gallery(n)),
        f"components.0.items: {BAD_LENGTH}",
    ),
    *bounds(
        GALLERY,
        "ALT_TEXT",
        1024,
        "POST",
        MESSAGES,
        lambda n: v2(gallery(1, description="x" * n)),
        f"components.0.items.0.description: {TOO_LONG}",
    ),
    *bounds(
        THUMBNAIL,
        "ALT_TEXT",
        1024,
        "POST",
        MESSAGES,
        lambda n: v2(section(text(), accessory={"type": 11, **PICTURE, "description": "x" * n})),
        f"components.0.accessory.description: {TOO_LONG}",
    ),
    refused(CREATE, "content beside it", "POST", MESSAGES, v2(text(), content="x"), f"content: {LEGACY}"),
    refused(
        CREATE, "embeds beside it", "POST", MESSAGES, v2(text(), embeds=[{"title": "t"}]), f"embeds: {LEGACY}"
    ),
    Case(CREATE, "nothing in a message of version 2", "POST", MESSAGES, v2(), 400, 50006),
    refused(
        REFERENCE,
        "a text without the flag",
        "POST",
        MESSAGES,
        {"components": [text()]},
        f"components.0: {CHOICES}",
    ),
    taken(TEXT, "a text", text("# Hello"), shows=first_has(content="# Hello", id=1)),
    wrong(TEXT, "an empty text", text(""), f".content: {REQUIRED}"),
    taken(SECTION, "with a picture", section(text())),
    taken(SECTION, "with a button", section(text(), accessory=BUTTON)),
    wrong(SECTION, "with nothing", {"type": 9, "components": [text()]}, f".accessory: {REQUIRED}"),
    wrong(SECTION, "with a text", section(text(), accessory=text()), f".accessory: {CHOICES}"),
    wrong(SECTION, "no text", section(), f".components: {BAD_LENGTH}"),
    wrong(SECTION, "a row inside it", section(ROW), f".components.0: {CHOICES}"),
    wrong(THUMBNAIL, "one by itself", {"type": 11, **PICTURE}, f": {CHOICES}"),
    wrong(GALLERY, "nothing in it", gallery(0), f".items: {BAD_LENGTH}"),
    wrong(GALLERY, "an item without media", {"type": 12, "items": [{}]}, f".items.0.media: {REQUIRED}"),
    Case(
        FILE,
        "an attached file",
        "POST",
        MESSAGES,
        v2({"type": 13, "file": {"url": "attachment://a.txt"}}),
        files=(("a.txt", b"x"),),
        shows=a_file,
    ),
    wrong(
        FILE,
        "a file from elsewhere",
        {"type": 13, "file": {"url": "https://x.example/a.txt"}},
        ".file.url: URL_TYPE_INVALID_SCHEME",
    ),
    taken(
        SEPARATOR,
        "a line and little space by default",
        {"type": 14},
        text(),
        shows=first_has(divider=True, spacing=1),
    ),
    taken(
        SEPARATOR,
        "no line and much space",
        {"type": 14, "divider": False, "spacing": 2},
        text(),
        shows=first_has(divider=False, spacing=2),
    ),
    wrong(SEPARATOR, "more space", {"type": 14, "spacing": 3}, ".spacing: NUMBER_TYPE_MAX"),
    taken(
        CONTAINER,
        "all that can be in it",
        container(ROW, text(), section(text()), gallery(1), {"type": 14}),
        shows=first_has(accent_color=None, spoiler=False),
    ),
    taken(
        CONTAINER,
        "a color and a veil",
        container(text(), accent_color=0xFFFFFF, spoiler=True),
        shows=first_has(accent_color=0xFFFFFF, spoiler=True),
    ),
    wrong(
        CONTAINER,
        "a color that there is not",
        container(text(), accent_color=1 << 24),
        ".accent_color: NUMBER_TYPE_MAX",
    ),
    wrong(CONTAINER, "another container", container(container(text())), f".components.0: {CHOICES}"),
    wrong(CONTAINER, "nothing in it", container(), f".components: {BAD_LENGTH}"),
    wrong(CONTAINER, "half a veil", container(text(), spoiler="half"), ".spoiler: BOOLEAN_TYPE_CONVERT"),
    refused(
        "components/reference#anatomy-of-a-component",
        "one custom id in two places",
        "POST",
        MESSAGES,
        v2(ROW, container(ROW)),
        "components.1.components.0.components.0.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    wrong("components/reference#button", "a button without a place", BUTTON, f": {CHOICES}"),
]
