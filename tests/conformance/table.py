"""A row of the conformance table: one request, and what Discord's documentation says comes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.scene import Scene

Given = Callable[[Scene], Awaitable[None] | None]


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes:
        page: The page of Discord's documentation that the expectation is from, with the section after `#`:
            `resources/message#create-message`.
        name: What the row shows, in a few words.
        method: The HTTP method.
        path: The path behind `/api/v10`; a name of the scene in braces stands for its id.
        body: The JSON sent; None for none.
        status: The status that is expected.
        code: The error code that is expected; None where the call succeeds.
        at: Where the form is wrong and how, such as `embeds.0.title: BASE_TYPE_MAX_LENGTH`.
        given: Changes the scene first.
        shows: Looks at the scene and the answer's body afterwards; it asserts.
        limits: The names of `discord_sandbox.limits` that the row is about.
        permissions: The names of the permissions that the row is about.
        files: Files to send by number: (name, data); the body then goes as `payload_json`.
        options: What the sandbox is made with.
        headers: Headers of the request.
    """

    page: str
    name: str
    method: str
    path: str
    body: Any = None
    status: int = 200
    code: int | None = None
    at: str | None = None
    given: Given | None = None
    shows: Callable[[Scene, Any], None] | None = None
    limits: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """How pytest names the row."""
        return f"{self.page}: {self.name}"


def refused(page: str, name: str, method: str, path: str, body: Any, at: str, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    """Make a row about an invalid form: status 400, code 50035, at this place."""
    return Case(page, name, method, path, body, 400, 50035, at, **more)


def bounds(  # noqa: PLR0913, PLR0917 - a row's columns
    page: str,
    limit: str,
    largest: int,
    method: str,
    path: str,
    make: Callable[[int], Any],
    at: str,
    status: int = 200,
    given: Given | None = None,
    what: str | None = None,
) -> list[Case]:
    """Make the two rows of a limit: the largest that is taken, and one more that is refused.

    Args:
        page: The page that names the limit.
        limit: The name in `discord_sandbox.limits`.
        largest: The number that the page gives; written out here, so that a wrong limit is found.
        method: The HTTP method.
        path: The path.
        make: Makes the body with so many characters or parts.
        at: Where and how one too many is refused.
        status: The status when it is taken.
        given: Changes the scene first, in both rows.
        what: What is counted, where the limit's name does not say enough.
    """
    word = what or limit.lower().replace("_", " ")
    return [
        Case(
            page,
            f"{word} of {largest} is taken",
            method,
            path,
            make(largest),
            status=status,
            given=given,
            limits=(limit,),
        ),
        refused(
            page,
            f"{word} of {largest + 1} is refused",
            method,
            path,
            make(largest + 1),
            at,
            given=given,
            limits=(limit,),
        ),
    ]
