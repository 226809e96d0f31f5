"""Runs everything on this machine, with a page in the browser instead of Discord."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cli.console import out
from bot.cli.lifecycle import stop_event, until_stopped
from bot.cli.local import LocalParts, local_parts, write_prompts
from bot.settings import BotSettings
from discord_sandbox.page import SandboxPage
from oasst_backend.importing import import_prompts
from oasst_backend.settings import load_settings
from simulation import EXAMPLES
from simulation.script import Script

PEOPLE = ("Ada", "Ben", "Cleo", "Dani")
"""Members that are there from the start, besides the owner of the guild."""

SHAPES = (
    {"goal_tree_size": 3, "max_depth": 1, "max_children_count": 2},
    {"goal_tree_size": 4, "max_depth": 3, "max_children_count": 1},
)
"""One tree is wide, the next one deep, and all are small: one person under a few names can finish them."""


async def run_sandbox(settings: BotSettings, *, page_port: int) -> None:
    """Start all parts with a few example prompts, say where to look, and wait for the end.

    Raises:
        discord_sandbox.PortTakenError: another program has the page's port.
        oasst_backend.settings.SettingsError: a setting of the backend cannot be used.
    """
    stop = stop_event()
    backend_settings = load_settings(embedded=True)
    with TemporaryDirectory(prefix="oasst-sandbox-") as folder:
        async with local_parts(settings, backend_settings, Path(folder)) as parts:
            moderators = parts.sandbox.guild.create_role("Moderators", mentionable=True)
            for name in PEOPLE:
                parts.sandbox.guild.add_member(name)
            parts.sandbox.guild.give_role(parts.sandbox.guild.member(PEOPLE[-1]), moderators)
            await asyncio.to_thread(import_example_prompts, parts, Path(folder))
            page = SandboxPage(parts.sandbox, port=page_port)
            await page.start()
            try:
                out.print(f"Open [bold]{page.url}[/bold], pick who you are, and type /task.")
                out.print("Nothing is kept when this ends. Ctrl+C ends it.")
                await until_stopped(stop, parts.bot.join)
            finally:
                await page.close()


def import_example_prompts(parts: LocalParts, folder: Path) -> None:
    """Bring the examples' prompts into the backend, accepted, so that there are replies to write at once."""
    roots = Script.read(EXAMPLES).trees
    prompts = [
        {"text": root.text, "lang": root.lang, **SHAPES[place % len(SHAPES)]}
        for place, root in enumerate(roots)
    ]
    path = write_prompts(prompts, folder)
    import_prompts(parts.storage, parts.backend_settings, path, accepted=True)
