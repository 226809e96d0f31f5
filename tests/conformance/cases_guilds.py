"""Rows about guilds, their roles, and the bot's account and application."""

from typing import Any

from discord_sandbox import Permission
from discord_sandbox.world.model import Role
from tests.calling import Json
from tests.conformance.given import given, may, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import audited
from tests.conformance.table import Case, bounds, refused

CODES = "topics/opcodes-and-status-codes#json"
HIERARCHY = "topics/permissions#permission-hierarchy"
MODIFY = "resources/guild#modify-guild"
CREATE_ROLE = "resources/guild#create-guild-role"
MODIFY_ROLE = "resources/guild#modify-guild-role"
POSITIONS = "resources/guild#modify-guild-role-positions"
DELETE_ROLE = "resources/guild#delete-guild-role"
USER = "resources/user#modify-current-user"
APPLICATION = "resources/application#edit-current-application"

ROLES = "/guilds/{guild}/roles"
ROLE = "/guilds/{guild}/roles/{role}"


def higher_role(scene: Scene) -> None:
    """Let the bot manage roles, and let there be one above its own."""
    scene.give(Permission.MANAGE_ROLES)
    scene.ids["role"] = str(scene.guild.create_role("Chiefs", position=5).id)


def same_position(scene: Scene) -> None:
    """Let the bot manage roles, and let there be a younger one at the position of its own."""
    scene.give(Permission.MANAGE_ROLES)
    scene.ids["role"] = str(scene.guild.create_role("Helpers", position=1).id)


def full_of_roles(scene: Scene) -> None:
    scene.give(Permission.MANAGE_ROLES)
    roles = scene.guild.guild.roles
    for number in range(250 - len(roles)):
        roles[number] = Role(number, f"role {number}")


def role(scene: Scene) -> Role:
    return scene.guild.guild.roles[int(scene.ids["role"])]


def renamed(scene: Scene, body: Any) -> None:  # noqa: ANN401 - JSON of any shape
    assert (body["name"], scene.guild.name) == ("Renamed", "Renamed")


def unchanged(scene: Scene, _: Json) -> None:
    assert scene.guild.name == "Sandbox"
    assert 1 not in {one.action for one in scene.guild.audit_log}


def new_role(scene: Scene, body: Json) -> None:
    assert body["name"] == "new role"
    assert body["position"] == 1
    assert body["permissions"] == str(scene.guild.everyone.permissions)
    assert int(body["id"]) in scene.guild.guild.roles


def gone(scene: Scene, _: Json) -> None:
    assert int(scene.ids["role"]) not in scene.guild.guild.roles


def moved(scene: Scene, body: Json) -> None:
    assert role(scene).position == 1
    assert len(body) == len(scene.guild.guild.roles)


def account_renamed(scene: Scene, body: Json) -> None:
    assert body["username"] == "Tasks"
    assert scene.sandbox.store.bot.name == "Tasks"


def described(_: Scene, body: Json) -> None:
    assert (body["description"], body["tags"]) == ("Gives tasks", ["tasks"])


CASES = [
    *needs(MODIFY, Permission.MANAGE_GUILD, "PATCH", "/guilds/{guild}", {"name": "Renamed"}, shows=renamed),
    Case(
        "resources/audit-log",
        "it is noted, with the reason",
        "PATCH",
        "/guilds/{guild}",
        {"name": "Renamed"},
        headers={"X-Audit-Log-Reason": "it%20was%20time"},
        given=may(Permission.MANAGE_GUILD),
        shows=audited(1, "it was time"),
    ),
    refused(
        "resources/audit-log",
        "a reason of more than 512 characters",
        "PATCH",
        "/guilds/{guild}",
        {"name": "Renamed"},
        "X-Audit-Log-Reason: BASE_TYPE_MAX_LENGTH",
        headers={"X-Audit-Log-Reason": "x" * 513},
        given=may(Permission.MANAGE_GUILD),
        shows=unchanged,
        limits=("REASON",),
    ),
    *given(
        may(Permission.MANAGE_GUILD),
        bounds(
            "resources/guild#guild-object",
            "GUILD_NAME",
            100,
            "PATCH",
            "/guilds/{guild}",
            lambda n: {"name": "x" * n},
            "name: BASE_TYPE_BAD_LENGTH",
        ),
    ),
    refused(
        "resources/guild#guild-object",
        "a name has at least 2 characters",
        "PATCH",
        "/guilds/{guild}",
        {"name": "x"},
        "name: BASE_TYPE_BAD_LENGTH",
        given=may(Permission.MANAGE_GUILD),
        limits=("GUILD_NAME",),
    ),
    refused(
        "reference#locales",
        "an unknown language",
        "PATCH",
        "/guilds/{guild}",
        {"preferred_locale": "xx"},
        "preferred_locale: BASE_TYPE_CHOICES",
        given=may(Permission.MANAGE_GUILD),
    ),
    Case(
        "resources/user#leave-guild",
        "the bot leaves",
        "DELETE",
        "/users/@me/guilds/{guild}",
        status=204,
        shows=lambda scene, _: _not_in(scene),
    ),
    Case(
        "resources/user#leave-guild",
        "not from where it is not",
        "DELETE",
        "/users/@me/guilds/{other_guild}",
        None,
        404,
        10004,
    ),
    # -- roles ----------------------------------------------------------------------------------------
    *needs(CREATE_ROLE, Permission.MANAGE_ROLES, "POST", ROLES, {}, shows=new_role),
    *given(
        may(Permission.MANAGE_ROLES),
        bounds(
            CREATE_ROLE,
            "ROLE_NAME",
            100,
            "POST",
            ROLES,
            lambda n: {"name": "x" * n},
            "name: BASE_TYPE_BAD_LENGTH",
        ),
    ),
    *given(
        may(Permission.MANAGE_ROLES),
        [
            Case(CREATE_ROLE, "the last color", "POST", ROLES, {"color": 0xFFFFFF}, limits=("COLOR",)),
            refused(
                CREATE_ROLE,
                "no color beyond it",
                "POST",
                ROLES,
                {"color": 0x1000000},
                "color: NUMBER_TYPE_MAX",
                limits=("COLOR",),
            ),
            Case(
                HIERARCHY,
                "a bot grants only permissions that it has",
                "POST",
                ROLES,
                {"permissions": str(int(Permission.BAN_MEMBERS))},
                403,
                50013,
            ),
        ],
    ),
    Case(
        CODES,
        "at most 250 roles",
        "POST",
        ROLES,
        {},
        400,
        30005,
        given=full_of_roles,
        limits=("ROLES",),
    ),
    Case(
        MODIFY_ROLE,
        "a role below the bot's own",
        "PATCH",
        ROLE,
        {"name": "Writers", "mentionable": True},
        given=may(Permission.MANAGE_ROLES),
        shows=audited(31),
    ),
    Case(
        HIERARCHY, "no role above the bot's own", "PATCH", ROLE, {"name": "x"}, 403, 50013, given=higher_role
    ),
    Case(
        "topics/permissions#role-object",
        "roles at the same position are sorted by id",
        "PATCH",
        ROLE,
        {"name": "x"},
        given=same_position,
    ),
    Case(
        HIERARCHY,
        "nor the bot's own role",
        "PATCH",
        "/guilds/{guild}/roles/{bot_role}",
        {"name": "x"},
        403,
        50013,
        given=may(Permission.MANAGE_ROLES),
    ),
    Case(
        CODES,
        "an unknown role",
        "PATCH",
        "/guilds/{guild}/roles/{nothing}",
        {"name": "x"},
        404,
        10011,
    ),
    Case(
        POSITIONS,
        "a role is moved up to just below the bot's own",
        "PATCH",
        ROLES,
        [{"id": "{role}", "position": 1}],
        given=may(Permission.MANAGE_ROLES),
        shows=moved,
    ),
    Case(
        HIERARCHY,
        "not above it",
        "PATCH",
        ROLES,
        [{"id": "{role}", "position": 2}],
        403,
        50013,
        given=may(Permission.MANAGE_ROLES),
    ),
    Case(
        HIERARCHY,
        "nor what stands above it",
        "PATCH",
        ROLES,
        [{"id": "{role}", "position": 1}],
        403,
        50013,
        given=higher_role,
    ),
    Case(
        DELETE_ROLE,
        "a role below the bot's own",
        "DELETE",
        ROLE,
        status=204,
        given=may(Permission.MANAGE_ROLES),
        shows=gone,
    ),
    Case(
        HIERARCHY,
        "no role above the bot's own is deleted",
        "DELETE",
        ROLE,
        None,
        403,
        50013,
        given=higher_role,
    ),
    Case(
        CODES,
        "everyone's role cannot be deleted",
        "DELETE",
        "/guilds/{guild}/roles/{guild}",
        None,
        400,
        50028,
        given=may(Permission.MANAGE_ROLES),
    ),
    # -- the bot's account and application ------------------------------------------------------------
    Case(USER, "the bot is renamed", "PATCH", "/users/@me", {"username": "Tasks"}, shows=account_renamed),
    *bounds(
        "resources/user#usernames-and-nicknames",
        "USERNAME",
        32,
        "PATCH",
        "/users/@me",
        lambda n: {"username": "x" * n},
        "username: BASE_TYPE_BAD_LENGTH",
    ),
    refused(
        "resources/user#usernames-and-nicknames",
        "a name has at least 2 characters",
        "PATCH",
        "/users/@me",
        {"username": "x"},
        "username: BASE_TYPE_BAD_LENGTH",
        limits=("USERNAME",),
    ),
    Case(
        APPLICATION,
        "the application is described",
        "PATCH",
        "/applications/@me",
        {"description": "Gives tasks", "tags": ["tasks"]},
        shows=described,
    ),
    *bounds(
        "resources/application#application-object",
        "APP_DESCRIPTION",
        400,
        "PATCH",
        "/applications/@me",
        lambda n: {"description": "x" * n},
        "description: BASE_TYPE_MAX_LENGTH",
    ),
    *bounds(
        "resources/application#application-object",
        "APP_TAGS",
        5,
        "PATCH",
        "/applications/@me",
        lambda n: {"tags": [f"tag {one}" for one in range(n)]},
        "tags: BASE_TYPE_MAX_LENGTH",
    ),
    *bounds(
        "resources/application#application-object",
        "APP_TAG",
        20,
        "PATCH",
        "/applications/@me",
        lambda n: {"tags": ["x" * n]},
        "tags.0: BASE_TYPE_BAD_LENGTH",
    ),
]


def _not_in(scene: Scene) -> None:
    assert scene.sandbox.bot_id not in scene.guild.guild.members
