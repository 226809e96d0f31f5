"""What the package gives to those who use it; `discord_sandbox` itself gives it on demand."""

from discord_sandbox.clock import Clock
from discord_sandbox.control import SandboxControl
from discord_sandbox.errors import (
    ActorError,
    ApiError,
    BadInput,
    InteractionFailed,
    NotPermitted,
    NotVisible,
    PortTakenError,
    SandboxError,
    WaitTimeout,
)
from discord_sandbox.faults.rest import LoseReply
from discord_sandbox.faults.rule import Fault
from discord_sandbox.forms.message import Upload
from discord_sandbox.gateway import GatewaySettings
from discord_sandbox.guild import SandboxGuild
from discord_sandbox.intents import Intent
from discord_sandbox.openapi import DescriptionError
from discord_sandbox.page import SandboxPage
from discord_sandbox.people.actor import Actor
from discord_sandbox.people.choices import Choice
from discord_sandbox.people.fields import FieldView, FormValue
from discord_sandbox.people.modal import ModalView
from discord_sandbox.people.response import Response
from discord_sandbox.people.views import ButtonView, MessageView, SelectView
from discord_sandbox.rest.call import Call, Reply
from discord_sandbox.rest.rate_limits import Limit, RateLimits
from discord_sandbox.sandbox import Sandbox
from discord_sandbox.watching.journal import Journal
from discord_sandbox.watching.log import LoggedRequest, Refusal
from discord_sandbox.world.commands import Command
from discord_sandbox.world.model import AuditEntry, Channel, ChannelType, Role
from discord_sandbox.world.permissions import Permission

__all__ = [
    "Actor",
    "ActorError",
    "ApiError",
    "AuditEntry",
    "BadInput",
    "ButtonView",
    "Call",
    "Channel",
    "ChannelType",
    "Choice",
    "Clock",
    "Command",
    "DescriptionError",
    "Fault",
    "FieldView",
    "FormValue",
    "GatewaySettings",
    "Intent",
    "InteractionFailed",
    "Journal",
    "Limit",
    "LoggedRequest",
    "LoseReply",
    "MessageView",
    "ModalView",
    "NotPermitted",
    "NotVisible",
    "Permission",
    "PortTakenError",
    "RateLimits",
    "Refusal",
    "Reply",
    "Response",
    "Role",
    "Sandbox",
    "SandboxControl",
    "SandboxError",
    "SandboxGuild",
    "SandboxPage",
    "SelectView",
    "Upload",
    "WaitTimeout",
]
