"""The gateway: connections, sessions, what is sent to which, and what is asked over it."""

from discord_sandbox.gateway.hub import GatewayHub
from discord_sandbox.gateway.session import Line
from discord_sandbox.gateway.settings import GatewaySettings

__all__ = ["GatewayHub", "GatewaySettings", "Line"]
