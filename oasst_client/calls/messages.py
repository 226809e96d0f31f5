"""The calls that read messages and trees, and those by which they are marked, changed and deleted."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from oasst_client.calls.base import Call, Calls, segment
from oasst_client.models import (
    Conversation,
    Emoji,
    EmojiOp,
    Message,
    MessageRevision,
    MessageTree,
    Page,
    TreeStatus,
    User,
)
from oasst_client.retrying import Repeat

MessageRef = UUID | str
"""A message: a UUID is the backend's id, a string the frontend's."""

_message = TypeAdapter(Message)
_messages = TypeAdapter(list[Message])
_page = TypeAdapter(Page[Message])
_conversation = TypeAdapter(Conversation)
_tree = TypeAdapter(MessageTree)
_status = TypeAdapter(TreeStatus)
_revisions = TypeAdapter(list[MessageRevision])


def _place(message: MessageRef) -> str:
    kind = "messages" if isinstance(message, UUID) else "frontend_messages"
    return f"{kind}/{segment(message)}"


class MessageCalls(Calls):
    """Messages, alone and in their trees.

    The reads take either kind of id, are tried again freely, and raise `NotFoundError` for a message (2001)
    or a person (4002) that the backend does not know. `user` is who looks: it fills `user_emojis` and
    `user_is_author`.
    """

    async def fetch_message(self, message: MessageRef, user: User | None = None) -> Message:
        """Read one message: `GET /messages/{id}` or `/frontend_messages/{frontend_id}`."""
        return await self._get(_message, _place(message), user=user)

    async def fetch_conversation(self, message: MessageRef, user: User | None = None) -> Conversation:
        """Read a message with all above it, the root first: `GET …/conversation`."""
        return await self._get(_conversation, f"{_place(message)}/conversation", user=user)

    async def fetch_tree(
        self,
        message: MessageRef,
        user: User | None = None,
        *,
        include_spam: bool = True,
        include_deleted: bool = False,
    ) -> MessageTree:
        """Read the whole tree that a message is in: `GET …/tree`.

        Args:
            message: any message of the tree.
            user: who looks.
            include_spam: also what reviewers turned down.
            include_deleted: also what was deleted.
        """
        return await self._get(
            _tree,
            f"{_place(message)}/tree",
            user=user,
            include_spam=include_spam,
            include_deleted=include_deleted,
        )

    async def fetch_descendants(
        self,
        message: MessageRef,
        user: User | None = None,
        *,
        include_spam: bool = True,
        include_deleted: bool = False,
    ) -> MessageTree:
        """Read what is below a message: `GET …/descendants`; the arguments are those of `fetch_tree`."""
        return await self._get(
            _tree,
            f"{_place(message)}/descendants",
            user=user,
            include_spam=include_spam,
            include_deleted=include_deleted,
        )

    async def fetch_children(self, message: MessageRef, user: User | None = None) -> list[Message]:
        """Read the direct replies to a message: `GET …/children`."""
        return await self._get(_messages, f"{_place(message)}/children", user=user)

    async def fetch_longest_conversation(self, message: MessageRef, user: User | None = None) -> Conversation:
        """Read the longest conversation of a message's tree: `GET …/longest_conversation_in_tree`."""
        return await self._get(_conversation, f"{_place(message)}/longest_conversation_in_tree", user=user)

    async def fetch_most_answered(self, message: MessageRef, user: User | None = None) -> MessageTree:
        """Read the message of a tree that has most replies, and these: `GET …/max_children_in_tree`."""
        return await self._get(_tree, f"{_place(message)}/max_children_in_tree", user=user)

    async def find_messages(  # noqa: PLR0913  # the call's own filters
        self,
        *,
        author: User | None = None,
        max_count: int = 10,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        only_roots: bool = False,
        desc: bool = True,
        include_deleted: bool = False,
        lang: str | None = None,
        user: User | None = None,
    ) -> list[Message]:
        """Read messages by when they were written, the newest first: `GET /messages/`. Tried again freely.

        Args:
            author: only this person's.
            max_count: how many at most, 1 to 1000.
            start_date: none older; with a time zone.
            end_date: none newer; with a time zone.
            only_roots: only first messages.
            desc: newest first; otherwise the oldest first.
            include_deleted: also deleted ones.
            lang: only those of a language, a BCP 47 tag.
            user: who looks.
        """
        return await self._get(
            _messages,
            "messages/",
            user=user,
            auth_method=author.auth_method.value if author else None,
            username=author.id if author else None,
            max_count=max_count,
            start_date=start_date,
            end_date=end_date,
            only_roots=only_roots or None,
            desc=None if desc else False,
            allow_deleted=include_deleted or None,
            lang=lang,
        )

    async def fetch_message_page(  # noqa: PLR0913  # the call's own filters
        self,
        *,
        before: str | None = None,
        after: str | None = None,
        author: User | UUID | None = None,
        max_count: int = 10,
        only_roots: bool = False,
        desc: bool = False,
        include_deleted: bool = False,
        include_user: bool = False,
        search_query: str | None = None,
        lang: str | None = None,
        user: User | None = None,
    ) -> Page[Message]:
        """Read messages page by page, the oldest first: `GET /messages/cursor`. Tried again freely.

        Args:
            before: the `prev` of a page, for the page before it.
            after: the `next` of a page, for the page after it.
            author: only this person's.
            max_count: how many at most, 1 to 1000.
            only_roots: only first messages.
            desc: newest first.
            include_deleted: also deleted ones.
            include_user: with who wrote them.
            search_query: words that the text has.
            lang: only those of a language, a BCP 47 tag.
            user: who looks.

        Raises:
            RefusedError: a cursor is none (101).
        """
        named = author if isinstance(author, User) else None
        return await self._get(
            _page,
            "messages/cursor",
            user=user,
            before=before,
            after=after,
            user_id=author if isinstance(author, UUID) else None,
            auth_method=named.auth_method.value if named else None,
            username=named.id if named else None,
            max_count=max_count,
            only_roots=only_roots or None,
            desc=desc or None,
            include_deleted=include_deleted or None,
            include_user=include_user or None,
            search_query=search_query,
            lang=lang,
        )

    async def mark_message(
        self, message_id: UUID, user: User, emoji: Emoji, op: EmojiOp = EmojiOp.toggle
    ) -> Message:
        """Mark a message, or take a mark away: `POST /messages/{id}/emoji`.

        `+1` and `-1` exclude each other, and count nothing on a message of one's own. Adding and removing are
        tried again freely, toggling only if the backend did nothing.

        Raises:
            NotFoundError: the backend does not know the message.
            RefusedError: the backend does not take the mark (5000).
        """
        body = {"user": user, "emoji": emoji, "op": op}
        repeat = Repeat.unsent if op is EmojiOp.toggle else Repeat.safe
        path = f"messages/{segment(message_id)}/emoji"
        return await self._read(_message, Call("POST", path, body=body, repeat=repeat))

    async def fetch_tree_status(self, message_id: UUID, user: User | None = None) -> TreeStatus:
        """Read where the tree of a message is in its life: `GET /messages/{id}/tree/state`."""
        return await self._get(_status, f"messages/{segment(message_id)}/tree/state", user=user)

    async def halt_tree(self, message_id: UUID, user: User | None = None, *, halt: bool) -> TreeStatus:
        """Halt the tree of a message or let it go on: `PUT /messages/{id}/tree/state`.

        For trusted keys. Tried again freely. `user` is who decided it.
        """
        path = f"messages/{segment(message_id)}/tree/state"
        return await self._read(_status, Call("PUT", path, params={"halt": halt}, user=user))

    async def delete_message(self, message_id: UUID, user: User | None = None) -> None:
        """Mark a message and all below it as deleted: `DELETE /messages/{id}`.

        For trusted keys. Tried again freely. `user` is who decided it.
        """
        await self._do(Call("DELETE", f"messages/{segment(message_id)}", user=user))

    async def undelete_message(self, message_id: UUID, user: User | None = None) -> None:
        """Bring a message and those above it back: `PUT /messages/{id}/undelete`.

        Tried again freely. `user` is who decided it.
        """
        await self._do(Call("PUT", f"messages/{segment(message_id)}/undelete", user=user))

    async def edit_message(self, message_id: UUID, user: User, new_content: str) -> None:
        """Give a message another text: `POST /messages/{id}/edit`.

        For trusted keys. Tried again only if the backend did nothing, as each time adds to the history.

        Args:
            message_id: the message.
            user: who changes it.
            new_content: the new text, 1 to 2000 characters unless the backend has another limit.
        """
        body = {"user": user, "new_content": new_content}
        path = f"messages/{segment(message_id)}/edit"
        await self._do(Call("POST", path, body=body, repeat=Repeat.unsent))

    async def fetch_history(self, message_id: UUID, user: User | None = None) -> list[MessageRevision]:
        """Read what a message said before and who changed it: `GET /messages/{id}/history`.

        For trusted keys. Tried again freely.
        """
        return await self._get(_revisions, f"messages/{segment(message_id)}/history", user=user)
