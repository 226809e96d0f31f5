"""The async client of an OASST task backend."""

from typing import Self

from oasst_client.calls.administration import AdministrationCalls
from oasst_client.calls.boards import BoardCalls
from oasst_client.calls.labels import LabelCalls
from oasst_client.calls.messages import MessageCalls
from oasst_client.calls.people import PeopleCalls
from oasst_client.calls.personal_data import PersonalDataCalls
from oasst_client.calls.statistics import StatisticsCalls
from oasst_client.calls.tasks import TaskCalls


class OasstApiClient(
    TaskCalls,
    MessageCalls,
    LabelCalls,
    PeopleCalls,
    PersonalDataCalls,
    BoardCalls,
    StatisticsCalls,
    AdministrationCalls,
):
    """Speaks the OASST task protocol over one shared HTTP session.

    Args:
        backend_url: the backend's base address, without `/api/v1`; a path prefix is kept.
        api_key: the frontend's key, sent as `X-API-Key`.
        session: an aiohttp session to use instead of one's own; whoever made it closes it.
        root_token: the backend's root token, for the calls of administration that need it.
        timeouts: how long the parts of a call may take.
        retries: the bounds of trying a failed call again; None: never. Each call says when it is tried again.
        max_concurrent: how many calls may be under way at a time, 1 or more; further ones wait,
            `timeouts.total` seconds at most.
        max_response_bytes: a larger answer is not read.

    Every method raises subclasses of `OasstError` and nothing else. `TransportError` (no answer),
    `InvalidResponseError` (not understood), `NotAuthorizedError` (the key), `RateLimitedError` and
    `ServerError` may come from any of them, `InvalidRequestError` where an argument cannot be sent at all.
    A call lasts no longer than `retries.seconds` and one `timeouts.total` together (`put_user`, which is two,
    twice that). Calls can be made at the same time from one event loop; one that is cancelled leaves nothing
    open.

    Raises:
        ValueError: the address is none that a backend can have, a key holds control characters, or no
            call at all would be allowed.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session if the client made it; closing twice is fine, calls after it raise."""
        await self._transport.close()
