"""The calls around people: who they are, what they wrote, how they did."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from oasst_client.calls.base import EXTENSION_PREFIX, Call, Calls, segment
from oasst_client.contributions import Contribution, Contributions
from oasst_client.errors import NotFoundError, OasstErrorCode
from oasst_client.models import (
    FrontEndUser,
    LeaderboardStats,
    LeaderboardTimeFrame,
    Message,
    Page,
    User,
    UserScore,
)

PersonRef = UUID | User
"""A person: a UUID is the backend's id, a `User` is how a frontend names them."""

_user = TypeAdapter(FrontEndUser)
_users = TypeAdapter(list[FrontEndUser])
_user_page = TypeAdapter(Page[FrontEndUser])
_messages = TypeAdapter(list[Message])
_message_page = TypeAdapter(Page[Message])
_scores = TypeAdapter(dict[str, UserScore | None])
_score = TypeAdapter(UserScore)
_window = TypeAdapter(LeaderboardStats | None)
_contribution = TypeAdapter(Contribution)
_contributions = TypeAdapter(Contributions)


def _place(person: PersonRef) -> str:
    if isinstance(person, UUID):
        return f"users/{segment(person)}"
    return f"frontend_users/{segment(person.auth_method.value)}/{segment(person.id)}"


def _own(user: User, what: str) -> str:
    return f"people/{segment(user.auth_method.value)}/{segment(user.id)}/{what}"


class PeopleCalls(Calls):
    """People as the backend knows them. Everything here is tried again freely."""

    async def fetch_user(self, person: PersonRef) -> FrontEndUser:
        """Read what is known of a person: `GET /frontend_users/{auth_method}/{id}` or `/users/{user_id}`.

        Raises:
            NotFoundError: the backend does not know them (4002).
        """
        return await self._get(_user, _place(person))

    async def put_user(
        self,
        user: User,
        *,
        show_on_leaderboard: bool | None = None,
        enabled: bool | None = None,
        tos_acceptance: bool | None = None,
        notes: str | None = None,
    ) -> FrontEndUser:
        """Make a person known, or change what is known of them; what is None stays as it is.

        Reads the person first, then sends all fields, as one that is left out would go back to its default
        and enable a disabled person again. Two such calls for one person at a time may undo each other.

        Args:
            user: the person; a changed display name is stored.
            show_on_leaderboard: whether boards list them.
            enabled: whether they may take part.
            tos_acceptance: True notes that they accept the terms now.
            notes: what moderators note about them.

        Raises:
            NotAuthorizedError: something would change, and the key is not trusted.
        """
        try:
            known: FrontEndUser | None = await self.fetch_user(user)
        except NotFoundError as error:
            if error.code != OasstErrorCode.user_not_found:
                raise
            known = None
        if show_on_leaderboard is None:
            show_on_leaderboard = known.show_on_leaderboard if known else True
        if enabled is None:
            enabled = known.enabled if known else True
        if notes is None:
            notes = known.notes if known else ""
        return await self.send_user(
            user,
            show_on_leaderboard=show_on_leaderboard,
            enabled=enabled,
            tos_acceptance=tos_acceptance,
            notes=notes,
        )

    async def send_user(
        self,
        user: User,
        *,
        show_on_leaderboard: bool,
        enabled: bool,
        tos_acceptance: bool | None,
        notes: str,
    ) -> FrontEndUser:
        """Set all that is known of a person: `POST /frontend_users/`; see `put_user` for the arguments."""
        body = {
            "id": user.id,
            "display_name": user.display_name,
            "auth_method": user.auth_method.value,
            "show_on_leaderboard": show_on_leaderboard,
            "enabled": enabled,
            "tos_acceptance": tos_acceptance,
            "notes": notes,
        }
        return await self._read(_user, Call("POST", "frontend_users/", body=body))

    async def accept_terms(self, user: User, version: str, *, accepted: bool = True) -> None:
        """Note that a person accepts a version of the terms, or no longer does: `POST /terms`, an extension.

        Args:
            user: the person; made known to the backend on first sight.
            version: the version that they were shown, 1 to 64 characters.
            accepted: False notes that they do not accept it; for trusted keys.

        Raises:
            RefusedError: the key is not trusted, and another version is in force (0).
            NotSupportedError: this backend does not have the call.
        """
        body = {"user": user, "version": version, "accepted": accepted}
        await self._do(Call("POST", "terms", body=body, prefix=EXTENSION_PREFIX))

    async def find_users(
        self,
        search_text: str | None = None,
        *,
        by_display_name: bool = False,
        auth_method: str | None = None,
        max_count: int = 100,
    ) -> list[FrontEndUser]:
        """List people: `GET /users/by_username` or `/users/by_display_name`.

        Args:
            search_text: how the name begins.
            by_display_name: look at the shown names instead of the frontends' ids.
            auth_method: only people of this kind.
            max_count: how many at most, 1 to 10,000.
        """
        order = "by_display_name" if by_display_name else "by_username"
        return await self._get(
            _users, f"users/{order}", search_text=search_text, auth_method=auth_method, max_count=max_count
        )

    async def fetch_user_page(  # the call's own filters
        self,
        *,
        before: str | None = None,
        after: str | None = None,
        sort_key: str | None = None,
        search_text: str | None = None,
        auth_method: str | None = None,
        max_count: int = 100,
        desc: bool = False,
    ) -> Page[FrontEndUser]:
        """List people page by page: `GET /users/cursor`.

        Args:
            before: the `prev` of a page, for the page before it.
            after: the `next` of a page, for the page after it.
            sort_key: `username` (where None) or `display_name`.
            search_text: how the name begins.
            auth_method: only people of this kind.
            max_count: how many at most, 1 to 10,000.
            desc: from the end.

        Raises:
            RefusedError: a cursor is none (101), or the backend does not sort by this key (100).
        """
        return await self._get(
            _user_page,
            "users/cursor",
            before=before,
            after=after,
            sort_key=sort_key,
            search_text=search_text,
            auth_method=auth_method,
            max_count=max_count,
            desc=desc or None,
        )

    async def fetch_user_messages(  # noqa: PLR0913  # the call's own filters
        self,
        person: PersonRef,
        *,
        max_count: int = 10,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        only_roots: bool = False,
        desc: bool = True,
        include_deleted: bool = False,
        lang: str | None = None,
    ) -> list[Message]:
        """Read what a person wrote: `GET …/messages`; the filters are those of `find_messages`."""
        return await self._get(
            _messages,
            f"{_place(person)}/messages",
            max_count=max_count,
            start_date=start_date,
            end_date=end_date,
            only_roots=only_roots or None,
            desc=None if desc else False,
            include_deleted=include_deleted or None,
            lang=lang,
        )

    async def fetch_user_message_page(  # noqa: PLR0913  # the call's own filters
        self,
        person: PersonRef,
        *,
        before: str | None = None,
        after: str | None = None,
        max_count: int = 10,
        only_roots: bool = False,
        desc: bool = False,
        include_deleted: bool = False,
        lang: str | None = None,
    ) -> Page[Message]:
        """Read what a person wrote page by page: `GET …/messages/cursor`; see `fetch_message_page`."""
        return await self._get(
            _message_page,
            f"{_place(person)}/messages/cursor",
            before=before,
            after=after,
            max_count=max_count,
            only_roots=only_roots or None,
            desc=desc or None,
            include_deleted=include_deleted or None,
            lang=lang,
        )

    async def delete_user_messages(self, person: PersonRef) -> None:
        """Mark all that a person wrote as deleted: `DELETE …/messages`. For trusted keys."""
        await self._do(Call("DELETE", f"{_place(person)}/messages"))

    async def update_user(
        self,
        user_id: UUID,
        *,
        enabled: bool | None = None,
        notes: str | None = None,
        show_on_leaderboard: bool | None = None,
        tos_acceptance: bool | None = None,
    ) -> None:
        """Change what is known of a person: `PUT /users/{user_id}`; what is None stays. For trusted keys.

        Raises:
            NotFoundError: the backend does not know them (4002).
        """
        params = {
            "enabled": enabled,
            "notes": notes,
            "show_on_leaderboard": show_on_leaderboard,
            "tos_acceptance": tos_acceptance,
        }
        await self._do(Call("PUT", f"users/{segment(user_id)}", params=params))

    async def delete_user(self, user_id: UUID) -> None:
        """Take a person's name away and keep their messages: `DELETE /users/{user_id}`. For trusted keys."""
        await self._do(Call("DELETE", f"users/{segment(user_id)}"))

    async def fetch_user_scores(self, user_id: UUID) -> dict[str, UserScore]:
        """Read how a person did: `GET /users/{user_id}/stats`.

        Returns:
            A score for each span in which they did something; nothing for a person nobody knows.
        """
        scores = await self._get(_scores, f"users/{segment(user_id)}/stats")
        return {frame: score for frame, score in scores.items() if score is not None}

    async def fetch_user_score(self, user_id: UUID, time_frame: LeaderboardTimeFrame) -> UserScore:
        """Read how a person did in one span: `GET /users/{user_id}/stats/{time_frame}`.

        Raises:
            ServerError: the original backend fails for a person without a score.
        """
        return await self._get(_score, f"users/{segment(user_id)}/stats/{segment(time_frame.value)}")

    async def fetch_score_window(
        self, user_id: UUID, time_frame: LeaderboardTimeFrame, *, window_size: int = 5
    ) -> LeaderboardStats | None:
        """Read the part of a board around a person: `GET /users/{user_id}/stats/{time_frame}/window`.

        Args:
            user_id: the person.
            time_frame: the span.
            window_size: how many rows, the person's included.

        Returns:
            The rows; None for a person who is on no board.
        """
        path = f"users/{segment(user_id)}/stats/{segment(time_frame.value)}/window"
        return await self._get(_window, path, window_size=window_size)

    async def fetch_contributions(
        self,
        user: User,
        *,
        before: str | None = None,
        after: str | None = None,
        max_count: int = 10,
        desc: bool = True,
    ) -> Contributions:
        """Read what a person wrote and what became of it: `GET /people/…/contributions`, an extension.

        Args:
            user: the person.
            before: the `prev` of a page, for the page before it.
            after: the `next` of a page, for the page after it.
            max_count: how many texts at most, 1 to 1,000.
            desc: newest first.

        Raises:
            NotFoundError: the backend does not know them (4002).
            RefusedError: a cursor is none (101).
            NotSupportedError: this backend does not have the call.
        """
        params = {"before": before, "after": after, "max_count": max_count, "desc": None if desc else False}
        call = Call("GET", _own(user, "contributions"), params=params, prefix=EXTENSION_PREFIX)
        return await self._read(_contributions, call)

    async def fetch_contribution(self, user: User, message_id: UUID) -> Contribution:
        """Read one text of a person and what became of it: `GET /people/…/contributions/{message_id}`.

        An extension.

        Raises:
            NotFoundError: this person wrote no such text (2001), or the backend does not know them (4002).
            NotSupportedError: this backend does not have the call.
        """
        path = _own(user, f"contributions/{segment(message_id)}")
        return await self._read(_contribution, Call("GET", path, prefix=EXTENSION_PREFIX))

    async def edit_own_message(self, user: User, message_id: UUID, text: str) -> Contribution:
        """Give a person's own text another wording: `PUT /people/…/messages/{message_id}`, an extension.

        The same wording again changes nothing.

        Returns:
            The text as it stands then.

        Raises:
            NotFoundError: this person wrote no such message (2001), or the backend does not know them (4002).
            RefusedError: it can no longer be changed (2008), or the text is too long (1008), repeated (1009)
                or empty (1010).
            NotSupportedError: this backend does not have the call.
        """
        path = _own(user, f"messages/{segment(message_id)}")
        call = Call("PUT", path, body={"text": text}, prefix=EXTENSION_PREFIX)
        return await self._read(_contribution, call)

    async def withdraw_message(self, user: User, message_id: UUID) -> None:
        """Withdraw a person's own message: `DELETE /people/…/messages/{message_id}`, an extension.

        One that is deleted stays so.

        Raises:
            NotFoundError: this person wrote no such message (2001), or the backend does not know them (4002).
            RefusedError: somebody has replied to it (2008).
            NotSupportedError: this backend does not have the call.
        """
        path = _own(user, f"messages/{segment(message_id)}")
        await self._do(Call("DELETE", path, prefix=EXTENSION_PREFIX))
