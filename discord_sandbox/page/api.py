"""The page's JSON API: each call is something that one person sees or does."""

import secrets
from collections import OrderedDict
from http import HTTPStatus

from aiohttp import web

from discord_sandbox.errors import BadInput, NotVisible
from discord_sandbox.forms.components import BUTTON, LINK_STYLE, STRING_SELECT
from discord_sandbox.loopback.exchange import answer, read
from discord_sandbox.loopback.refusals import Refused, not_found
from discord_sandbox.page import bodies, snapshot
from discord_sandbox.people.actor import Actor
from discord_sandbox.people.modal import ModalView
from discord_sandbox.people.response import Response
from discord_sandbox.people.views import MessageView
from discord_sandbox.sandbox import Sandbox
from discord_sandbox.world.model import Channel, Json

_OPEN_MODALS = 200
"""How many modals are kept; one that a closed tab left behind makes room at last."""

_PERSON = "/api/people/{person:[0-9]{1,20}}"
_CHANNEL = _PERSON + "/channels/{channel:[0-9]{1,20}}"
_MESSAGE = _CHANNEL + "/messages/{message:[0-9]{1,20}}"
_MODAL = _PERSON + "/modals/{modal}"


class PageApi:
    """Lets the page be any person of a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._modals: OrderedDict[str, ModalView] = OrderedDict()

    def routes(self) -> list[web.RouteDef]:
        """Give the calls."""
        return [
            web.get("/api/people", self._people),
            web.post("/api/people", self._add_person),
            web.get(_PERSON + "/view", self._view),
            web.post(_CHANNEL + "/command", self._command),
            web.post(_CHANNEL + "/autocomplete", self._autocomplete),
            web.post(_CHANNEL + "/messages", self._send),
            web.post(_MESSAGE + "/click", self._click),
            web.post(_MESSAGE + "/choose", self._choose),
            web.post(_MESSAGE + "/menu", self._menu),
            web.post(_MESSAGE + "/dismiss", self._dismiss),
            web.post(_MODAL + "/submit", self._submit),
            web.post(_MODAL + "/dismiss", self._close_modal),
        ]

    # -- people and what they see ---------------------------------------------------------------------

    async def _people(self, _: web.Request) -> web.Response:
        return answer({"guild": self._sandbox.guild.name, "people": snapshot.people(self._sandbox)})

    async def _add_person(self, request: web.Request) -> web.Response:
        body = await read(request, bodies.NewPerson)
        try:
            person = self._sandbox.guild.add_member(body.name, locale=body.locale)
        except ValueError as error:
            raise Refused(HTTPStatus.CONFLICT, "name_taken", f"{body.name} is here already.") from error
        return answer({"id": str(person.id)}, HTTPStatus.CREATED)

    async def _view(self, request: web.Request) -> web.Response:
        person = self._person(request)
        wanted = request.query.get("channel", "")
        channel = self._sandbox.store.channels.get(int(wanted)) if wanted.isdecimal() else None
        return answer(snapshot.view(self._sandbox, person, channel))

    # -- what they do ---------------------------------------------------------------------------------

    async def _command(self, request: web.Request) -> web.Response:
        person, channel = self._place(request)
        body = await read(request, bodies.CommandBody)
        return self._response(await person.command(body.name, channel, body.options))

    async def _autocomplete(self, request: web.Request) -> web.Response:
        person, channel = self._place(request)
        body = await read(request, bodies.AutocompleteBody)
        found = await person.autocomplete(body.name, body.option, body.text, channel, body.options)
        return answer({"choices": [{"name": name, "value": value} for name, value in found]})

    async def _send(self, request: web.Request) -> web.Response:
        person, channel = self._place(request)
        body = await read(request, bodies.TextBody)
        return answer({"message": person.send(channel, body.text).as_dict()}, HTTPStatus.CREATED)

    async def _click(self, request: web.Request) -> web.Response:
        person, message = self._message(request)
        body = await read(request, bodies.ClickBody)
        button = next((one for one in message.all_buttons if one.custom_id == body.custom_id), None)
        if button is None or button.disabled or button.style == LINK_STYLE:
            raise NotVisible("This button is not there any more.")
        return self._response(await person.use_component(message, body.custom_id, BUTTON))

    async def _choose(self, request: web.Request) -> web.Response:
        person, message = self._message(request)
        body = await read(request, bodies.ChooseBody)
        select = next((one for one in message.selects if one.custom_id == body.custom_id), None)
        if select is None or select.disabled:
            raise NotVisible("This menu is not there any more.")
        if not select.min_values <= len(set(body.values)) <= select.max_values:
            raise BadInput(f"Choose {select.min_values} to {select.max_values}.")
        known = {value for _, value in select.options}
        fits = known.issuperset(body.values) if select.kind == STRING_SELECT else _all_ids(body.values)
        if not fits:
            raise NotVisible("This choice is not there any more.")
        return self._response(
            await person.use_component(message, body.custom_id, select.kind, list(dict.fromkeys(body.values)))
        )

    async def _menu(self, request: web.Request) -> web.Response:
        person, message = self._message(request)
        body = await read(request, bodies.MenuBody)
        return self._response(await person.context_menu(body.name, message))

    async def _dismiss(self, request: web.Request) -> web.Response:
        person, message = self._message(request)
        person.dismiss(message)
        return answer({})

    async def _submit(self, request: web.Request) -> web.Response:
        key, modal = self._modal(request)
        body = await read(request, bodies.ModalBody)
        try:
            response = await modal.submit(body.values)
        finally:
            if not modal.open:
                self._modals.pop(key, None)
        return self._response(response)

    async def _close_modal(self, request: web.Request) -> web.Response:
        key, modal = self._modal(request)
        modal.dismiss()
        self._modals.pop(key, None)
        return answer({})

    # -- look-ups -------------------------------------------------------------------------------------

    def _person(self, request: web.Request) -> Actor:
        wanted = int(request.match_info["person"])
        for one in self._sandbox.guild.members:
            if one.id == wanted:
                return one
        raise not_found("This person is not here.")

    def _place(self, request: web.Request) -> tuple[Actor, Channel]:
        person = self._person(request)
        channel = self._sandbox.store.channels.get(int(request.match_info["channel"]))
        if channel is None or not person.can_see(channel):
            raise not_found("This channel is not there any more.")
        return person, channel

    def _message(self, request: web.Request) -> tuple[Actor, MessageView]:
        person, channel = self._place(request)
        message = channel.messages.get(int(request.match_info["message"]))
        seen = None if message is None else person.view(message)
        if seen is None:
            raise not_found("This message is not there any more.")
        return person, seen

    def _modal(self, request: web.Request) -> tuple[str, ModalView]:
        person = self._person(request)
        key = request.match_info["modal"]
        modal = self._modals.get(key)
        if modal is None or modal.actor is not person:
            raise not_found("This form is not open any more.")
        return key, modal

    def _response(self, response: Response) -> web.Response:
        modal: Json | None = None
        if response.modal is not None:
            key = secrets.token_urlsafe(12)
            self._modals[key] = response.modal
            while len(self._modals) > _OPEN_MODALS:
                self._modals.popitem(last=False)
            modal = {"id": key, **response.modal.as_dict()}
        message = None if response.message is None else response.message.as_dict()
        return answer({"message": message, "modal": modal})


def _all_ids(values: list[str]) -> bool:
    return all(one.isdecimal() and one.isascii() for one in values)
