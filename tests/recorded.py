"""The exchanges recorded from the original backend, where they are."""

import json
from pathlib import Path
from typing import Any

import pytest

RECORDED = Path(__file__).parents[2] / "shared" / "transcripts.jsonl"
EXCHANGES: list[dict[str, Any]] = (
    [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    if RECORDED.exists()
    else []
)

needs_recordings = pytest.mark.skipif(
    not EXCHANGES, reason="the recorded exchanges (shared/transcripts.jsonl) are not here"
)
