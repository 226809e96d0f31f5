"""Rows about changing, closing and using threads."""

from typing import Any

from discord_sandbox import Permission
from tests.calling import Json
from tests.conformance.given import calls, each, may, may_not, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import info, same
from tests.conformance.table import Case, refused

MODIFY = "resources/channel#modify-channel-json-params-thread"
METADATA = "resources/channel#thread-metadata-object"
EDITING = "topics/threads#editing-deleting-threads"
ACTIVE = "topics/threads#active-archived-threads"
LOCKED = "topics/threads#locked-threads"
PERMISSIONS = "topics/threads#permissions"
THREAD = "/channels/{thread}"
WRITING = f"{THREAD}/messages"
A_MESSAGE = f"{WRITING}/{{thread_message}}"
IN = f"{THREAD}/thread-members"
archived = calls(("PATCH", THREAD, {"archived": True}))
locked = calls(("PATCH", THREAD, {"locked": True}))
closed = calls(("PATCH", THREAD, {"locked": True, "archived": True}))
no_manager = may_not(Permission.MANAGE_THREADS)


def metadata(**expected: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(_: Scene, body: Json) -> None:
        assert {key: body["thread_metadata"][key] for key in expected} == expected

    return shows


def of_alice(scene: Scene) -> None:
    """Let `thread` be a public thread that Alice opened, in which the bot is not."""
    scene.ids["thread"] = str(scene.alice.create_thread(scene.channel("general"), "talk").id)
    scene.take(Permission.MANAGE_THREADS)


def old_stamp(scene: Scene) -> None:
    scene.ids["stamp"] = str(info(scene).archive_timestamp)
    scene.clock.advance(60)


def stamped(scene: Scene, body: Json) -> None:
    assert body["thread_metadata"]["archive_timestamp"] > scene.ids["stamp"]


CREATORS: list[Json] = [{"name": "new"}, {"archived": True}, {"auto_archive_duration": 60}]
MANAGERS: list[Json] = [{"locked": True}, {"rate_limit_per_user": 5}]
CASES = [
    *(
        Case(EDITING, f"its creator changes {next(iter(body))}", "PATCH", THREAD, body, given=no_manager)
        for body in CREATORS
    ),
    *(
        row
        for body in (*CREATORS, *MANAGERS)
        for row in needs(
            EDITING, Permission.MANAGE_THREADS, "PATCH", THREAD, body, given=of_alice, what=next(iter(body))
        )
    ),
    *(
        Case(
            EDITING,
            f"its creator alone does not change {next(iter(body))}",
            "PATCH",
            THREAD,
            body,
            403,
            50013,
            given=no_manager,
            permissions=("MANAGE_THREADS",),
        )
        for body in MANAGERS
    ),
    Case(
        EDITING,
        "who is in it opens it again",
        "PATCH",
        THREAD,
        {"archived": False},
        given=each(
            of_alice,
            calls(("PUT", f"{IN}/@me", None)),
            lambda scene: scene.alice.change_thread(scene.channel("thread"), archived=True),
            may_not(Permission.SEND_MESSAGES_IN_THREADS),
        ),
        shows=metadata(archived=False),
    ),
    Case(
        MODIFY,
        "who may write in it opens it again",
        "PATCH",
        THREAD,
        {"archived": False},
        given=each(of_alice, lambda scene: scene.alice.change_thread(scene.channel("thread"), archived=True)),
        shows=metadata(archived=False),
    ),
    Case(
        MODIFY,
        "who may not, does not",
        "PATCH",
        THREAD,
        {"archived": False},
        403,
        50013,
        given=each(
            of_alice,
            lambda scene: scene.alice.change_thread(scene.channel("thread"), archived=True),
            may_not(Permission.SEND_MESSAGES_IN_THREADS),
        ),
        permissions=("SEND_MESSAGES_IN_THREADS",),
    ),
    *needs(
        METADATA,
        Permission.MANAGE_THREADS,
        "PATCH",
        THREAD,
        {"archived": False},
        given=closed,
        what="opening a locked thread",
    ),
    Case(
        LOCKED,
        "its creator does not change a locked thread",
        "PATCH",
        THREAD,
        {"name": "new"},
        403,
        50013,
        given=each(locked, no_manager),
        permissions=("MANAGE_THREADS",),
    ),
    Case(MODIFY, "an archived thread", "PATCH", THREAD, {"name": "new"}, 400, 50083, given=archived),
    Case(
        MODIFY,
        "an archived thread that is opened in the same call",
        "PATCH",
        THREAD,
        {"name": "new", "archived": False},
        given=archived,
        shows=lambda _, body: same(body["name"], "new"),
    ),
    Case(
        METADATA,
        "archiving changes the time stamp",
        "PATCH",
        THREAD,
        {"archived": True},
        given=old_stamp,
        shows=stamped,
    ),
    Case(
        "topics/threads#thread-fields",
        "and so does another time to stay",
        "PATCH",
        THREAD,
        {"auto_archive_duration": 60},
        given=old_stamp,
        shows=stamped,
    ),
    Case(
        "topics/threads#thread-fields",
        "another name does not",
        "PATCH",
        THREAD,
        {"name": "new"},
        given=old_stamp,
        shows=lambda scene, body: same(body["thread_metadata"]["archive_timestamp"], scene.ids["stamp"]),
    ),
    refused(MODIFY, "an empty name", "PATCH", THREAD, {"name": ""}, "name: BASE_TYPE_BAD_LENGTH"),
    refused(
        MODIFY, "a state that is none", "PATCH", THREAD, {"archived": "yes"}, "archived: BOOLEAN_TYPE_CONVERT"
    ),
    *needs(PERMISSIONS, Permission.SEND_MESSAGES_IN_THREADS, "POST", WRITING, {"content": "x"}),
    Case(
        PERMISSIONS,
        "the permission to send messages has no effect",
        "POST",
        WRITING,
        {"content": "x"},
        given=may_not(Permission.SEND_MESSAGES),
        permissions=("SEND_MESSAGES",),
    ),
    Case(
        ACTIVE,
        "writing opens it again",
        "POST",
        WRITING,
        {"content": "x"},
        given=archived,
        shows=lambda scene, _: same(scene.channel("thread").archived, False),
    ),
    *needs(
        LOCKED,
        Permission.MANAGE_THREADS,
        "POST",
        WRITING,
        {"content": "x"},
        given=closed,
        what="writing in a locked thread",
        code=160005,
        refused_with=400,
    ),
    *needs(
        LOCKED,
        Permission.MANAGE_THREADS,
        "PATCH",
        A_MESSAGE,
        {"content": "x"},
        given=locked,
        what="changing a message in a locked thread",
        code=160005,
        refused_with=400,
    ),
    *needs(
        LOCKED,
        Permission.MANAGE_THREADS,
        "DELETE",
        A_MESSAGE,
        given=closed,
        status=204,
        what="deleting a message in a locked and archived thread",
        code=160005,
        refused_with=400,
    ),
    Case(
        LOCKED,
        "a message in a locked thread that is open is deleted",
        "DELETE",
        A_MESSAGE,
        None,
        204,
        given=each(locked, no_manager),
        permissions=("MANAGE_THREADS",),
    ),
    Case(
        ACTIVE,
        "a message in an archived thread is not changed",
        "PATCH",
        A_MESSAGE,
        {"content": "x"},
        400,
        50083,
        given=archived,
    ),
    Case(ACTIVE, "but it is deleted", "DELETE", A_MESSAGE, None, 204, given=archived),
    Case(
        ACTIVE,
        "nor is it pinned",
        "PUT",
        f"{WRITING}/pins/{{thread_message}}",
        None,
        400,
        50083,
        given=each(may(Permission.PIN_MESSAGES), archived),
    ),
]
