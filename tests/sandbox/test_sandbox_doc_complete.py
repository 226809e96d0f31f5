"""The sandbox's documentation is true and leaves nothing out: names, acts, and what is not known."""

import inspect
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from discord_sandbox import (
    Actor,
    ChannelType,
    MessageView,
    ModalView,
    Permission,
    Response,
    Sandbox,
    SandboxGuild,
)
from discord_sandbox.cli import app
from discord_sandbox.rest.call import RouteTable
from discord_sandbox.rest.routes import ROUTES
from tests.conftest import DESCRIPTION
from tests.sandbox.pytest_run import ROOT

Api = Callable[..., Awaitable[tuple[int, Any]]]

PAGES = sorted((ROOT / "docs").glob("sandbox*.md"))
TABLE = RouteTable(ROUTES)
METHODS = {"get", "put", "post", "patch", "delete"}


def _texts() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.name != "sandbox-control.md")


# -- names --------------------------------------------------------------------------------------------


def _public(of: type) -> Iterator[str]:
    names = {*dir(of), *inspect.get_annotations(of)}
    names |= set(re.findall(r"^ +self\.([a-z]\w*)(?:: [^=]+)? = ", inspect.getsource(of), re.MULTILINE))
    return (name for name in sorted(names) if not name.startswith("_"))


NAMES = [
    (of.__name__, name)
    for of in (Actor, SandboxGuild, Sandbox, Response, MessageView, ModalView)
    for name in _public(of)
    if (of.__name__, name) != ("Sandbox", "store")  # what it keeps is its own affair
]


@pytest.mark.parametrize(("of", "name"), NAMES)
def test_every_public_name_is_documented(of: str, name: str) -> None:
    shown = re.findall(r"```.*?```|`[^`\n]+`", _texts(), re.DOTALL)
    assert any(re.search(rf"\b{name}\b", one) for one in shown), f"{of}.{name} stands nowhere"


def _acts() -> list[str]:
    page = (ROOT / "docs/sandbox-people.md").read_text(encoding="utf-8")
    tables = page.partition("\nWithout the bot")[2].partition("\n### Direct messages\n")[0]
    cells = re.findall(r"^\| (`alice.*?) \|", tables, re.MULTILINE)
    return [one for cell in cells for one in re.findall(r"`([^`]+)`", cell)]


ACTS = _acts()
LOOKS = {
    *("id", "name", "mention", "guilds", "channels", "threads", "messages", "latest", "view"),
    *("permissions", "can_see", "sees", "sees_typing"),
    "suppress_embeds",  # there are none on the message
}
"""What changes nothing."""


def test_the_table_of_what_people_do_is_found() -> None:
    assert len(ACTS) > len(LOOKS)


@pytest.mark.parametrize("act", ACTS)
async def test_what_people_do_is_written_as_it_is_shown(sandbox: Sandbox, act: str) -> None:
    guild = sandbox.guild
    alice = guild.add_member("Alice", Permission.ADMINISTRATOR)
    general = guild.channel("general")
    names = {
        "alice": alice,
        "ben": guild.add_member("Ben"),
        "guild": guild,
        "general": general,
        "forum": guild.create_channel("forum", kind=ChannelType.FORUM),
        "message": alice.send(general, "hello"),
        "thread": alice.create_thread(general, "Thread"),
    }
    if "unreact" in act or "unpin" in act:
        alice.react(alice.messages(general)[0], "👍")
        alice.pin(alice.messages(general)[0])
    before = sandbox.version
    eval(act, names)  # noqa: S307 - our own documentation
    what = act.removeprefix("alice.").partition("(")[0]
    assert sandbox.version > before or what in LOOKS, "it does nothing"


def test_every_option_of_the_command_line_is_documented() -> None:
    page = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
    section = page.partition("\n## From the command line\n")[2].partition("\n## ")[0]
    documented = set(
        re.findall(r"--[a-z][a-z-]*", "".join(re.findall(r"^\| (.*?) \|", section, re.MULTILINE)))
    )
    known = {name for one in typer.main.get_command(app).params for name in one.opts}
    assert documented == known


# -- what is not known --------------------------------------------------------------------------------


def _unknown() -> list[tuple[str | None, str]]:
    """Give the routes that are said not to be known: a method, or None for all, and the path."""
    page = (ROOT / "docs/sandbox-rules.md").read_text(encoding="utf-8")
    section = page.partition("\n## What it does not know\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\|[^|]+\|([^|]*)\|[^|]*\|$", section, re.MULTILINE)
    found = re.findall(r"`(?:([A-Z]+) )?(/[^`]+)`", "\n".join(rows))
    return [(method or None, path) for method, path in found]


UNKNOWN = _unknown()


def _names(method: str | None, path: str, call: str, pattern: str) -> bool:
    """Whether what is written on the page is about a route."""
    if method is not None:
        return (method, path) == (call, pattern)
    return pattern == path or pattern.startswith(f"{path}/")


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
async def test_what_is_said_not_to_be_known_is_refused(
    sandbox: Sandbox, api: Api, method: str | None, path: str
) -> None:
    there = [one.name for one in ROUTES if _names(method, path, one.name.split()[0], one.pattern)]
    assert there == []
    status, _ = await api(method or "GET", path.replace("{}", "1"))
    assert status in {405, 501}
    assert len(sandbox.violations) == 1
    assert "unknown" in sandbox.violations[0]
    sandbox.violations.clear()


@pytest.mark.skipif(not DESCRIPTION.is_file(), reason="Discord's description is not here")
def test_every_route_of_discord_is_there_or_said_not_to_be_known() -> None:
    paths = json.loads(Path(DESCRIPTION).read_text(encoding="utf-8"))["paths"]
    calls = [
        (method.upper(), re.sub(r"\{[^}]+\}", "{}", path))
        for path, operations in paths.items()
        for method in operations.keys() & METHODS
    ]
    missing = [
        f"{method} {pattern}"
        for method, pattern in calls
        if TABLE.find(method, pattern.replace("{}", "1")) is None
        and not any(_names(*one, method, pattern) for one in UNKNOWN)
    ]
    assert missing == [], "name them among what is not known"


FIELDS: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/channels/{general}/messages", {"content": "x", "poll": {}}, "poll"),
    ("POST", "/channels/{general}/messages", {"content": "x", "sticker_ids": ["1"]}, "sticker_ids"),
    ("PATCH", "/channels/{forum}", {"available_tags": [{"name": "open"}]}, "available_tags"),
    (
        "POST",
        "/channels/{forum}/threads",
        {"name": "x", "message": {"content": "x"}, "applied_tags": ["1"]},
        "applied_tags",
    ),
    ("POST", "/guilds/{guild}/channels", {"name": "x", "type": 2}, "type"),
    ("PATCH", "/channels/{general}", {"type": 5}, "type"),
    ("POST", "/applications/{bot}/commands", {"name": "x", "description": "x", "type": 4}, "type"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), FIELDS)
async def test_fields_that_are_said_not_to_be_known_are_refused(
    sandbox: Sandbox, api: Api, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    guild = sandbox.guild
    forum = guild.create_channel("forum", kind=ChannelType.FORUM)
    general = guild.channel("general")
    filled = path.format(general=general.id, forum=forum.id, guild=guild.id, bot=sandbox.bot_id)
    guild.set_permissions(guild.bot_role, Permission.ADMINISTRATOR)
    status, _ = await api(method, filled, body)
    assert status == 400
    assert len(sandbox.violations) == 1
    assert sandbox.violations[0].endswith(f"unknown {field}")
    sandbox.violations.clear()


# -- links --------------------------------------------------------------------------------------------


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *(ROOT / "docs").glob("*.md")], ids=lambda one: one.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.is_file(), link
        assert not anchor or anchor in _anchors(target), link
