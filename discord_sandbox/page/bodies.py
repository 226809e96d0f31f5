"""The JSON bodies that the page sends; ids are texts, because they are too large for JavaScript's numbers."""

from typing import Annotated

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

_TEXT = 32_000

Short = Annotated[str, Field(min_length=1, max_length=100)]
Id = Annotated[int, Field(ge=0, lt=1 << 64)]


class Body(BaseModel):
    """A body; a field that it does not have is refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Ref(Body):
    """A person, channel or role that an option is given."""

    id: Id


Option = StrictStr | StrictBool | StrictInt | StrictFloat | Ref


Text = Annotated[StrictStr, Field(max_length=_TEXT)]
FieldValue = Text | StrictBool | list[Text] | dict[Short, Base64Bytes] | None


class NewPerson(Body):
    """Who joins: a name of 1 to 32 characters and the language of their client."""

    name: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^\S(.*\S)?$")]
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z0-9]{2,3})?$")] = "en-US"


class CommandBody(Body):
    """A slash command; a subcommand follows its name after a space."""

    name: Short
    options: dict[str, Option] = Field(default_factory=dict)


class AutocompleteBody(CommandBody):
    """A slash command while one of its options is being typed."""

    option: Short
    text: Annotated[str, Field(max_length=_TEXT)]


class ClickBody(Body):
    """A button, by its custom id."""

    custom_id: Short


class ChooseBody(Body):
    """A select menu, by its custom id, and the values that were chosen."""

    custom_id: Short
    values: Annotated[list[Short], Field(max_length=25)]


class MenuBody(Body):
    """A command of a message's menu."""

    name: Short


class TextBody(Body):
    """An ordinary message."""

    text: Annotated[str, Field(min_length=1, max_length=_TEXT)]


class ModalBody(Body):
    """What was put into a modal, by label; files are base64 by name."""

    values: dict[str, FieldValue]
