"""What people see, as the control's JSON."""

from discord_sandbox.control.context import Context
from discord_sandbox.page.snapshot import describe_channel
from discord_sandbox.people.actor import Actor
from discord_sandbox.people.modal import ModalView
from discord_sandbox.people.response import Response
from discord_sandbox.people.views import MessageView
from discord_sandbox.world.model import Channel, Json


def message(view: MessageView) -> Json:
    """Give a message: as on the page, with all that can be read, pressed and chosen by name."""
    return {
        **view.as_dict(),
        "channel": view.raw.channel.name,
        "text": view.text,
        "buttons": view.buttons,
        "menus": [
            {
                "placeholder": one.placeholder,
                "options": [label for label, _ in one.options],
                "chosen": one.chosen,
                "disabled": one.disabled,
            }
            for one in view.selects
        ],
    }


def channel(person: Actor, one: Channel) -> Json:
    """Give a channel, thread or direct message as a person sees it in their list."""
    return {
        **describe_channel(person, one),
        "guild": None if one.guild is None else one.guild.name,
        "parent": None if one.parent is None else one.parent.name,
    }


def modal(view: ModalView | None) -> Json | None:
    """Give an open modal; None for none."""
    return None if view is None else {**view.as_dict(), "text": view.text}


def response(context: Context, person: Actor, came: Response) -> Json:
    """Give what came of something that a person did, and keep the modal that opened."""
    if came.modal is not None:
        context.opened(person, came.modal)
    return {
        "message": None if came.message is None else message(came.message),
        "modal": modal(came.modal),
    }
