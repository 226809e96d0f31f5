"""Calls with which a person does something: commands, clicks, choices, modals, messages and reactions."""

from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from discord_sandbox.control import shown
from discord_sandbox.control.calls import Nothing, act
from discord_sandbox.control.context import Context
from discord_sandbox.control.names import Option, Somewhere
from discord_sandbox.control.sought import MessageRef
from discord_sandbox.loopback.exchange import FieldValue, Files, Short, Text
from discord_sandbox.people.actor import Actor
from discord_sandbox.world.model import Json


class CommandBody(Somewhere):
    """A slash command; a subcommand follows its name after a space."""

    name: Short
    options: dict[str, Option] = Field(default_factory=dict)


class AutocompleteBody(CommandBody):
    """A slash command while one of its options is being typed."""

    option: Short
    text: Text


class MenuBody(Somewhere):
    """An entry of a message's apps menu, or of a person's."""

    name: Short
    message: MessageRef | None = None
    person: Short | None = None


class ClickBody(Somewhere):
    """A button, by its label; on the newest message that has it, if none is named."""

    label: Short
    message: MessageRef | None = None


class ChooseBody(Somewhere):
    """A select menu, by its placeholder, and what to choose; on the newest message, if none is named."""

    menu: Annotated[str, Field(max_length=150)]
    options: list[Short]
    message: MessageRef | None = None


class SubmitBody(Nothing):
    """What to put into the fields of the open modal, by label; files as base64 by name."""

    values: dict[str, FieldValue] = Field(default_factory=dict)


class SendBody(Somewhere):
    """A message of a person's own, with files as base64 by name."""

    text: Text
    reply_to: MessageRef | None = None
    files: Files = Field(default_factory=dict)


class OnMessage(Somewhere):
    """One message."""

    message: MessageRef


class EditBody(OnMessage):
    """Another text for one's own message."""

    text: Text


class ReactionBody(OnMessage):
    """An emoji on a message."""

    emoji: Short


class SuppressBody(OnMessage):
    """Whether the embeds of a message are hidden or shown."""

    suppress: bool = True


class ForwardBody(OnMessage):
    """Where a message is passed on to."""

    to: Short
    to_guild: Short | None = None


class AccountBody(Nothing):
    """A person, or the bot by its name."""

    person: Short


class LeaveBody(Nothing):
    """Which guild; the one that was joined first, if none is named."""

    guild: Short | None = None


async def _command(context: Context, person: Actor, body: CommandBody) -> Json:
    where = context.names.place(person, body)
    options = {name: context.names.option(given, where) for name, given in body.options.items()}
    return shown.response(context, person, await person.command(body.name, where, options))


async def _autocomplete(context: Context, person: Actor, body: AutocompleteBody) -> Json:
    where = context.names.place(person, body)
    options = {name: context.names.option(given, where) for name, given in body.options.items()}
    found = await person.autocomplete(body.name, body.option, body.text, where, options)
    return {"choices": [{"name": name, "value": value} for name, value in found]}


async def _menu(context: Context, person: Actor, body: MenuBody) -> Json:
    if body.person is not None:
        target, where = context.names.person(body.person), context.names.place(person, body)
        return shown.response(context, person, await person.context_menu(body.name, target, where))
    message = context.names.message(person, body.message, body)
    return shown.response(context, person, await person.context_menu(body.name, message))


async def _click(context: Context, person: Actor, body: ClickBody) -> Json:
    message = context.names.message(person, body.message, body, button=body.label)
    return shown.response(context, person, await message.click(body.label))


async def _choose(context: Context, person: Actor, body: ChooseBody) -> Json:
    message = context.names.message(person, body.message, body, menu=body.menu)
    return shown.response(context, person, await message.choose(body.menu, body.options))


async def _submit(context: Context, person: Actor, body: SubmitBody) -> Json:
    return shown.response(context, person, await context.open_modal(person).submit(body.values))


def _dismiss_modal(context: Context, person: Actor, _: Nothing) -> Json:
    context.open_modal(person).dismiss()
    return {}


def _send(context: Context, person: Actor, body: SendBody) -> Json:
    where = context.names.place(person, body)
    answered = None if body.reply_to is None else context.names.message(person, body.reply_to, body)
    sent = person.send(where, body.text, reply_to=answered, files=body.files)
    return {"message": shown.message(sent)}


def _edit(context: Context, person: Actor, body: EditBody) -> Json:
    message = context.names.message(person, body.message, body)
    person.edit(message, body.text)
    return {"message": shown.message(message)}


def _delete(context: Context, person: Actor, body: OnMessage) -> Json:
    person.delete(context.names.message(person, body.message, body))
    return {}


def _dismiss(context: Context, person: Actor, body: OnMessage) -> Json:
    person.dismiss(context.names.message(person, body.message, body))
    return {}


def _react(context: Context, person: Actor, body: ReactionBody) -> Json:
    person.react(context.names.message(person, body.message, body), body.emoji)
    return {}


def _unreact(context: Context, person: Actor, body: ReactionBody) -> Json:
    person.unreact(context.names.message(person, body.message, body), body.emoji)
    return {}


def _pin(context: Context, person: Actor, body: OnMessage) -> Json:
    person.pin(context.names.message(person, body.message, body))
    return {}


def _unpin(context: Context, person: Actor, body: OnMessage) -> Json:
    person.unpin(context.names.message(person, body.message, body))
    return {}


def _suppress_embeds(context: Context, person: Actor, body: SuppressBody) -> Json:
    message = context.names.message(person, body.message, body)
    person.suppress_embeds(message, suppress=body.suppress)
    return {"message": shown.message(message)}


def _forward(context: Context, person: Actor, body: ForwardBody) -> Json:
    message = context.names.message(person, body.message, body)
    target = context.names.place(person, Somewhere(channel=body.to, guild=body.to_guild))
    return {"message": shown.message(person.forward(message, target))}


def _type(context: Context, person: Actor, body: Somewhere) -> Json:
    person.start_typing(context.names.place(person, body))
    return {}


def _block(context: Context, person: Actor, body: AccountBody) -> Json:
    person.block(context.names.account(body.person))
    return {}


def _unblock(context: Context, person: Actor, body: AccountBody) -> Json:
    person.unblock(context.names.account(body.person))
    return {}


def _restart(context: Context, person: Actor, _: Nothing) -> Json:
    context.close_modal(person)
    person.restart()
    return {}


def _leave(context: Context, person: Actor, body: LeaveBody) -> Json:
    person.leave(None if body.guild is None else context.names.guild(body.guild))
    return {}


CALLS = [
    act("/command", _command, CommandBody),
    act("/autocomplete", _autocomplete, AutocompleteBody),
    act("/menu", _menu, MenuBody),
    act("/click", _click, ClickBody),
    act("/choose", _choose, ChooseBody),
    act("/modal/submit", _submit, SubmitBody),
    act("/modal/dismiss", _dismiss_modal),
    act("/send", _send, SendBody, HTTPStatus.CREATED),
    act("/edit", _edit, EditBody),
    act("/delete", _delete, OnMessage),
    act("/dismiss", _dismiss, OnMessage),
    act("/react", _react, ReactionBody),
    act("/unreact", _unreact, ReactionBody),
    act("/pin", _pin, OnMessage),
    act("/unpin", _unpin, OnMessage),
    act("/suppress_embeds", _suppress_embeds, SuppressBody),
    act("/forward", _forward, ForwardBody, HTTPStatus.CREATED),
    act("/type", _type, Somewhere),
    act("/block", _block, AccountBody),
    act("/unblock", _unblock, AccountBody),
    act("/restart", _restart),
    act("/leave", _leave, LeaveBody),
]
