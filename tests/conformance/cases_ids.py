"""Rows about ids, numbers and times that are none: an id has 64 bits, and true is no number."""

from typing import Any

from discord_sandbox import Permission
from tests.calling import Json
from tests.conformance.given import may
from tests.conformance.table import Case, refused

SNOWFLAKES = "reference#snowflakes"
TIMES = "reference#iso8601-date-time"
MESSAGES = "/channels/{general}/messages"
COMMANDS = "/applications/{application}/commands"
MEMBER = "/guilds/{guild}/members/{alice}"
DIGITS = "9" * 5000
"""More digits than Python itself reads as a number."""
LARGEST = str((1 << 64) - 1)
PAST_LARGEST = str(1 << 64)
YEAR_ONE = "0001-01-01T00:00:00+23:59"
"""A time that is before the first one that can be written in UTC."""


def no_id(name: str, path: str, body: Json, at: str, method: str = "POST") -> list[Case]:
    """Make the rows about an id in a body, `ID` standing for it: too many digits, and more than 64 bits."""

    def put(value: Any, filled: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        if isinstance(value, dict):
            return {key: put(inner, filled) for key, inner in value.items()}
        if isinstance(value, list):
            return [put(inner, filled) for inner in value]
        return filled if value == "ID" else value

    return [
        refused(
            SNOWFLAKES,
            f"{name} {what}",
            method,
            path,
            put(body, given),
            at,
            given=may(Permission.MANAGE_MESSAGES, Permission.MANAGE_CHANNELS, Permission.MANAGE_ROLES),
        )
        for what, given in (
            ("of 5000 digits", DIGITS),
            ("over 64 bits", PAST_LARGEST),
            ("as a huge number", 10**400),
            ("below zero", -1),
            ("in other digits than ASCII", "٣"),
        )
    ]


PATHS = [
    refused(
        SNOWFLAKES,
        "too many digits in a path",
        "GET",
        f"/channels/{DIGITS}",
        None,
        "path: NUMBER_TYPE_COERCE",
    ),
    refused(
        SNOWFLAKES,
        "over 64 bits in a path",
        "GET",
        f"/channels/{PAST_LARGEST}",
        None,
        "path: NUMBER_TYPE_COERCE",
    ),
    Case(SNOWFLAKES, "the largest id in a path", "GET", f"/channels/{LARGEST}", None, 404, 10003),
    refused(
        SNOWFLAKES,
        "too many digits of an interaction",
        "POST",
        f"/interactions/{DIGITS}/none/callback",
        {"type": 5},
        "path: NUMBER_TYPE_COERCE",
    ),
    refused(
        SNOWFLAKES,
        "too many digits of a webhook",
        "POST",
        f"/webhooks/{DIGITS}/none",
        {},
        "path: NUMBER_TYPE_COERCE",
    ),
    *(
        refused(
            SNOWFLAKES,
            f"{key} that is {what} in {path}",
            "GET",
            f"{path}?{key}={value}",
            None,
            f"{key}: NUMBER_TYPE_COERCE",
        )
        for what, value in (("no number", "abc"), ("over 64 bits", PAST_LARGEST), ("of 5000 digits", DIGITS))
        for key, path in (
            ("before", MESSAGES),
            ("after", MESSAGES),
            ("around", MESSAGES),
            ("before", "/users/@me/guilds"),
            ("after", "/users/@me/guilds"),
        )
    ),
    refused(
        SNOWFLAKES,
        "a limit of 5000 digits",
        "GET",
        f"{MESSAGES}?limit={DIGITS}",
        None,
        "limit: NUMBER_TYPE_RANGE",
    ),
]
BODIES = [
    *no_id(
        "a message to delete",
        f"{MESSAGES}/bulk-delete",
        {"messages": ["ID", "1"]},
        "messages.0: NUMBER_TYPE_COERCE",
    ),
    *no_id(
        "a user to mention",
        MESSAGES,
        {"content": "x", "allowed_mentions": {"users": ["ID"]}},
        "allowed_mentions.users.0: NUMBER_TYPE_COERCE",
    ),
    *no_id(
        "a message to answer",
        MESSAGES,
        {"content": "x", "message_reference": {"message_id": "ID"}},
        "message_reference.message_id: NUMBER_TYPE_COERCE",
    ),
    *no_id(
        "the channel of a message to answer",
        MESSAGES,
        {"content": "x", "message_reference": {"message_id": "{message}", "channel_id": "ID"}},
        "message_reference.channel_id: NUMBER_TYPE_COERCE",
    ),
    *no_id(
        "what a channel grants",
        "/guilds/{guild}/channels",
        {"name": "new", "permission_overwrites": [{"id": "{role}", "type": 0, "allow": "ID"}]},
        "permission_overwrites.0.allow: PERMISSION_TYPE",
    ),
    *no_id(
        "who may use a command",
        COMMANDS,
        {"name": "new", "description": "New", "default_member_permissions": "ID"},
        "default_member_permissions: BITFIELD_TYPE_COERCE",
    ),
    *no_id("a role of a member", MEMBER, {"roles": ["ID"]}, "roles.0: GUILD_ROLE_INVALID", "PATCH"),
    Case(
        SNOWFLAKES,
        "a recipient of 5000 digits",
        "POST",
        "/users/@me/channels",
        {"recipient_id": DIGITS},
        400,
        50033,
    ),
]


def nested(depth: int) -> Json:
    option: Json = {"type": 2, "name": "deep", "description": "Deep"}
    return {**option, "options": [nested(depth - 1)]} if depth else option


NUMBERS = [
    refused(
        "components/reference#action-row",
        "true as a type",
        "POST",
        MESSAGES,
        {"components": [{"type": True, "components": []}]},
        "components.0: UNION_TYPE_CHOICES",
    ),
    refused(
        "interactions/application-commands#create-global-application-command",
        "true as a type",
        "POST",
        COMMANDS,
        {"name": "new", "type": True},
        "type: BASE_TYPE_CHOICES",
    ),
    refused(
        "interactions/application-commands#subcommands-and-subcommand-groups",
        "groups inside groups",
        "POST",
        COMMANDS,
        {"name": "new", "description": "New", "options": [nested(30)]},
        "options.0.options.0: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    *(
        refused(
            "resources/channel#start-thread-without-message",
            f"{kind} as a type",
            "POST",
            "/channels/{general}/threads",
            {"name": "new", "type": kind},
            "type: BASE_TYPE_CHOICES",
        )
        for kind in (12.0, True, "12")
    ),
    refused(
        "resources/channel#start-thread-without-message",
        "a name of spaces",
        "POST",
        "/channels/{general}/threads",
        {"name": "   "},
        "name: BASE_TYPE_REQUIRED",
    ),
    refused(
        "resources/channel#modify-channel",
        "a name of spaces",
        "PATCH",
        "/channels/{public}",
        {"name": "   "},
        "name: BASE_TYPE_BAD_LENGTH",
    ),
    refused(
        "resources/channel#modify-channel",
        "1440.0 minutes",
        "PATCH",
        "/channels/{public}",
        {"auto_archive_duration": 1440.0},
        "auto_archive_duration: BASE_TYPE_CHOICES",
    ),
]
ARCHIVED = "/channels/{general}/threads/archived/public?before="
CASES = [
    *PATHS,
    *BODIES,
    *NUMBERS,
    refused(
        TIMES,
        "a time in year 1",
        "GET",
        ARCHIVED + YEAR_ONE.replace("+", "%2B"),
        None,
        "before: DATE_TIME_TYPE_PARSE",
    ),
    refused(
        TIMES,
        "a time-out until year 1",
        "PATCH",
        MEMBER,
        {"communication_disabled_until": YEAR_ONE},
        "communication_disabled_until: DATE_TIME_TYPE_PARSE",
    ),
    refused(
        TIMES,
        "an embed of year 1",
        "POST",
        MESSAGES,
        {"embeds": [{"title": "x", "timestamp": YEAR_ONE}]},
        "embeds.0.timestamp: DATE_TIME_TYPE_PARSE",
    ),
]
