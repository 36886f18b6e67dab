"""What holds for every response, as one ASGI layer: security headers, CORS, HEAD, OPTIONS, ambiguous framing. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Disposition, Content-Range, ETag, Link, Location, Retry-After, "
    "StratGraph-Release, StratGraph-Count, StratGraph-Complete, StratGraph-Scope",
}
RAW_HEADERS: Final = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in SECURITY_HEADERS.items()]
_DIRECT: Final = frozenset({"GET", "POST", "QUERY"})
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST, QUERY",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match, If-Range, Range",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, OPTIONS",
}


class Shell:
    """Wraps the application. What `direct` has for a path answers GET, POST and QUERY there, ahead of the framework's routing."""

    def __init__(self, app: ASGIApp, direct: Mapping[str, ASGIApp]) -> None:
        self.app = app
        self.direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer OPTIONS and ambiguous requests at once; pass on the rest, HEAD as a GET whose body is dropped."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        dress = _Dresser(send, head=scope["method"] == "HEAD")
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            # RFC 9112, section 6.1: a server may refuse both together; whoever sends them tries to smuggle a request.
            await _plain(dress, 400, {"Connection": "close"}, b"Content-Length and Transfer-Encoding exclude each other.\n")
        elif "host" not in headers and scope.get("http_version") == "1.1":
            # RFC 9112, section 3.2: 400 for a request of HTTP/1.1 without Host.
            await _plain(dress, 400, {"Connection": "close"}, b"A request of HTTP/1.1 needs a Host.\n")
        elif scope["method"] == "OPTIONS":
            methods = "GET, HEAD, OPTIONS, POST, QUERY" if scope["path"] == "/sparql" else _PREFLIGHT["Allow"]
            await _plain(dress, 204, {**_PREFLIGHT, "Allow": methods}, b"")
        else:
            method = "GET" if dress.head else scope["method"]
            app = self.direct.get(scope["path"], self.app) if method in _DIRECT else self.app
            # Whoever would read a file for nothing can see that only the head is asked for.
            state = {**scope.get("state", {}), "head": True} if dress.head else None
            await app({**scope, "method": method, "state": state} if dress.head else scope, receive, dress)


async def _plain(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    if body:
        raw += [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode("latin-1"))]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


class _Dresser:
    """A `send` that adds the headers, and drops the body where the request was HEAD."""

    def __init__(self, send: Send, head: bool) -> None:
        self.send, self.head = send, head

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            there = {name for name, _ in headers}
            message = {**message, "headers": [*headers, *(one for one in RAW_HEADERS if one[0] not in there)]}
        elif message["type"] == "http.response.body" and self.head:
            message = {**message, "body": b""}
        await self.send(message)
