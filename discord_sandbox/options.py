"""Makes an interaction's data of what a person types behind a command, with the client's own checks."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from discord_sandbox import payloads
from discord_sandbox.commands import SUB_COMMAND, SUB_COMMAND_GROUP, Command
from discord_sandbox.errors import BadInput, NotVisible
from discord_sandbox.limits import OPTION_LENGTH, units
from discord_sandbox.model import Channel, Json

if TYPE_CHECKING:
    from discord_sandbox.store import Store

_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER = range(3, 11)


class HasId(Protocol):
    """Whatever Discord gives an id: a person, a channel, a role, a guild."""

    @property
    def id(self) -> int:
        """The id."""


OptionValue = str | int | float | bool | HasId
"""What an option may be given: text, numbers, yes or no, or a person, channel or role."""


def command_data(
    store: "Store",
    where: Channel,
    command: Command,
    path: list[str],
    given: Mapping[str, OptionValue],
    focused: str | None = None,
) -> Json:
    """Build the data of a command or autocomplete interaction.

    Args:
        store: Where people, channels and roles are looked up.
        where: The channel in which the command is typed.
        command: The command.
        path: The names of the group and subcommand, if it has any.
        given: The options by name.
        focused: For autocomplete, the option that is being typed; it is not checked.

    Raises:
        NotVisible: There is no such subcommand.
        BadInput: An option is unknown, missing or out of its range.
    """
    known: list[Json] = command.body.get("options", [])
    wrappers: list[Json] = []
    for name in path:
        step = next((one for one in known if one["name"] == name and one["type"] <= SUB_COMMAND_GROUP), None)
        if step is None:
            raise NotVisible(f"/{command.name} has no subcommand {name!r}.")
        wrappers.append({"name": name, "type": step["type"]})
        known = step.get("options", [])
    if known and known[0]["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP}:
        raise BadInput(f"/{command.name} needs one of {[one['name'] for one in known]}.")
    resolved: Json = {}
    options = _options(store, where, command.name, known, given, focused, resolved)
    for wrapper in reversed(wrappers):
        options = [{**wrapper, "options": options}]
    data: Json = {"id": str(command.id), "name": command.name, "type": command.kind, "options": options}
    if resolved:
        data["resolved"] = resolved
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    return data


def _options(
    store: "Store",
    where: Channel,
    name: str,
    known: list[Json],
    given: Mapping[str, OptionValue],
    focused: str | None,
    resolved: Json,
) -> list[Json]:
    by_name = {one["name"]: one for one in known}
    if unknown := given.keys() - by_name.keys():
        raise BadInput(f"/{name} has no option {sorted(unknown)}; it has {list(by_name)}.")
    missing = [one["name"] for one in known if one.get("required") and one["name"] not in given]
    if missing and focused is None:
        raise BadInput(f"/{name} needs the option {missing}.")
    built: list[Json] = []
    for key, raw in given.items():
        option = by_name[key]
        if key == focused:
            if not option.get("autocomplete"):
                raise BadInput(f"The option {key!r} of /{name} has no autocomplete.")
            built.append({"name": key, "type": option["type"], "value": str(raw), "focused": True})
        else:
            value = _value(store, where, option, raw, resolved)
            built.append({"name": key, "type": option["type"], "value": value})
    return built


def _value(store: "Store", where: Channel, option: Json, raw: OptionValue, resolved: Json) -> Any:  # noqa: ANN401 - JSON of the option's type
    kind = option["type"]
    if option.get("choices"):
        for choice in option["choices"]:
            if raw in (choice["value"], choice["name"]):
                return choice["value"]
        raise BadInput(
            f"{option['name']!r} has no choice {raw!r}; it has {[one['name'] for one in option['choices']]}."
        )
    if kind in {_USER, _CHANNEL, _ROLE, _MENTIONABLE}:
        return resolve(store, where, kind, raw if isinstance(raw, int) else _id_of(raw), resolved)
    fits = {
        _STRING: isinstance(raw, str),
        _INTEGER: isinstance(raw, int) and not isinstance(raw, bool),
        _BOOLEAN: isinstance(raw, bool),
        _NUMBER: isinstance(raw, int | float) and not isinstance(raw, bool),
    }
    if not fits.get(kind, False):
        raise BadInput(f"The option {option['name']!r} does not take {raw!r}.")
    size: Any = units(raw) if isinstance(raw, str) else raw
    least, most = ("min_length", "max_length") if kind == _STRING else ("min_value", "max_value")
    longest = OPTION_LENGTH if kind == _STRING else float("inf")
    if kind != _BOOLEAN and not option.get(least, float("-inf")) <= size <= option.get(most, longest):
        raise BadInput(f"The option {option['name']!r} does not take a value of this size.")
    return raw


def _id_of(raw: OptionValue) -> int:
    if isinstance(raw, str | int | float):
        raise BadInput(f"A person, channel or role is needed, not {raw!r}.")
    return raw.id


def resolve(store: "Store", where: Channel, kind: int, found_id: int, resolved: Json) -> str:
    """Note whom or what an id means in the resolved data, and give the id as a text.

    Args:
        store: Where it is looked up.
        where: The channel in which it is chosen.
        kind: 6 or 9 a user, 7 a channel, 8 or 9 a role.
        found_id: The id.
        resolved: The resolved data of the interaction.

    Raises:
        NotVisible: There is nothing with this id.
    """
    key, guild = str(found_id), where.guild
    if kind in {_USER, _MENTIONABLE} and found_id in store.users:
        resolved.setdefault("users", {})[key] = store.users[found_id].payload
        if guild is not None and (member := guild.members.get(found_id)):
            described = payloads.member_alone(member)
            described.pop("deaf")
            described.pop("mute")
            bits = store.permissions(found_id, where)
            resolved.setdefault("members", {})[key] = {**described, "permissions": str(bits)}
    elif kind in {_ROLE, _MENTIONABLE} and guild is not None and found_id in guild.roles:
        resolved.setdefault("roles", {})[key] = payloads.role(guild.roles[found_id])
    elif kind == _CHANNEL and found_id in store.channels:
        channel: Channel = store.channels[found_id]
        resolved.setdefault("channels", {})[key] = payloads.partial_channel(store, channel, store.bot.id)
    else:
        raise NotVisible(f"There is nothing with the id {found_id} to choose.")
    return key


def resolve_chosen(store: "Store", where: Channel, kind: int, values: Iterable[str], resolved: Json) -> None:
    """Note whom or what the values of a menu of people, roles or channels mean.

    Args:
        store: Where they are looked up.
        where: The channel in which they were chosen.
        kind: The menu's component type: 5 people, 6 roles, 7 people and roles, 8 channels.
        values: The ids that were chosen.
        resolved: The resolved data of the interaction.

    Raises:
        NotVisible: There is nothing with such an id.
    """
    wanted = {5: _USER, 6: _ROLE, 7: _MENTIONABLE, 8: _CHANNEL}[kind]
    for value in values:
        resolve(store, where, wanted, int(value), resolved)
