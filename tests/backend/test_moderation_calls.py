"""The calls of moderators: who may make them, what they refuse, edits with their history, and the journal."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from oasst_backend.server import BackendServer
from oasst_client import (
    NotAuthorizedError,
    NotFoundError,
    OasstApiClient,
    RefusedError,
    TaskRequestType,
    UserDisabledError,
)

Workers = Callable[[str], Any]
Call = Callable[..., Any]

ANN = {"id": "id-ann", "display_name": "Ann", "auth_method": "discord"}
SOMEWHERE = "/api/v1/messages/00000000-0000-4000-8000-000000000000"

OF_MESSAGES = [
    ("DELETE", SOMEWHERE, None),
    ("PUT", f"{SOMEWHERE}/undelete", None),
    ("POST", f"{SOMEWHERE}/edit", {"user": ANN, "new_content": "x"}),
    ("GET", f"{SOMEWHERE}/history", None),
    ("PUT", f"{SOMEWHERE}/tree/state?halt=true", None),
    ("POST", "/api/v1/admin/flagged_messages/00000000-0000-4000-8000-000000000000/processed", None),
]
OF_ALL = [
    ("GET", "/api/v1/admin/flagged_messages", None),
    ("GET", "/api/v1/admin/flagged_messages/cursor", None),
    ("GET", "/api/ext/v1/reports", None),
    ("GET", "/api/ext/v1/journal", None),
    ("GET", "/api/v1/stats/", None),
    ("GET", "/api/v1/stats/tree_manager", None),
    ("GET", "/api/v1/stats/tree_manager/state_counts", None),
    ("GET", "/api/v1/stats/tree_manager/message_counts", None),
    ("GET", "/api/v1/stats/cached", None),
    ("GET", "/api/v1/stats/cached/users_accepted_tos", None),
    ("POST", "/api/v1/stats/cached/update", None),
]


async def planted(client: OasstApiClient, worker: Workers, text: str = "Why?") -> UUID:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, text)
    return (await client.fetch_message(prompt)).id or uuid4()


async def entries(client: OasstApiClient, **params: str) -> list[dict[str, Any]]:
    """Read the journal, the newest first."""
    page: Any = await client.call_extension("GET", "journal", params={**params})
    return list(page["items"])


async def test_each_call_of_moderators_needs_a_trusted_key(call: Call, plain_key: str) -> None:
    for method, path, body in (*OF_MESSAGES, *OF_ALL):
        for key in (plain_key, "wrong", None):
            status, answer = await call(method, path, body=body, key=key)
            assert (path, status, answer["error_code"]) == (path, 403, 2)


async def test_what_is_not_there_cannot_be_moderated(call: Call) -> None:
    for method, path, body in OF_MESSAGES:
        status, answer = await call(method, path, body=body)
        assert (path, status, answer["error_code"]) == (path, 404, 2001)
        no_id = path.replace("00000000-0000-4000-8000-000000000000", "no-id")
        assert (await call(method, no_id, body=body))[0] == 422


async def test_the_client_tells_its_user_that_the_key_is_not_trusted(
    client: OasstApiClient,
    backend: BackendServer,
    connect: Callable[..., OasstApiClient],
    worker: Workers,
    plain_key: str,
) -> None:
    message = await planted(client, worker)
    plain = connect(backend, plain_key)
    with pytest.raises(NotAuthorizedError):
        await plain.delete_message(message)
    with pytest.raises(NotAuthorizedError):
        await plain.undelete_message(message)
    assert (await plain.fetch_message(message)).deleted is False
    assert (await plain.fetch_tree_status(message)).state == "initial_prompt_review"


async def test_who_acts_must_be_known_and_a_malformed_name_counts_as_none(
    client: OasstApiClient, worker: Workers, call: Call
) -> None:
    message = await planted(client, worker)
    path = f"/api/v1/messages/{message}"
    status, answer = await call("DELETE", path, person="discord:nobody")
    assert (status, answer["error_code"]) == (404, 4002)
    assert (await client.fetch_message(message)).deleted is False
    assert (await call("DELETE", path, person="nonsense"))[0] == 204
    (entry,) = await entries(client)
    assert entry["user_id"] is None


async def test_a_reason_that_cannot_be_kept_is_refused(
    client: OasstApiClient, worker: Workers, call: Call
) -> None:
    message = await planted(client, worker)
    for reason in ("x" * 513, "%00"):
        assert (await call("DELETE", f"/api/v1/messages/{message}?reason={reason}"))[0] == 422
    assert (await client.fetch_message(message)).deleted is False


async def test_the_state_of_a_tree_must_be_said(client: OasstApiClient, worker: Workers, call: Call) -> None:
    message = await planted(client, worker)
    assert (await call("PUT", f"/api/v1/messages/{message}/tree/state"))[0] == 422


async def test_an_edit_changes_the_text_and_keeps_the_earlier_ones(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    message = await planted(client, worker, "Frist")
    bob = worker("bob").user
    (only,) = await client.fetch_history(message)
    assert (only.text, only.message_id, only.user_is_author) == ("Frist", message, False)
    pass_time(minutes=1)
    await client.edit_message(message, worker("ann").user, "  First ")
    pass_time(minutes=1)
    await client.edit_message(message, bob, "First, by Bob 🦜")
    await client.edit_message(message, bob, "First, by Bob 🦜")
    seen = await client.fetch_message(message)
    assert (seen.text, seen.edited) == ("First, by Bob 🦜", True)
    versions = await client.fetch_history(message, bob)
    ann_id, bob_id = seen.user_id, (await client.fetch_user(bob)).user_id
    assert [(version.text, version.user_id, version.user_is_author) for version in versions] == [
        ("Frist", ann_id, False),
        ("First", ann_id, False),
        ("First, by Bob 🦜", bob_id, True),
    ]
    assert [version.created_date and version.created_date.minute for version in versions] == [0, 1, 2]
    assert len({version.id for version in versions}) == 3
    assert [entry["action"] for entry in await entries(client)] == ["edit", "edit"]


async def test_edits_of_one_moment_keep_their_order(client: OasstApiClient, worker: Workers) -> None:
    message = await planted(client, worker, "0")
    for number in range(1, 6):
        await client.edit_message(message, worker("bob").user, str(number))
    assert [version.text for version in await client.fetch_history(message)] == list("012345")


async def test_an_edited_text_is_what_reviewers_see(client: OasstApiClient, worker: Workers) -> None:
    message = await planted(client, worker, "Frist")
    await client.edit_message(message, worker("bob").user, "First")
    task = await worker("cat").fetch(TaskRequestType.label_initial_prompt)
    assert task.conversation.messages[-1].text == "First"


async def test_a_text_that_cannot_be_kept_is_refused(
    client: OasstApiClient, worker: Workers, call: Call
) -> None:
    message = await planted(client, worker)
    path = f"/api/v1/messages/{message}/edit"
    for text, expected in (("x" * 2001, 1008), ("", 1010), (" \n ", 1010)):
        with pytest.raises(RefusedError) as refused:
            await client.edit_message(message, worker("bob").user, text)
        assert (refused.value.code, refused.value.http_status) == (expected, 400)
    for fault in (
        {"new_content": "a\0b"},
        {"new_content": "\ud800"},
        {"new_content": None},
        {"user": None},
        {"user": {"id": "x"}},
    ):
        assert (await call("POST", path, body={"user": ANN, "new_content": "x"} | fault))[0] == 422
    await client.edit_message(message, worker("bob").user, "🦜" * 2000)
    await client.put_user(worker("bob").user, enabled=False)
    with pytest.raises(UserDisabledError):
        await client.edit_message(message, worker("bob").user, "x")
    assert [len(version.text) for version in await client.fetch_history(message)] == [4, 2000]


async def test_the_journal_says_who_did_what_when_and_why(
    client: OasstApiClient,
    worker: Workers,
    call: Call,
    pass_time: Callable[..., None],
) -> None:
    message = await planted(client, worker)
    bob = worker("bob").user
    bob_id = str((await client.put_user(bob)).user_id)
    path = f"/api/v1/messages/{message}"
    edit = {"user": bob.model_dump(mode="json"), "new_content": "Because?"}
    for method, act, body in (
        ("DELETE", "?reason=rude", None),
        ("PUT", "/undelete?reason=not%20so%20rude%20%F0%9F%A6%9C", None),
        ("POST", "/edit?reason=typo", edit),
        ("PUT", "/tree/state?halt=true", None),
    ):
        pass_time(minutes=1)
        status, _ = await call(method, path + act, body=body, person="discord:id-bob")
        assert status in {200, 202, 204}
    pass_time(minutes=1)
    await client.halt_tree(message, halt=False)
    found = await entries(client)
    assert [
        (entry["action"], entry["subject_kind"], entry["user_id"], entry["reason"]) for entry in found
    ] == [
        ("unhalt", "tree", None, None),
        ("halt", "tree", bob_id, None),
        ("edit", "message", bob_id, "typo"),
        ("undelete", "message", bob_id, "not so rude 🦜"),
        ("delete", "message", bob_id, "rude"),
    ]
    assert {entry["subject_id"] for entry in found} == {str(message)}
    assert [entry["created_date"][14:16] for entry in found] == ["05", "04", "03", "02", "01"]
    assert {entry["api_client"][:9] for entry in found} == {"settings-"}
    assert len({entry["api_client_id"] for entry in found}) == 1


async def test_the_journal_is_read_by_subject_by_actor_and_page_by_page(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    first, second = await planted(client, worker, "one"), await planted(client, worker, "two")
    bob, cat = worker("bob").user, worker("cat").user
    bob_id, cat_id = [str((await client.put_user(user)).user_id) for user in (bob, cat)]
    for message, user in ((first, bob), (second, bob), (first, cat)):
        await client.delete_message(message, user)
        await client.undelete_message(message, user)
        pass_time(minutes=1)
    assert len(await entries(client, subject_id=str(second))) == 2
    assert len(await entries(client, actor_id=bob_id)) == 4
    assert len(await entries(client, actor_id=cat_id, subject_id=str(second))) == 0
    assert await entries(client, subject_id="no id at all") == []
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page: Any = await client.call_extension("GET", "journal", params={"max_count": 4, "after": cursor})
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert (len(seen), page["order"], page["sort_key"]) == (6, "desc", "created_date")
    assert len({entry["id"] for entry in seen}) == 6
    for fault, code in (({"after": "x"}, 101), ({"sort_key": "action"}, 100)):
        with pytest.raises(RefusedError) as refused:
            await client.call_extension("GET", "journal", params={**fault})
        assert refused.value.code == code


async def test_what_people_brought_about_by_their_marks_is_in_the_journal_without_an_actor(
    client: OasstApiClient, worker: Workers, call: Call
) -> None:
    async def flag(message: UUID) -> None:
        for name in ("cat", "dan", "eve", "fay"):
            body = {
                "user": worker(name).user.model_dump(mode="json"),
                "text": "rude",
                "labels": {"hate_speech": 1},
                "message_id": str(message),
                "is_report": True,
            }
            assert (await call("POST", "/api/v1/text_labels/", body=body))[0] == 204

    root = await planted(client, worker)
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    written = await worker("bob").write(TaskRequestType.assistant_reply, "Because.")
    reply = (await client.fetch_message(written)).id or uuid4()
    await flag(reply)
    for number in range(25):
        skipper = worker(f"person{number}")
        task = await skipper.fetch(TaskRequestType.assistant_reply)
        await client.nack_task(task.id, "no idea", skipper.user)
    await client.halt_tree(root, halt=False)
    await flag(root)
    acts = [entry for entry in await entries(client) if entry["action"] != "unhalt"]
    assert {(entry["user_id"], entry["api_client_id"], entry["api_client"]) for entry in acts} == {
        (None, None, None)
    }
    assert {(entry["action"], entry["subject_id"], entry["reason"]) for entry in acts} == {
        ("abort", str(root), "4 people raised a red flag"),
        ("halt", str(root), f"25 people skipped a reply to the message {root}"),
        ("delete", str(reply), "4 people raised a red flag"),
    }


async def test_a_person_who_is_not_known_has_done_nothing(client: OasstApiClient) -> None:
    assert await entries(client, actor_id=str(uuid4())) == []
    with pytest.raises(NotFoundError):
        await client.fetch_history(uuid4())
