"""What a person sees and what happened, as text: every error ends with it, so that a test explains itself."""

from typing import TYPE_CHECKING

from discord_sandbox.people.reading import readable

if TYPE_CHECKING:
    from discord_sandbox.people.onlooker import Onlooker

_MESSAGES = 8
_LINE = 200


def transcript(actor: "Onlooker") -> str:
    """Give the channels that a person sees with the latest messages of each, and what happened last."""
    lines = [f"What {actor.name} sees:"]
    for channel in actor.channels():
        messages = actor.messages(channel)[-_MESSAGES:]
        if not messages:
            continue
        state = " (archived)" if channel.archived else ""
        lines.append(f"  #{channel.name}{state}")
        for view in messages:
            mark = " (only you)" if view.ephemeral else ""
            lines.append(f"    {view.author}{mark}:")
            lines += [f"      {line[:_LINE]}" for text in readable(view.raw) for line in text.splitlines()]
    if len(lines) == 1:
        lines.append("  nothing yet")
    return "\n".join([*lines, actor.store.journal.latest()])
