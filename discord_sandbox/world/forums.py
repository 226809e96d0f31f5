"""Forums: channels that have posts, which are threads that begin with a message."""

from typing import TYPE_CHECKING

from discord_sandbox.errors import refusal
from discord_sandbox.forms.message import Draft
from discord_sandbox.forms.threads import ThreadSettings
from discord_sandbox.world import messages, posting, threads
from discord_sandbox.world.model import Channel, ChannelType, Message, User

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def create_post(
    store: "Store", author: User, forum: Channel, settings: ThreadSettings, draft: Draft
) -> tuple[Channel, Message]:
    """Open a post for somebody, after checking that they may; its message has the post's id.

    Raises:
        ApiError: 50001, 50006, 50013 (SEND_MESSAGES is what it takes), 50024, 160006, 20016.
    """
    posting.require_sending(store, author, forum, draft)
    if forum.type is not ChannelType.FORUM:
        raise refusal(50024)
    if draft.empty:
        raise refusal(50006)
    thread = threads.open_in(store, author, forum, settings, ChannelType.PUBLIC_THREAD)
    forum.last_message_id = thread.id
    return thread, messages.post(store, author, thread, draft, message_id=thread.id)
