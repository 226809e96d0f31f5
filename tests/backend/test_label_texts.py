"""The words beside labels are as long as anybody's words, or as the message that they quote, at most."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oasst_backend.importing import import_prompts
from oasst_backend.server import BackendServer
from oasst_client import LabelTask, OasstApiClient, RefusedError, TaskRequestType, TextLabels

LIMIT = 2000


@pytest.mark.parametrize(("length", "longest"), [(20, LIMIT), (LIMIT + 500, LIMIT + 500)])
async def test_words_beside_labels_are_bounded_and_every_message_can_be_quoted(
    backend: BackendServer,
    client: OasstApiClient,
    worker: Callable[[str], Any],
    settings_for: Callable[..., Any],
    tmp_path: Path,
    length: int,
    longest: int,
) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text(json.dumps({"text": "x" * length}))
    assert backend.storage is not None
    # It was brought in when longer ones were taken.
    import_prompts(backend.storage, settings_for(message_size_limit=2 * LIMIT), path)
    task, _ = await worker("bob").take(TaskRequestType.label_initial_prompt)
    assert isinstance(task, LabelTask)

    def labels(words: int, **more: object) -> TextLabels:
        return TextLabels(
            user=worker("bob").user,
            text="w" * words,
            labels={"spam": 0},
            message_id=task.message_id,
            **more,
        )

    # A task's labels by either call, free ones, and a report.
    for send, given in (
        (client.post_interaction, {"task_id": task.id}),
        (client.post_text_labels, {"task_id": task.id}),
        (client.post_text_labels, {}),
        (client.post_text_labels, {"is_report": True}),
    ):
        with pytest.raises(RefusedError) as caught:
            await send(labels(longest + 1, **given))
        assert (caught.value.http_status, caught.value.code) == (400, 1008)
    # What was refused left the task open.
    await client.post_interaction(labels(longest, task_id=task.id))
    await client.post_text_labels(labels(longest, is_report=True))
    page: Any = await client.call_extension("GET", "reports")
    assert len(page["items"]) == 1
