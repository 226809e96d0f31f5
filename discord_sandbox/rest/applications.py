"""REST: the bot's application."""

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import text, values
from discord_sandbox.rest.call import Call, Reply, Route
from discord_sandbox.world.model import Json
from discord_sandbox.world.store import Store


def _described(store: Store) -> Json:
    """Describe the application to its own bot."""
    return {
        "id": str(store.bot.id),
        "name": store.bot.name,
        "icon": None,
        "description": store.application.description,
        "tags": store.application.tags,
        "type": None,
        "bot": store.bot.payload,
        "bot_public": True,
        "bot_require_code_grant": False,
        # It can be installed in guilds alone; lightbulb takes the default of commands from here.
        "integration_types_config": {"0": {}},
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": store.owner.payload,
        "approximate_guild_count": len(store.guilds_of(store.bot.id)),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def _get(call: Call) -> Reply:
    return Reply(200, _described(call.store))


def _edit(call: Call) -> Reply:
    body = call.body("description", "tags")
    errors = FormErrors()
    description = text(errors, body, "description", (), most=limits.APP_DESCRIPTION)
    tags = values(errors, body, "tags", ())
    if len(tags) > limits.APP_TAGS:
        errors.too_long(("tags",), limits.APP_TAGS)
    for index, tag in enumerate(tags):
        if not isinstance(tag, str) or not 1 <= limits.units(tag) <= limits.APP_TAG:
            errors.bad_length(("tags", index), 1, limits.APP_TAG)
    errors.raise_if_any()
    application = call.store.application
    application.description = description if description is not None else application.description
    application.tags = list(dict.fromkeys(tags)) if "tags" in body else application.tags
    return _get(call)


ROUTES = [
    Route("GET", "/applications/@me", _get),
    Route("PATCH", "/applications/@me", _edit),
    Route("GET", "/oauth2/applications/@me", _get),
]
