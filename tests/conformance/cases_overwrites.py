"""Rows about permission overwrites of channels."""

from typing import Any

from discord_sandbox import Permission
from tests.calling import Json
from tests.conformance.cases_channels import CHANNELS, a_child, in_charge
from tests.conformance.given import each, may, needs
from tests.conformance.scene import Scene
from tests.conformance.table import Case, refused

PUT_OVERWRITE = "resources/channel#edit-channel-permissions"
DELETE_OVERWRITE = "resources/channel#delete-channel-permission"
CREATE = "resources/guild#create-guild-channel"
SYNCING = "topics/permissions#permission-syncing"
OVERWRITE = "/channels/{general}/permissions/{role}"


def granted(scene: Scene, _: Json) -> None:
    (one,) = scene.channel("general").overwrites.values()
    assert (str(one.id), one.kind, one.allow, one.deny) == (scene.ids["role"], 0, 1024, 2048)


def overwritten(scene: Scene) -> None:
    role = scene.guild.guild.roles[int(scene.ids["role"])]
    scene.guild.overwrite(scene.channel("general"), role, deny=Permission.SEND_MESSAGES)


def none_left(scene: Scene, _: Json) -> None:
    assert scene.channel("general").overwrites == {}


def child_denies(*, denies: bool) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, _: Json) -> None:
        found = scene.channel("child").overwrites.get(int(scene.ids["role"]))
        assert (found is not None and bool(found.deny & Permission.SEND_MESSAGES)) is denies

    return shows


def own_way(scene: Scene) -> None:
    scene.guild.overwrite(scene.channel("child"), scene.alice, deny=Permission.SEND_MESSAGES)


def lets_bot_manage(scene: Scene) -> None:
    """Let the channel itself say that the bot manages permissions there."""
    scene.guild.overwrite(scene.channel("general"), scene.guild.bot_role, allow=Permission.MANAGE_ROLES)


ADMINISTRATORS_GRANT = {"type": 0, "allow": str(int(Permission.BAN_MEMBERS))}
DENY_SENDING = {"type": 0, "deny": "2048"}
ROLES_ROW = {"id": "{role}", "type": 0, "allow": str(int(Permission.MANAGE_ROLES))}
CASES = [
    Case(
        PUT_OVERWRITE,
        "of a role",
        "PUT",
        OVERWRITE,
        {"type": 0, "allow": "1024", "deny": "2048"},
        204,
        given=in_charge,
        shows=granted,
    ),
    Case(
        PUT_OVERWRITE,
        "numbers are taken as well",
        "PUT",
        OVERWRITE,
        {"type": 0, "allow": 1024, "deny": 2048},
        204,
        given=in_charge,
        shows=granted,
    ),
    Case(
        PUT_OVERWRITE,
        "of a member",
        "PUT",
        "/channels/{general}/permissions/{alice}",
        {"type": 1},
        204,
        given=in_charge,
    ),
    *needs(PUT_OVERWRITE, Permission.MANAGE_ROLES, "PUT", OVERWRITE, DENY_SENDING, status=204),
    Case(
        PUT_OVERWRITE,
        "what the bot does not hold itself",
        "PUT",
        OVERWRITE,
        ADMINISTRATORS_GRANT,
        403,
        50013,
        given=in_charge,
        permissions=("MANAGE_ROLES",),
    ),
    Case(
        PUT_OVERWRITE,
        "unless the channel lets it manage permissions",
        "PUT",
        OVERWRITE,
        ADMINISTRATORS_GRANT,
        204,
        given=lets_bot_manage,
        permissions=("MANAGE_ROLES",),
    ),
    Case(
        PUT_OVERWRITE,
        "an unknown target",
        "PUT",
        "/channels/{general}/permissions/{nothing}",
        {"type": 0},
        404,
        10009,
        given=in_charge,
    ),
    Case(
        PUT_OVERWRITE,
        "a member as a role",
        "PUT",
        "/channels/{general}/permissions/{alice}",
        {"type": 0},
        404,
        10009,
        given=in_charge,
    ),
    refused(
        PUT_OVERWRITE,
        "an unknown kind",
        "PUT",
        OVERWRITE,
        {"type": 2},
        "type: BASE_TYPE_CHOICES",
        given=in_charge,
    ),
    refused(
        PUT_OVERWRITE,
        "bits that are none",
        "PUT",
        OVERWRITE,
        {"type": 0, "allow": "all"},
        "allow: PERMISSION_TYPE",
        given=in_charge,
    ),
    Case(
        PUT_OVERWRITE,
        "not in direct messages",
        "PUT",
        "/channels/{dm}/permissions/{alice}",
        {"type": 1},
        403,
        50003,
    ),
    Case(
        PUT_OVERWRITE,
        "not in threads",
        "PUT",
        "/channels/{thread}/permissions/{alice}",
        {"type": 1},
        400,
        50024,
    ),
    Case(
        DELETE_OVERWRITE,
        "one that is there",
        "DELETE",
        OVERWRITE,
        None,
        204,
        given=each(in_charge, overwritten),
        shows=none_left,
    ),
    Case(DELETE_OVERWRITE, "one that is not there", "DELETE", OVERWRITE, None, 404, 10009, given=in_charge),
    *needs(DELETE_OVERWRITE, Permission.MANAGE_ROLES, "DELETE", OVERWRITE, status=204, given=overwritten),
    Case(
        CREATE,
        "administrators alone let others manage permissions of a new channel",
        "POST",
        CHANNELS,
        {"name": "new", "permission_overwrites": [ROLES_ROW]},
        403,
        50013,
        given=in_charge,
        permissions=("MANAGE_ROLES",),
    ),
    Case(
        CREATE,
        "they do",
        "POST",
        CHANNELS,
        {"name": "new", "permission_overwrites": [ROLES_ROW]},
        201,
        given=may(Permission.ADMINISTRATOR),
        permissions=("ADMINISTRATOR",),
    ),
    Case(
        SYNCING,
        "a channel goes with its category",
        "PUT",
        "/channels/{category}/permissions/{role}",
        DENY_SENDING,
        204,
        given=each(in_charge, a_child),
        shows=child_denies(denies=True),
    ),
    Case(
        SYNCING,
        "until it goes its own way",
        "PUT",
        "/channels/{category}/permissions/{role}",
        DENY_SENDING,
        204,
        given=each(in_charge, a_child, own_way),
        shows=child_denies(denies=False),
    ),
]
