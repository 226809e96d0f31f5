"""Who a message pings: what stands in it, what its author allows, and what the author may."""

import re
from typing import TYPE_CHECKING

from discord_sandbox.forms.components import walk
from discord_sandbox.forms.message import AllowedMentions
from discord_sandbox.world.model import Message
from discord_sandbox.world.permissions import Permission

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


def parse(store: "Store", message: Message, allowed: AllowedMentions) -> None:
    """Find anew whom a message pings.

    Users and roles are pinged as far as `allowed` goes; roles only if they are mentionable or the author may
    ping everyone (page resources/message, "Allowed Mentions Object"). The texts of a message's components
    count as its content.
    """
    message.mentions, message.mention_roles, message.mention_everyone = [], [], False
    answered = message.answered
    if answered is not None and allowed.replied_user and answered.author is not message.author:
        message.mentions = [answered.author.id]
    written = _written(message)
    if "@" not in written:
        return
    users = dict.fromkeys([*message.mentions, *(int(found) for found in _USER.findall(written))])
    message.mentions = [
        one
        for one in users
        if one in message.mentions
        or (one in store.users and ("users" in allowed.parse or one in allowed.users))
    ]
    may_ping = bool(store.permissions(message.author.id, message.channel) & Permission.MENTION_EVERYONE)
    guild = message.channel.guild
    known = {} if guild is None else guild.roles
    roles = dict.fromkeys(int(found) for found in _ROLE.findall(written))
    message.mention_roles = [
        one
        for one in roles
        if (role := known.get(one)) is not None
        and (role.mentionable or may_ping)
        and ("roles" in allowed.parse or one in allowed.roles)
    ]
    message.mention_everyone = (
        may_ping and "everyone" in allowed.parse and _EVERYONE.search(written) is not None
    )


def _written(message: Message) -> str:
    if not message.layout:
        return message.content
    return "\n".join(part["content"] for part in walk(message.components) if "content" in part)
