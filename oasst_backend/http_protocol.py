"""HTTP as uvicorn reads it, with a bound that it lacks: on what is neither a whole head nor a body."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT: Final = 64 * 1024
"""Bytes of the longest request line with headers; what one read of the socket brings may come on top."""

_BODY: Final = b'{"error_code":0,"message":"The address or the headers are longer than this backend takes."}'
_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/json\r\n"
    b"content-length: %d\r\n"
    b"connection: close\r\n"
    b"\r\n" % len(_BODY)
) + _BODY


class BoundedProtocol(HttpToolsProtocol):
    """A connection that is closed once too much has come that is neither a whole head nor part of a body.

    uvicorn keeps the beginning of a head until the rest is there, however long that gets: anybody who can
    connect could fill the memory, without a key. The same goes for headers after a body.
    """

    _unread = 0
    _went_on = False

    def data_received(self, data: bytes) -> None:
        """Read what came, and count it if the request did not get on by it."""
        self._went_on = False
        super().data_received(data)
        self._unread = 0 if self._went_on else self._unread + len(data)
        if self._unread > HEAD_LIMIT and not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(_REFUSAL)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._went_on = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hand a request on; its body follows."""
        self._went_on = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._went_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._went_on = True
        super().on_message_complete()
