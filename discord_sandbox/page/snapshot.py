"""What one person sees, as JSON for the page: channels, messages, names, and the commands on offer."""

from discord_sandbox.people.actor import Actor
from discord_sandbox.sandbox import Sandbox
from discord_sandbox.world.commands import MESSAGE_MENU, SUB_COMMAND_GROUP
from discord_sandbox.world.model import Channel, ChannelType, Json
from discord_sandbox.world.permissions import Permission

LATEST_MESSAGES = 200
"""How many messages of a channel the page shows at most."""

_KINDS = {
    ChannelType.CATEGORY: "category",
    ChannelType.TEXT: "text",
    ChannelType.DM: "dm",
    ChannelType.ANNOUNCEMENT: "announcement",
    ChannelType.FORUM: "forum",
    ChannelType.ANNOUNCEMENT_THREAD: "thread",
    ChannelType.PUBLIC_THREAD: "thread",
    ChannelType.PRIVATE_THREAD: "private_thread",
}


def people(sandbox: Sandbox) -> list[Json]:
    """Give everybody whom one can be, the owner first."""
    guild = sandbox.guild.guild
    held = {one.user.id: one.roles for one in guild.members.values()}
    return [
        {
            "id": str(one.id),
            "name": one.name,
            "locale": one.locale,
            "owner": one is sandbox.guild.owner,
            "roles": [guild.roles[role].name for role in held[one.id]],
        }
        for one in sandbox.guild.members
    ]


def view(sandbox: Sandbox, person: Actor, channel: Channel | None) -> Json:
    """Give all that the page shows to a person.

    Args:
        sandbox: Where they are.
        person: Who looks.
        channel: What they look at; the first channel that they see if they cannot see it.
    """
    listed = person.channels() + person.threads(archived=True)
    seen = [one for one in listed if one.type is not ChannelType.CATEGORY]
    if channel is None or not person.can_see(channel):
        channel = next(iter(seen), None)
    shown = [] if channel is None else person.messages(channel)
    return {
        "version": sandbox.version,
        "guild": sandbox.guild.name,
        "bot": {"id": str(sandbox.bot_id), "online": sandbox.bot_presence != "offline"},
        "channels": [describe_channel(person, one) for one in seen],
        "channel": None if channel is None else str(channel.id),
        "messages": [one.as_dict() for one in shown[-LATEST_MESSAGES:]],
        "hidden": max(0, len(shown) - LATEST_MESSAGES),
        "can_write": channel is not None and _can_write(person, channel),
        "names": _names(sandbox, seen),
        "commands": [] if channel is None else commands(person, channel),
        "menus": [] if channel is None else menus(person, channel),
    }


def commands(person: Actor, channel: Channel) -> list[Json]:
    """Give the slash commands of a channel in the person's language, subcommands as commands of their own."""
    if channel.archived or not channel.takes_messages:
        return []
    entries = [
        entry
        for command in person.commands(channel)
        for entry in _entries(command.body, person.locale, command.name, _local(command.body, person.locale))
    ]
    return sorted(entries, key=lambda one: str(one["label"]))


def menus(person: Actor, channel: Channel) -> list[Json]:
    """Give the entries of a message's menu: name, and label in the person's language."""
    if channel.archived:
        return []
    return [
        {"name": one.name, "label": _local(one.body, person.locale)}
        for one in person.commands(channel, MESSAGE_MENU)
    ]


def describe_channel(person: Actor, channel: Channel) -> Json:
    """Give a channel as a person sees it in their list."""
    latest = person.latest(channel)
    return {
        "id": str(channel.id),
        "name": channel.name,
        "kind": _KINDS[channel.type],
        "type": int(channel.type),
        "parent_id": None if channel.thread is None else str(channel.parent_id),
        "archived": channel.archived,
        "locked": channel.locked,
        "latest": None if latest is None else str(latest.id),
    }


def _can_write(person: Actor, channel: Channel) -> bool:
    if channel.guild_id is None:
        return True
    bits = person.permissions(channel)
    if not channel.takes_messages:
        return False
    if channel.locked and not bits & Permission.MANAGE_THREADS:
        return False
    threaded = channel.thread is not None
    return bool(bits & (Permission.SEND_MESSAGES_IN_THREADS if threaded else Permission.SEND_MESSAGES))


def _names(sandbox: Sandbox, seen: list[Channel]) -> Json:
    store = sandbox.store
    return {
        "users": {str(one.id): one.name for one in store.users.values()},
        "roles": {str(one.id): one.name for guild in store.guilds.values() for one in guild.roles.values()},
        "channels": {str(one.id): one.name for one in seen},
    }


def _entries(node: Json, locale: str, name: str, label: str) -> list[Json]:
    options: list[Json] = node.get("options", [])
    if options and options[0]["type"] <= SUB_COMMAND_GROUP:
        return [
            entry
            for one in options
            for entry in _entries(one, locale, f"{name} {one['name']}", f"{label} {_local(one, locale)}")
        ]
    described = [_option(one, locale) for one in options]
    return [
        {
            "name": name,
            "label": label,
            "description": _local(node, locale, "description"),
            "options": described,
        }
    ]


def _option(option: Json, locale: str) -> Json:
    return {
        "name": option["name"],
        "label": _local(option, locale),
        "description": _local(option, locale, "description"),
        "type": option["type"],
        "required": option.get("required", False),
        "autocomplete": option.get("autocomplete", False),
        "channel_types": option.get("channel_types"),
        "choices": [
            {"name": _local(one, locale), "value": one["value"]} for one in option.get("choices") or ()
        ],
    }


def _local(node: Json, locale: str, key: str = "name") -> str:
    translated = node.get(f"{key}_localizations") or {}
    return str(translated.get(locale) or node.get(key, ""))
