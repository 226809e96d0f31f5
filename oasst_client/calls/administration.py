"""The calls for those who run a backend, and calls that only some backends have."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from oasst_client.calls.base import EXTENSION_PREFIX, Call, Calls, Parameter, segment
from oasst_client.errors import InvalidRequestError
from oasst_client.models import Page, User
from oasst_client.reading import read
from oasst_client.retrying import Repeat
from oasst_client.statistics import FlaggedMessage, PurgeResult

_key = TypeAdapter(str)
_purge = TypeAdapter(PurgeResult)
_settings = TypeAdapter(dict[str, JsonValue])
_flagged = TypeAdapter(FlaggedMessage)
_all_flagged = TypeAdapter(list[FlaggedMessage])
_flagged_page = TypeAdapter(Page[FlaggedMessage])
_any = TypeAdapter(JsonValue)

_METHOD = re.compile(r"[A-Z]+")
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+")
"""The characters that RFC 3986 has for paths."""


class AdministrationCalls(Calls):
    """Keys, purges, settings and reports.

    Those said to need the root token raise `NotAuthorizedError` where the client has none, without a call.
    Reads are tried again freely, the others only if the backend did nothing.
    """

    async def create_api_client(
        self,
        description: str,
        frontend_type: str,
        *,
        trusted: bool = False,
        admin_email: str | None = None,
    ) -> str:
        """Make a key for a frontend: `POST /admin/api_client`. Needs the root token.

        Returns:
            The new API key.
        """
        body = {
            "description": description,
            "frontend_type": frontend_type,
            "trusted": trusted,
            "admin_email": admin_email,
        }
        return await self._read(_key, _root("admin/api_client", body=body))

    async def purge_user(self, user_id: UUID, *, preview: bool, ban: bool = True) -> PurgeResult:
        """Remove a person and all they wrote: `POST /admin/purge_user/{user_id}`. Needs the root token.

        Args:
            user_id: the person.
            preview: only count what would be removed.
            ban: keep them from coming back.
        """
        params = {"preview": preview, "ban": ban}
        return await self._read(_purge, _root(f"admin/purge_user/{segment(user_id)}", params=params))

    async def purge_user_messages(
        self,
        user_id: UUID,
        *,
        preview: bool,
        purge_initial_prompts: bool = False,
        min_date: datetime | None = None,
        max_date: datetime | None = None,
    ) -> PurgeResult:
        """Remove what a person wrote: `POST /admin/purge_user/{user_id}/messages`. Needs the root token.

        Args:
            user_id: the person.
            preview: only count what would be removed.
            purge_initial_prompts: also first messages, with their trees.
            min_date: nothing older; with a time zone.
            max_date: nothing newer; with a time zone.
        """
        params: dict[str, Parameter] = {
            "preview": preview,
            "purge_initial_prompts": purge_initial_prompts,
            "min_date": min_date,
            "max_date": max_date,
        }
        return await self._read(_purge, _root(f"admin/purge_user/{segment(user_id)}/messages", params=params))

    async def merge_users(self, destination: UUID, sources: Sequence[UUID]) -> None:
        """Make one person of several: `POST /admin/merge_users`. Needs the root token.

        Args:
            destination: who remains.
            sources: whose messages and marks go over to them.
        """
        body = {
            "destination_user_id": str(destination),
            "source_user_ids": [str(source) for source in sources],
        }
        await self._do(_root("admin/merge_users", body=body))

    async def fetch_all_settings(self) -> dict[str, JsonValue]:
        """Read all settings of the backend: `GET /admin/backend_settings/full`. Needs the root token."""
        return await self._read(_settings, Call("GET", "admin/backend_settings/full", root=True))

    async def fetch_public_settings(self) -> dict[str, JsonValue]:
        """Read those settings that a frontend may know: `GET /admin/backend_settings/public`."""
        return await self._get(_settings, "admin/backend_settings/public")

    async def fetch_flagged_messages(self, *, max_count: int = 100) -> list[FlaggedMessage]:
        """List reported messages: `GET /admin/flagged_messages`. For trusted keys."""
        return await self._get(_all_flagged, "admin/flagged_messages", max_count=max_count)

    async def fetch_flagged_message_page(
        self,
        *,
        before: str | None = None,
        after: str | None = None,
        max_count: int = 10,
        desc: bool = False,
    ) -> Page[FlaggedMessage]:
        """List reported messages page by page: `GET /admin/flagged_messages/cursor`. For trusted keys.

        Args:
            before: the `prev` of a page, for the page before it.
            after: the `next` of a page, for the page after it.
            max_count: how many at most, 1 to 1000.
            desc: the newest first.
        """
        return await self._get(
            _flagged_page,
            "admin/flagged_messages/cursor",
            before=before,
            after=after,
            max_count=max_count,
            desc=desc or None,
        )

    async def settle_flagged_message(self, message_id: UUID) -> FlaggedMessage:
        """Note that a report has been dealt with: `POST /admin/flagged_messages/{message_id}/processed`.

        For trusted keys. Tried again freely.
        """
        path = f"admin/flagged_messages/{segment(message_id)}/processed"
        return await self._read(_flagged, Call("POST", path))

    async def call_extension(
        self,
        method: str,
        path: str,
        *,
        body: JsonValue = None,
        params: dict[str, Parameter] | None = None,
        user: User | None = None,
    ) -> JsonValue:
        """Make a call that is no part of the protocol: below `/api/ext/v1/`.

        Tried again freely if it is a GET.

        Args:
            method: the HTTP method, in capitals.
            path: what follows `/api/ext/v1/`, percent-encoded where needed, without a query.
            body: what is sent as JSON.
            params: the query; values of None are left out.
            user: who the call acts for.

        Returns:
            The answer's JSON; None where it is empty.

        Raises:
            NotSupportedError: this backend does not have the call.
        """
        if not _METHOD.fullmatch(method):
            raise InvalidRequestError("This is no HTTP method")
        if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
            raise InvalidRequestError("This is no path of an extension")
        call = Call(
            method,
            path,
            body=body,
            params=params or {},
            user=user,
            repeat=Repeat.safe if method == "GET" else Repeat.unsent,
            prefix=EXTENSION_PREFIX,
        )
        answer = await self._request(call)
        return read(_any, answer) if answer.body.strip() else None


def _root(path: str, *, body: object = None, params: Mapping[str, Parameter] | None = None) -> Call:
    return Call("POST", path, body=body, params=params or {}, repeat=Repeat.unsent, root=True)
