"""The HTTP protocol of the server: uvicorn's on httptools, with the bounds on a request's head that it leaves to others.

Imports uvicorn only. A head that is too long gets 431; one that does not end within a time, a closed connection. What is kept
(`Kept.ready`), and what a worker answers at once (`Quick.begin`), is written without a task of its own, which would cost more than the
answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES: Final = 128 * 1024
HEAD_SECONDS: Final = 30.0
_STATUS: Final = {200: b"HTTP/1.1 200 OK\r\n", 304: b"HTTP/1.1 304 Not Modified\r\n"}
_MESSAGE: Final = b"The request's head is longer than 128 KiB.\n"
_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_MESSAGE), _MESSAGE)
)


class Ready(Protocol):
    """A whole answer: its headers as they stand in HTTP/1.1, and its body."""

    @property
    def head(self) -> bytes:
        """The headers."""
        ...

    @property
    def body(self) -> bytes:
        """The body."""
        ...


class BoundedHttp(HttpToolsProtocol):
    """One connection. The head in progress is counted, and timed from its first byte."""

    _head = 0
    _timer: asyncio.TimerHandle | None = None
    _complete = False
    _writing = False
    _begun: Callable[[], None] | None = None

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._head += len(data)
        super().data_received(data)
        # Most heads are complete by now, and need no time.
        if self._timer is None and self._head and not self._complete and not self.transport.is_closing():
            self._timer = self.loop.call_later(HEAD_SECONDS, self._expire)
        # What is counted beyond the head (a body that came with it) is forgotten when the head is complete.
        if self._timer is not None and self._head > HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Called by the parser."""
        self._complete, self._head = False, max(1, self._head)  # it may stand behind another in the same bytes
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._complete = True
        self._stop()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._head = 0
        self._complete = False
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Called by uvicorn when a request's turn has come. What is kept is written at once: no task, no waiting."""
        # Requests sent in one go wait their turn, and so does one whose client does not read: else their answers would pile up here.
        ready = None if self._writing or self.flow.write_paused else getattr(app, "ready", None)
        if ready is not None and (found := ready(cycle.scope)) is not None:
            self._write_at_once(cycle, *found)
            return
        self._begun = app.begin(cycle.scope, partial(self._go_on, cycle)) if ready is not None else None  # type: ignore[attr-defined]
        if self._begun is None:
            super()._start_asgi_task(cycle, app)

    def _go_on(self, cycle: RequestResponseCycle, answer: Ready | None, app: ASGI3Application | None) -> None:
        """What `begin` tells: the answer, or the application that has to give it."""
        self._begun = None
        if app is not None:
            super()._start_asgi_task(cycle, app)
        elif answer is not None and not self.transport.is_closing():
            self._write_at_once(cycle, 200, answer)

    def _write_at_once(self, cycle: RequestResponseCycle, status: int, answer: Ready) -> None:
        self._writing = True
        try:
            self._write(cycle, status, answer)
        finally:
            self._writing = False

    def _write(self, cycle: RequestResponseCycle, status: int, answer: Ready) -> None:
        body = b"" if cycle.scope["method"] == "HEAD" else answer.body
        head = (b"%s: %s\r\n" % one for one in self.server_state.default_headers)
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        self.transport.write(b"".join((_STATUS[status], *head, answer.head, close, b"\r\n", body)))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._stop()
        super().connection_lost(exc)
        if self._begun is not None:
            self._begun()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
