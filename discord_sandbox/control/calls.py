"""One call of the control: where it is, what its body has, and what it does."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from inspect import isawaitable
from typing import Any

from aiohttp import web

from discord_sandbox.control.context import Context
from discord_sandbox.guild import SandboxGuild
from discord_sandbox.loopback.exchange import Body, answer, read
from discord_sandbox.people.actor import Actor
from discord_sandbox.world.model import Json

Done = Json | Awaitable[Json]

_WITH_BODY = {"POST", "PATCH"}


class Nothing(Body):
    """A body without fields."""


@dataclass(frozen=True, slots=True)
class CallEntry:
    """A call.

    Attributes:
        method: GET, POST, PATCH or DELETE.
        path: The path; `{name}` stands for what varies, URL-encoded.
        run: Does it: the context, what stands at the places of the path, and the body.
        body: What comes with it: as JSON with POST and PATCH, in the query with GET and DELETE.
        status: What it is answered with when it worked.
    """

    method: str
    path: str
    run: Callable[[Context, Mapping[str, str], Any], Done]
    body: type[Body] = Nothing
    status: HTTPStatus = HTTPStatus.OK

    def route(self, context: Context) -> web.RouteDef:
        """Give it as a route of a server."""

        async def handle(request: web.Request) -> web.Response:
            query = dict(request.query)
            if self.method in _WITH_BODY:
                Nothing.model_validate(query)
                body = await read(request, self.body)
            else:
                body = self.body.model_validate(query)
            done = self.run(context, request.match_info, body)
            return answer(await done if isawaitable(done) else done, self.status)

        return web.route(self.method, self.path, handle)


def act(
    name: str,
    run: Callable[[Context, Actor, Any], Done],
    body: type[Body] = Nothing,
    status: HTTPStatus = HTTPStatus.OK,
    method: str = "POST",
) -> CallEntry:
    """Make a call of one person, below `/people/{person}`."""

    def find_and_run(context: Context, path: Mapping[str, str], given: Body) -> Done:
        return run(context, context.names.person(path["person"]), given)

    return CallEntry(method, f"/people/{{person}}{name}", find_and_run, body, status)


def in_guild(
    method: str,
    name: str,
    run: Callable[[Context, SandboxGuild, Any], Done],
    body: type[Body] = Nothing,
    status: HTTPStatus = HTTPStatus.OK,
) -> CallEntry:
    """Make a call of one guild, below `/guilds/{guild}`."""

    def find_and_run(context: Context, path: Mapping[str, str], given: Body) -> Done:
        return run(context, context.names.guild(path["guild"]), given)

    return CallEntry(method, f"/guilds/{{guild}}{name}", find_and_run, body, status)
