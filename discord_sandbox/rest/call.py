"""One REST call as its handler sees it, and the table of routes."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from discord_sandbox.errors import ApiError, FormErrors
from discord_sandbox.forms.base import known_fields, no_snowflake, snowflake, utc_time
from discord_sandbox.forms.message import Upload
from discord_sandbox.limits import REASON
from discord_sandbox.world.model import Json

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


@dataclass(slots=True)
class Reply:
    """What a call is answered with: a status and a JSON body (None for an empty one).

    Attributes:
        breaks_off: Whether the connection is cut in the middle of the body.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] | None = None
    breaks_off: bool = False


NO_CONTENT = Reply(204)

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")

_YES = frozenset({"True", "true", "1"})
_NO = frozenset({"False", "false", "0"})


@dataclass(slots=True)
class Call:
    """One request.

    Attributes:
        method: GET, POST, PUT, PATCH or DELETE.
        route: The route as a pattern, such as `/channels/{}/messages`.
        params: What stands at the places of the pattern.
        query: The query of the URL.
        payload: The JSON body; None if there is none.
        uploads: The files, by their number.
        headers: The headers of the request.
    """

    store: "Store"
    method: str
    route: str
    params: tuple[str, ...]
    query: Mapping[str, str]
    payload: Any = None
    uploads: dict[int, Upload] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str | None:
        """Why it is done, for the audit log: at most 512 characters, URL-encoded in the header.

        The header is described on the page resources/audit-log.
        """
        reason = unquote(self.headers.get("X-Audit-Log-Reason", ""))
        if len(reason) > REASON:
            errors = FormErrors()
            errors.too_long(("X-Audit-Log-Reason",), REASON)
            errors.raise_if_any()
        return reason or None

    def id(self, place: int) -> int:
        """Give the id at a place of the route, or refuse a text that is none."""
        raw = self.params[place]
        value = snowflake(raw)
        if value is None:
            errors = FormErrors()
            if raw.isdecimal():
                no_snowflake(errors, ("path",), raw)
            else:
                # A bot does not make such ids up: it means a route that the sandbox does not know.
                errors.unknown_field(("path", raw), "Value is not snowflake.")
            raise errors.refusal()
        return value

    def snowflake(self, key: str) -> int | None:
        """Give an id of the query, or refuse a text that is none; None if it is absent."""
        raw = self.query.get(key)
        value = snowflake(raw)
        if value is None and raw is not None:
            errors = FormErrors()
            no_snowflake(errors, (key,), raw)
            raise errors.refusal()
        return value

    def body(self, *known: str) -> Json:
        """Give the JSON body, which must be an object with no other than the known fields."""
        body = self.object()
        errors = FormErrors()
        known_fields(errors, body, known)
        errors.raise_if_any()
        return body

    def object(self) -> Json:
        """Give the JSON body, which must be an object."""
        if not isinstance(self.payload, dict):
            raise ApiError(
                400,
                50035,
                "Invalid Form Body",
                {
                    "_errors": [
                        {
                            "code": "DICT_TYPE_CONVERT",
                            "message": "Only dictionaries may be used in a DictType",
                        }
                    ]
                },
            )
        return self.payload

    def flag(self, key: str) -> bool:
        """Give a yes or no of the query; no if it is absent.

        The spellings are those of the page reference, "Boolean Query Strings".
        """
        raw = self.query.get(key)
        if raw is None or raw in _NO:
            return False
        if raw not in _YES:
            errors = FormErrors()
            errors.add((key,), "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
            errors.raise_if_any()
        return True

    def number(self, key: str, default: int, most: int, *, least: int = 1) -> int:
        """Give a number of the query between `least` and `most`."""
        raw = self.query.get(key)
        value = default if raw is None else snowflake(raw)
        if value is None or not least <= value <= most:
            errors = FormErrors()
            errors.add((key,), "NUMBER_TYPE_RANGE", f"int value should be between {least} and {most}.")
            raise errors.refusal()
        return value

    def moment(self, key: str) -> str | None:
        """Give a time of the query as `Store.now` writes it, so that they compare; None if it is absent."""
        raw = self.query.get(key)
        if raw is None:
            return None
        errors = FormErrors()
        found = utc_time(errors, raw, (key,))
        if found is None:
            raise errors.refusal()
        return found.isoformat(timespec="microseconds")


Handler = Callable[[Call], Reply]


@dataclass(slots=True, frozen=True)
class Route:
    """A route: `{}` in its pattern stands for what varies; `query` has what its query may have."""

    method: str
    pattern: str
    handler: Handler
    query: frozenset[str] = frozenset()
    auth: bool = True

    @property
    def name(self) -> str:
        """The method and the pattern, as `GET /channels/{}`."""
        return f"{self.method} {self.pattern}"


class RouteTable:
    """Finds the route of a path; fixed words win over places.

    Attributes:
        routes: All routes, by their names.
    """

    def __init__(self, routes: list[Route]) -> None:
        self.routes = {route.name: route for route in routes}
        self._root: dict[str | None, Any] = {}
        for route in routes:
            node = self._root
            for step in route.pattern.strip("/").split("/"):
                node = node.setdefault(step, {})
            node.setdefault(None, {})[route.method] = route

    def find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        """Give the route and what stands at its places; None if there is no such route.

        Args:
            method: The HTTP method.
            path: The path behind `/api/v10`, still URL-encoded.
        """
        steps = path.strip("/").split("/")
        if "%" in path:
            steps = [unquote(step) for step in steps]
        return self._walk(self._root, steps, 0, (), method)

    def check(self, name: str) -> None:
        """Refuse a name that no route has.

        Raises:
            ValueError: There is none; the error names those that are like it.
        """
        if name not in self.routes:
            near = difflib.get_close_matches(name, self.routes, n=3, cutoff=0.4)
            meant = f"; do you mean {' or '.join(near)}?" if near else ""
            raise ValueError(f"the sandbox has no route {name!r}{meant}")

    def methods(self, path: str) -> list[str]:
        """Give the methods that a path has; none if there is no such path."""
        return [method for method in METHODS if self.find(method, path) is not None]

    def _walk(
        self, node: dict[Any, Any], steps: list[str], at: int, params: tuple[str, ...], method: str
    ) -> tuple[Route, tuple[str, ...]] | None:
        if at == len(steps):
            route = node.get(None, {}).get(method)
            return None if route is None else (route, params)
        step = steps[at]
        if step in node and (found := self._walk(node[step], steps, at + 1, params, method)):
            return found
        if "{}" in node:
            return self._walk(node["{}"], steps, at + 1, (*params, step), method)
        return None
