"""The HTTP protocol of the server: uvicorn's on httptools, with the bounds on a request's head that it leaves to others.

Imports uvicorn only. A head that is too long gets 431; one that does not end within a time, a closed connection.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES: Final = 128 * 1024
HEAD_SECONDS: Final = 30.0
_MESSAGE: Final = b"The request's head is longer than 128 KiB.\n"
_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_MESSAGE), _MESSAGE)
)


class BoundedHttp(HttpToolsProtocol):
    """One connection. The head in progress is counted, and timed from its first byte."""

    _head = 0
    _timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._timer is None and self._head == 0:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._expire)
        self._head += len(data)
        super().data_received(data)
        # What is counted beyond the head (a body that came with it) is forgotten when the head is complete.
        if self._timer is not None and self._head > HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Called by the parser."""
        if self._timer is None:  # a request behind another in the same bytes
            self._timer = self.loop.call_later(HEAD_SECONDS, self._expire)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._stop()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._head = 0
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._stop()
        super().connection_lost(exc)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
