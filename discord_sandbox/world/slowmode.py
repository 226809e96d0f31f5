"""Slowmode: how long people wait between two messages, and between two threads."""

from typing import TYPE_CHECKING, Literal

from discord_sandbox.errors import refusal
from discord_sandbox.world.model import Channel, User
from discord_sandbox.world.permissions import Permission

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def take_turn(store: "Store", user: User, channel: Channel, what: Literal["message", "thread"]) -> None:
    """Note that somebody sends a message or opens a thread now, unless it is too soon after the last one.

    One message and one thread go in each interval; bots and who has BYPASS_SLOWMODE need not wait (page
    resources/channel, footnote to `rate_limit_per_user`).

    Raises:
        ApiError: 20016, it is too soon.
    """
    seconds = channel.rate_limit_per_user
    if not seconds or user.bot or store.permissions(user.id, channel) & Permission.BYPASS_SLOWMODE:
        return
    now = store.clock()
    last = channel.slowed.get((user.id, what))
    if last is not None and now - last < seconds:
        raise refusal(20016)
    channel.slowed[user.id, what] = now
