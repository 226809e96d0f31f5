"""JSON in and out: bodies that are checked, and answers."""

import json
from http import HTTPStatus
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StrictBool, StrictStr

from discord_sandbox.model import Json

LONGEST_TEXT = 32_000
"""How long a text may be that a person writes; what Discord takes is shorter and checked behind it."""

Short = Annotated[str, Field(min_length=1, max_length=100)]
PersonName = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^\S(.*\S)?$")]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z0-9]{2,3})?$")]
Text = Annotated[StrictStr, Field(max_length=LONGEST_TEXT)]
Files = dict[Short, Base64Bytes]
FieldValue = Text | StrictBool | list[Text] | Files | None
"""What is put into a field of a modal; see `discord_sandbox.fields.FormValue`."""


class Body(BaseModel):
    """A body; a field that it does not have is refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


B = TypeVar("B", bound=Body)


async def read(request: web.Request, model: type[B]) -> B:
    """Give the body of a request.

    Raises:
        pydantic.ValidationError: It is not what the model says.
    """
    return model.model_validate_json(await request.read())


def answer(data: Json, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Make an answer of JSON."""
    return web.Response(status=status, text=json.dumps(data), content_type="application/json")
