"""Checks what a scene is made of: names, permissions and languages are those that Discord has."""

from discord_sandbox.intents import PRIVILEGED
from discord_sandbox.limits import units
from discord_sandbox.locales import LOCALES
from discord_sandbox.world.model import Channel
from discord_sandbox.world.permissions import ALL


def name(value: str, what: str, sizes: tuple[int, int]) -> str:
    """Give a name after checking its length.

    Args:
        value: The name.
        what: What has it.
        sizes: The fewest and the most UTF-16 units of such a name.

    Raises:
        ValueError: It is too short or too long.
    """
    least, most = sizes
    if not least <= units(value) <= most:
        raise ValueError(
            f"the name of {what} has {least} to {most} characters, not {units(value)}: {value!r}"
        )
    return value


def permissions(bits: int) -> int:
    """Give permissions after checking that Discord has them.

    Raises:
        ValueError: There are bits that are no permission.
    """
    if not 0 <= bits <= ALL:
        raise ValueError(f"permissions are bits from 0 to {ALL:#x}, not {int(bits):#x}")
    return int(bits)


def privileged_intents(bits: int) -> int:
    """Give intents after checking that they are privileged ones.

    Raises:
        ValueError: There are others.
    """
    if bits & ~PRIVILEGED:
        raise ValueError(
            f"only privileged intents are switched on: bits of {int(PRIVILEGED):#x}, not {int(bits):#x}"
        )
    return int(bits)


def locale(value: str) -> str:
    """Give a language after checking that Discord has it.

    Raises:
        ValueError: It has not.
    """
    if value not in LOCALES:
        raise ValueError(f"Discord has no language {value!r}; there are {', '.join(sorted(LOCALES))}")
    return value


def channel(value: Channel) -> Channel:
    """Give a channel after checking that it is one, and not its name.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, Channel):
        raise TypeError(f"a channel is needed, not {value!r}: guild.channel('general') gives one by its name")
    return value
