"""Calls that wait until a person sees something; each ends with the change, or with what they see instead."""

from typing import Annotated

from pydantic import Field

from discord_sandbox.control import shown
from discord_sandbox.control.calls import act
from discord_sandbox.control.context import Context
from discord_sandbox.control.names import Somewhere
from discord_sandbox.control.sought import MessageRef
from discord_sandbox.loopback.exchange import Body, Short, Text
from discord_sandbox.people.actor import Actor
from discord_sandbox.world.model import Channel, Json

Seconds = Annotated[float, Field(gt=0, le=600)]


class MessageWait(Somewhere):
    """A message that may be there already; the newest that fits is given."""

    message: MessageRef
    timeout: Seconds = 10.0


class ChangeWait(MessageWait):
    """A message that is there, and the text that it shall no longer have: all that can be read on it."""

    text: Text


class ChannelWait(Body):
    """A channel or thread by its name or the beginning of it, in a state.

    Attributes:
        archived: Whether it must be archived or not; None for either.
        locked: As `archived`.
        gone: Whether it must have gone away instead.
    """

    name: Short
    guild: Short | None = None
    archived: bool | None = None
    locked: bool | None = None
    gone: bool = False
    timeout: Seconds = 10.0


async def _message(context: Context, person: Actor, body: MessageWait) -> Json:
    found = await person.until(
        lambda: context.names.newest(person, body.message, body), body.timeout, f"a message {body.message}"
    )
    return {"message": None if found is None else shown.message(found)}


async def _change(context: Context, person: Actor, body: ChangeWait) -> Json:
    view = context.names.message(person, body.message, body)
    await person.until(
        lambda: person.sees(view.raw) and view.text != body.text,
        body.timeout,
        f"another text on the message {view.text!r}",
    )
    return {"message": shown.message(view)}


async def _gone(context: Context, person: Actor, body: MessageWait) -> Json:
    await person.until(
        lambda: context.names.newest(person, body.message, body) is None,
        body.timeout,
        f"no message {body.message}",
    )
    return {}


async def _channel(context: Context, person: Actor, body: ChannelWait) -> Json:
    def fits(one: Channel) -> bool:
        if not one.name.startswith(body.name) and str(one.id) != body.name:
            return False
        return body.archived in (None, one.archived) and body.locked in (None, one.locked)

    def look() -> list[Channel]:
        return [one for one in context.names.places(person, Somewhere(guild=body.guild)) if fits(one)]

    what = f"the channel {body.name!r}"
    if body.gone:
        await person.until(lambda: not look(), body.timeout, f"{what} gone")
        return {"channel": None}
    found = await person.until(look, body.timeout, what)
    return {"channel": shown.channel(person, max(found, key=lambda one: one.id))}


CALLS = [
    act("/wait/message", _message, MessageWait),
    act("/wait/change", _change, ChangeWait),
    act("/wait/gone", _gone, MessageWait),
    act("/wait/channel", _channel, ChannelWait),
]
