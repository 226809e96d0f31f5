"""Makes an interaction's data of what a person types behind a command, with the client's own checks."""

from collections.abc import Mapping
from typing import Any, Protocol

from discord_sandbox.errors import BadInput, NotVisible
from discord_sandbox.forms.message import Upload
from discord_sandbox.limits import LARGEST_NUMBER, OPTION_LENGTH, units
from discord_sandbox.locales import DEFAULT, shown
from discord_sandbox.people.resolved import ATTACHMENT, CHANNEL, MENTIONABLE, ROLE, USER, Resolved
from discord_sandbox.world.commands import SUB_COMMAND, SUB_COMMAND_GROUP, Command
from discord_sandbox.world.model import Channel, Json

_STRING, _INTEGER, _BOOLEAN, _NUMBER = 3, 4, 5, 10
_RANGES = {
    _STRING: (0, OPTION_LENGTH),
    _INTEGER: (1 - LARGEST_NUMBER, LARGEST_NUMBER - 1),
    _NUMBER: (-LARGEST_NUMBER, LARGEST_NUMBER),
}


class HasId(Protocol):
    """Whatever Discord gives an id: a person, a channel, a role, a guild."""

    @property
    def id(self) -> int:
        """The id."""


OptionValue = str | int | float | bool | HasId | Upload
"""What an option may be given: text, numbers, yes or no, a person, channel or role, or a file."""


def command_data(
    command: Command,
    path: list[str],
    given: Mapping[str, OptionValue],
    resolved: Resolved,
    *,
    focused: str | None = None,
    locale: str = DEFAULT,
) -> Json:
    """Build the data of a command or autocomplete interaction.

    Args:
        command: The command.
        path: The names of the group and subcommand, if it has any.
        given: The options by name.
        resolved: Gathers whom and what they name.
        focused: For autocomplete, the option that is being typed; it is not checked.
        locale: The person's language: names may be those that they see.

    Raises:
        NotVisible: There is no such subcommand, or nothing of this id.
        BadInput: An option is unknown, missing or out of its range.
    """
    known: list[Json] = command.body.get("options", [])
    wrappers: list[Json] = []
    for name in path:
        step = next((one for one in known if name in {one["name"], shown(one, locale)}), None)
        if step is None or step["type"] > SUB_COMMAND_GROUP:
            raise NotVisible(f"/{command.name} has no subcommand {name!r}.")
        wrappers.append({"name": step["name"], "type": step["type"]})
        known = step.get("options", [])
    if known and known[0]["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP}:
        raise BadInput(f"/{command.name} needs one of {[one['name'] for one in known]}.")
    options = _Filler(command.name, known, resolved, locale).fill(given, focused)
    for wrapper in reversed(wrappers):
        options = [{**wrapper, "options": options}]
    data: Json = {"id": str(command.id), "name": command.name, "type": command.kind}
    if options:
        data["options"] = options
    if resolved.data:
        data["resolved"] = resolved.data
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    return data


class _Filler:
    """Fills the options of one command for one person."""

    def __init__(self, command: str, options: list[Json], resolved: Resolved, locale: str) -> None:
        self._command = command
        self._by_name = {one["name"]: one for one in options}
        self._by_shown_name = {shown(one, locale): one for one in options} | self._by_name
        self._resolved = resolved
        self._locale = locale

    def fill(self, given: Mapping[str, OptionValue], focused: str | None) -> list[Json]:
        """Give the options as they are sent, in the order in which they were given."""
        if unknown := given.keys() - self._by_shown_name.keys():
            raise BadInput(f"/{self._command} has no option {sorted(unknown)}; it has {list(self._by_name)}.")
        filled = {self._by_shown_name[key]["name"] for key in given}
        needed = [name for name, one in self._by_name.items() if one.get("required") and name not in filled]
        if needed and focused is None:
            raise BadInput(f"/{self._command} needs the option {needed}.")
        return [
            self._option(self._by_shown_name[key], raw, typed=key == focused) for key, raw in given.items()
        ]

    def _option(self, option: Json, raw: OptionValue, *, typed: bool) -> Json:
        sent: Json = {"name": option["name"], "type": option["type"]}
        if not typed:
            return {**sent, "value": self._value(option, raw)}
        if not option.get("autocomplete"):
            raise BadInput(f"The option {option['name']!r} of /{self._command} has no autocomplete.")
        return {**sent, "value": str(raw), "focused": True}

    def _value(self, option: Json, raw: OptionValue) -> Any:  # noqa: ANN401 - JSON of the option's type
        kind = option["type"]
        if choices := option.get("choices"):
            for choice in choices:
                if raw in (choice["value"], choice["name"], shown(choice, self._locale)):
                    return choice["value"]
            raise BadInput(
                f"{option['name']!r} has no choice {raw!r}; it has {[one['name'] for one in choices]}."
            )
        if kind == ATTACHMENT and isinstance(raw, Upload):
            return self._resolved.file(raw, option["name"], option.get("file_types", ()))
        if kind == CHANNEL and isinstance(raw, Channel):
            _check_channel(option, raw)
        if kind in {USER, CHANNEL, ROLE, MENTIONABLE}:
            return self._resolved.named(kind, raw if isinstance(raw, int) else _id_of(raw))
        return _plain(option, raw)


def _plain(option: Json, raw: OptionValue) -> str | float | bool:
    kind = option["type"]
    fits = {
        _STRING: isinstance(raw, str),
        _INTEGER: isinstance(raw, int) and not isinstance(raw, bool),
        _BOOLEAN: isinstance(raw, bool),
        _NUMBER: isinstance(raw, int | float) and not isinstance(raw, bool),
    }
    if not fits.get(kind, False) or not isinstance(raw, str | int | float):
        raise BadInput(f"The option {option['name']!r} does not take {raw!r}.")
    if kind != _BOOLEAN:
        least, most = ("min_length", "max_length") if kind == _STRING else ("min_value", "max_value")
        lowest, highest = _RANGES[kind]
        size = units(raw) if isinstance(raw, str) else raw
        if not option.get(least, lowest) <= size <= option.get(most, highest):
            raise BadInput(f"The option {option['name']!r} does not take a value of this size.")
    return raw


def _check_channel(option: Json, channel: Channel) -> None:
    types = option.get("channel_types")
    if types and channel.type not in types:
        raise BadInput(f"The option {option['name']!r} does not take #{channel.name}, a channel of its type.")


def _id_of(raw: OptionValue) -> int:
    if isinstance(raw, str | int | float | Upload):
        raise BadInput(f"A person, channel or role is needed, not {raw!r}.")
    return raw.id
