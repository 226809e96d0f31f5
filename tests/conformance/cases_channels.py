"""Rows about the channels of a guild: making, changing, moving and deleting them."""

from typing import Any

from discord_sandbox import ChannelType, Permission
from discord_sandbox.world.model import Channel
from tests.calling import Json
from tests.conformance.given import each, making, may, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import has
from tests.conformance.table import Case, Given, bounds, refused

GET = "resources/channel#get-channel"
MODIFY = "resources/channel#modify-channel"
DELETE = "resources/channel#deleteclose-channel"
TYPES = "resources/channel#channel-object-channel-types"
CREATE = "resources/guild#create-guild-channel"
MOVE = "resources/guild#modify-guild-channel-positions"
LIST = "resources/guild#get-guild-channels"
CODES = "topics/opcodes-and-status-codes#json"
CHANNELS = "/guilds/{guild}/channels"
GENERAL = "/channels/{general}"
managing = may(Permission.MANAGE_CHANNELS)
in_charge = may(Permission.MANAGE_CHANNELS, Permission.MANAGE_ROLES)
a_category = each(managing, making("category", CHANNELS, {"name": "Talk", "type": 4}))
a_forum = each(managing, making("forum", CHANNELS, {"name": "ideas", "type": 15}))
a_child = each(a_category, making("child", CHANNELS, {"name": "inside", "parent_id": "{category}"}))


def channels(scene: Scene, count: int, parent: Channel | None = None) -> None:
    guild = scene.guild.guild
    for number in range(count):
        made = Channel(number + 2, ChannelType.TEXT, f"channel {number}", guild, parent=parent)
        guild.channels[made.id] = made


def full_guild(free: int) -> Given:
    return each(managing, lambda scene: channels(scene, 500 - len(scene.guild.channels) - free))


def full_category(free: int) -> Given:
    return each(a_category, lambda scene: channels(scene, 50 - free, scene.channel("category")))


def hidden(scene: Scene) -> None:
    scene.guild.overwrite(scene.channel("log"), scene.guild.everyone, deny=Permission.VIEW_CHANNEL)
    scene.take(Permission.ADMINISTRATOR)


def without_hidden(scene: Scene, body: Any) -> None:  # noqa: ANN401 - JSON of any shape
    assert [one["name"] for one in body] == ["general", "tasks"]
    assert {one["guild_id"] for one in body} == {scene.ids["guild"]}


def orphaned(scene: Scene, _: Json) -> None:
    assert scene.channel("child").parent is None
    assert not scene.channel("child").deleted


def threads_gone(scene: Scene, body: Json) -> None:
    assert body["id"] == scene.ids["general"]
    assert int(scene.ids["thread"]) not in scene.sandbox.store.channels


def moved(scene: Scene, _: Json) -> None:
    assert (scene.channel("general").position, scene.channel("tasks").position) == (2, 0)
    assert scene.channel("general").parent is scene.channel("category")


OPEN = {"id": "{role}", "type": 0, "allow": "1024", "deny": "0"}
MAKING = [
    Case(
        CREATE,
        "a text channel by default",
        "POST",
        CHANNELS,
        {"name": "new"},
        201,
        given=managing,
        shows=has(type=0, name="new", parent_id=None, topic=None, nsfw=False, rate_limit_per_user=0),
    ),
    Case(
        CREATE,
        "a category",
        "POST",
        CHANNELS,
        {"name": "Talk", "type": 4},
        201,
        given=managing,
        shows=has(type=4, parent_id=None),
    ),
    Case(
        CREATE,
        "an announcement channel",
        "POST",
        CHANNELS,
        {"name": "news", "type": 5},
        201,
        given=managing,
        shows=has(type=5),
    ),
    Case(
        CREATE,
        "a forum",
        "POST",
        CHANNELS,
        {"name": "ideas", "type": 15, "topic": "Ideas"},
        201,
        given=managing,
        shows=has(type=15, topic="Ideas", available_tags=[]),
    ),
    Case(
        CREATE,
        "all that a text channel has",
        "POST",
        CHANNELS,
        {
            "name": "new",
            "topic": "x",
            "nsfw": True,
            "position": 7,
            "rate_limit_per_user": 5,
            "default_auto_archive_duration": 60,
            "default_thread_rate_limit_per_user": 9,
            "permission_overwrites": [OPEN],
        },
        201,
        given=in_charge,
        shows=has(
            topic="x",
            nsfw=True,
            position=7,
            rate_limit_per_user=5,
            default_auto_archive_duration=60,
            default_thread_rate_limit_per_user=9,
            permission_overwrites=[OPEN],
        ),
    ),
    Case(
        CREATE,
        "in a category",
        "POST",
        CHANNELS,
        {"name": "new", "parent_id": "{category}"},
        201,
        given=a_category,
        shows=has(parent_id="{category}"),
    ),
    *needs(CREATE, Permission.MANAGE_CHANNELS, "POST", CHANNELS, {"name": "new"}, status=201),
    refused(CREATE, "no name", "POST", CHANNELS, {}, "name: BASE_TYPE_REQUIRED", given=managing),
    *bounds(
        MODIFY,
        "CHANNEL_NAME",
        100,
        "PATCH",
        GENERAL,
        lambda n: {"name": "x" * n},
        "name: BASE_TYPE_BAD_LENGTH",
        given=managing,
    ),
    *bounds(
        MODIFY,
        "TOPIC",
        1024,
        "PATCH",
        GENERAL,
        lambda n: {"topic": "x" * n},
        "topic: BASE_TYPE_MAX_LENGTH",
        given=managing,
    ),
    *bounds(
        MODIFY,
        "FORUM_TOPIC",
        4096,
        "PATCH",
        "/channels/{forum}",
        lambda n: {"topic": "x" * n},
        "topic: BASE_TYPE_MAX_LENGTH",
        given=a_forum,
    ),
    *bounds(
        MODIFY,
        "SLOWMODE",
        21600,
        "PATCH",
        GENERAL,
        lambda n: {"rate_limit_per_user": n},
        "rate_limit_per_user: NUMBER_TYPE_MAX",
        given=managing,
    ),
    *bounds(
        MODIFY,
        "OVERWRITES",
        100,
        "PATCH",
        GENERAL,
        lambda n: {"permission_overwrites": [OPEN] * n},
        "permission_overwrites: BASE_TYPE_MAX_LENGTH",
        given=in_charge,
    ),
    Case(
        CODES,
        "the five hundredth channel",
        "POST",
        CHANNELS,
        {"name": "new"},
        201,
        given=full_guild(1),
        limits=("GUILD_CHANNELS",),
    ),
    Case(
        CODES,
        "five hundred and one channels",
        "POST",
        CHANNELS,
        {"name": "new"},
        400,
        30013,
        given=full_guild(0),
        limits=("GUILD_CHANNELS",),
    ),
    Case(
        TYPES,
        "the fiftieth channel of a category",
        "POST",
        CHANNELS,
        {"name": "new", "parent_id": "{category}"},
        201,
        given=full_category(1),
        limits=("CATEGORY_CHANNELS",),
    ),
    refused(
        TYPES,
        "fifty-one channels of a category",
        "POST",
        CHANNELS,
        {"name": "new", "parent_id": "{category}"},
        "parent_id: CHANNEL_PARENT_MAX_CHANNELS",
        given=full_category(0),
        limits=("CATEGORY_CHANNELS",),
    ),
    refused(
        CREATE,
        "an unknown category",
        "POST",
        CHANNELS,
        {"name": "new", "parent_id": "{nothing}"},
        "parent_id: CHANNEL_PARENT_INVALID",
        given=managing,
    ),
    refused(
        CREATE,
        "what is no category",
        "POST",
        CHANNELS,
        {"name": "new", "parent_id": "{general}"},
        "parent_id: CHANNEL_PARENT_INVALID_TYPE",
        given=managing,
    ),
    refused(
        CREATE,
        "an archive time that there is not",
        "POST",
        CHANNELS,
        {"name": "new", "default_auto_archive_duration": 61},
        "default_auto_archive_duration: BASE_TYPE_CHOICES",
        given=managing,
    ),
]
CHANGING = [
    Case(GET, "a channel", "GET", GENERAL, shows=has(id="{general}", type=0, guild_id="{guild}")),
    Case(
        GET,
        "a thread, with the own place in it",
        "GET",
        "/channels/{thread}",
        shows=lambda scene, body: has(user_id="{bot}", id="{thread}")(scene, body["member"]),
    ),
    Case(
        GET,
        "a direct message channel",
        "GET",
        "/channels/{dm}",
        shows=lambda scene, body: has(id="{alice}")(scene, body["recipients"][0]),
    ),
    *needs(GET, Permission.VIEW_CHANNEL, "GET", GENERAL, code=50001),
    Case(
        MODIFY,
        "null takes away",
        "PATCH",
        GENERAL,
        {"topic": None, "nsfw": None, "rate_limit_per_user": None},
        given=managing,
        shows=has(topic=None, nsfw=False, rate_limit_per_user=0),
    ),
    Case(
        MODIFY,
        "into a category and out again",
        "PATCH",
        "/channels/{child}",
        {"parent_id": None},
        given=a_child,
        shows=has(parent_id=None),
    ),
    *needs(MODIFY, Permission.MANAGE_CHANNELS, "PATCH", GENERAL, {"name": "new"}),
    *needs(MODIFY, Permission.MANAGE_ROLES, "PATCH", GENERAL, {"permission_overwrites": []}, given=managing),
    Case(CODES, "a direct message channel", "PATCH", "/channels/{dm}", {"name": "new"}, 403, 50003),
    Case(CODES, "an unknown channel", "PATCH", "/channels/{nothing}", {"name": "new"}, 404, 10003),
    Case(
        MOVE,
        "order and category",
        "PATCH",
        CHANNELS,
        [{"id": "{general}", "position": 2, "parent_id": "{category}"}, {"id": "{tasks}", "position": 0}],
        204,
        given=a_category,
        shows=moved,
    ),
    *needs(
        MOVE, Permission.MANAGE_CHANNELS, "PATCH", CHANNELS, [{"id": "{general}", "position": 2}], status=204
    ),
    Case(
        MOVE,
        "an unknown channel",
        "PATCH",
        CHANNELS,
        [{"id": "{nothing}", "position": 2}],
        404,
        10003,
        given=managing,
    ),
    Case(
        LIST,
        "channels that the bot sees",
        "GET",
        CHANNELS,
        given=hidden,
        shows=without_hidden,
        permissions=("VIEW_CHANNEL",),
    ),
    Case(DELETE, "a channel, and its threads", "DELETE", GENERAL, given=managing, shows=threads_gone),
    Case(
        DELETE,
        "a category, but not its channels",
        "DELETE",
        "/channels/{category}",
        given=a_child,
        shows=orphaned,
    ),
    *needs(DELETE, Permission.MANAGE_CHANNELS, "DELETE", GENERAL),
    *needs(DELETE, Permission.MANAGE_THREADS, "DELETE", "/channels/{public}"),
    Case(DELETE, "a direct message channel is closed", "DELETE", "/channels/{dm}", shows=has(id="{dm}")),
]


CASES = [*MAKING, *CHANGING]
