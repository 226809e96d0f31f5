"""Tells the backend who has accepted the terms, as far as that backend can be told."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from loguru import logger

from bot.backend_health import brief
from bot.store import Store
from oasst_client import (
    NotAuthorizedError,
    NotFoundError,
    NotSupportedError,
    OasstApiClient,
    OasstError,
    RefusedError,
    TermsNotAcceptedError,
    User,
)

ResultT = TypeVar("ResultT")


class TermsTeller:
    """Passes on which version of the bot's terms people accepted: always the one that they were shown.

    Whether that is the version in force is the backend's to say.
    """

    def __init__(self, store: Store, client: OasstApiClient) -> None:
        self._store = store
        self._client = client

    async def tell(self, user: User, version: str) -> None:
        """Tell that a person accepted a version; again does no harm.

        A backend without the call for it is told in the protocol's own way, which knows no versions.

        Raises:
            RefusedError: the backend will not be told, now or later.
            OasstError: it could not be told now.
        """
        try:
            await self._client.accept_terms(user, version)
        except NotSupportedError:
            await self._tell_by_protocol(user)

    async def insist(self, user: User, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Make a call, once more if the backend does not know that the person has accepted the terms.

        They may have accepted before it could be told, or it may have lost what it was told.

        Args:
            user: for whom the call is.
            call: makes it.

        Raises:
            OasstError: of the call.
        """
        try:
            return await call()
        except TermsNotAcceptedError:
            version = await self._store.people.accepted_terms(int(user.id))
            if version is None or not await self._is_told(user, str(version)):
                raise
        try:
            return await call()
        except TermsNotAcceptedError:
            logger.warning(
                "The backend demands other terms than those that people accept here, which are version {}",
                version,
            )
            raise

    async def _is_told(self, user: User, version: str) -> bool:
        try:
            await self.tell(user, version)
        except OasstError as error:
            logger.warning(
                "The backend demands terms, and does not take that version {} of them was accepted: {}",
                version,
                brief(error),
            )
            return False
        return True

    async def _tell_by_protocol(self, user: User) -> None:
        try:
            await self._client.put_user(user, tos_acceptance=True)
        except NotAuthorizedError as error:
            # The same code stands for a key that is wrong and for one that may not do this; a wrong one reads
            # nobody, either.
            await self._read(user)
            raise RefusedError("the key may not say that people accept the terms", code=error.code) from error
        except RefusedError as error:
            if error.code or not error.by_backend:
                raise
            # Not even the protocol's own call; nothing is gained by trying again.
            raise RefusedError("the backend keeps no terms") from error

    async def _read(self, user: User) -> None:
        try:
            await self._client.fetch_user(user)
        except NotFoundError:
            return
