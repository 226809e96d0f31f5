"""A task backend that speaks as much of the protocol as the community features need."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

PROMPT_ID, REPLY_ID, OTHER_ID = UUID(int=0xA), UUID(int=0xB), UUID(int=0xC)
LABELS = [
    {"name": "spam", "widget": "yes_no", "display_text": "Spam"},
    {"name": "quality", "widget": "likert", "display_text": "Quality"},
    {"name": "pii", "widget": "flag", "display_text": "Private person"},
]


class SmallBackend:
    """Speaks as much of the task protocol, over a real socket, as a test needs to see from outside.

    Attributes:
        board: the rows of every board, best first; None: it keeps no boards.
        known: Discord ids of people who have been heard of.
        task: what everybody who asks is handed out; None: no work.
        messages: the dataset's messages by id, as the protocol shows them.
        labels: the label bodies that were taken.
        labelled: set with the first of them.
        asked: the wishes for tasks that came.
        refusal: an error code with which labels are refused.
        valid_labels: what may be asked about a message, and said in a report of it.
        public_settings: what it tells of itself; None: nothing.
        terms: the acceptances of the terms that came.
        in_force: the version of the terms that alone is taken; None: any.
        demands_terms: whether nobody gets a task whose acceptance did not come.
        has_extensions: whether it has the call for terms, which is none of the protocol's; only without it
            does it have the protocol's calls for people.
        users: what came by these; None: it has none of them, either.
        is_trusted: whether the key may change people.
    """

    def __init__(self) -> None:
        self.board: list[dict[str, Any]] | None = []
        self.known: set[str] = set()
        self.task: dict[str, Any] | None = None
        self.messages: dict[UUID, dict[str, Any]] = {}
        self.labels: list[dict[str, Any]] = []
        self.labelled = asyncio.Event()
        self.asked: list[dict[str, Any]] = []
        self.refusal: int | None = None
        self.valid_labels: list[dict[str, Any]] = LABELS
        self.public_settings: dict[str, Any] | None = None
        self.terms: list[dict[str, Any]] = []
        self.in_force: str | None = None
        self.demands_terms = False
        self.has_extensions = True
        self.users: list[dict[str, Any]] | None = []
        self.is_trusted = True
        self.url = ""
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, at first on any free port; after `close` on the same again."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/api/v1/admin/backend_settings/public", self._public_settings),
                web.get("/api/v1/leaderboards/{frame}", self._board),
                web.get("/api/v1/messages/{id}", self._message),
                web.get("/api/v1/text_labels/valid_labels", self._valid_labels),
                web.get("/api/v1/text_labels/report_labels", self._valid_labels),
                web.post("/api/v1/text_labels/", self._text_labels),
                web.post("/api/v1/tasks/", self._task),
                web.post("/api/v1/tasks/{id}/{what:ack|nack}", self._noted),
                web.post("/api/v1/tasks/interaction", self._interaction),
                web.post("/api/ext/v1/terms", self._terms),
                web.get("/api/v1/frontend_users/discord/{id}", self._user),
                web.post("/api/v1/frontend_users/", self._put_user),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def close(self) -> None:
        """Stop listening."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def shows_conversation(self) -> None:
        """Hand out a reply task over a conversation of two messages."""
        conversation = []
        for identifier, text, is_assistant in (
            (PROMPT_ID, "How do bees find home?", False),
            (REPLY_ID, "By the sun and by landmarks.", True),
        ):
            message = {"id": str(identifier), "text": text, "is_assistant": is_assistant}
            self.messages[identifier] = message
            conversation.append(message)
        self.task = {"type": "prompter_reply", "conversation": {"messages": conversation}}

    def shows_prompt(self, identifier: UUID = PROMPT_ID) -> None:
        """Hand out a reply task over a conversation of one message."""
        message = {"id": str(identifier), "text": "How do bees find home?", "is_assistant": False}
        self.messages[identifier] = message
        self.task = {"type": "assistant_reply", "conversation": {"messages": [message]}}

    def _unknown_person(self, request: web.Request) -> web.Response | None:
        named = request.headers.get("x-oasst-user")
        if named is None or named.removeprefix("discord:") in self.known:
            return None
        return _error(404, 4002)

    async def _public_settings(self, _: web.Request) -> web.Response:
        return _error(403, 2) if self.public_settings is None else web.json_response(self.public_settings)

    async def _board(self, request: web.Request) -> web.Response:
        if self.board is None:
            raise web.HTTPNotFound
        body = {"time_frame": request.match_info["frame"], "leaderboard": self.board}
        return self._unknown_person(request) or web.json_response(body)

    async def _message(self, request: web.Request) -> web.Response:
        message = self.messages.get(UUID(request.match_info["id"]))
        if message is None:
            return _error(404, 2001)
        return self._unknown_person(request) or web.json_response(message)

    async def _valid_labels(self, _: web.Request) -> web.Response:
        return web.json_response({"valid_labels": self.valid_labels})

    async def _text_labels(self, request: web.Request) -> web.Response:
        if self.refusal is not None:
            return _error(400, self.refusal)
        self.labels.append(await request.json())
        self.labelled.set()
        return web.Response(status=204)

    async def _task(self, request: web.Request) -> web.Response:
        wish = await request.json()
        if self.demands_terms and wish["user"]["id"] not in {one["user"]["id"] for one in self.terms}:
            return _error(451, 4003)
        self.asked.append(wish)
        if self.task is None:
            return _error(503, 1006)
        return web.json_response({"id": str(uuid4()), **self.task})

    async def _terms(self, request: web.Request) -> web.Response:
        if not self.has_extensions:
            return _no_such_call()
        answer = await request.json()
        if self.in_force not in {None, answer["version"]}:
            return _error(400, 0)
        self.terms.append(answer)
        return web.Response(status=204)

    async def _user(self, _: web.Request) -> web.Response:
        if self.has_extensions:
            raise web.HTTPNotFound
        return _no_such_call() if self.users is None else _error(404, 4002)

    async def _put_user(self, request: web.Request) -> web.Response:
        if self.users is None or not self.is_trusted:
            return _error(403, 2)
        body = await request.json()
        self.users.append(body)
        return web.json_response({**body, "user_id": str(uuid4())})

    async def _noted(self, _: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _interaction(self, _: web.Request) -> web.Response:
        return web.json_response({"id": str(uuid4()), "type": "task_done"})


def _no_such_call() -> web.Response:
    return web.json_response({"detail": "Not Found"}, status=404)


def _error(status: int, code: int) -> web.Response:
    return web.json_response({"error_code": code, "message": "refused"}, status=status)
