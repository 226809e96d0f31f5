"""The calls by which a person gets what is kept of them, and has it taken away."""

from pydantic import JsonValue, TypeAdapter

from oasst_client.calls.base import EXTENSION_PREFIX, Call, Calls, segment
from oasst_client.models import User

PersonalData = dict[str, list[dict[str, JsonValue]]]
"""What is kept of a person: rows by table, each with its columns by name."""

_data = TypeAdapter(PersonalData)


class PersonalDataCalls(Calls):
    """A person's own data. Both calls are extensions, for trusted keys, and are tried again freely."""

    async def fetch_personal_data(self, user: User) -> PersonalData:
        """Read all that the backend keeps of a person: `GET /people/{auth_method}/{id}/data`.

        Other people are not named in it. An answer above the client's `max_response_bytes` is not read.

        Raises:
            NotFoundError: the backend does not know them (4002).
            NotSupportedError: this backend does not have the call.
        """
        return await self._read(_data, Call("GET", f"{_person(user)}/data", prefix=EXTENSION_PREFIX))

    async def erase_user(self, user: User, *, keep_texts: bool) -> None:
        """Take a person out at their own wish: `DELETE /people/{auth_method}/{id}`.

        Somebody whom the backend does not know is out already.

        Args:
            user: the person.
            keep_texts: take their name away alone; else all that they wrote, ranked and labelled goes, too.

        Raises:
            NotSupportedError: this backend does not have the call.
        """
        params = {"texts": "keep" if keep_texts else "remove"}
        await self._do(Call("DELETE", _person(user), params=params, prefix=EXTENSION_PREFIX))


def _person(user: User) -> str:
    return f"people/{segment(user.auth_method.value)}/{segment(user.id)}"
