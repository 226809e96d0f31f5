"""The settings as those who run the backend, or a frontend, may see them."""

from typing import Any

import sqlalchemy as sa

from oasst_backend.settings import BackendSettings

_PUBLIC = frozenset(
    {
        "backend_terms_version",
        "backend_require_terms",
        "message_size_limit",
        "duplicate_window_minutes",
        "task_validity_hours",
        "task_reservation_minutes",
        "tree_manager",
    }
)
"""What a frontend may know: the bounds of its texts and tasks, the terms, and how trees grow."""


def all_settings(settings: BackendSettings) -> dict[str, Any]:
    """Give every setting by its field's name; keys, tokens and passwords are masked."""
    shown = settings.model_dump(mode="json")
    url = sa.make_url(settings.backend_database_url)
    shown["backend_database_url"] = url.render_as_string(hide_password=True)
    return shown


def public_settings(settings: BackendSettings) -> dict[str, Any]:
    """Give the settings that a frontend may know."""
    return settings.model_dump(mode="json", include=set(_PUBLIC))
