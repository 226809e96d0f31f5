"""Every way in which an answer can fail, from real servers that misbehave on loopback."""

import asyncio
import gzip
import json
import logging
import shutil
import ssl
import subprocess
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from socket import AddressFamily
from uuid import UUID

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from oasst_client import (
    InvalidResponseError,
    NotFoundError,
    OasstApiClient,
    OasstError,
    RefusedError,
    ServerError,
    Timeouts,
    TransportError,
    TransportPhase,
    UnknownTaskTypeError,
    User,
)
from tests.client.raw_answers import TEXT, hand_in, hang, http, request_of, sending

Connect = Callable[..., Awaitable[OasstApiClient]]
ServeRaw = Callable[..., Awaitable[str]]

KEY = "a-very-secret-key"
DONE = b'{"id": "6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f", "type": "task_done"}'
QUOTED = f"{TEXT} {KEY}".encode()
"""What a careless backend might repeat."""


def assert_tells_nothing(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    """See that neither the key nor what was written is in an error, what led to it, or a log."""
    assert error.__cause__ is None
    assert error.__context__ is None
    told = [
        str(error),
        repr(error),
        repr(error.args),
        "".join(traceback.format_exception(error)),
        caplog.text,
    ]
    for secret in (KEY, TEXT):
        assert all(secret not in words for words in told)
    assert KEY not in getattr(error, "message", "")


DEEP = b"[" * 200_000
HUGE = b"9" * 10_000

ANSWERS: dict[str, tuple[bytes, type[OasstError]]] = {
    "closed without a word": (b"", TransportError),
    "closed in the head": (b"HTTP/1.1 200 OK\r\nContent-Le", TransportError),
    "closed in the body": (http(200, DONE, length=5000), TransportError),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6 " + QUOTED + b"\r\n\r\n", TransportError),
    "broken chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + QUOTED,
        TransportError,
    ),
    "broken compression": (http(200, QUOTED, "Content-Encoding: gzip"), TransportError),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello",
        TransportError,
    ),
    "an endless head": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", TransportError),
    "empty": (http(200, b""), InvalidResponseError),
    "HTML": (http(200, b"<html>" + QUOTED, "Content-Type: text/html"), InvalidResponseError),
    "text": (http(200, b"OK", "Content-Type: text/plain"), InvalidResponseError),
    "half a JSON": (http(200, DONE[:40]), InvalidResponseError),
    "no UTF-8": (http(200, b'{"id": "\xff\xfe"}'), InvalidResponseError),
    "other JSON": (
        http(200, json.dumps({"id": 1, "type": "task_done", TEXT: KEY}).encode()),
        InvalidResponseError,
    ),
    "a list": (http(200, json.dumps([TEXT, KEY]).encode()), InvalidResponseError),
    "another type": (http(200, b'{"type": {"%b": 1}}' % QUOTED), UnknownTaskTypeError),
    "deep": (http(200, DEEP), InvalidResponseError),
    "deep beside": (http(200, b'{"x": ' + DEEP + b"}"), InvalidResponseError),
    "a huge number": (http(200, b'{"type": ' + HUGE + b"}"), InvalidResponseError),
    "too large": (http(200, b"x", length=10**9), InvalidResponseError),
    "a bomb": (http(200, gzip.compress(b" " * 2_000_000), "Content-Encoding: gzip"), InvalidResponseError),
    "a redirect": (http(307, b"", "Location: http://127.0.0.1:1/"), InvalidResponseError),
    "unchanged": (b"HTTP/1.1 304 X\r\n\r\n", InvalidResponseError),
    "an error page": (http(502, b"<html>" + QUOTED), ServerError),
    "an empty error": (http(500, b""), ServerError),
    "an error of bytes": (http(503, b"\xff\x00"), ServerError),
    "a deep error": (http(500, b'{"detail": ' + DEEP), ServerError),
    "a huge code": (http(500, b'{"error_code": ' + HUGE + b', "message": "x"}'), ServerError),
    "a false code": (http(500, b'{"error_code": true, "message": "x"}'), ServerError),
    "a refusal that quotes": (
        http(400, json.dumps({"error_code": 1009, "message": f"{TEXT} {KEY}"}).encode()),
        RefusedError,
    ),
    "a detail": (http(404, json.dumps({"detail": f"{TEXT} {KEY}"}).encode()), NotFoundError),
    "details": (
        http(
            422,
            json.dumps({"detail": [{"loc": ["body", TEXT], "msg": KEY, "ctx": {"given": TEXT}}]}).encode(),
        ),
        RefusedError,
    ),
    "odd details": (http(422, b'{"detail": [1, {"loc": 5}, {"loc": [[], "a"], "msg": null}]}'), RefusedError),
    "another detail": (http(400, b'{"detail": {"a": 1}}'), RefusedError),
}


@pytest.mark.parametrize(("data", "kind"), ANSWERS.values(), ids=ANSWERS)
async def test_a_broken_answer_is_one_typed_error_that_tells_nothing(
    data: bytes,
    kind: type[OasstError],
    serve_raw: ServeRaw,
    connect: Connect,
    alice: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    url = await serve_raw(sending(data))
    client = await connect(url, api_key=KEY, max_response_bytes=1_000_000)
    with pytest.raises(OasstError) as caught:
        await hand_in(client, alice)
    assert type(caught.value) is kind
    assert_tells_nothing(caught.value, caplog)


@pytest.mark.parametrize(
    ("data", "is_json"), [(http(200, b"<html>"), False), (http(200, b"[]"), True), (http(200, b""), False)]
)
async def test_a_body_that_is_not_understood_says_whether_it_was_json_can_be_told(
    data: bytes, *, is_json: bool, serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    client = await connect(await serve_raw(sending(data)))
    with pytest.raises(InvalidResponseError) as caught:
        await hand_in(client, alice)
    assert caught.value.is_json is is_json


@pytest.mark.parametrize(
    ("data", "by_backend"),
    [
        (http(400, b'{"error_code": 1009, "message": "x"}'), True),
        (http(400, b'{"error_code": 0, "message": "x"}'), True),
        (http(404, b'{"detail": "Not Found"}'), True),
        (http(422, b'{"detail": []}'), True),
        (http(404, b"<html>404"), False),
        (http(404, b'{"message": "no route"}'), False),
        (http(413, b""), False),
        (http(400, b'{"error_code": true}'), False),
        (b"", False),
    ],
)
async def test_whether_it_was_the_backend_that_refused_can_be_told(
    data: bytes, *, by_backend: bool, serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    client = await connect(await serve_raw(sending(data)))
    with pytest.raises(OasstError) as caught:
        await hand_in(client, alice)
    assert caught.value.by_backend is by_backend


@pytest.mark.parametrize("status", ["101", "099"])
async def test_a_status_below_200_is_no_acknowledgement(
    status: str, serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    client = await connect(await serve_raw(sending(f"HTTP/1.1 {status} X\r\n\r\n".encode())))
    with pytest.raises(InvalidResponseError, match="no final status"):
        await client.ack_task(UUID(int=1), "11", alice)


async def test_a_page_is_no_acknowledgement(serve_raw: ServeRaw, connect: Connect, alice: User) -> None:
    client = await connect(await serve_raw(sending(http(200, b"<html>Please log in"))))
    with pytest.raises(InvalidResponseError):
        await client.ack_task(UUID(int=1), "11", alice)


async def test_only_the_beginning_is_kept_of_what_a_backend_says_at_length(
    serve_raw: ServeRaw, connect: Connect
) -> None:
    refusal = json.dumps({"error_code": 2101, "message": "monkey " * 1000}).encode()
    client = await connect(await serve_raw(sending(http(400, refusal))), api_key="key")
    with pytest.raises(RefusedError) as refused:
        await client.fetch_random_task()
    # So short a key is none, and hiding it would tear words apart.
    assert refused.value.message == ("monkey " * 1000)[:500]
    task = json.dumps({"id": str(UUID(int=5)), "type": "x" * 1000}).encode()
    client = await connect(await serve_raw(sending(http(200, task))))
    with pytest.raises(UnknownTaskTypeError) as unknown:
        await client.fetch_random_task()
    assert unknown.value.raw_type == "x" * 64


async def test_an_odd_task_can_still_be_nacked(serve_raw: ServeRaw, connect: Connect) -> None:
    task = {"id": str(UUID(int=5)), "type": "assistant_reply", "conversation": 7}
    client = await connect(await serve_raw(sending(http(200, json.dumps(task).encode()))))
    with pytest.raises(InvalidResponseError) as caught:
        await client.fetch_random_task()
    assert caught.value.task_id == UUID(int=5)


@pytest.mark.parametrize(
    ("timeouts", "tls", "phase"),
    [
        (Timeouts(read=0.05), False, TransportPhase.answer),
        (Timeouts(total=0.05), False, TransportPhase.answer),
        (Timeouts(connect=0.05), True, TransportPhase.connect),
    ],
    ids=["read", "total", "connect"],
)
async def test_each_phase_has_its_time(  # three values of a case, three fixtures
    timeouts: Timeouts,
    *,
    tls: bool,
    phase: TransportPhase,
    serve_raw: ServeRaw,
    connect: Connect,
    alice: User,
) -> None:
    url = await serve_raw(hang)
    client = await connect(url.replace("http:", "https:") if tls else url, timeouts=timeouts)
    # Well before the other bounds would end it.
    async with asyncio.timeout(3):
        with pytest.raises(TransportError) as caught:
            await hand_in(client, alice)
    assert (caught.value.phase, caught.value.timed_out) == (phase, True)
    assert caught.value.unsent is tls


async def test_waiting_for_a_free_slot_has_its_time(serve_raw: ServeRaw, connect: Connect) -> None:
    arrived = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await request_of(reader)
        arrived.set()
        await reader.read()

    client = await connect(await serve_raw(handle), max_concurrent=1, timeouts=Timeouts(total=0.2))
    first = asyncio.create_task(client.fetch_stats())
    await arrived.wait()
    second = asyncio.create_task(client.fetch_stats())
    errors = await asyncio.gather(first, second, return_exceptions=True)
    phases = [error.phase for error in errors if isinstance(error, TransportError)]
    assert phases[1:] in ([TransportPhase.queue], [TransportPhase.answer])
    assert phases[0] is TransportPhase.answer


async def test_nobody_listening_is_known_to_be_unsent(connect: Connect) -> None:
    async with await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    client = await connect(f"http://127.0.0.1:{port}")
    with pytest.raises(TransportError) as caught:
        await client.fetch_stats()
    assert caught.value.unsent


class NoNames(AbstractResolver):
    """A resolver that knows no name."""

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        """Find nothing."""
        raise OSError(-2, f"{host}:{port}:{family} is not known")

    async def close(self) -> None:
        """Close nothing."""


async def test_an_unknown_name_is_known_to_be_unsent(connect: Connect) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=NoNames())) as session:
        client = await connect("http://backend.example", session=session)
        with pytest.raises(TransportError, match="name was not found") as caught:
            await client.fetch_stats()
    assert caught.value.unsent


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *make, *subject, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_certificate_of_nobody_is_refused(
    self_signed: ssl.SSLContext, serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    seen: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        seen.append(await reader.read())

    client = await connect(await serve_raw(handle, self_signed))
    with pytest.raises(TransportError, match="TLS") as caught:
        await hand_in(client, alice)
    assert caught.value.unsent
    assert seen in ([], [b""])


async def test_a_server_without_tls_is_refused(serve_raw: ServeRaw, connect: Connect, alice: User) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(http(400, b"no TLS here"))
        await writer.drain()

    client = await connect((await serve_raw(handle)).replace("http:", "https:"))
    with pytest.raises(TransportError) as caught:
        await hand_in(client, alice)
    assert caught.value.unsent


async def test_an_endless_answer_is_left_unread(serve_raw: ServeRaw, connect: Connect) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 1000)
            await writer.drain()

    client = await connect(await serve_raw(handle), max_response_bytes=10_000, timeouts=Timeouts(total=5))
    with pytest.raises(InvalidResponseError, match="too large"):
        await client.fetch_stats()
