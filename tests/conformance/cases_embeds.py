"""Rows about embeds: what they may have, how much of it, and what becomes of it."""

from typing import Any

from tests.calling import Json
from tests.conformance.scene import Scene
from tests.conformance.shown import latest, same
from tests.conformance.table import Case, bounds, refused

LIMITS = "resources/message#embed-object-embed-limits"
EMBED = "resources/message#embed-object"
CREATE = "resources/message#create-message"
IMAGE = "resources/message#embed-object-embed-image-structure"
MESSAGES = "/channels/{general}/messages"

TOO_LONG = "BASE_TYPE_MAX_LENGTH"
REQUIRED = "BASE_TYPE_REQUIRED"


def one(**fields: Any) -> Json:  # noqa: ANN401 - JSON of any shape
    return {"embeds": [fields]}


def field(**more: object) -> Json:
    return {"name": "n", "value": "v", **more}


def sum_of(number: int) -> Json:
    """Make embeds with so many characters in all, in each part that counts."""
    parts = {"title": "t", "footer": {"text": "f"}, "author": {"name": "a"}, "fields": [field()]}
    rest = number - 5
    return {"embeds": [{**parts, "description": "x" * 3000}, {"description": "x" * (rest - 3000)}]}


def spaced(number: int) -> Json:
    """Make embeds with so many characters between spaces."""
    return {
        "embeds": [{"description": " " * 90 + "x" * 3000}, {"description": "x" * (number - 3000) + "\n "}]
    }


def embed_has(**expected: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show some fields of the answer's first embed."""

    def shows(_: Scene, body: Json) -> None:
        assert {key: body["embeds"][0].get(key) for key in expected} == expected

    return shows


def first_of_url(scene: Scene, body: Json) -> None:
    assert len(body["embeds"]) == 3
    assert [shown["title"] for shown in latest(scene).embeds] == ["first", "other"]


def wrong(name: str, embed: Json, at: str, page: str = EMBED) -> Case:
    return refused(page, name, "POST", MESSAGES, {"embeds": [embed]}, f"embeds.0.{at}")


CASES = [
    *bounds(
        LIMITS,
        "EMBED_TITLE",
        256,
        "POST",
        MESSAGES,
        lambda n: one(title="x" * n),
        f"embeds.0.title: {TOO_LONG}",
    ),
    *bounds(
        LIMITS,
        "EMBED_DESCRIPTION",
        4096,
        "POST",
        MESSAGES,
        lambda n: one(description="x" * n),
        f"embeds.0.description: {TOO_LONG}",
    ),
    *bounds(
        LIMITS,
        "EMBED_FIELDS",
        25,
        "POST",
        MESSAGES,
        lambda n: one(fields=[field()] * n),
        f"embeds.0.fields: {TOO_LONG}",
    ),
    *bounds(
        LIMITS,
        "EMBED_FIELD_NAME",
        256,
        "POST",
        MESSAGES,
        lambda n: one(fields=[field(name="x" * n)]),
        f"embeds.0.fields.0.name: {TOO_LONG}",
    ),
    *bounds(
        LIMITS,
        "EMBED_FIELD_VALUE",
        1024,
        "POST",
        MESSAGES,
        lambda n: one(fields=[field(value="x" * n)]),
        f"embeds.0.fields.0.value: {TOO_LONG}",
    ),
    *bounds(
        LIMITS,
        "EMBED_FOOTER",
        2048,
        "POST",
        MESSAGES,
        lambda n: one(footer={"text": "x" * n}),
        f"embeds.0.footer.text: {TOO_LONG}",
    ),
    *bounds(
        LIMITS,
        "EMBED_AUTHOR",
        256,
        "POST",
        MESSAGES,
        lambda n: one(author={"name": "x" * n}),
        f"embeds.0.author.name: {TOO_LONG}",
    ),
    *bounds(LIMITS, "EMBED_TOTAL", 6000, "POST", MESSAGES, sum_of, "embeds: MAX_EMBED_SIZE_EXCEEDED"),
    *bounds(
        CREATE,
        "EMBEDS",
        10,
        "POST",
        MESSAGES,
        lambda n: {"embeds": [{"title": "t"}] * n},
        f"embeds: {TOO_LONG}",
    ),
    *bounds(
        EMBED,
        "URL",
        2048,
        "POST",
        MESSAGES,
        lambda n: one(title="t", url="https://x.example/".ljust(n, "x")),
        f"embeds.0.url: {TOO_LONG}",
    ),
    Case(
        LIMITS,
        "spaces around a text do not count",
        "POST",
        MESSAGES,
        spaced(6000),
        shows=embed_has(description="x" * 3000),
        limits=("EMBED_TOTAL",),
    ),
    refused(
        LIMITS,
        "what is between them does",
        "POST",
        MESSAGES,
        spaced(6001),
        "embeds: MAX_EMBED_SIZE_EXCEEDED",
        limits=("EMBED_TOTAL",),
    ),
    Case(
        CREATE,
        "what Discord decides itself is ignored",
        "POST",
        MESSAGES,
        one(title="t", type="image", provider={"name": "p"}, video={"url": "https://x.example"}),
        shows=embed_has(type="rich", provider=None, video=None),
    ),
    Case(
        CREATE,
        "nor are the sizes of images taken",
        "POST",
        MESSAGES,
        one(
            image={
                "url": "https://x.example/a.png",
                "height": 1,
                "width": 1,
            }
        ),
        shows=embed_has(image={"url": "https://x.example/a.png"}),
    ),
    Case(
        LIMITS,
        "of one address only the first is shown",
        "POST",
        MESSAGES,
        {
            "embeds": [
                {"title": title, "url": f"https://x.example/{url}"}
                for title, url in (("first", "a"), ("second", "a"), ("other", "b"))
            ]
        },
        shows=first_of_url,
    ),
    Case(
        EMBED,
        "a color is a number of 24 bits",
        "POST",
        MESSAGES,
        one(title="t", color=0xFFFFFF),
        shows=embed_has(color=0xFFFFFF),
    ),
    wrong("a color beyond it", {"title": "t", "color": 1 << 24}, "color: NUMBER_TYPE_MAX"),
    wrong("a color that is no number", {"title": "t", "color": "red"}, "color: NUMBER_TYPE_COERCE"),
    Case(
        EMBED,
        "a time",
        "POST",
        MESSAGES,
        one(title="t", timestamp="2026-01-01T00:00:00Z"),
        shows=embed_has(timestamp="2026-01-01T00:00:00Z"),
    ),
    wrong("a time that is none", {"title": "t", "timestamp": "tomorrow"}, "timestamp: DATE_TIME_TYPE_PARSE"),
    wrong("nothing but a color", {"color": 3}, f"description: {REQUIRED}"),
    wrong("a field without a name", {"fields": [{"value": "v"}]}, f"fields.0.name: {REQUIRED}"),
    wrong("a field whose name is a space", {"fields": [field(name=" ")]}, f"fields.0.name: {REQUIRED}"),
    wrong("a field without a value", {"fields": [{"name": "n"}]}, f"fields.0.value: {REQUIRED}"),
    wrong(
        "a field that is half inline",
        {"fields": [field(inline="half")]},
        "fields.0.inline: BOOLEAN_TYPE_CONVERT",
    ),
    wrong("a footer without a text", {"title": "t", "footer": {}}, f"footer.text: {REQUIRED}"),
    wrong("an author without a name", {"author": {"url": "https://x.example"}}, f"author.name: {REQUIRED}"),
    wrong("an image without an address", {"title": "t", "image": {}}, f"image.url: {REQUIRED}"),
    wrong(
        "an image of another scheme",
        {"image": {"url": "ftp://x.example/a.png"}},
        "image.url: URL_TYPE_INVALID_SCHEME",
        IMAGE,
    ),
    wrong("an address that is none", {"title": "t", "url": "x"}, "url: URL_TYPE_INVALID_URL"),
    wrong("a link to a file", {"title": "t", "url": "attachment://a.png"}, "url: URL_TYPE_INVALID_SCHEME"),
    wrong(
        "an author's link to a file",
        {"author": {"name": "a", "url": "attachment://a.png"}},
        "author.url: URL_TYPE_INVALID_SCHEME",
    ),
    refused(EMBED, "what is no embed", "POST", MESSAGES, {"embeds": ["t"]}, "embeds: LIST_TYPE_CONVERT"),
    Case(
        IMAGE,
        "an attached file",
        "POST",
        MESSAGES,
        one(image={"url": "attachment://a.png"}, thumbnail={"url": "attachment://a.png"}),
        files=(("a.png", b"x"),),
        shows=lambda _, body: same(body["embeds"][0]["image"]["url"], body["attachments"][0]["url"]),
    ),
]
