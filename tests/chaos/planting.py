"""A backend with work of each kind for as many people as come."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from oasst_backend.importing import import_trees
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings, TreeManagerSettings
from tests.made_databases import backend_database

KEY = "a-key-for-chaos"
RARE_PROMPT = UUID("0b7c9d8e-2f43-4c55-9a3e-6d1f0a8b7c21")
"""The only one in which a user's reply is wanted."""
MANY = 5000
"""More than any of these tests uses up."""


def backend_settings(folder: Path) -> BackendSettings:
    """Have no limit met: everybody may review, rank and reply to everything."""
    rules = TreeManagerSettings.model_validate(
        {
            "preset": "small",
            "max_active_trees": MANY,
            "max_initial_prompt_review": MANY,
            "max_children_count": MANY,
            "goal_tree_size": MANY,
            "num_reviews_initial_prompt": MANY,
            "num_reviews_reply": MANY,
            "num_required_rankings": MANY,
            "num_prompter_replies": MANY,
            "auto_mod_enabled": False,
            "recent_tasks_span_sec": 0,
        }
    )
    return BackendSettings(
        _env_file=None,
        backend_database_url=backend_database(folder / "backend.db"),
        backend_port=0,
        backend_api_keys=[SecretStr(KEY)],
        # What people write here is much alike.
        duplicate_similarity=1.0,
        tree_manager=rules,
    )


async def plant(server: BackendServer, settings: BackendSettings, folder: Path) -> None:
    """Put in a prompt to review, one to reply to, replies to rank, and a conversation to go on with."""
    prompt, replies = "How do bees find their way home?", ("They steer by the sun.", "By landmarks.", "Both.")
    rare = _message("Is the sea salty?", "prompter", _message("It is.", "assistant"))
    trees = [
        ("initial_prompt_review", _message("Why is the sky blue?", "prompter", accepted=None)),
        ("growing", _message("Why do leaves fall?", "prompter")),
        ("ranking", _message(prompt, "prompter", *(_message(reply, "assistant") for reply in replies))),
        ("growing", rare | {"message_id": str(RARE_PROMPT)}),
    ]
    path = folder / "trees.jsonl"
    path.write_text(
        "".join(
            json.dumps({"message_tree_id": root["message_id"], "tree_state": state, "prompt": root}) + "\n"
            for state, root in trees
        ),
        encoding="utf-8",
    )
    assert server.storage is not None
    await asyncio.to_thread(import_trees, server.storage, settings, path)


def _message(text: str, role: str, *replies: dict[str, Any], accepted: bool | None = True) -> dict[str, Any]:
    return {
        "message_id": str(uuid4()),
        "text": text,
        "role": role,
        "lang": "en",
        "review_count": 1 if accepted else 0,
        "review_result": accepted,
        "deleted": False,
        "synthetic": False,
        "replies": list(replies),
    }
