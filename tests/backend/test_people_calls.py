"""People are made known, found, listed and changed, and what they wrote is listed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from oasst_backend.storage.tables import journal
from oasst_client import (
    AuthMethod,
    NotAuthorizedError,
    NotFoundError,
    OasstApiClient,
    RefusedError,
    TaskRequestType,
    User,
)

Workers = Callable[[str], Any]
Call = Callable[..., Any]
NOBODY = UUID("00000000-0000-4000-8000-000000000000")
ANN = User(id="80351110224678912", display_name="Ann", auth_method=AuthMethod.discord)

MODERATING = [
    ("PUT", f"/api/v1/users/{NOBODY}?enabled=false"),
    ("DELETE", f"/api/v1/users/{NOBODY}"),
    ("DELETE", f"/api/v1/users/{NOBODY}/messages"),
    ("DELETE", "/api/v1/frontend_users/discord/1/messages"),
    ("GET", "/api/ext/v1/people/discord/1/data"),
    ("DELETE", "/api/ext/v1/people/discord/1?texts=keep"),
    ("DELETE", "/api/ext/v1/bans/discord/1"),
    ("GET", "/api/v1/admin/backend_settings/public"),
]

ABOUT_NOBODY = [
    ("GET", f"/api/v1/users/{NOBODY}"),
    ("PUT", f"/api/v1/users/{NOBODY}?enabled=false"),
    ("DELETE", f"/api/v1/users/{NOBODY}"),
    ("GET", f"/api/v1/users/{NOBODY}/messages"),
    ("GET", f"/api/v1/users/{NOBODY}/messages/cursor"),
    ("DELETE", f"/api/v1/users/{NOBODY}/messages"),
    ("GET", "/api/v1/frontend_users/discord/nobody"),
    ("GET", "/api/v1/frontend_users/telegram/1"),
    ("GET", "/api/v1/frontend_users/discord/nobody/messages"),
    ("GET", "/api/v1/frontend_users/discord/nobody/messages/cursor"),
    ("DELETE", "/api/v1/frontend_users/discord/nobody/messages"),
    ("GET", "/api/ext/v1/people/discord/nobody/data"),
    ("GET", "/api/ext/v1/people/discord/nobody/contributions"),
    ("GET", f"/api/ext/v1/people/discord/nobody/contributions/{NOBODY}"),
    ("DELETE", f"/api/ext/v1/people/discord/nobody/messages/{NOBODY}"),
    ("DELETE", "/api/ext/v1/bans/discord/nobody"),
]

MALFORMED = [
    "/users/abc",
    "/users/by_username?max_count=0",
    "/users/by_username?max_count=10001",
    "/users/by_username?search_text=%00",
    "/users/cursor?max_count=0",
    f"/users/{NOBODY}/messages?max_count=0",
    f"/users/{NOBODY}/messages?start_date=yesterday",
    "/frontend_users/?max_count=0",
]


def named(name: str, display_name: str | None = None, auth_method: AuthMethod = AuthMethod.local) -> User:
    return User(id=name, display_name=display_name or name.title(), auth_method=auth_method)


@pytest.fixture
def untrusted_key(backend: BackendServer, clock: Any) -> str:  # noqa: ANN401  # a Clock
    """Make the key of a frontend that may not moderate."""
    assert backend.storage is not None
    return backend.storage.write_now(
        lambda connection: create_key(connection, clock.now, "a website", trusted=False)
    )


@pytest.fixture
def untrusted(
    backend: BackendServer, connect: Callable[..., OasstApiClient], untrusted_key: str
) -> OasstApiClient:
    return connect(backend, untrusted_key)


def acts(backend: BackendServer) -> list[tuple[str, str, str | None]]:
    """Read the journal: action, subject and reason, the oldest first."""
    assert backend.storage is not None
    rows = backend.storage.read_now(
        lambda connection: connection.execute(
            sa.select(journal).order_by(journal.c.created_date, journal.c.id)
        ).all()
    )
    return [(row.action, row.subject_id, row.reason) for row in rows]


async def test_a_person_is_made_known_and_found_by_either_id(client: OasstApiClient) -> None:
    made = await client.put_user(ANN)
    assert (made.id, made.display_name, made.auth_method) == (ANN.id, "Ann", AuthMethod.discord)
    assert (made.enabled, made.deleted, made.notes, made.show_on_leaderboard) == (True, False, "", True)
    assert made.tos_acceptance_date is None
    assert await client.fetch_user(ANN) == made
    assert await client.fetch_user(made.user_id) == made


async def test_a_call_changes_only_what_it_gives(client: OasstApiClient, call: Call) -> None:
    await client.send_user(ANN, show_on_leaderboard=False, enabled=False, tos_acceptance=True, notes="loud")
    status, answer = await call("POST", "/api/v1/frontend_users/", body=ANN.model_dump(mode="json"))
    assert status == 200
    assert (answer["enabled"], answer["notes"], answer["show_on_leaderboard"]) == (False, "loud", False)
    assert answer["tos_acceptance_date"] is not None


async def test_a_changed_name_is_stored(client: OasstApiClient) -> None:
    await client.put_user(ANN)
    renamed = await client.put_user(ANN.model_copy(update={"display_name": "Anna"}))
    assert renamed.display_name == "Anna"
    assert (await client.fetch_user(ANN)).display_name == "Anna"


async def test_only_a_trusted_key_changes_what_is_known_of_a_person(
    client: OasstApiClient, untrusted: OasstApiClient, call: Call, untrusted_key: str
) -> None:
    made = await untrusted.put_user(ANN)
    for change in (
        {"enabled": False},
        {"notes": "x"},
        {"show_on_leaderboard": False},
        {"tos_acceptance": True},
    ):
        with pytest.raises(NotAuthorizedError) as caught:
            await untrusted.put_user(ANN, **change)
        assert (caught.value.http_status, caught.value.code) == (403, 2)
    body = {**named("new").model_dump(mode="json"), "show_on_leaderboard": False}
    status, answer = await call("POST", "/api/v1/frontend_users/", body=body, key=untrusted_key)
    assert (status, answer["error_code"]) == (403, 2)
    # What was refused left nothing behind.
    with pytest.raises(NotFoundError):
        await client.fetch_user(named("new"))
    assert await client.fetch_user(ANN) == made


async def test_what_moderates_wants_a_trusted_key(call: Call, untrusted_key: str) -> None:
    for method, path in MODERATING:
        status, answer = await call(method, path, key=untrusted_key)
        assert (status, answer["error_code"]) == (403, 2), path


async def test_a_person_who_is_unknown_is_not_found(call: Call) -> None:
    for method, path in ABOUT_NOBODY:
        status, answer = await call(method, path)
        assert (status, answer["error_code"]) == (404, 4002), path


async def test_a_malformed_call_is_told_so(call: Call) -> None:
    for path in MALFORMED:
        status, answer = await call("GET", f"/api/v1{path}")
        assert (status, list(answer)) == (422, ["detail"]), path


async def test_a_list_can_only_be_read(call: Call) -> None:
    for method in ("PUT", "DELETE"):
        for path in ("by_username", "by_display_name", "cursor"):
            status, _ = await call(method, f"/api/v1/users/{path}")
            assert status == 405, (method, path)


async def test_moderators_change_a_person_and_the_journal_tells_why(
    client: OasstApiClient, backend: BackendServer, call: Call, pass_time: Callable[..., None]
) -> None:
    made = await client.put_user(ANN)
    await client.put_user(named("mod"))
    await client.update_user(made.user_id, notes="asked nicely", show_on_leaderboard=False)
    pass_time(minutes=1)
    status, _ = await call(
        "PUT", f"/api/v1/users/{made.user_id}?enabled=false&reason=spam", person="local:mod"
    )
    assert status == 204
    known = await client.fetch_user(ANN)
    assert (known.notes, known.show_on_leaderboard, known.enabled) == ("asked nicely", False, False)
    await client.update_user(made.user_id, tos_acceptance=True)
    assert (await client.fetch_user(ANN)).tos_acceptance_date is not None
    await client.update_user(made.user_id, tos_acceptance=False)
    assert (await client.fetch_user(ANN)).tos_acceptance_date is None
    # What changes nothing is no act.
    await client.update_user(made.user_id, enabled=False)
    subject = str(made.user_id)
    assert acts(backend) == [("change", subject, None), ("disable", subject, "spam")]


async def test_people_are_listed_by_the_beginning_of_either_name(client: OasstApiClient, call: Call) -> None:
    for name, shown in (("b2", "Zoe"), ("a1", "Yan"), ("a2", "Xia"), ("c_%", "Yak")):
        await client.put_user(named(name, shown))
    await client.put_user(named("a3", "Wes", AuthMethod.discord))
    assert [user.id for user in await client.find_users()] == ["a1", "a2", "a3", "b2", "c_%"]
    assert [user.id for user in await client.find_users("a")] == ["a1", "a2", "a3"]
    assert [user.id for user in await client.find_users("a", max_count=2)] == ["a1", "a2"]
    assert [user.id for user in await client.find_users("a", auth_method="discord")] == ["a3"]
    assert [user.id for user in await client.find_users("c_")] == ["c_%"]
    assert await client.find_users("%") == []
    by_name = await client.find_users("Ya", by_display_name=True)
    assert [user.display_name for user in by_name] == ["Yak", "Yan"]
    status, answer = await call("GET", "/api/v1/frontend_users/?max_count=2")
    assert (status, [user["id"] for user in answer]) == (200, ["a1", "a2"])


async def test_people_are_read_page_by_page_in_both_directions(client: OasstApiClient) -> None:
    names = [f"p{number}" for number in range(7)]
    for name in names:
        await client.put_user(named(name, "Same" if name < "p4" else "Other"))
    seen: list[str] = []
    page = await client.fetch_user_page(max_count=3)
    assert (page.prev, page.sort_key, page.order) == (None, "username", "asc")
    while True:
        seen += [user.id for user in page.items]
        if page.next is None:
            break
        page = await client.fetch_user_page(max_count=3, after=page.next)
    assert seen == names
    back = await client.fetch_user_page(max_count=3, before=page.prev)
    assert [user.id for user in back.items] == names[3:6]
    first = await client.fetch_user_page(max_count=3, before=back.prev)
    assert ([user.id for user in first.items], first.prev) == (names[:3], None)
    # People of one name are told apart, so that none is left out or shown twice.
    by_name = await client.fetch_user_page(sort_key="display_name", max_count=2, desc=True)
    rest = await client.fetch_user_page(sort_key="display_name", desc=True, after=by_name.next)
    assert by_name.order == "desc"
    assert sorted(user.id for user in [*by_name.items, *rest.items]) == names
    assert [user.display_name for user in [*by_name.items, *rest.items]] == ["Same"] * 4 + ["Other"] * 3
    found = await client.fetch_user_page(search_text="p6")
    assert ([user.id for user in found.items], found.next) == (["p6"], None)


async def test_a_cursor_that_is_none_is_refused(client: OasstApiClient) -> None:
    for after, before in (("x", None), (None, "1$a"), (f"{NOBODY}", None), (None, "$")):
        with pytest.raises(RefusedError) as caught:
            await client.fetch_user_page(after=after, before=before)
        assert (caught.value.http_status, caught.value.code) == (400, 101)


async def test_people_are_sorted_by_their_names_alone(client: OasstApiClient) -> None:
    with pytest.raises(RefusedError) as caught:
        await client.fetch_user_page(sort_key="notes")
    assert (caught.value.http_status, caught.value.code) == (400, 100)


async def test_what_a_person_wrote_is_listed_by_either_id(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    ann, bob = worker("ann"), worker("bob")
    for number in range(3):
        await ann.write(TaskRequestType.initial_prompt, f"prompt {number}", "fr" if number == 2 else "en")
        pass_time(minutes=1)
    await bob.write(TaskRequestType.initial_prompt, "of bob")
    ann_id = (await client.fetch_user(ann.user)).user_id
    for person in (ann.user, ann_id):
        newest_first = await client.fetch_user_messages(person)
        assert [message.text for message in newest_first] == ["prompt 2", "prompt 1", "prompt 0"]
        assert [message.text for message in await client.fetch_user_messages(person, lang="fr")] == [
            "prompt 2"
        ]
        oldest = await client.fetch_user_messages(person, desc=False, max_count=1)
        assert [message.text for message in oldest] == ["prompt 0"]
        since = newest_first[1].created_date
        later = await client.fetch_user_messages(person, start_date=since, end_date=since)
        assert [message.text for message in later] == ["prompt 1"]
        page = await client.fetch_user_message_page(person, max_count=2)
        rest = await client.fetch_user_message_page(person, max_count=2, after=page.next)
        texts = [message.text for message in [*page.items, *rest.items]]
        assert (texts, rest.next) == (["prompt 0", "prompt 1", "prompt 2"], None)
    (own,) = await client.fetch_user_messages(ann.user, max_count=1)
    assert own.user_is_author is True
    (seen,) = await client.fetch_user_messages(ann_id, max_count=1)
    assert seen.user_is_author is None


async def test_deleted_messages_are_listed_only_when_asked_for(
    client: OasstApiClient, worker: Workers
) -> None:
    ann = worker("ann")
    await ann.write(TaskRequestType.initial_prompt, "gone")
    await client.delete_user_messages(ann.user)
    assert await client.fetch_user_messages(ann.user) == []
    (gone,) = await client.fetch_user_messages(ann.user, include_deleted=True)
    assert gone.deleted is True


async def test_an_untrusted_key_lists_what_came_in_with_it_alone(
    client: OasstApiClient, untrusted: OasstApiClient, worker: Workers, worker_at: Callable[..., Any]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "by the bot")
    ann = worker_at(untrusted, "ann")
    await ann.write(TaskRequestType.initial_prompt, "by the website")
    assert [message.text for message in await untrusted.fetch_user_messages(ann.user)] == ["by the website"]
    assert len(await client.fetch_user_messages(ann.user)) == 2


async def test_all_that_a_person_wrote_is_deleted_at_once_with_what_is_below(
    client: OasstApiClient, worker: Workers, finished_tree: str, backend: BackendServer
) -> None:
    bob = worker("bob").user
    for person in (bob, (await client.fetch_user(bob)).user_id):
        await client.delete_user_messages(person)
    tree = await client.fetch_tree(finished_tree, include_deleted=True)
    assert {message.text: message.deleted for message in tree.messages} == {
        "Why is the sky blue?": False,
        "Because of the sea.": True,
        "Air scatters blue light most.": False,
    }
    await client.delete_user_messages(worker("ann").user)
    tree = await client.fetch_tree(finished_tree, include_deleted=True)
    assert all(message.deleted for message in tree.messages)
    assert [action for action, _, _ in acts(backend)] == ["delete", "delete"]


async def test_two_people_are_no_one_because_a_frontend_calls_them_alike(client: OasstApiClient) -> None:
    here = await client.put_user(named("7", "Local", AuthMethod.local))
    there = await client.put_user(named("7", "Discord", AuthMethod.discord))
    assert here.user_id != there.user_id
    assert (await client.fetch_user(named("7", "x", AuthMethod.local))).user_id == here.user_id


async def test_an_unknown_actor_is_refused_and_nothing_happens(client: OasstApiClient, call: Call) -> None:
    made = await client.put_user(ANN)
    status, answer = await call(
        "PUT", f"/api/v1/users/{made.user_id}?enabled=false", person=f"local:{uuid4()}"
    )
    assert (status, answer["error_code"]) == (404, 4002)
    assert (await client.fetch_user(ANN)).enabled
