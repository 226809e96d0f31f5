"""REST: reactions to messages."""

from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.rest.channels import seen
from discord_sandbox.world import reactions
from discord_sandbox.world.model import Message
from discord_sandbox.world.permissions import Permission

_KINDS = ("0", "1")
"""The types of reaction: normal ones, and bursts, which nobody in the sandbox makes."""


def _message(call: Call) -> Message:
    return call.store.message(seen(call), call.id(1))


def _managed(call: Call) -> Message:
    """Give the message that the route names, whose reactions the bot may take away."""
    channel = seen(call)
    message = call.store.message(channel, call.id(1))
    if channel.guild is None:
        raise refusal(50003)
    call.store.require(call.store.bot.id, channel, Permission.MANAGE_MESSAGES)
    return message


def _emoji(call: Call) -> str:
    emoji = call.params[2]
    reactions.require_emoji(emoji)
    return emoji


def _react(call: Call) -> Reply:
    reactions.react(call.store, call.store.bot, _message(call), _emoji(call))
    return NO_CONTENT


def _unreact(call: Call) -> Reply:
    reactions.unreact(call.store, call.store.bot, _message(call), _emoji(call))
    return NO_CONTENT


def _unreact_other(call: Call) -> Reply:
    message = _managed(call)
    user = call.store.users.get(call.id(3))
    if user is None:
        raise refusal(10013)
    reactions.unreact(call.store, user, message, _emoji(call))
    return NO_CONTENT


def _clear(call: Call) -> Reply:
    reactions.clear(call.store, _managed(call))
    return NO_CONTENT


def _clear_one(call: Call) -> Reply:
    reactions.clear(call.store, _managed(call), _emoji(call))
    return NO_CONTENT


def _who(call: Call) -> Reply:
    message, emoji = _message(call), _emoji(call)
    kind = call.query.get("type", _KINDS[0])
    if kind not in _KINDS:
        errors = FormErrors()
        errors.bad_choice(("type",), _KINDS)
        errors.raise_if_any()
    who = message.reactions.get(emoji, []) if kind == _KINDS[0] else []
    after = call.snowflake("after") or 0
    listed = sorted(one for one in who if one > after)[: call.number("limit", 25, 100)]
    return Reply(200, [call.store.users[one].payload for one in listed])


_ALL = "/channels/{}/messages/{}/reactions"
_ONE = f"{_ALL}/{{}}"

ROUTES = [
    Route("PUT", f"{_ONE}/@me", _react),
    Route("DELETE", f"{_ONE}/@me", _unreact),
    Route("DELETE", f"{_ONE}/{{}}", _unreact_other),
    Route("DELETE", _ALL, _clear),
    Route("DELETE", _ONE, _clear_one),
    Route("GET", _ONE, _who, frozenset({"limit", "after", "type"})),
]
