"""REST: registering the application's commands, and who may use them."""

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import snowflake
from discord_sandbox.forms.commands import check_command, check_commands, duplicate
from discord_sandbox.locales import asked_for
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.world import command_permissions
from discord_sandbox.world.commands import Command, CommandRegistry
from discord_sandbox.world.model import Guild, Json


def _guild(call: Call) -> Guild | None:
    """Give the guild that the route names, or None for global commands."""
    if call.id(0) != call.store.bot.id:
        raise refusal(50001)
    if "/guilds/" not in call.route:
        return None
    guild = call.store.guilds.get(call.id(1))
    if guild is None or call.store.bot.id not in guild.members:
        raise refusal(50001)
    return guild


def _scope(call: Call) -> int | None:
    guild = _guild(call)
    return None if guild is None else guild.id


def _one(call: Call) -> Command:
    command = call.store.commands.get(_scope(call), call.id(len(call.params) - 1))
    if command is None:
        raise refusal(10063)
    return command


def _shown(call: Call, command: Command, locale: str | None = None) -> Json:
    return command.describe(call.store.bot.id, locale)


def _list(call: Call) -> Reply:
    locale = None if call.flag("with_localizations") else asked_for(call.headers)
    return Reply(200, [_shown(call, one, locale) for one in call.store.commands.listed(_scope(call))])


def _put_all(call: Call) -> Reply:
    scope, commands = _scope(call), call.store.commands
    raws = call.payload
    if not isinstance(raws, list) or not all(isinstance(one, dict) for one in raws):
        errors = FormErrors()
        errors.add((), "LIST_TYPE_CONVERT", "Only lists of commands are allowed.")
        raise errors.refusal()
    bodies = check_commands(raws)
    before = {one: one.name for one in commands.listed(scope)}
    known = _replaced(commands, scope, raws, bodies)
    if not commands.may_create(scope, known.count(None)):
        raise refusal(30034)
    kept = commands.put_all(scope, list(zip(bodies, known, strict=True)))
    gone = [one for one, name in before.items() if one not in kept or one.name != name]
    command_permissions.forget(call.store, gone)
    call.store.journal.note("the bot registered {} commands", len(kept))
    call.store.feed.notify()
    return Reply(200, [_shown(call, one) for one in kept])


def _replaced(
    commands: CommandRegistry, scope: int | None, raws: list[Json], bodies: list[Json]
) -> list[Command | None]:
    """Give what each body replaces: the command of its id, else that of its name, or None if it is new."""
    found: list[Command | None] = []
    for raw, body in zip(raws, bodies, strict=True):
        known = commands.get(scope, snowflake(raw.get("id")) or 0)
        found.append(known if known is not None and known.kind == body["type"] else None)
    for index, body in enumerate(bodies):
        named = commands.named(scope, body)
        if found[index] is None and named not in found:
            found[index] = named
    return found


def _create(call: Call) -> Reply:
    scope, commands = _scope(call), call.store.commands
    errors = FormErrors()
    body = check_command(call.object(), (), errors)
    errors.raise_if_any()
    known = commands.named(scope, body)
    if known is None:
        kind = body["type"]
        if sum(one.kind == kind for one in commands.listed(scope)) >= limits.COMMANDS[kind]:
            raise refusal(30032)
        if not commands.may_create(scope, 1):
            raise refusal(30034)
    command = commands.put(scope, body, known)
    call.store.journal.note("the bot registered the command {!r}", command.name)
    call.store.feed.notify()
    return Reply(201 if known is None else 200, _shown(call, command))


def _get(call: Call) -> Reply:
    return Reply(200, _shown(call, _one(call)))


def _edit(call: Call) -> Reply:
    command, commands = _one(call), call.store.commands
    errors = FormErrors()
    changes = {key: value for key, value in call.object().items() if key != "type"}
    body = check_command(changes, (), errors, known=command.body)
    if commands.named(command.guild_id, body) not in {command, None}:
        duplicate(errors, ("name",))
    errors.raise_if_any()
    if body["name"] != command.name:
        command_permissions.forget(call.store, [command])
    commands.put(command.guild_id, body, command)
    call.store.feed.notify()
    return Reply(200, _shown(call, command))


def _delete(call: Call) -> Reply:
    command = _one(call)
    call.store.commands.remove(command)
    command_permissions.forget(call.store, [command])
    call.store.feed.notify()
    return NO_CONTENT


# -- who may use them ---------------------------------------------------------------------------------


def _all_permissions(call: Call) -> Reply:
    guild = call.store.guild(call.id(1))
    _guild(call)
    keys = guild.command_permissions
    return Reply(200, [command_permissions.describe(call.store, guild, key) for key in keys])


def _permissions(call: Call) -> Reply:
    guild, command_id = call.store.guild(call.id(1)), call.id(2)
    _guild(call)
    registry = call.store.commands
    known = command_id == call.store.bot.id or any(
        registry.get(scope, command_id) for scope in (guild.id, None)
    )
    if not known:
        raise refusal(10063)
    if command_id not in guild.command_permissions:
        raise refusal(10066)
    return Reply(200, command_permissions.describe(call.store, guild, command_id))


def _set_permissions(call: Call) -> Reply:
    """Refuse: only a person can do that, by a token of theirs (`SandboxGuild.set_command_permission`)."""
    _guild(call)
    raise refusal(20001)


_LISTED = frozenset({"with_localizations"})
_IN_GUILD = "/applications/{}/guilds/{}/commands"

ROUTES = [
    route
    for prefix in ("/applications/{}/commands", _IN_GUILD)
    for route in (
        Route("GET", prefix, _list, _LISTED),
        Route("PUT", prefix, _put_all),
        Route("POST", prefix, _create),
        Route("GET", f"{prefix}/{{}}", _get),
        Route("PATCH", f"{prefix}/{{}}", _edit),
        Route("DELETE", f"{prefix}/{{}}", _delete),
    )
] + [
    Route("GET", f"{_IN_GUILD}/permissions", _all_permissions),
    Route("GET", f"{_IN_GUILD}/{{}}/permissions", _permissions),
    Route("PUT", f"{_IN_GUILD}/{{}}/permissions", _set_permissions),
]
