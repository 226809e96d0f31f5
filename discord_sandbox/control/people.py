"""Calls about people: who there is, what they see, and how their client and account are set."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from discord_sandbox.control import shown
from discord_sandbox.control.calls import CallEntry, Nothing, act
from discord_sandbox.control.context import Context
from discord_sandbox.control.names import Somewhere
from discord_sandbox.loopback.exchange import Body, Locale
from discord_sandbox.page import snapshot
from discord_sandbox.people.actor import Actor
from discord_sandbox.people.transcript import transcript
from discord_sandbox.world.commands import MESSAGE_MENU, USER_MENU
from discord_sandbox.world.model import Json


class MessagesQuery(Somewhere):
    """Where to look, and how many of the newest messages to give."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class PersonChanges(Body):
    """How a person is set.

    Attributes:
        accepts_dms: Whether the bot may write to them directly.
        locale: The language of their client.
        age_restricted_dms: Whether they may use age-restricted commands in direct messages.
        patience: For how many seconds they look at "is thinking".
    """

    accepts_dms: bool | None = None
    locale: Locale | None = None
    age_restricted_dms: bool | None = None
    patience: Annotated[float, Field(gt=0, le=600)] | None = None


def described(context: Context, person: Actor) -> Json:
    """Give a person: name, language, and in which guilds with which roles."""
    guilds = [
        {
            "guild": guild.name,
            "owner": guild.owner_id == person.id,
            "roles": [guild.roles[role].name for role in guild.members[person.id].roles],
        }
        for guild in person.guilds
    ]
    return {
        "id": str(person.id),
        "name": person.name,
        "locale": person.locale,
        "accepts_dms": person.user.accepts_dms,
        "age_restricted_dms": person.age_restricted_dms,
        "patience": person.patience,
        "guilds": guilds,
        "modal": shown.modal(context.modal(person)),
    }


def _people(context: Context, _: Mapping[str, str], __: Nothing) -> Json:
    return {"people": [described(context, one) for one in context.sandbox.people]}


def _person(context: Context, person: Actor, _: Nothing) -> Json:
    return described(context, person)


def _change(context: Context, person: Actor, body: PersonChanges) -> Json:
    if body.accepts_dms is not None:
        person.user.accepts_dms = body.accepts_dms
    if body.locale is not None:
        person.locale = body.locale
    if body.age_restricted_dms is not None:
        person.age_restricted_dms = body.age_restricted_dms
    if body.patience is not None:
        person.patience = body.patience
    return described(context, person)


def _channels(_: Context, person: Actor, __: Nothing) -> Json:
    seen = person.channels() + person.threads(archived=True)
    return {"channels": [shown.channel(person, one) for one in seen]}


def _messages(context: Context, person: Actor, body: MessagesQuery) -> Json:
    found = [one for place in context.names.places(person, body) for one in person.messages(place)]
    if body.channel is not None:
        found = person.messages(context.names.place(person, body))
    newest = sorted(found, key=lambda one: one.id)[-body.limit :]
    return {"messages": [shown.message(one) for one in newest]}


def _typing(context: Context, person: Actor, body: Somewhere) -> Json:
    return {"typing": person.sees_typing(context.names.place(person, body))}


def _transcript(_: Context, person: Actor, __: Nothing) -> Json:
    return {"text": transcript(person)}


def _modal(context: Context, person: Actor, _: Nothing) -> Json:
    return {"modal": shown.modal(context.modal(person))}


def _commands(context: Context, person: Actor, body: Somewhere) -> Json:
    where = context.names.place(person, body)
    return {
        "commands": snapshot.commands(person, where),
        "message_menu": [one.name for one in person.commands(where, MESSAGE_MENU)],
        "person_menu": [one.name for one in person.commands(where, USER_MENU)],
    }


CALLS = [
    CallEntry("GET", "/people", _people),
    act("", _person, method="GET"),
    act("", _change, PersonChanges, method="PATCH"),
    act("/channels", _channels, method="GET"),
    act("/messages", _messages, MessagesQuery, method="GET"),
    act("/typing", _typing, Somewhere, method="GET"),
    act("/transcript", _transcript, method="GET"),
    act("/modal", _modal, method="GET"),
    act("/commands", _commands, Somewhere, method="GET"),
]
