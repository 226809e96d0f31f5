"""REST: registering the application's commands."""

from discord_sandbox import limits
from discord_sandbox.commands import Command
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.commands import check_command, check_commands
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route


def _scope(call: Call) -> int | None:
    """Give the guild that the route names, or None for global commands."""
    if call.id(0) != call.store.bot.id:
        raise refusal(50001)
    if "/guilds/" not in call.route:
        return None
    guild = call.store.guilds.get(call.id(1))
    if guild is None or call.store.bot.id not in guild.members:
        raise refusal(50001)
    return guild.id


def _one(call: Call) -> Command:
    command = call.store.commands.get(_scope(call), call.id(len(call.params) - 1))
    if command is None:
        raise refusal(10063)
    return command


def _shown(call: Call, command: Command, *, localizations: bool = True) -> dict[str, object]:
    return command.describe(call.store.bot.id, localizations=localizations)


def _list(call: Call) -> Reply:
    localizations = call.flag("with_localizations")
    listed = call.store.commands.listed(_scope(call))
    return Reply(200, [_shown(call, one, localizations=localizations) for one in listed])


def _put_all(call: Call) -> Reply:
    scope = _scope(call)
    if not isinstance(call.payload, list) or not all(isinstance(one, dict) for one in call.payload):
        errors = FormErrors()
        errors.add((), "LIST_TYPE_CONVERT", "Only lists of commands are allowed.")
        errors.raise_if_any()
    commands = call.store.commands.put_all(scope, check_commands(call.payload))
    call.store.feed.notify()
    return Reply(200, [_shown(call, one) for one in commands])


def _create(call: Call) -> Reply:
    scope = _scope(call)
    errors = FormErrors()
    body = check_command(call.object(), (), errors)
    errors.raise_if_any()
    same_kind = [one for one in call.store.commands.listed(scope) if one.kind == body["type"]]
    if len(same_kind) >= limits.COMMANDS[body["type"]] and body["name"] not in {
        one.name for one in same_kind
    }:
        raise refusal(30032)
    command, new = call.store.commands.put(scope, body)
    call.store.feed.notify()
    return Reply(201 if new else 200, _shown(call, command))


def _get(call: Call) -> Reply:
    return Reply(200, _shown(call, _one(call)))


def _edit(call: Call) -> Reply:
    command = _one(call)
    errors = FormErrors()
    body = check_command({**command.body, **call.object()}, (), errors)
    errors.raise_if_any()
    call.store.commands.replace(command, body)
    call.store.feed.notify()
    return Reply(200, _shown(call, command))


def _delete(call: Call) -> Reply:
    command = _one(call)
    call.store.commands.remove(command.guild_id, command.id)
    call.store.feed.notify()
    return NO_CONTENT


_LISTED = frozenset({"with_localizations"})

ROUTES = [
    route
    for prefix in ("/applications/{}/commands", "/applications/{}/guilds/{}/commands")
    for route in (
        Route("GET", prefix, _list, _LISTED),
        Route("PUT", prefix, _put_all),
        Route("POST", prefix, _create),
        Route("GET", f"{prefix}/{{}}", _get),
        Route("PATCH", f"{prefix}/{{}}", _edit),
        Route("DELETE", f"{prefix}/{{}}", _delete),
    )
]
