"""The application's commands, global and of the guild, as they were registered."""

from dataclasses import dataclass
from typing import Any

from discord_sandbox.model import Json
from discord_sandbox.snowflake import Snowflakes

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2


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

    def describe(self, application_id: int, *, localizations: bool) -> Json:
        """Give the command as REST shows it."""
        described = {
            "id": str(self.id),
            "application_id": str(application_id),
            "version": str(self.version),
            **(self.body if localizations else _localized_out(self.body)),
        }
        if self.guild_id is not None:
            described["guild_id"] = str(self.guild_id)
        return described


def _localized_out(node: Any) -> Any:  # noqa: ANN401 - it walks JSON of any shape
    if isinstance(node, dict):
        return {
            key: _localized_out(value)
            for key, value in node.items()
            if key not in {"name_localizations", "description_localizations"}
        }
    if isinstance(node, list):
        return [_localized_out(one) for one in node]
    return node


class CommandRegistry:
    """All commands, by scope: None is global, a guild's id is that guild."""

    def __init__(self, snowflakes: Snowflakes) -> None:
        self._snowflakes = snowflakes
        self._scopes: dict[int | None, dict[int, Command]] = {}
        self.registered = False

    def listed(self, scope: int | None) -> list[Command]:
        """Give a scope's commands in the order in which they were registered."""
        return list(self._scopes.get(scope, {}).values())

    def get(self, scope: int | None, command_id: int) -> Command | None:
        """Give a command by its id."""
        return self._scopes.get(scope, {}).get(command_id)

    def put(self, scope: int | None, body: Json) -> tuple[Command, bool]:
        """Register one command, or replace the one of the same name and kind.

        Returns:
            The command, and whether it is new.
        """
        commands = self._scopes.setdefault(scope, {})
        for known in commands.values():
            if (known.name, known.kind) == (body["name"], body["type"]):
                self.replace(known, body)
                return known, False
        command = Command(self._snowflakes.next(), scope, self._snowflakes.next(), body)
        commands[command.id] = command
        self.registered = True
        return command, True

    def replace(self, command: Command, body: Json) -> None:
        """Give a command another body; a new version, if it is another one."""
        if command.body != body:
            command.body = body
            command.version = self._snowflakes.next()
        self.registered = True

    def put_all(self, scope: int | None, bodies: list[Json]) -> list[Command]:
        """Register exactly these commands for a scope; those of the same name and kind keep their id."""
        kept = [self.put(scope, body)[0] for body in bodies]
        self._scopes[scope] = {command.id: command for command in kept}
        self.registered = True
        return kept

    def remove(self, scope: int | None, command_id: int) -> bool:
        """Unregister a command; false if there is none of this id."""
        return self._scopes.get(scope, {}).pop(command_id, None) is not None

    def find(self, name: str, kind: int, guild_id: int | None) -> Command | None:
        """Find the command that a person means: the guild's own first, then a global one."""
        scopes = (None,) if guild_id is None else (guild_id, None)
        for scope in scopes:
            for command in self._scopes.get(scope, {}).values():
                if command.kind == kind and command.name == name:
                    return command
        return None

    def visible(self, kind: int, guild_id: int | None) -> list[Command]:
        """Give all commands of a kind that exist in a guild, or in direct messages (None)."""
        scopes = (None,) if guild_id is None else (guild_id, None)
        return [one for scope in scopes for one in self._scopes.get(scope, {}).values() if one.kind == kind]
