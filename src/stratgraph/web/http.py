"""The HTTP protocol of the server: uvicorn's on httptools, with the bounds on a request that it leaves to others.

Imports uvicorn and httptools only. A head (or trailer) that is too long gets 431; a request that does not end within a time, a closed
connection. An offer to speak another protocol is passed over (RFC 9110, section 7.8), and HTTP/1.0 gets no chunks (RFC 9112, section
6.1).
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES: Final = 128 * 1024
HEAD_SECONDS: Final = 30.0
# More than reading a body and telling that it is too large may take (`limits`, `errors`).
BODY_SECONDS: Final = 60.0
_MESSAGE: Final = b"The request's head is longer than 128 KiB.\n"
_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_MESSAGE), _MESSAGE)
)


_OFFERS: Final = frozenset({b"upgrade", b"connection"})
# What makes a socket say, when closed, that something was lost.
_RESET: Final = struct.pack("ii", 1, 0)


class _NoMore(list[tuple[bytes, bytes]]):
    """Where trailers go: they mean nothing here, and could be without end."""

    def append(self, _header: tuple[bytes, bytes]) -> None:
        """Forget it."""


_NO_MORE: Final = _NoMore()


class BoundedHttp(HttpToolsProtocol):
    """One connection. The head in progress, and what comes with a body but is none of it, is counted; what is to come is timed."""

    _head = 0
    _timer: asyncio.TimerHandle | None = None
    _complete = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's own
        """Called by the loop. Who connects and says nothing has as long as for a head."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_SECONDS, self._expire)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._head += len(data)
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
                break
            except HttpParserUpgrade as offered:
                data = self._pass_over(data[offered.args[0] :])
            except HttpParserError:
                self.send_400_response("Invalid HTTP request received.")
                break
        # Most requests are complete by now, and need no time.
        if self._timer is None and self._head and not self.transport.is_closing():
            self._timer = self.loop.call_later(BODY_SECONDS if self._complete else HEAD_SECONDS, self._expire)
        # What is counted beyond the head (a body that came with it) is forgotten when the head is complete.
        if self._timer is not None and self._head > HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def _pass_over(self, rest: bytes) -> bytes:
        """What to read in place of a request that offers another protocol, since its parser takes the body for that protocol's."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self.send_400_response("This is no proxy.")
            return b""
        closes = any(name == b"connection" and b"close" in value.lower() for name, value in self.headers)
        fields = [(name, value) for name, value in self.headers if name not in _OFFERS]
        fields += [(b"connection", b"close")] if closes else []
        head = b"%s %s HTTP/%s\r\n" % (method, self.url, self.parser.get_http_version().encode())
        self.parser = HttpRequestParser(self)
        return b"".join([head, *(b"%s: %s\r\n" % one for one in fields), b"\r\n", rest])

    def on_message_begin(self) -> None:
        """Called by the parser."""
        self._complete, self._head = False, max(1, self._head)  # it may stand behind another in the same bytes
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._stop()
        if self.parser.should_upgrade():
            return
        self._complete, self._head = True, 1
        super().on_headers_complete()
        self.headers = _NO_MORE

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._head = 1
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._stop()
        self._head = 0
        self._complete = False
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._stop()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Called by uvicorn when a request's turn has come."""
        super()._start_asgi_task(cycle, _suited(cycle, app))

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        if self.flow is not None and self.flow.read_paused:  # it is not the client that keeps us waiting
            self._timer = self.loop.call_later(BODY_SECONDS, self._expire)
        elif not self.transport.is_closing():
            self.transport.close()


def _suited(cycle: RequestResponseCycle, app: ASGI3Application) -> ASGI3Application:
    """The application as the request's version of HTTP wants it: 1.0 knows no chunks, and an answer ends with the connection."""
    if cycle.scope["http_version"] != "1.0":
        return app

    async def answer(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        sized = False

        async def send_plainly(message: ASGISendEvent) -> None:
            nonlocal sized
            if message["type"] == "http.response.start":
                sized = any(name.lower() == b"content-length" for name, _ in message.get("headers", ()))
                cycle.chunked_encoding = None if sized else False
            elif message["type"] == "http.response.body" and not sized:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await app(scope, receive, send_plainly)
        if cycle.response_started and not cycle.response_complete and (raw := cycle.transport.get_extra_info("socket")) is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)  # else a part would pass for the whole

    return answer
