"""The JSON bodies that the page sends; ids are texts, because they are too large for JavaScript's numbers."""

from typing import Annotated

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from discord_sandbox.loopback.exchange import LONGEST_TEXT, Body, FieldValue, Locale, PersonName, Short, Text

Id = Annotated[int, Field(ge=0, lt=1 << 64)]


class Ref(Body):
    """A person, channel or role that an option is given."""

    id: Id


Option = StrictStr | StrictBool | StrictInt | StrictFloat | Ref


class NewPerson(Body):
    """Who joins: a name of 1 to 32 characters and the language of their client."""

    name: PersonName
    locale: Locale = "en-US"


class CommandBody(Body):
    """A slash command; a subcommand follows its name after a space."""

    name: Short
    options: dict[str, Option] = Field(default_factory=dict)


class AutocompleteBody(CommandBody):
    """A slash command while one of its options is being typed."""

    option: Short
    text: Text


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

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class ModalBody(Body):
    """What was put into a modal, by label; files are base64 by name."""

    values: dict[str, FieldValue]
