"""Why the gateway closes a connection (page topics/opcodes-and-status-codes)."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Discord's close codes; there is no 4006."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


ENDS_SESSION = frozenset(
    {CloseCode.AUTHENTICATION_FAILED, CloseCode.INVALID_SEQ, CloseCode.SESSION_TIMED_OUT}
)
"""After these a session cannot be resumed: the bot must begin a new one. The others leave it resumable."""

BOTS_MISTAKES = frozenset(
    {
        CloseCode.UNKNOWN_OPCODE,
        CloseCode.DECODE_ERROR,
        CloseCode.NOT_AUTHENTICATED,
        CloseCode.ALREADY_AUTHENTICATED,
        CloseCode.INVALID_SEQ,
        CloseCode.RATE_LIMITED,
        CloseCode.INVALID_SHARD,
        CloseCode.INVALID_API_VERSION,
        CloseCode.INVALID_INTENTS,
    }
)
"""What a right program never meets, so it is recorded as a violation.

A wrong token, too few shards and an intent that is not switched on are for whoever runs the bot to mend.
"""


class Closing(Exception):  # noqa: N818 - it carries a close code; nothing went wrong on our side
    """The connection must be closed with this code."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)
