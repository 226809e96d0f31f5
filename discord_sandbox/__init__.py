"""A stand-in for Discord: REST and gateway over real sockets, actors, and a page for people.

What can be imported from here is listed in `discord_sandbox.public`. It is loaded when it is first asked for:
the pytest plugin is in every run of pytest where the package is installed, and must cost those nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord_sandbox.public import *  # noqa: F403 - the list is kept in one place
else:

    def __getattr__(name: str) -> object:
        # Python asks here for modules as well, before it imports them; those are in lower case.
        if name[0].isupper() or name == "__all__":
            public = import_module("discord_sandbox.public")
            if name in ("__all__", *public.__all__):
                return globals().setdefault(name, getattr(public, name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *import_module("discord_sandbox.public").__all__})
