"""What somebody looks for in the messages that they see."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from discord_sandbox.loopback.exchange import Body, Short, Text
from discord_sandbox.views import MessageView


def _is_id(text: str) -> str:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("an id is a text of digits")
    return text


MessageId = Annotated[str, Field(min_length=1, max_length=20), AfterValidator(_is_id)]


class MessageRef(Body):
    """A message by what can be seen of it; all that is given must fit.

    Attributes:
        contains: Stands somewhere in it: text, embeds, labels of buttons and menus.
        matches: A regular expression, in Python's way of writing, that is found somewhere in it.
        author: The name of who wrote it.
        button: The label of a button that can be pressed, or its beginning.
        menu: The placeholder of a menu, or its beginning.
        reaction: An emoji that it got.
        ephemeral: Whether only this person sees it.
        after: The id of a message that is older.
        id: Its id.
    """

    contains: Text | None = None
    matches: re.Pattern[str] | None = None
    author: Short | None = None
    button: Short | None = None
    menu: Short | None = None
    reaction: Short | None = None
    ephemeral: bool | None = None
    after: MessageId | None = None
    id: MessageId | None = None

    @classmethod
    def of(cls, sought: "Sought") -> Self:
        """Give it in full; a text alone is what the message contains."""
        return sought if isinstance(sought, cls) else cls(contains=str(sought))

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
        return self.matches is None or self.matches.search(text) is not None

    def _fits_parts(self, view: MessageView) -> bool:
        if self.button is not None and not any(one.startswith(self.button) for one in view.buttons):
            return False
        menu = self.menu
        return menu is None or any(one.placeholder.startswith(menu) for one in view.selects)

    def __str__(self) -> str:
        said = self.model_dump(exclude_none=True)
        if self.matches is not None:
            said["matches"] = self.matches.pattern
        return f"with {', '.join(f'{key} {value!r}' for key, value in said.items())}" if said else "at all"


Sought = Text | MessageRef
"""A message: by a text that it contains, or by more."""
