"""The sandbox over HTTP, on this machine alone: a test in any language sets the scene and is any person."""

from discord_sandbox.control.server import SandboxControl

__all__ = ["SandboxControl"]
