"""Rows about posts in forums."""

from typing import Any

from discord_sandbox import ChannelType, Permission
from tests.calling import Json
from tests.conformance.given import each, made_channel, may_not, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import same
from tests.conformance.table import Case, refused

POST = "resources/channel#start-thread-in-forum-or-media-channel"
THREAD = "/channels/{thread}"
forum = made_channel("forum", ChannelType.FORUM)


def fresh(kind: int, **more: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show a new thread of a kind, opened by the bot; its fields besides may be named."""

    def shows(scene: Scene, body: Json) -> None:
        expected = {"type": kind, "owner_id": scene.ids["bot"], "message_count": 0, "member_count": 1, **more}
        assert {key: body[key] for key in expected} == expected
        assert body["member"]["user_id"] == scene.ids["bot"]
        assert body["thread_metadata"]["archived"] is False

    return shows


def a_post(scene: Scene, body: Json) -> None:
    fresh(11)(scene, body)
    assert (body["message"]["id"], body["message"]["content"]) == (body["id"], "An idea")
    assert scene.channel("forum").last_message_id == int(body["id"])


IDEA = {"name": "idea", "message": {"content": "An idea"}}
FORUM = "/channels/{forum}/threads"
CASES = [
    Case(POST, "a post, with its message", "POST", FORUM, IDEA, 201, given=forum, shows=a_post),
    *needs(POST, Permission.SEND_MESSAGES, "POST", FORUM, IDEA, status=201, given=forum),
    Case(
        POST,
        "the permission for public threads is ignored",
        "POST",
        FORUM,
        IDEA,
        201,
        given=each(forum, may_not(Permission.CREATE_PUBLIC_THREADS, Permission.SEND_MESSAGES_IN_THREADS)),
        permissions=("CREATE_PUBLIC_THREADS",),
    ),
    *needs(
        POST,
        Permission.EMBED_LINKS,
        "POST",
        FORUM,
        {"name": "t", "message": {"embeds": [{"title": "x"}]}},
        status=201,
        given=forum,
        what="a post",
    ),
    refused(
        POST, "without a message", "POST", FORUM, {"name": "idea"}, "message: BASE_TYPE_REQUIRED", given=forum
    ),
    Case(
        POST, "with an empty message", "POST", FORUM, {"name": "idea", "message": {}}, 400, 50006, given=forum
    ),
    refused(
        POST,
        "with a message that is too long",
        "POST",
        FORUM,
        {"name": "idea", "message": {"content": "x" * 2001}},
        "message.content: BASE_TYPE_MAX_LENGTH",
        given=forum,
        limits=("CONTENT",),
    ),
    Case(
        POST,
        "with a file",
        "POST",
        FORUM,
        IDEA,
        201,
        given=forum,
        files=(("a.txt", b"x"),),
        shows=lambda _, body: same(len(body["message"]["attachments"]), 1),
    ),
    Case(
        POST,
        "not from a message of the forum",
        "POST",
        "/channels/{forum}/messages/{nothing}/threads",
        {"name": "t"},
        404,
        10008,
        given=forum,
    ),
]
