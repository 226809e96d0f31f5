"""Rows about who is in a thread."""

from typing import Any

from discord_sandbox import Permission
from discord_sandbox.intents import Intent
from tests.conformance.given import calls, each, may_not, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import info, same
from tests.conformance.table import Case, Given, refused

METADATA = "resources/channel#thread-metadata-object"
JOIN = "resources/channel#join-thread"
ADD = "resources/channel#add-thread-member"
LEAVE = "resources/channel#leave-thread"
REMOVE = "resources/channel#remove-thread-member"
MEMBER = "resources/channel#get-thread-member"
MEMBERS = "resources/channel#list-thread-members"
PERMISSIONS = "topics/threads#permissions"
CODES = "topics/opcodes-and-status-codes#json"
THREAD = "/channels/{thread}"
IN = f"{THREAD}/thread-members"
archived = calls(("PATCH", THREAD, {"archived": True}))
no_manager = may_not(Permission.MANAGE_THREADS)


def of_alice(scene: Scene) -> None:
    """Let `thread` be a public thread that Alice opened, in which the bot is not."""
    scene.ids["thread"] = str(scene.alice.create_thread(scene.channel("general"), "talk").id)
    scene.take(Permission.MANAGE_THREADS)


def full(free: int) -> Given:
    """Let the private thread have so many members that only a few more fit."""

    def given(scene: Scene) -> None:
        members = info(scene).members
        for number in range(1000 - len(members) - free):
            members[number] = scene.sandbox.store.now()

    return given


def inside(*names: str) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, _: object) -> None:
        members = info(scene).members
        assert {str(one) for one in members} == {scene.ids[name] for name in names}

    return shows


def listed_members(*names: str, with_member: bool = False) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, body: Any) -> None:  # noqa: ANN401 - JSON of any shape
        assert [one["user_id"] for one in body] == [scene.ids[name] for name in names]
        assert all(("member" in one) is with_member for one in body)

    return shows


def alices_private(scene: Scene) -> None:
    """Let `thread` be a private thread of Alice's in which the bot and Bob are."""
    openers = scene.guild.create_role("Openers", Permission.CREATE_PRIVATE_THREADS)
    scene.guild.give_role(scene.alice, openers)
    thread = scene.alice.create_thread(scene.channel("general"), "secret", private=True)
    for name in ("bot", "bob"):
        scene.alice.send(thread, f"come, <@{scene.ids[name]}>")
    scene.ids["thread"] = str(thread.id)
    scene.take(Permission.MANAGE_THREADS)


def not_invitable(scene: Scene) -> None:
    alices_private(scene)
    scene.alice.change_thread(scene.channel("thread"), invitable=False)
    scene.sandbox.guild.add_member("Mia")
    scene.ids["mia"] = str(scene.guild.member("Mia").id)


def blind_bob(scene: Scene) -> None:
    scene.guild.overwrite(scene.channel("general"), scene.bob, deny=Permission.VIEW_CHANNEL)


seeing = {"privileged_intents": Intent.GUILD_MEMBERS}
CASES = [
    Case(ADD, "somebody", "PUT", f"{IN}/{{bob}}", None, 204, shows=inside("bot", "alice", "bob")),
    Case(
        ADD,
        "somebody who is in it already",
        "PUT",
        f"{IN}/{{alice}}",
        None,
        204,
        shows=inside("bot", "alice"),
    ),
    *needs(ADD, Permission.SEND_MESSAGES_IN_THREADS, "PUT", f"{IN}/{{bob}}", status=204),
    Case(ADD, "not into an archived thread", "PUT", f"{IN}/{{bob}}", None, 400, 50083, given=archived),
    Case(
        PERMISSIONS,
        "nobody who does not see the channel",
        "PUT",
        f"{IN}/{{bob}}",
        None,
        403,
        50001,
        given=blind_bob,
        permissions=("VIEW_CHANNEL",),
    ),
    Case(ADD, "an unknown user", "PUT", f"{IN}/{{nothing}}", None, 404, 10013),
    *needs(
        METADATA,
        Permission.MANAGE_THREADS,
        "PUT",
        f"{IN}/{{mia}}",
        status=204,
        given=not_invitable,
        what="adding where members may not invite",
    ),
    Case(
        CODES,
        "the thousandth member",
        "PUT",
        f"{IN}/{{bob}}",
        None,
        204,
        given=full(1),
        limits=("THREAD_MEMBERS",),
    ),
    Case(
        CODES,
        "a thousand and one members",
        "PUT",
        f"{IN}/{{bob}}",
        None,
        400,
        30033,
        given=full(0),
        limits=("THREAD_MEMBERS",),
    ),
    Case(JOIN, "the bot", "PUT", f"{IN}/@me", None, 204, given=of_alice, shows=inside("alice", "bot")),
    Case(
        JOIN,
        "not an archived thread",
        "PUT",
        f"{IN}/@me",
        None,
        400,
        50083,
        given=each(of_alice, lambda scene: scene.alice.change_thread(scene.channel("thread"), archived=True)),
    ),
    Case(
        CODES,
        "a channel that is no thread",
        "PUT",
        "/channels/{general}/thread-members/@me",
        None,
        400,
        50024,
    ),
    Case(LEAVE, "the bot", "DELETE", f"{IN}/@me", None, 204, shows=inside("alice")),
    Case(LEAVE, "not an archived thread", "DELETE", f"{IN}/@me", None, 400, 50083, given=archived),
    *needs(REMOVE, Permission.MANAGE_THREADS, "DELETE", f"{IN}/{{bob}}", status=204, given=alices_private),
    Case(
        REMOVE,
        "by the creator of a private thread",
        "DELETE",
        f"{IN}/{{alice}}",
        None,
        204,
        given=no_manager,
        shows=inside("bot"),
    ),
    Case(
        REMOVE, "not from an archived thread", "DELETE", f"{IN}/{{alice}}", None, 400, 50083, given=archived
    ),
    Case(REMOVE, "somebody who is not in it", "DELETE", f"{IN}/{{bob}}", None, 404, 10007),
    Case(
        MEMBER,
        "who is in it",
        "GET",
        f"{IN}/{{alice}}",
        shows=lambda scene, body: same((body["user_id"], "member" in body), (scene.ids["alice"], False)),
    ),
    Case(
        MEMBER,
        "with the member",
        "GET",
        f"{IN}/{{alice}}?with_member=true",
        shows=lambda scene, body: same(body["member"]["user"]["id"], scene.ids["alice"]),
    ),
    Case(MEMBER, "who is not", "GET", f"{IN}/{{bob}}", None, 404, 10007),
    Case(MEMBERS, "it takes the privileged intent", "GET", IN, None, 403, 50001),
    Case(MEMBERS, "all", "GET", IN, options=seeing, shows=listed_members("bot", "alice")),
    Case(
        MEMBERS,
        "page by page with members",
        "GET",
        f"{IN}?with_member=true&limit=1&after={{bot}}",
        options=seeing,
        shows=listed_members("alice", with_member=True),
    ),
    refused(
        MEMBERS,
        "a hundred a page at most",
        "GET",
        f"{IN}?limit=101",
        None,
        "limit: NUMBER_TYPE_RANGE",
        options=seeing,
    ),
]
