"""Keeps to this machine: what another site's script sends in a browser's name is refused."""

import ipaddress
import re
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from discord_sandbox.loopback.refusals import Refused

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


_HOST = re.compile(r"(?:\[(?P<v6>[^][]+)\]|(?P<name>[^][:]+))(?::\d{1,5})?", re.ASCII)
"""The `Host` header: a name or an address, that of IPv6 in brackets, and perhaps a port (RFC 3986, 3.2.2)."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in only what comes from this machine's own programs, or from a page that is served here.

    A foreign Host is a name that somebody made to point here; a foreign Origin is another site's script. A
    body must be JSON, which no form of another site can send.
    """
    host = request.headers.get("Host", "")
    if not _is_own_host(host):
        raise Refused(HTTPStatus.FORBIDDEN, "foreign_host", "This address answers only on this machine.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        raise Refused(HTTPStatus.FORBIDDEN, "foreign_origin", "Another site may not use this address.")
    if request.method in {"POST", "PATCH"} and request.content_type != "application/json":
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "Send JSON, with Content-Type: application/json (with curl: --json '{}').",
        )
    return await handler(request)


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Tell a browser to keep nothing, to guess nothing, and to give nothing to other sites."""
    response.headers.update(_HEADERS)


def _is_own_host(host: str) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and is_loopback(found["v6"] or found["name"])
