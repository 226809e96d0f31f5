"""A page in the browser on which one is any person of the sandbox: sees, types, clicks and fills."""

from discord_sandbox.page.server import SandboxPage

__all__ = ["SandboxPage"]
