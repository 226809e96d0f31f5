"""The application's commands, global and of each guild, as they were registered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from discord_sandbox import limits
from discord_sandbox.allowance import Allowance
from discord_sandbox.locales import DEFAULT, localized, shown
from discord_sandbox.world.model import Json
from discord_sandbox.world.snowflake import Snowflakes

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2

IN_GUILD, IN_BOT_DM = 0, 1
"""The contexts that the sandbox has; in the third one, 2, only commands of a user's own installation work."""


@dataclass(slots=True, eq=False)
class Command:
    """A registered command. `body` has what was registered, with defaults filled in."""

    id: int
    guild_id: int | None
    version: int
    body: Json

    @property
    def name(self) -> str:
        """Its name without localization."""
        return str(self.body["name"])

    @property
    def kind(self) -> int:
        """1 for a slash command, 2 for a user menu, 3 for a message menu."""
        return int(self.body["type"])

    def works_in(self, context: int) -> bool:
        """Whether it is for guilds (0) or the bot's direct messages (1); a guild's command is for guilds."""
        if self.guild_id is not None:
            return context == IN_GUILD
        contexts = self.body.get("contexts")
        return contexts is None or context in contexts

    def describe(self, application_id: int, locale: str | None = None) -> Json:
        """Give the command as REST shows it.

        Args:
            application_id: Whose it is.
            locale: The language whose words stand there instead of those of all languages; None for all.
        """
        described = {
            "id": str(self.id),
            "application_id": str(application_id),
            "version": str(self.version),
            **(self.body if locale is None else _in_one_language(self.body, locale)),
        }
        if self.guild_id is None:
            described["dm_permission"] = self.works_in(IN_BOT_DM)
        else:
            described["guild_id"] = str(self.guild_id)
        return described


def _in_one_language(node: Json, locale: str) -> Json:
    """Write a command, option or choice with one language's words, as lists of commands have it."""
    described: Json = {}
    for key, value in node.items():
        if key.endswith("_localizations"):
            name = key.removesuffix("_localizations")
            if words := localized(node, name, locale):
                described[f"{name}_localized"] = words
        elif key in {"options", "choices"}:
            described[key] = [_in_one_language(one, locale) for one in value]
        else:
            described[key] = value
    return described


class CommandRegistry:
    """All commands, by scope: None is global, a guild's id is that guild.

    Args:
        snowflakes: Makes the ids and versions.
        clock: Gives the time as Unix seconds.
    """

    def __init__(self, snowflakes: Snowflakes, clock: Callable[[], float]) -> None:
        self._snowflakes = snowflakes
        self._clock = clock
        self._scopes: dict[int | None, dict[int, Command]] = {}
        self._creations: dict[int | None, Allowance] = {}
        self.registered = False

    def listed(self, scope: int | None) -> list[Command]:
        """Give a scope's commands in the order in which they were registered."""
        return list(self._scopes.get(scope, {}).values())

    def get(self, scope: int | None, command_id: int) -> Command | None:
        """Give a command by its id."""
        return self._scopes.get(scope, {}).get(command_id)

    def named(self, scope: int | None, body: Json) -> Command | None:
        """Give the command that has the name and kind of a body."""
        for command in self.listed(scope):
            if (command.name, command.kind) == (body["name"], body["type"]):
                return command
        return None

    def may_create(self, scope: int | None, count: int) -> bool:
        """Note that so many commands are made in a scope; false if that is too many for a day."""
        if scope not in self._creations:
            self._creations[scope] = Allowance(
                self._clock, limits.COMMAND_CREATES, limits.COMMAND_CREATES_SECONDS
            )
        return self._creations[scope].take(count)

    def put(self, scope: int | None, body: Json, known: Command | None = None) -> Command:
        """Register one command, or give a known one another body: a new version, if it is another one."""
        self.registered = True
        if known is None:
            known = Command(self._snowflakes.next(), scope, self._snowflakes.next(), body)
            self._scopes.setdefault(scope, {})[known.id] = known
        elif known.body != body:
            known.body = body
            known.version = self._snowflakes.next()
        return known

    def put_all(self, scope: int | None, bodies: Sequence[tuple[Json, Command | None]]) -> list[Command]:
        """Register exactly these commands for a scope; each body comes with the command that it replaces."""
        kept = [self.put(scope, body, known) for body, known in bodies]
        self._scopes[scope] = {command.id: command for command in kept}
        self.registered = True
        return kept

    def remove(self, command: Command) -> None:
        """Unregister a command."""
        self._scopes.get(command.guild_id, {}).pop(command.id, None)

    def find(self, name: str, kind: int, guild_id: int | None, locale: str = DEFAULT) -> Command | None:
        """Find the command that a person means: the guild's own first, then a global one.

        Args:
            name: Its name, as it is without localization or as somebody with this language sees it.
            kind: 1 a slash command, 2 a user menu, 3 a message menu.
            guild_id: Where; None for direct messages.
            locale: The person's language.
        """
        known = self.visible(kind, guild_id)
        for command in known:
            if name in {command.name, shown(command.body, locale)}:
                return command
        return None

    def visible(self, kind: int, guild_id: int | None) -> list[Command]:
        """Give all commands of a kind that exist in a guild, or in direct messages (None)."""
        scopes = (None,) if guild_id is None else (guild_id, None)
        return [one for scope in scopes for one in self.listed(scope) if one.kind == kind]
