"""What somebody looks for in the messages that they see."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from discord_sandbox.control.pattern import Pattern
from discord_sandbox.loopback.exchange import Body, Short, Text
from discord_sandbox.people.views import MessageView


def _is_id(text: str) -> str:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("an id is a text of digits")
    return text


MessageId = Annotated[str, Field(min_length=1, max_length=20), AfterValidator(_is_id)]


class MessageRef(Body):
    """A message by what can be seen of it; all that is given must fit. A text alone is what it contains.

    Attributes:
        contains: Stands somewhere in it: text, embeds, labels of buttons and menus.
        matches: A regular expression that is found somewhere in it.
        author: The name of who wrote it.
        button: The label of a button that can be pressed, or its beginning.
        menu: The placeholder of a menu, or its beginning.
        reaction: An emoji that it got.
        ephemeral: Whether only this person sees it.
        after: The id of a message that is older.
        id: Its id.
    """

    contains: Text | None = None
    matches: Pattern | None = None
    author: Short | None = None
    button: Short | None = None
    menu: Short | None = None
    reaction: Short | None = None
    ephemeral: bool | None = None
    after: MessageId | None = None
    id: MessageId | None = None

    @model_validator(mode="before")
    @classmethod
    def _in_full(cls, given: object) -> object:
        if isinstance(given, str):
            return {"contains": given}
        if not isinstance(given, dict | cls):
            raise ValueError('a message is a text that stands on it, or an object such as {"author": "Ada"}')  # noqa: TRY004 - pydantic takes only a ValueError
        return given

    def fits(self, view: MessageView) -> bool:
        """Whether a message is what is looked for."""
        if self.id is not None and view.id != int(self.id):
            return False
        if self.after is not None and view.id <= int(self.after):
            return False
        if self.author is not None and view.author != self.author:
            return False
        if self.ephemeral is not None and view.ephemeral != self.ephemeral:
            return False
        if self.reaction is not None and self.reaction not in view.reactions:
            return False
        return self._fits_text(view) and self._fits_parts(view)

    def fits_exactly(self, view: MessageView) -> bool:
        """Whether the button and the menu are meant by their whole names, not by a beginning."""
        menus = [one.placeholder for one in view.selects] if self.menu is not None else [None]
        return (self.button is None or self.button in view.buttons) and self.menu in menus

    def _fits_text(self, view: MessageView) -> bool:
        if self.contains is None and self.matches is None:
            return True
        text = view.text
        if self.contains is not None and self.contains not in text:
            return False
        return self.matches is None or self.matches.found_in(text)

    def _fits_parts(self, view: MessageView) -> bool:
        if self.button is not None and not any(one.startswith(self.button) for one in view.buttons):
            return False
        menu = self.menu
        return menu is None or any(one.placeholder.startswith(menu) for one in view.selects)

    def __str__(self) -> str:
        said = self.model_dump(exclude_none=True)
        return f"with {', '.join(f'{key} {value!r}' for key, value in said.items())}" if said else "at all"
