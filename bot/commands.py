"""Keeps the commands in Discord equal to the commands in code."""

from collections.abc import Mapping, Sequence
from typing import Any

import hikari
import lightbulb
from loguru import logger

from bot.outgoing import repeat_safely
from bot.texts import FALLBACK, texts_for

_COMPARED = frozenset(
    {
        "description",
        "options",
        "default_member_permissions",
        "nsfw",
        "name_localizations",
        "description_localizations",
    }
)
"""What is compared even where the code does not name it."""

_SETS = frozenset({"contexts", "integration_types", "channel_types"})
_MEANT = frozenset({"value", "min_value", "max_value", "min_length", "max_length"})
"""Where zero says something."""


def command_words(key: str) -> dict[hikari.Locale, str]:
    """Give a name, description or choice of a command in each language that has a catalogue.

    Returns:
        The words by Discord's locale, English for American; empty for a key without an English text.
    """
    if not texts_for(FALLBACK).has(key):
        return {}
    return {
        locale: texts(key)
        for locale in hikari.Locale
        if (texts := texts_for(locale.value)).locale != FALLBACK or locale is hikari.Locale.EN_US
    }


class RegisteredCommands:
    """The commands as they stand in Discord, with their ids; none before the sync."""

    def __init__(self) -> None:
        self._by_guild: dict[int | None, Sequence[hikari.PartialCommand]] = {}

    def remember(self, guild_id: int | None, commands: Sequence[hikari.PartialCommand]) -> None:
        """Take the commands of a guild; None: those that stand everywhere."""
        self._by_guild[guild_id] = commands

    def here(self, guild_id: int | None) -> Sequence[hikari.PartialCommand]:
        """List the commands that can be used in a guild, or in direct messages (None)."""
        return self._by_guild.get(guild_id, self._by_guild.get(None, ()))


async def sync_commands(
    client: lightbulb.Client,
    rest: hikari.api.RESTClient,
    factory: hikari.api.EntityFactory,
    registered: RegisteredCommands,
) -> None:
    """Read the registered commands, compare, and replace them all only where there is a difference.

    Only call it once every extension is loaded: what is missing in code is deleted in Discord.

    Args:
        client: with every command of the code.
        rest: the way to Discord.
        factory: hikari's.
        registered: is told what stands in Discord in the end.

    Raises:
        hikari.HikariError: Discord did not give or take them.
    """
    application = await repeat_safely(rest.fetch_application)
    builders = [
        await command.as_command_builder(client.default_locale, client.localization_provider)
        for command in client.registered_commands
    ]
    wanted = [_canonical(builder.build(factory)) for builder in builders]
    for guild_id in client.default_enabled_guilds or (hikari.UNDEFINED,):
        found = await repeat_safely(rest.fetch_application_commands, application, guild_id)
        there = [_canonical(_payload(command, factory)) for command in found]
        if _same(wanted, there):
            logger.info("The {} commands in Discord are up to date", len(wanted))
        else:
            found = await repeat_safely(rest.set_application_commands, application, builders, guild_id)
            logger.info("Registered {} commands", len(wanted))
        registered.remember(None if guild_id is hikari.UNDEFINED else int(guild_id), found)


def _same(wanted: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the same commands stand on both sides; what the code leaves open is Discord's to choose."""
    by_name = {(command.get("type"), command["name"]): command for command in there}
    if len(by_name) != len(wanted):
        return False
    for command in wanted:
        other = by_name.get((command.get("type"), command["name"]))
        if other is None:
            return False
        keys = _COMPARED | command.keys()
        if any(command.get(key) != other.get(key) for key in keys):
            return False
    return True


def _payload(command: hikari.PartialCommand, factory: hikari.api.EntityFactory) -> dict[str, Any]:
    """Write a registered command as it would be sent."""
    payload: dict[str, Any] = {
        "name": command.name,
        "type": int(command.type),
        "default_member_permissions": int(command.default_member_permissions),
        "nsfw": command.is_nsfw,
        "name_localizations": command.name_localizations,
        "contexts": [int(context) for context in command.context_types],
        "integration_types": [int(kind) for kind in command.integration_types],
    }
    if isinstance(command, hikari.SlashCommand):
        payload["description"] = command.description
        payload["description_localizations"] = command.description_localizations
        payload["options"] = [factory.serialize_command_option(option) for option in command.options or ()]
    return payload


def _canonical(value: Any) -> Any:  # noqa: ANN401  # JSON of any shape
    """Leave out what says nothing (null, false, empty, no permissions), and write the rest in one way."""
    if isinstance(value, Mapping):
        cleaned = {str(getattr(key, "value", key)): _canonical(item) for key, item in value.items()}
        if "default_member_permissions" in cleaned:
            cleaned["default_member_permissions"] = int(cleaned["default_member_permissions"] or 0)
        for key in _SETS & cleaned.keys():
            cleaned[key] = sorted(cleaned[key])
        return {key: item for key, item in cleaned.items() if _says_something(key, item)}
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return [_canonical(item) for item in value]


def _says_something(key: str, item: object) -> bool:
    return item is not None and (key in _MEANT or item not in (False, 0, "", [], {}))
