"""A person's data as files that Discord takes."""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

from bot.limits import FILE_BYTES, FILES, FILES_TOTAL_BYTES
from bot.rendering.panels import TextFile
from bot.store.outbox import OutboxKind

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by table, each with its columns by name."""

PLAIN_BYTES: Final = 2 * 1024**2
"""What is larger all together goes as zip files."""

PART_BYTES: Final = FILE_BYTES * 3 // 4
"""Bytes of a part before it is packed, so that a zip file fits however little there is to pack."""

_SAFE_INTEGER: Final = 2**53
"""Larger numbers are written as texts: many readers of JSON would round them."""

_OF_AUTHORS: Final = frozenset({"user_id", "frontend_message_id"})
"""What messages of a conversation say of who wrote them, where, and with which click."""

_JSON: Final = frozenset({"form_state", "labels", "payload", "task"})
"""The bot's columns that hold JSON of its own; what else looks like it was written by somebody."""

_MOMENT: Final = "_at"
"""What the names of the bot's columns end in that hold moments, as seconds since 1970."""


@dataclass(frozen=True)
class Document:
    """What one source keeps of a person.

    Attributes:
        source: what the file is named after: `bot` or `dataset`.
        rows: the rows by table; tables without any may be there.
    """

    source: str
    rows: Rows


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Make a row of the bot's database readable: moments in ISO 8601, ids as texts, JSON as it is.

    What a person wrote stays as they wrote it, also where it looks like JSON.
    """
    # Why somebody gave a task back is in their own words.
    own_json = _JSON - {"payload"} if row.get("kind") == OutboxKind.nack else _JSON
    return {
        column: _parsed(value) if column in own_json else _plain(column, value)
        for column, value in row.items()
    }


def without_authors(task: str) -> str:
    """Take out of a task, as JSON, who wrote the messages that it shows: those are other people's ids."""
    return json.dumps(_without_authors(json.loads(task)), ensure_ascii=False)


def files_of(documents: Sequence[Document], *, person: str, made_at: datetime) -> list[tuple[TextFile, ...]]:
    """Write the documents as JSON files, zipped and in parts where they are large.

    Args:
        documents: one for each source.
        person: their id.
        made_at: when the data were read, aware.

    Returns:
        For each message its files, within Discord's limits.
    """
    head = {"person": person, "made_at": made_at.isoformat()}
    whole = [_json_file(document.source, document.rows, head) for document in documents]
    if sum(len(file.content) for file in whole) <= PLAIN_BYTES:
        return [tuple(whole)]
    packed: list[TextFile] = []
    for document in documents:
        parts = list(_parts(document.rows))
        for number, part in enumerate(parts, 1):
            stem = document.source if len(parts) == 1 else f"{document.source}-{number}"
            packed.append(
                _zipped(stem, _json_file(stem, part, {**head, "part": number, "parts": len(parts)}))
            )
    return list(_messages(packed))


def _plain(column: str, value: Any) -> Any:  # noqa: ANN401  # whatever a column holds
    if isinstance(value, float) and column.endswith(_MOMENT):
        return datetime.fromtimestamp(value, UTC).isoformat()
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return str(value)
    return value


def _parsed(value: str) -> Any:  # noqa: ANN401  # any JSON
    try:
        return json.loads(value) if value.startswith("{") else value
    except ValueError:
        return value


def _without_authors(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, list):
        return [_without_authors(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_authors(one) for name, one in value.items() if name not in _OF_AUTHORS}


def _json_file(stem: str, rows: Rows, head: Mapping[str, Any]) -> TextFile:
    text = json.dumps({**head, "tables": rows}, ensure_ascii=False, indent=1)
    return TextFile(f"{stem}.json", text.encode(errors="backslashreplace"))


def _parts(rows: Rows) -> Iterator[dict[str, list[Mapping[str, Any]]]]:
    """Part rows so that none is larger than PART_BYTES, unless a single row is."""
    part: dict[str, list[Mapping[str, Any]]] = {}
    size = 0
    for table, found in rows.items():
        for row in found:
            length = len(json.dumps(row, ensure_ascii=False, indent=4).encode(errors="backslashreplace"))
            if part and size + length > PART_BYTES:
                yield part
                part, size = {}, 0
            part.setdefault(table, []).append(row)
            size += length + len(table) + 64
    if part:
        yield part


def _zipped(stem: str, file: TextFile) -> TextFile:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(file.name, file.content)
    return TextFile(f"{stem}.zip", packed.getvalue())


def _messages(files: Sequence[TextFile]) -> Iterator[tuple[TextFile, ...]]:
    """Spread files over as few messages as take them."""
    message: list[TextFile] = []
    for file in files:
        total = sum(len(one.content) for one in message) + len(file.content)
        if message and (len(message) == FILES or total > FILES_TOTAL_BYTES):
            yield tuple(message)
            message = []
        message.append(file)
    yield tuple(message)
