"""JSON in and out: bodies that are checked, and answers."""

import base64
import json
from http import HTTPStatus
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictStr,
    Tag,
    model_validator,
)

from discord_sandbox.world.model import Json

LONGEST_TEXT = 32_000
"""How long a text may be that a person writes; what Discord takes is shorter and checked behind it."""

Short = Annotated[str, Field(min_length=1, max_length=100)]
PersonName = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^\S(.*\S)?$")]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z0-9]{2,3})?$")]
Text = Annotated[StrictStr, Field(max_length=LONGEST_TEXT)]


def _plain_name(name: str) -> str:
    if name in {".", ".."} or any(one in "/\\" or not one.isprintable() for one in name):
        raise ValueError("a file has a plain name, without folders and control characters")
    return name


def _decoded(given: object) -> bytes:
    try:
        return base64.b64decode(given if isinstance(given, str) else "?", validate=True)
    except ValueError:
        raise ValueError("a file is base64 (RFC 4648, section 4), in one line") from None


FileName = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_plain_name)]
Files = dict[FileName, Annotated[bytes, BeforeValidator(_decoded)]]


def _kind_of_value(given: object) -> str | None:
    kinds = {str: "text", bool: "yes_or_no", list: "options", dict: "files", type(None): "nothing"}
    return kinds.get(type(given))


FieldValue = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[StrictBool, Tag("yes_or_no")]
    | Annotated[list[Text], Tag("options")]
    | Annotated[Files, Tag("files")]
    | Annotated[None, Tag("nothing")],
    Discriminator(
        _kind_of_value,
        custom_error_type="field_value",
        custom_error_message="a field takes a text, true or false, a list of options, or files by name",
    ),
]
"""What is put into a field of a modal; see `discord_sandbox.people.fields.FormValue`."""


class Body(BaseModel):
    """A body; a field that it does not have is refused."""

    model_config = ConfigDict(hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _has_these_fields(cls, given: object) -> object:
        if isinstance(given, dict) and (unknown := given.keys() - cls.model_fields.keys()):
            fields = ", ".join(cls.model_fields) or "none"
            raise ValueError(f"there is no field {', '.join(map(repr, sorted(unknown)))}; there is {fields}")
        return given


B = TypeVar("B", bound=Body)


async def read(request: web.Request, model: type[B]) -> B:
    """Give the body of a request; an empty one is an object without fields.

    Raises:
        pydantic.ValidationError: It is not what the model says.
    """
    return model.model_validate_json(await request.read() or b"{}")


def answer(data: Json, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Make an answer of JSON."""
    return web.Response(status=status, text=json.dumps(data), content_type="application/json")
