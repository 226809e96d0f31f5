"""REST: the guild itself."""

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import text
from discord_sandbox.locales import DEFAULT, LOCALES
from discord_sandbox.rest.authority import guild_of, require
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.world import audit, guilds, payloads
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.permissions import Permission


def _get(call: Call) -> Reply:
    guild = guild_of(call)
    described = payloads.guild(guild, 0)
    if call.flag("with_counts"):
        described.update(payloads.counts(guild))
    return Reply(200, described)


def _edit(call: Call) -> Reply:
    guild = guild_of(call)
    body = call.body("name", "preferred_locale")
    require(call, guild, Permission.MANAGE_GUILD)
    errors = FormErrors()
    least, most = limits.GUILD_NAME
    name = text(errors, body, "name", (), least=least, most=most, required="name" in body)
    locale = body.get("preferred_locale", guild.preferred_locale) or DEFAULT
    if locale not in LOCALES:
        errors.bad_choice(("preferred_locale",), sorted(LOCALES))
    errors.raise_if_any()
    audit.note(call.store, guild, AuditAction.GUILD_UPDATE, guild.id, call.reason)
    guilds.change(call.store, guild, name=name, preferred_locale=locale)
    return Reply(200, payloads.guild(guild, 0))


def _leave(call: Call) -> Reply:
    guild = call.store.guilds.get(call.id(0))
    if guild is None or call.store.bot.id not in guild.members:
        raise refusal(10004)
    guilds.remove_bot(call.store, guild)
    return NO_CONTENT


ROUTES = [
    Route("GET", "/guilds/{}", _get, frozenset({"with_counts"})),
    Route("PATCH", "/guilds/{}", _edit),
    Route("DELETE", "/users/@me/guilds/{}", _leave),
]
