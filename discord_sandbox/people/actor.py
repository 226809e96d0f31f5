"""What a person does with the bot: commands, clicks, choices, modals and menus."""

import asyncio
from collections.abc import Mapping

from discord_sandbox import given
from discord_sandbox.errors import (
    NotPermitted,
    WaitTimeout,
)
from discord_sandbox.forms.components import BUTTON, ENTITY_SELECTS, walk
from discord_sandbox.locales import shown
from discord_sandbox.people.modal import ModalView
from discord_sandbox.people.options import OptionValue, command_data
from discord_sandbox.people.participant import Participant
from discord_sandbox.people.resolved import USER, Resolved
from discord_sandbox.people.response import Response
from discord_sandbox.people.transcript import transcript
from discord_sandbox.people.views import MessageView
from discord_sandbox.world.command_permissions import may_use
from discord_sandbox.world.commands import MESSAGE_MENU, SLASH, USER_MENU, Command
from discord_sandbox.world.interaction import Act, CallbackType, Interaction, InteractionType
from discord_sandbox.world.model import Channel, Json, User
from discord_sandbox.world.permissions import sending_in
from discord_sandbox.world.store import Store

PATIENCE = 60.0
"""For how many seconds a person looks at "is thinking" before they give up."""


class Actor(Participant):
    """A person in the guild who does what people do.

    Attributes:
        patience: For how many seconds they look at "is thinking" before an error is raised.
        age_restricted_dms: Whether they have switched age-restricted commands on for direct messages.
    """

    def __init__(self, store: Store, user: User, locale: str) -> None:
        super().__init__(store, user, locale)
        self.patience = PATIENCE
        self.age_restricted_dms = False

    # -- commands -------------------------------------------------------------------------------------

    def commands(self, channel: Channel | None = None, kind: int = SLASH) -> list[Command]:
        """Give the slash commands, or the commands of another kind, that they are offered in a channel."""
        where = self._where(channel)
        known = self.store.commands.visible(kind, where.guild_id)
        return [one for one in known if self._offered(one, where)]

    async def command(
        self,
        name: str,
        channel: Channel | None = None,
        options: Mapping[str, OptionValue] | None = None,
        **more_options: OptionValue | None,
    ) -> Response:
        """Type a slash command and wait for what comes of it.

        Args:
            name: The command; a subcommand follows after a space.
            channel: Where to type it; the first channel they see by default.
            options: Options by name, for names that Python does not take as keywords.
            **more_options: Options by name; None is as if it were not given.

        Returns:
            The finished answer, never the placeholder "is thinking", or the modal that opened.

        Raises:
            NotVisible: The command is not registered, or not offered to this person.
            BadInput: An option is wrong.
            InteractionFailed: The bot did not answer in time.
            WaitTimeout: The bot deferred its answer, and it never came.
        """
        where = self._where(channel)
        word, *path = name.split()
        command = self._find(word, SLASH, where)
        given = {
            **(options or {}),
            **{key: value for key, value in more_options.items() if value is not None},
        }
        with self.explained():
            data = command_data(command, path, given, self._resolved(where), locale=self.locale)
        return await self._act(Act(InteractionType.COMMAND, where, data))

    async def autocomplete(
        self,
        name: str,
        option: str,
        text: str,
        channel: Channel | None = None,
        options: Mapping[str, OptionValue] | None = None,
    ) -> list[tuple[str, str | int | float]]:
        """Type into an option and give the choices that come up, as (name, value).

        Args:
            name: The command; a subcommand follows after a space.
            option: The option that is being typed.
            text: What is typed so far.
            channel: Where; the first channel they see by default.
            options: Other options that are filled in already.

        Raises:
            NotVisible, BadInput, InteractionFailed: As for `command`.
        """
        where = self._where(channel)
        word, *path = name.split()
        command = self._find(word, SLASH, where)
        given = {**(options or {}), option: text}
        with self.explained():
            resolved = self._resolved(where)
            data = command_data(command, path, given, resolved, focused=option, locale=self.locale)
        interaction, _ = await self._begin(Act(InteractionType.AUTOCOMPLETE, where, data))
        return [(shown(one, self.locale), one["value"]) for one in interaction.result["choices"]]

    async def context_menu(
        self, name: str, target: "MessageView | Actor", channel: Channel | None = None
    ) -> Response:
        """Use a menu command of a message or a person, and wait for what comes of it.

        Raises:
            NotVisible: There is no such menu entry, or the target is not on the screen.
            NotPermitted: A person's menu needs the right to write there, or the thread is archived.
            InteractionFailed, WaitTimeout: As for `command`.
        """
        message = target.raw if isinstance(target, MessageView) else None
        if isinstance(target, MessageView) and not self.sees(target.raw):
            raise self.not_visible("the message no longer", target)
        where = self._where(channel) if message is None else message.channel
        resolved = self._resolved(where)
        command = self._find(name, USER_MENU if message is None else MESSAGE_MENU, where)
        if message is not None:
            resolved.message(message)
        else:
            with self._permitted():
                self.store.require(self.id, where, sending_in(where))
            with self.explained():
                resolved.named(USER, target.id)
        data: Json = {
            "id": str(command.id),
            "name": command.name,
            "type": command.kind,
            "target_id": str(target.id),
            "resolved": resolved.data,
        }
        if command.guild_id is not None:
            data["guild_id"] = str(command.guild_id)
        whom = target.raw if isinstance(target, MessageView) else target.user
        return await self._act(Act(InteractionType.COMMAND, where, data, target=whom))

    def _resolved(self, where: Channel) -> Resolved:
        return Resolved(self.store, where, self.id)

    # -- components and modals ------------------------------------------------------------------------

    async def use_component(
        self, view: MessageView, custom_id: str, kind: int, values: list[str] | None = None
    ) -> Response:
        """Press or choose, by the component's custom id; `MessageView.click` and `.choose` end here.

        Args:
            view: The message it sits on.
            custom_id: The component's custom id.
            kind: The component's type.
            values: What was chosen.

        Raises:
            NotVisible: The message is no longer on the screen.
            InteractionFailed, WaitTimeout: As for `command`.
        """
        message = view.raw
        if not self.sees(message):
            raise self.not_visible("the message no longer", view)
        numbers = (one["id"] for one in walk(message.components) if one.get("custom_id") == custom_id)
        data: Json = {"id": next(numbers), "custom_id": custom_id, "component_type": kind}
        if kind != BUTTON:
            data["values"] = values or []
        if kind in ENTITY_SELECTS:
            resolved = self._resolved(message.channel)
            with self.explained():
                resolved.chosen(kind, values or ())
            data["resolved"] = resolved.data
        return await self._act(Act(InteractionType.COMPONENT, message.channel, data, source=message))

    async def submit_modal(self, modal: ModalView, data: Json) -> Response:
        """Send a modal with the data of its interaction; `ModalView.submit` ends here."""
        opened_by = modal.interaction
        return await self._act(
            Act(InteractionType.MODAL, opened_by.channel, data, source=opened_by.source, parent=opened_by)
        )

    async def _act(self, act: Act) -> Response:
        interaction, answer = await self._begin(act)
        if answer is CallbackType.MODAL:
            result = interaction.result
            opened = ModalView(self, interaction, result["title"], result["custom_id"], result["components"])
            return Response(modal=opened, person=self)
        if answer is CallbackType.DEFERRED_MESSAGE:
            try:
                async with asyncio.timeout(self.patience):
                    await interaction.finished
            except TimeoutError:
                raise WaitTimeout(
                    f"The bot still thinks after {self.patience:g} s.\n{transcript(self)}"
                ) from None
        shown = interaction.original
        return Response(None if shown is None else self.view(shown), person=self)

    async def _begin(self, act: Act) -> tuple[Interaction, CallbackType]:
        """Begin an interaction and wait for its first answer."""
        with self.explained():
            interaction = self.store.interactions.begin(self.user, act, locale=self.locale)
            return interaction, await interaction.answered

    def _where(self, channel: Channel | None) -> Channel:
        if channel is not None:
            given.channel(channel)
            if not self.can_see(channel):
                raise self.not_visible(f"no channel #{channel.name}")
            return channel
        seen = next(
            (one for one in self.lasting_channels() if one.takes_messages and self.can_see(one)), None
        )
        if seen is None:
            raise self.not_visible("no channel at all")
        return seen

    def _find(self, name: str, kind: int, channel: Channel) -> Command:
        command = self.store.commands.find(name, kind, channel.guild_id, self.locale)
        if command is None or not self._offered(command, channel):
            known = [one.name for one in self.store.commands.visible(kind, channel.guild_id)]
            hidden = "" if command is None else " It is registered, but not offered to this person here."
            raise self.unseen(
                f"{self.name} is not offered {name!r} in #{channel.name}; registered: {known}.{hidden}"
            )
        if channel.archived:
            raise NotPermitted(f"Commands cannot be used in the archived thread {channel.name!r}.")
        return command

    def _offered(self, command: Command, channel: Channel) -> bool:
        return may_use(self.store, self.id, command, channel, adult_dms=self.age_restricted_dms)
