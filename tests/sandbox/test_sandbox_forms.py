"""Whatever a bot sends, a form either takes it or refuses it as Discord does; it never breaks."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_sandbox import ApiError
from discord_sandbox.forms.commands import check_commands
from discord_sandbox.forms.message import ANSWER_FLAGS, CREATE, Upload, read_message
from discord_sandbox.forms.modals import modal
from discord_sandbox.world.model import MessageFlag

Json = dict[str, Any]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 40),
    st.just(1 << 15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(["x" * 5000, "go", "users", "attachment://a.txt", "123"]),
)
WORDS = """
    type id style label emoji custom_id url disabled placeholder min_values max_values options value default
    description title footer author name icon_url fields inline image thumbnail color parse users roles
    components items media accessory file spacing filename message_id choices required name_localizations
    default_member_permissions autocomplete de min_length max_length component file_types default_values
    channel_types min_value max_value contexts integration_types nsfw dm_permission default_permission
"""
KEYS = st.sampled_from([*sorted(CREATE), *WORDS.split()])
BODIES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
        max_leaves=20,
    ),
    max_size=8,
)


LISTS = st.recursive(
    SCALARS, lambda inner: st.lists(st.dictionaries(KEYS, inner, max_size=6), max_size=3), max_leaves=10
)
quickly = settings(max_examples=60, deadline=None)


def code_of(form: Callable[[], object]) -> int | None:
    """Give the code with which a form refuses; None if it takes what it is given."""
    try:
        form()
    except ApiError as refused:
        return refused.code
    return None


@quickly
@given(body=BODIES, v2=st.booleans())
def test_any_message_is_taken_or_refused(body: Json, *, v2: bool) -> None:
    uploads = {0: Upload("a.txt", b"a", "text/plain")}
    layout = {"flags": int(MessageFlag.COMPONENTS_V2)} if v2 else {}
    code = code_of(lambda: read_message({**body, **layout}, uploads, known=CREATE, flags=ANSWER_FLAGS))
    assert code in {None, 50035, 30015}


@quickly
@given(bodies=st.lists(BODIES, max_size=3))
def test_any_command_is_taken_or_refused(bodies: list[Json]) -> None:
    assert code_of(lambda: check_commands(bodies)) in {None, 50035}


@quickly
@given(body=BODIES)
def test_any_modal_is_taken_or_refused(body: Json) -> None:
    assert code_of(lambda: modal(body)) in {None, 50035}


@quickly
@given(kind=st.sampled_from([3, 4, 5, 8, 19, 21, 22, 23]), part=BODIES, key=KEYS, value=LISTS)
def test_any_field_of_a_modal_is_taken_or_refused(kind: int, part: Json, key: str, value: object) -> None:
    field = {"custom_id": "c", "style": 1, **part, key: value, "type": kind}
    body = {
        "custom_id": "m",
        "title": "A form",
        "components": [{"type": 18, "label": "L", "component": field}],
    }
    assert code_of(lambda: modal(body)) in {None, 50035}


@pytest.mark.parametrize("form", ["embeds", "components", "attachments", "allowed_mentions"])
@quickly
@given(value=LISTS)
def test_any_part_of_a_message_is_taken_or_refused(form: str, value: object) -> None:
    code = code_of(lambda: read_message({form: value}, {}, known=CREATE, flags=ANSWER_FLAGS))
    assert code in {None, 50035}


@quickly
@given(options=LISTS)
def test_any_options_of_a_command_are_taken_or_refused(options: object) -> None:
    command = {"name": "task", "description": "Ask", "options": options}
    assert code_of(lambda: check_commands([command])) in {None, 50035}
