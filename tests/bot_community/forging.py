"""What Discord's own client would never send: any custom_id and any values, from a message or a form."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot import extensions
from bot.app import BotApp
from bot.services import AddRoutes
from discord_sandbox import Actor, Channel, MessageView, ModalView, Response

BUTTON = 2
STRING_MENU = 3
MARK = "Clicks are made here."
"""What the message says on which forged clicks are made, until the bot says something else there."""


@dataclass
class OwnedIds:
    """Stands in for the router: writes down what the features take, and gives it to nobody.

    Attributes:
        clicks: whole ids and prefixes of components.
        forms: whole ids and prefixes of modals.
    """

    clicks: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)

    def own(self, custom_ids: Iterable[str], _: object) -> None:
        self.clicks.extend(custom_ids)

    def own_prefix(self, prefix: str, _: object) -> None:
        self.clicks.append(prefix)

    def own_modal(self, custom_id: str, _inputs: Iterable[str], _: object) -> None:
        self.forms.append(custom_id)

    def own_modal_prefix(self, prefix: str, _: object) -> None:
        self.forms.append(prefix)


def owned_ids(bot: BotApp) -> OwnedIds:
    """Ask each extension what it owns, as the bot does at its start."""
    owned = OwnedIds()
    for module in pkgutil.iter_modules(extensions.__path__, "bot.extensions."):
        add_routes: AddRoutes | None = getattr(importlib.import_module(module.name), "add_routes", None)
        if add_routes is not None:
            add_routes(owned, bot.services)  # type: ignore[arg-type]  # it has what the features call
    return owned


async def snapshot(bot: BotApp, *, without: Iterable[str] = ()) -> dict[str, list[tuple[object, ...]]]:
    """Read every row of every table of the bot's database, but of those that are named."""
    database = bot.services.store.database
    tables = await database.fetch_all(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    rows = {}
    for name in (str(table["name"]) for table in tables):
        if name not in without:
            rows[name] = [tuple(row) for row in await database.fetch_all(f'SELECT * FROM "{name}"')]  # noqa: S608  # a table's name
    return rows


@dataclass(frozen=True)
class Forger:
    """Somebody who sends any id from a private message of theirs, or as a form that they opened."""

    person: Actor
    message: MessageView
    form: ModalView
    channel: Channel

    @classmethod
    async def of(cls, person: Actor, channel: Channel, subject: MessageView) -> "Forger":
        """Get a message of the bot that only this person sees, and a form.

        Args:
            person: who forges.
            channel: where.
            subject: a message there whose menus open a form for them.
        """
        answer = await person.command("privacy", channel)
        assert answer.message is not None
        assert answer.message.ephemeral
        menu = "Contribute" if subject.author == person.name else "Report"
        opened = await person.context_menu(menu, subject)
        assert opened.modal is not None, opened.text
        return cls(person, answer.message, opened.modal, channel)

    async def click(
        self, custom_id: str, values: Sequence[str] = (), kind: int = STRING_MENU
    ) -> MessageView | ModalView:
        """Use a component with any id; gives what the person sees in the end."""
        self._clear(custom_id)
        before = self.person.latest(self.channel)
        response = await self.person.use_component(self.message, custom_id, kind, list(values))
        return await self._seen(response, before)

    async def submit(
        self, custom_id: str, inputs: Mapping[str, str], *, is_on_message: bool = True
    ) -> MessageView | ModalView:
        """Send a form with any id and inputs, as if it was opened by a click, or by a command."""
        self._clear("-")
        source = self.message.raw if is_on_message else None
        self.form.interaction = replace(self.form.interaction, source=source)
        rows = [
            {"type": 1, "id": 2 * number + 1, "components": [{"type": 4, "id": 2 * number + 2, **part}]}
            for number, part in enumerate({"custom_id": key, "value": text} for key, text in inputs.items())
        ]
        data = {"custom_id": custom_id, "components": rows}
        before = self.person.latest(self.channel)
        return await self._seen(await self.person.submit_modal(self.form, data), before)

    def _clear(self, custom_id: str) -> None:
        raw = self.message.raw
        raw.content, raw.embeds, raw.attachments = MARK, [], []
        part = {"type": BUTTON, "id": 2, "style": 2, "label": "-", "custom_id": custom_id, "disabled": False}
        raw.components = [{"type": 1, "id": 1, "components": [part]}]

    async def _seen(self, response: Response, before: MessageView | None) -> MessageView | ModalView:
        if response.modal is not None:
            return response.modal
        shown = response.message
        assert shown is not None, "the bot said nothing"
        if shown != self.message:
            return shown
        latest = await self.person.until(
            lambda: self._changed() or self._later_than(before), what="what comes of a forged click"
        )
        assert latest is not None
        return latest

    def _changed(self) -> MessageView | None:
        return None if MARK in self.message.text else self.message

    def _later_than(self, before: MessageView | None) -> MessageView | None:
        """Find what was said beside the message."""
        latest = self.person.latest(self.channel)
        return None if latest == before else latest
