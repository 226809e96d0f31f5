"""What is too long is refused before it fills the memory, however it is sent: over bare sockets."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from select import select
from typing import Any

import pytest

from oasst_backend.api import app
from oasst_backend.http_protocol import HEAD_LIMIT
from oasst_backend.server import BackendServer

LIMIT = 1000 + 12 * 100
TOO_LONG = {
    "error_code": 0,
    "message": "The body is longer than anything that this backend takes.",
}
POST = b"POST /api/v1/tasks/ HTTP/1.1\r\nHost: x\r\nX-API-Key: a-guess\r\nContent-Type: application/json\r\n"


Answer = tuple[int, dict[str, str], Any]


@pytest.fixture
def server(start_backend: Callable[..., BackendServer], monkeypatch: pytest.MonkeyPatch) -> BackendServer:
    """Serve with a body of 2,200 bytes as the longest."""
    monkeypatch.setattr(app, "BODY_ROOM", 1000)
    return start_backend(message_size_limit=100)


@pytest.fixture
def connection(server: BackendServer) -> Iterator[socket.socket]:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        yield opened


@pytest.fixture
def answer(connection: socket.socket) -> Iterator[Callable[[], Answer]]:
    """Read the next answer: its status, its headers with small letters, and its body."""
    with connection.makefile("rb") as stream:

        def read() -> Answer:
            status = int(stream.readline().split()[1])
            headers = {}
            while line := stream.readline().strip():
                name, value = line.decode().split(": ", 1)
                headers[name.lower()] = value
            body = stream.read(int(headers["content-length"]))
            return status, headers, json.loads(body) if "json" in headers["content-type"] else body.decode()

        yield read


def chunks(*parts: bytes) -> bytes:
    """Write a body in pieces, without its length."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*parts, b""))


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 403), (LIMIT + 1, 413)])
def test_an_announced_body_is_refused_before_it_comes(
    connection: socket.socket, size: int, status: int, answer: Callable[[], Answer]
) -> None:
    connection.sendall(POST + b"Content-Length: %d\r\n\r\n" % size)
    if status == 403:
        connection.sendall(b"x" * size)
    found, headers, told = answer()
    assert found == status
    assert len(headers["x-request-id"]) == 16
    assert status != 413 or told == TOO_LONG


@pytest.mark.parametrize("path", [b"/api/v1/tasks/", b"/api/v1/tasks/availability"])
def test_a_body_of_unknown_length_is_read_as_far_as_the_bound(
    connection: socket.socket, path: bytes, answer: Callable[[], Answer]
) -> None:
    """A route of either kind; the key must be good, since nothing is read without one on a direct route."""
    head = POST.replace(b"/api/v1/tasks/", path).replace(b"a-guess", b"a-key-of-the-tests")
    fitting, longer = [b" " * 100] * 22, [b" " * 100] * 23
    for parts, status in ((fitting, 422), (longer, 413), (fitting, 422)):
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(*parts))
        found, headers, told = answer()
        assert found == status
        assert "x-request-id" in headers
        assert status != 413 or told == TOO_LONG


def test_a_body_where_none_is_read_is_bounded_as_well(
    connection: socket.socket, answer: Callable[[], Answer]
) -> None:
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LIMIT + 1))
    assert answer()[::2] == (413, TOO_LONG)


@pytest.mark.parametrize("head", [b"GET /", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: "])
def test_a_head_without_end_is_cut_off(
    connection: socket.socket, head: bytes, answer: Callable[[], Answer]
) -> None:
    connection.sendall(head)
    with suppress(ConnectionError):
        while not select([connection], [], [], 0)[0]:
            connection.sendall(b"a" * 4096)
    status, headers, told = answer()
    assert (status, headers["connection"]) == (431, "close")
    assert told == {
        "error_code": 0,
        "message": "The address or the headers are longer than this backend takes.",
    }


def test_many_short_headers_are_as_long_as_a_long_one(connection: socket.socket) -> None:
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
    with pytest.raises(ConnectionError):  # the backend closes while there is more to come
        connection.sendall(b"".join(b"X-%d: a\r\n" % number for number in range(1_000_000)))


def test_headers_after_a_body_are_bounded_as_well(connection: socket.socket) -> None:
    connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Long: ")
    with pytest.raises(ConnectionError):
        connection.sendall(b"a" * 10_000_000)


def test_a_long_but_whole_head_is_taken(connection: socket.socket, answer: Callable[[], Answer]) -> None:
    connection.sendall(b"GET /healthz?a=%b HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * (HEAD_LIMIT - 1000)))
    assert answer()[0] == 200


def test_a_large_body_and_calls_sent_ahead_are_no_head(
    connection: socket.socket, answer: Callable[[], Answer]
) -> None:
    call = POST + b"Content-Length: %d\r\n\r\n%b" % (LIMIT, b"x" * LIMIT)
    connection.sendall(call * 60)
    for _ in range(60):
        assert answer()[0] == 403


def test_what_is_not_http_is_refused(connection: socket.socket, answer: Callable[[], Answer]) -> None:
    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    status, headers, _ = answer()
    assert (status, headers["connection"]) == (400, "close")


def test_an_offer_of_another_protocol_is_answered_as_a_plain_call(
    connection: socket.socket, answer: Callable[[], Answer]
) -> None:
    connection.sendall(
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert answer()[0] == 200
