"""Rows about reactions."""

from typing import Any

from discord_sandbox import Permission
from tests.conformance.given import calls, each, may, may_not, needs
from tests.conformance.scene import Scene
from tests.conformance.table import Case, Given, refused

CREATE = "resources/message#create-reaction"
OWN = "resources/message#delete-own-reaction"
OTHERS = "resources/message#delete-user-reaction"
READ = "resources/message#get-reactions"
ALL = "resources/message#delete-all-reactions"
ONE = "resources/message#delete-all-reactions-for-emoji"
CODES = "topics/opcodes-and-status-codes#json"
THREADS = "topics/threads#active-archived-threads"

REACTIONS = "/channels/{general}/messages/{alices}/reactions"
THUMB = f"{REACTIONS}/👍"
EMOJIS = "😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔"


def reacted(*emojis: str) -> Given:
    """Let Alice react to her own message."""

    def given(scene: Scene) -> None:
        for emoji in emojis:
            scene.alice.react(scene.alice.messages(scene.channel("general"))[0], emoji)

    return given


def left(**expected: int) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show how often each emoji is there: `thumb` and `heart`."""
    signs = {"thumb": "👍", "heart": "❤️"}
    wanted = {signs[name]: count for name, count in expected.items()}

    def shows(scene: Scene, _: object) -> None:
        assert scene.alice.messages(scene.channel("general"))[0].reactions == wanted

    return shows


def who(*names: str) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, body: Any) -> None:  # noqa: ANN401 - JSON of any shape
        assert [one["id"] for one in body] == [scene.ids[name] for name in names]

    return shows


def all_three(scene: Scene) -> None:
    """Let Alice, Bob and the owner react with a thumb; their ids grow in the order alice, bob."""
    for person in (scene.bob, scene.alice):
        person.react(person.messages(scene.channel("general"))[0], "👍")


def blocked(scene: Scene) -> None:
    scene.alice.block(scene.sandbox.store.bot)


managing = may(Permission.MANAGE_MESSAGES)
ARCHIVED = calls(("PATCH", "/channels/{thread}", {"archived": True}))
IN_THREAD = "/channels/{thread}/messages/{thread_message}/reactions"

CASES = [
    Case(CREATE, "a new emoji", "PUT", f"{THUMB}/@me", None, 204, shows=left(thumb=1)),
    Case(
        CREATE,
        "the same twice is once",
        "PUT",
        f"{THUMB}/@me",
        None,
        204,
        given=calls(("PUT", f"{THUMB}/@me", None)),
        shows=left(thumb=1),
    ),
    *needs(CREATE, Permission.ADD_REACTIONS, "PUT", f"{THUMB}/@me", status=204),
    Case(
        CREATE,
        "an emoji that is there needs no permission to add",
        "PUT",
        f"{THUMB}/@me",
        None,
        204,
        given=each(reacted("👍"), may_not(Permission.ADD_REACTIONS)),
        shows=left(thumb=2),
        permissions=("ADD_REACTIONS",),
    ),
    *needs(CREATE, Permission.READ_MESSAGE_HISTORY, "PUT", f"{THUMB}/@me", status=204),
    *needs(CREATE, Permission.VIEW_CHANNEL, "PUT", f"{THUMB}/@me", status=204, code=50001),
    Case(CREATE, "a word is no emoji", "PUT", f"{REACTIONS}/thumbs/@me", None, 400, 10014),
    Case(CREATE, "an unknown custom emoji", "PUT", f"{REACTIONS}/blob:123/@me", None, 400, 10014),
    Case(
        CREATE,
        "an unknown message",
        "PUT",
        "/channels/{general}/messages/{nothing}/reactions/👍/@me",
        None,
        404,
        10008,
    ),
    Case(
        CODES,
        "twenty emojis",
        "PUT",
        f"{REACTIONS}/😓/@me",
        None,
        204,
        given=reacted(*EMOJIS[:19]),
        limits=("REACTIONS",),
    ),
    Case(
        CODES,
        "twenty-one emojis",
        "PUT",
        f"{REACTIONS}/😔/@me",
        None,
        400,
        30010,
        given=reacted(*EMOJIS[:20]),
        limits=("REACTIONS",),
    ),
    Case(
        CODES,
        "one of the twenty",
        "PUT",
        f"{REACTIONS}/😀/@me",
        None,
        204,
        given=reacted(*EMOJIS[:20]),
        limits=("REACTIONS",),
    ),
    Case(
        CODES, "to a message of who blocked the bot", "PUT", f"{THUMB}/@me", None, 403, 90001, given=blocked
    ),
    *(
        Case(
            THREADS,
            f"in an archived thread: {method} {path}",
            method,
            f"{IN_THREAD}{path}",
            None,
            400,
            50083,
            given=each(managing, ARCHIVED),
        )
        for method, path in (
            ("PUT", "/👍/@me"),
            ("DELETE", "/👍/@me"),
            ("DELETE", "/👍/{alice}"),
            ("DELETE", "/👍"),
            ("DELETE", ""),
        )
    ),
    Case(
        OWN,
        "an own reaction",
        "DELETE",
        f"{THUMB}/@me",
        None,
        204,
        given=each(reacted("👍"), calls(("PUT", f"{THUMB}/@me", None))),
        shows=left(thumb=1),
    ),
    Case(
        OWN,
        "an own reaction that is not there",
        "DELETE",
        f"{THUMB}/@me",
        None,
        204,
        given=reacted("👍"),
        shows=left(thumb=1),
    ),
    Case(OWN, "with what is no emoji", "DELETE", f"{REACTIONS}/thumbs/@me", None, 400, 10014),
    *needs(
        OTHERS, Permission.MANAGE_MESSAGES, "DELETE", f"{THUMB}/{{alice}}", status=204, given=reacted("👍")
    ),
    Case(OTHERS, "of an unknown user", "DELETE", f"{THUMB}/{{nothing}}", None, 404, 10013, given=managing),
    *needs(ALL, Permission.MANAGE_MESSAGES, "DELETE", REACTIONS, status=204, given=reacted("👍")),
    Case(
        ALL, "all go", "DELETE", REACTIONS, None, 204, given=each(managing, reacted("👍", "❤️")), shows=left()
    ),
    *needs(ONE, Permission.MANAGE_MESSAGES, "DELETE", THUMB, status=204, given=reacted("👍")),
    Case(
        ONE,
        "the others stay",
        "DELETE",
        THUMB,
        None,
        204,
        given=each(managing, reacted("👍", "❤️")),
        shows=left(heart=1),
    ),
    Case(ONE, "an unknown emoji", "DELETE", f"{REACTIONS}/thumbs", None, 400, 10014, given=managing),
    Case(
        CODES,
        "not in direct messages",
        "DELETE",
        "/channels/{dm}/messages/{theirs}/reactions",
        None,
        403,
        50003,
        given=lambda scene: scene.ids.update(theirs=str(scene.alice.send(scene.channel("dm"), "hi").id)),
    ),
    Case(READ, "who reacted", "GET", THUMB, given=all_three, shows=who("alice", "bob")),
    Case(READ, "a page", "GET", f"{THUMB}?limit=1", given=all_three, shows=who("alice")),
    Case(READ, "the next page", "GET", f"{THUMB}?limit=1&after={{alice}}", given=all_three, shows=who("bob")),
    Case(READ, "nobody made a burst", "GET", f"{THUMB}?type=1", given=all_three, shows=who()),
    refused(READ, "an unknown type", "GET", f"{THUMB}?type=2", None, "type: BASE_TYPE_CHOICES"),
    refused(READ, "more than a hundred", "GET", f"{THUMB}?limit=101", None, "limit: NUMBER_TYPE_RANGE"),
    Case(READ, "of an unknown emoji", "GET", f"{REACTIONS}/thumbs", None, 400, 10014),
]
