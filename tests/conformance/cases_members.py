"""Rows about members and bans."""

from typing import Any

from discord_sandbox import Permission
from tests.calling import Json
from tests.conformance.given import given, may, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import audited
from tests.conformance.table import Case, Given, bounds, refused

CODES = "topics/opcodes-and-status-codes#json"
HIERARCHY = "topics/permissions#permission-hierarchy"
MODIFY = "resources/guild#modify-guild-member"
OWN = "resources/guild#modify-current-member"
KICK = "resources/guild#remove-guild-member"
ADD_ROLE = "resources/guild#add-guild-member-role"
BAN = "resources/guild#create-guild-ban"
UNBAN = "resources/guild#remove-guild-ban"
BANS = "resources/guild#get-guild-bans"

ALICE = "/guilds/{guild}/members/{alice}"
ALICES_ROLE = "/guilds/{guild}/members/{alice}/roles/{role}"
ALICES_BAN = "/guilds/{guild}/bans/{alice}"
OWNER = "/guilds/{guild}/members/{owner}"

IN_AN_HOUR = "2027-01-15T09:00:00+00:00"  # the scene begins at 08:00
SILENCED = {"communication_disabled_until": IN_AN_HOUR}
IN_28_DAYS = "2027-02-12T08:00:00+00:00"
LATER = "2027-02-12T08:00:01+00:00"


def chief(*permissions: Permission) -> Given:
    """Let the bot have permissions, and let Alice stand above it."""

    def change(scene: Scene) -> None:
        scene.give(*permissions)
        scene.guild.give_role(scene.alice, scene.guild.create_role("Chiefs", position=5))

    return change


def administrator(scene: Scene) -> None:
    """Let the bot stand above Alice, who is an administrator all the same."""
    scene.give(Permission.MODERATE_MEMBERS)
    scene.guild.bot_role.position = 9
    scene.guild.give_role(scene.alice, scene.guild.create_role("Admins", Permission.ADMINISTRATOR))


def holder(scene: Scene) -> None:
    scene.give(Permission.MANAGE_ROLES)
    scene.guild.give_role(scene.alice, scene.guild.guild.roles[int(scene.ids["role"])])


def banned(scene: Scene) -> None:
    scene.give(Permission.BAN_MEMBERS)
    scene.guild.ban(scene.alice, "spam")


def roles_are(*names: str) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, _: Json | None) -> None:
        member = scene.guild.guild.members[scene.alice.id]
        assert member.roles == [int(scene.ids[name]) for name in names]

    return shows


def called(scene: Scene, body: Json) -> None:
    assert body["nick"] == "Al"
    assert scene.guild.guild.members[scene.alice.id].nick == "Al"


def called_tasks(scene: Scene, body: Json) -> None:
    assert body["nick"] == "Tasks"
    assert scene.guild.guild.members[scene.sandbox.bot_id].nick == "Tasks"


def silent(scene: Scene, body: Json) -> None:
    assert body["communication_disabled_until"] == "2027-01-15T09:00:00.000000+00:00"
    assert scene.guild.guild.members[scene.alice.id].timed_out_until == scene.clock() + 3600


def out(scene: Scene, _: None) -> None:
    assert scene.alice not in scene.guild


def out_with_messages(scene: Scene, _: None) -> None:
    out(scene, None)
    assert scene.alice.id in scene.guild.guild.bans
    assert int(scene.ids["alices"]) not in scene.channel("general").messages


def spammer(_: Scene, body: Any) -> None:  # noqa: ANN401 - JSON of any shape
    (one,) = body if isinstance(body, list) else [body]
    assert (one["user"]["username"], one["reason"]) == ("alice", "spam")


def nobody(_: Scene, body: list[Json]) -> None:
    assert body == []


NICK = [
    *bounds(
        "resources/user#usernames-and-nicknames",
        "NICKNAME",
        32,
        "PATCH",
        ALICE,
        lambda n: {"nick": "x" * n},
        "nick: BASE_TYPE_MAX_LENGTH",
    ),
    Case(HIERARCHY, "the owner keeps their name", "PATCH", OWNER, {"nick": "x"}, 403, 50013),
    Case("resources/audit-log", "a nickname is noted", "PATCH", ALICE, {"nick": "x"}, shows=audited(24)),
]

TIME_OUT = [
    Case(
        MODIFY,
        "a time-out of 28 days",
        "PATCH",
        ALICE,
        {"communication_disabled_until": IN_28_DAYS},
        limits=("TIME_OUT_SECONDS",),
    ),
    refused(
        MODIFY,
        "no longer one",
        "PATCH",
        ALICE,
        {"communication_disabled_until": LATER},
        "communication_disabled_until: TIMESTAMP_TOO_FAR",
        limits=("TIME_OUT_SECONDS",),
    ),
    refused(
        MODIFY,
        "no time",
        "PATCH",
        ALICE,
        {"communication_disabled_until": "soon"},
        "communication_disabled_until: DATE_TIME_TYPE_PARSE",
    ),
    Case(
        MODIFY,
        "the owner is not timed out",
        "PATCH",
        OWNER,
        SILENCED,
        403,
        50013,
    ),
]

CASES = [
    Case("resources/guild#get-guild-member", "a member", "GET", ALICE),
    Case("resources/user#get-user", "an unknown user", "GET", "/users/{nothing}", None, 404, 10013),
    Case(
        "resources/guild#list-guild-members",
        "no list without the privileged intent",
        "GET",
        "/guilds/{guild}/members",
        None,
        403,
        50001,
    ),
    Case(CODES, "somebody who is no member", "GET", "/guilds/{guild}/members/{nothing}", None, 404, 10007),
    *given(may(Permission.MANAGE_NICKNAMES), NICK),
    *needs(MODIFY, Permission.MANAGE_NICKNAMES, "PATCH", ALICE, {"nick": "Al"}, shows=called),
    *given(may(Permission.MODERATE_MEMBERS), TIME_OUT),
    *needs(MODIFY, Permission.MODERATE_MEMBERS, "PATCH", ALICE, SILENCED, shows=silent),
    Case(
        MODIFY,
        "administrators are not timed out",
        "PATCH",
        ALICE,
        SILENCED,
        403,
        50013,
        given=administrator,
        permissions=("ADMINISTRATOR",),
    ),
    *needs(
        OWN,
        Permission.CHANGE_NICKNAME,
        "PATCH",
        "/guilds/{guild}/members/@me",
        {"nick": "Tasks"},
        shows=called_tasks,
    ),
    # -- roles ----------------------------------------------------------------------------------------
    *needs(ADD_ROLE, Permission.MANAGE_ROLES, "PUT", ALICES_ROLE, status=204, shows=roles_are("role")),
    Case(
        "resources/guild#remove-guild-member-role",
        "a role is taken",
        "DELETE",
        ALICES_ROLE,
        status=204,
        given=holder,
        shows=roles_are(),
    ),
    Case(
        HIERARCHY,
        "the bot's own role is not given",
        "PUT",
        "/guilds/{guild}/members/{alice}/roles/{bot_role}",
        None,
        403,
        50013,
        given=may(Permission.MANAGE_ROLES),
    ),
    Case(
        MODIFY,
        "all roles at once",
        "PATCH",
        ALICE,
        {"roles": ["{role}"]},
        given=may(Permission.MANAGE_ROLES),
        shows=roles_are("role"),
    ),
    Case(
        HIERARCHY,
        "not what the bot may not give",
        "PATCH",
        ALICE,
        {"roles": ["{role}", "{bot_role}"]},
        403,
        50013,
        given=may(Permission.MANAGE_ROLES),
        shows=roles_are(),
    ),
    # -- out ------------------------------------------------------------------------------------------
    *needs(KICK, Permission.KICK_MEMBERS, "DELETE", ALICE, status=204, shows=out),
    Case(
        HIERARCHY,
        "nobody who stands above the bot",
        "DELETE",
        ALICE,
        None,
        403,
        50013,
        given=chief(Permission.KICK_MEMBERS),
    ),
    *needs(
        BAN,
        Permission.BAN_MEMBERS,
        "PUT",
        ALICES_BAN,
        {"delete_message_seconds": 3600},
        status=204,
        shows=out_with_messages,
    ),
    Case(
        BAN,
        "with a week's messages",
        "PUT",
        ALICES_BAN,
        {"delete_message_seconds": 604_800},
        204,
        given=may(Permission.BAN_MEMBERS),
        limits=("BAN_DELETE_SECONDS",),
    ),
    refused(
        BAN,
        "not with more",
        "PUT",
        ALICES_BAN,
        {"delete_message_seconds": 604_801},
        "delete_message_seconds: NUMBER_TYPE_MAX",
        given=may(Permission.BAN_MEMBERS),
        limits=("BAN_DELETE_SECONDS",),
    ),
    Case(
        HIERARCHY,
        "nobody who stands above the bot is banned",
        "PUT",
        ALICES_BAN,
        None,
        403,
        50013,
        given=chief(Permission.BAN_MEMBERS),
    ),
    Case(
        CODES,
        "an unknown user is not banned",
        "PUT",
        "/guilds/{guild}/bans/{nothing}",
        None,
        404,
        10013,
        given=may(Permission.BAN_MEMBERS),
    ),
    Case(BANS, "the list of bans", "GET", "/guilds/{guild}/bans", given=banned, shows=spammer),
    Case(
        BANS,
        "a page of it",
        "GET",
        "/guilds/{guild}/bans?after={alice}&limit=10",
        given=banned,
        shows=nobody,
    ),
    Case("resources/guild#get-guild-ban", "one ban", "GET", ALICES_BAN, given=banned, shows=spammer),
    Case(
        CODES,
        "an unknown ban",
        "GET",
        "/guilds/{guild}/bans/{bob}",
        None,
        404,
        10026,
        given=may(Permission.BAN_MEMBERS),
    ),
    Case(UNBAN, "a ban is lifted", "DELETE", ALICES_BAN, status=204, given=banned, shows=audited(23)),
    Case(
        CODES,
        "no ban is lifted that is not there",
        "DELETE",
        ALICES_BAN,
        None,
        404,
        10026,
        given=may(Permission.BAN_MEMBERS),
    ),
]
