"""Calls with which a person opens, changes, joins, leaves and deletes threads."""

from http import HTTPStatus
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


class NewThread(Somewhere):
    """A thread in a channel; public, if it is not said to be private, and perhaps about a message."""

    name: Short
    private: bool = False
    about: MessageRef | None = None


class NewPost(Somewhere):
    """A post in a forum, with what its first message says."""

    channel: Short
    name: Short
    text: Text


class ThreadBody(Body):
    """A thread that the person sees."""

    thread: Short
    guild: Short | None = None


class ThreadChanges(ThreadBody):
    """What becomes of a thread; `auto_archive_duration` is in minutes, `rate_limit_per_user` in seconds."""

    name: Short | None = None
    archived: bool | None = None
    locked: bool | None = None
    invitable: bool | None = None
    auto_archive_duration: Annotated[int, Field(ge=1)] | None = None
    rate_limit_per_user: Annotated[int, Field(ge=0)] | None = None


class JoinBody(ThreadBody):
    """Who is put into a thread; the person themselves, if nobody is named."""

    person: Short | None = None


def _thread(context: Context, person: Actor, body: ThreadBody) -> Channel:
    return context.names.place(person, Somewhere(channel=body.thread, guild=body.guild))


def _create(context: Context, person: Actor, body: NewThread) -> Json:
    where = context.names.place(person, body)
    about = None if body.about is None else context.names.message(person, body.about, body)
    made = person.create_thread(where, body.name, private=body.private, about=about)
    return {"channel": shown.channel(person, made)}


def _post(context: Context, person: Actor, body: NewPost) -> Json:
    made = person.create_post(context.names.place(person, body), body.name, body.text)
    return {"channel": shown.channel(person, made)}


def _change(context: Context, person: Actor, body: ThreadChanges) -> Json:
    thread = _thread(context, person, body)
    person.change_thread(thread, **body.model_dump(exclude={"thread", "guild"}, exclude_none=True))
    return {"channel": shown.channel(person, thread)}


def _join(context: Context, person: Actor, body: JoinBody) -> Json:
    other = person if body.person is None else context.names.person(body.person)
    person.add_to_thread(_thread(context, person, body), other)
    return {}


def _leave(context: Context, person: Actor, body: ThreadBody) -> Json:
    person.leave_thread(_thread(context, person, body))
    return {}


def _delete(context: Context, person: Actor, body: ThreadBody) -> Json:
    person.delete_thread(_thread(context, person, body))
    return {}


CALLS = [
    act("/threads/create", _create, NewThread, HTTPStatus.CREATED),
    act("/threads/post", _post, NewPost, HTTPStatus.CREATED),
    act("/threads/change", _change, ThreadChanges),
    act("/threads/join", _join, JoinBody),
    act("/threads/leave", _leave, ThreadBody),
    act("/threads/delete", _delete, ThreadBody),
]
