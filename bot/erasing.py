"""Takes a person out of the backend: by its own call, else as far as the protocol reaches."""

from http import HTTPStatus
from typing import Final

from loguru import logger

from bot.backend_health import brief
from bot.store import Store
from bot.store.erasure import ErasureOrder, Remainder
from bot.store.outbox import OutboxEntry
from bot.verdicts import Verdict, verdict
from oasst_client import (
    FrontEndUser,
    NotAuthorizedError,
    NotFoundError,
    NotSupportedError,
    OasstApiClient,
    OasstError,
    OasstErrorCode,
    RefusedError,
    User,
)

_FOR_GOOD: Final = frozenset({Verdict.operator, Verdict.person, Verdict.refused})
"""What a backend says that will not do it, however often it is asked."""

_LACKING: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})
"""Statuses that, without a code of the protocol, say that the backend does not have the call."""

NAMELESS: Final = "-"
"""What a person is called where a backend can only change their name."""


class Eraser:
    """Carries out orders of the outbox; what it raises says, as for every entry, whether to try again."""

    def __init__(self, store: Store, client: OasstApiClient) -> None:
        self._store = store
        self._client = client

    async def carry_out(self, entry: OutboxEntry) -> None:
        """Take a person out, and note in the entry what the backend keeps.

        Raises:
            RefusedError: the backend, or the bot's key, does not allow it.
            OasstError: it did not work now.
        """
        order = ErasureOrder.model_validate_json(entry.payload)
        try:
            await self._client.erase_user(entry.user, keep_texts=order.keep_texts)
        except NotSupportedError as error:
            if not error.by_backend:
                # The page of a proxy, which says nothing of the backend.
                raise
            await self._by_protocol(entry, order)
        except OasstError as error:
            if error.code == OasstErrorCode.user_not_found:
                return
            if verdict(error) not in _FOR_GOOD:
                raise
            if await self._known(entry.user) is not None:
                await self._refuse(entry, order, error, Remainder.everything)

    async def _by_protocol(self, entry: OutboxEntry, order: ErasureOrder) -> None:
        """Do what the protocol has: mark the texts as deleted, take the name away."""
        known = await self._known(entry.user)
        if known is None:
            return
        try:
            if not order.keep_texts:
                await self._client.delete_user_messages(entry.user)
            await self._client.delete_user(known.user_id)
        except OasstError as error:
            if error.code == OasstErrorCode.user_not_found:
                # Somebody else has deleted them meanwhile.
                return
            if not _is_for_good(error):
                raise
            is_hidden = await self._hide(entry.user, known)
            await self._refuse(entry, order, error, Remainder.hidden if is_hidden else Remainder.everything)
        if not order.keep_texts:
            await self._note(entry, order, Remainder.texts)

    async def _known(self, user: User) -> FrontEndUser | None:
        """Look a person up; None where the backend has never heard of them.

        Raises:
            OasstError: it does not say; among others, because it does not take the key at all.
        """
        try:
            return await self._client.fetch_user(user)
        except NotFoundError as error:
            if error.code == OasstErrorCode.user_not_found:
                return None
            raise

    async def _hide(self, user: User, known: FrontEndUser) -> bool:
        """Take the name away as far as any frontend may; give whether that worked."""
        nameless = user.model_copy(update={"display_name": NAMELESS})
        try:
            await self._client.send_user(
                nameless,
                show_on_leaderboard=False,
                enabled=known.enabled,
                tos_acceptance=None,
                notes=known.notes,
            )
        except OasstError as error:
            logger.info("A person who leaves could not be hidden: {}", brief(error))
            return False
        return True

    async def _refuse(
        self, entry: OutboxEntry, order: ErasureOrder, error: OasstError, remainder: Remainder
    ) -> None:
        """Give it up, and have the operator do it by hand.

        Raises:
            RefusedError: always.
        """
        logger.error(
            "The backend does not let the bot delete the person {}:{} ({}), who asked for it and was told to"
            " turn to whoever runs the backend. The key OASST_API_KEY has to be a trusted one.",
            entry.user.auth_method.value,
            entry.user.id,
            brief(error),
        )
        await self._note(entry, order, remainder)
        # Without the status: that of a call which the backend lacks would have it tried again.
        raise RefusedError(code=error.code, by_backend=True)

    async def _note(self, entry: OutboxEntry, order: ErasureOrder, remainder: Remainder) -> None:
        order = order.model_copy(update={"remainder": remainder})
        await self._store.outbox.set_payload(entry.id, order.model_dump_json())


def _is_for_good(error: OasstError) -> bool:
    """Whether the backend lacks the call, or the key, which it knows, is not enough for it."""
    lacks_call = error.code == 0 and error.by_backend and error.http_status in _LACKING
    return lacks_call or isinstance(error, NotAuthorizedError | RefusedError)
