"""Rows about what every call has in common: the token, ids, JSON."""

from tests.conformance.table import Case, bounds, refused

CODES = "topics/opcodes-and-status-codes#json"
MESSAGES = "/channels/{general}/messages"

CASES = [
    *bounds(
        "resources/message#create-message",
        "CONTENT",
        2000,
        "POST",
        MESSAGES,
        lambda n: {"content": "x" * n},
        "content: BASE_TYPE_MAX_LENGTH",
    ),
    refused(
        "resources/message#create-message",
        "lengths are counted in UTF-16 units",
        "POST",
        MESSAGES,
        {"content": "😀" * 1001},
        "content: BASE_TYPE_MAX_LENGTH",
        limits=("CONTENT",),
    ),
    Case(
        CODES,
        "an unknown guild",
        "GET",
        "/guilds/{nothing}",
        None,
        404,
        10004,
    ),
    Case(
        CODES,
        "a guild that the bot is not in",
        "GET",
        "/guilds/{other_guild}",
        None,
        403,
        50001,
    ),
]
