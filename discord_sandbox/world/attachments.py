"""Files of messages: kept where they can be fetched, and linked from embeds and components."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from discord_sandbox import limits
from discord_sandbox.errors import refusal
from discord_sandbox.forms.components import walk
from discord_sandbox.forms.embeds import WITH_FILES
from discord_sandbox.forms.message import Attachment, Draft, Upload
from discord_sandbox.world.model import Json, Message

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def after(message: Message, draft: Draft) -> int:
    """Give how many files a message would have after a change.

    Raises:
        ApiError: 30015, more than a message can have.
    """
    if draft.attachments is None:
        return len(message.attachments)
    kept_before = len(message.attachments) if draft.appends else 0
    number = kept_before + len(draft.attachments)
    if number > limits.FILES:
        raise refusal(30015)
    return number


def fill(store: "Store", message: Message, draft: Draft) -> None:
    """Give a message the files of a draft, and link them where embeds and components name them."""
    if draft.attachments is not None:
        kept = message.attachments if draft.appends else []
        message.attachments = kept + [_attach(store, message, one) for one in draft.attachments]
    for embed in draft.embeds or ():
        _link_embed(embed, message.attachments)
    for part in walk(draft.components or ()):
        for holder in (part, *part.get("items", ())):
            _link_media(store, holder, message.attachments)


def _attach(store: "Store", message: Message, wanted: Attachment) -> Json:
    if wanted.upload is None:
        return _described(wanted.kept or {}, wanted)
    described = keep_file(store, f"attachments/{message.channel.id}", wanted.upload)
    if message.ephemeral:
        described["ephemeral"] = True
    return _described(described, wanted)


def _described(attachment: Json, wanted: Attachment) -> Json:
    return attachment if wanted.description is None else {**attachment, "description": wanted.description}


def keep_file(store: "Store", folder: str, upload: Upload) -> Json:
    """Keep a file where it can be fetched, and describe it as an attachment."""
    file_id = store.snowflakes.next()
    kept = f"{folder}/{file_id}"
    store.files[f"{kept}/{upload.name}"] = (upload.data, upload.content_type)
    url = f"{store.base_url}/{kept}/{quote(upload.name, safe='')}"
    return {
        "id": str(file_id),
        "filename": upload.name,
        "size": len(upload.data),
        "url": url,
        "proxy_url": url,
        "content_type": upload.content_type,
    }


def _link_embed(embed: Json, attachments: list[Json]) -> None:
    """Point `attachment://name` in an embed to the file of that name."""
    for part, key in WITH_FILES:
        url = embed[part].get(key) if part in embed else None
        if isinstance(url, str) and url.startswith("attachment://"):
            name = url.removeprefix("attachment://")
            for attachment in attachments:
                if attachment["filename"] == name:
                    embed[part][key] = attachment["url"]


def _link_media(store: "Store", holder: Json, attachments: list[Json]) -> None:
    """Fill in what Discord knows of a picture or file of a component."""
    for key in ("media", "file"):
        media = holder.get(key)
        if not isinstance(media, dict):
            continue
        name = media["url"].removeprefix("attachment://")
        found: Json = next((one for one in attachments if one["filename"] == name), {})
        url = found.get("url", media["url"])
        holder[key] = {"id": str(store.snowflakes.next()), "url": url, "proxy_url": url}
        if key == "file":
            holder.update(name=name, size=found.get("size", 0))
