"""What is done to the scene before a row's request, and rows in pairs: with a permission and without."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from discord_sandbox import ChannelType, Permission
from tests.calling import Json
from tests.conformance.scene import Scene
from tests.conformance.table import Case, Given

Step = Callable[[Scene], Awaitable[None]]
"""A `Given` that has to be awaited."""


def may(*permissions: Permission) -> Given:
    """Give the bot permissions."""
    return lambda scene: scene.give(*permissions)


def may_not(*permissions: Permission) -> Given:
    """Take permissions from the bot."""
    return lambda scene: scene.take(*permissions)


def each(*steps: Given) -> Step:
    """Do one thing after another."""

    async def given(scene: Scene) -> None:
        for step in steps:
            done = step(scene)
            if inspect.isawaitable(done):
                await done

    return given


def calls(*made: tuple[str, str, Any]) -> Step:
    """Let the bot make calls that succeed first: (method, path, body)."""

    async def given(scene: Scene) -> None:
        for method, path, body in made:
            answer = await scene.call(method, path, body)
            assert answer.status < 300, answer.body

    return given


def making(name: str, path: str, body: Json) -> Step:
    """Let the bot make something first, and remember its id under a name."""

    async def given(scene: Scene) -> None:
        answer = await scene.call("POST", path, body)
        assert answer.status in {200, 201}, answer.body
        scene.ids[name] = answer.body["id"]

    return given


def made_channel(name: str, kind: ChannelType) -> Given:
    """Make a channel first, and remember its id under its name."""
    return lambda scene: scene.ids.update({name: str(scene.guild.create_channel(name, kind=kind).id)})


def needs(  # noqa: PLR0913 - a row's columns
    page: str,
    permission: Permission,
    method: str,
    path: str,
    body: Any = None,  # noqa: ANN401 - JSON of any shape
    *,
    status: int = 200,
    code: int = 50013,
    given: Given | None = None,
    what: str = "",
    refused_with: int = 403,
    shows: Callable[[Scene, Any], None] | None = None,
) -> list[Case]:
    """Make the two rows of a permission: who has it may, who has not is refused.

    Args:
        page: The page that names the permission.
        permission: The permission.
        method: The HTTP method.
        path: The path.
        body: The JSON sent.
        status: The status for who has it.
        code: The error code for who has it not.
        given: Changes the scene before, in both rows.
        what: What it is needed for, where a page needs it for several things.
        refused_with: The status for who has it not.
        shows: Looks at what comes of it for who has it.
    """
    first: tuple[Given, ...] = () if given is None else (given,)
    name = str(permission.name).lower().replace("_", " ") + (f" for {what}" if what else "")
    names = (str(permission.name),)
    granted = each(*first, may(permission))
    lacking = each(*first, may_not(permission))
    return [
        Case(
            page,
            f"{name}: with it",
            method,
            path,
            body,
            status,
            given=granted,
            shows=shows,
            permissions=names,
        ),
        Case(
            page,
            f"{name}: without it",
            method,
            path,
            body,
            refused_with,
            code,
            given=lacking,
            permissions=names,
        ),
    ]


def given(change: Given, cases: list[Case]) -> list[Case]:
    """Let rows begin with this change of the scene."""
    return [replace(case, given=change) for case in cases]
