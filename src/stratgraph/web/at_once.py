"""The HTTP protocol of the server, as far as answers go out at once: without a task of their own, which would cost more than they do.

Imports `http` and uvicorn only. What is kept is written when its request has been read (`Kept.ready`); a plain query is begun without the
parser, and its answer is written when it comes (`Quick.begin`).
"""

from __future__ import annotations

from typing import Final, Protocol

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from stratgraph.web.http import BoundedHttp

_STATUS: Final = {200: b"HTTP/1.1 200 OK\r\n", 304: b"HTTP/1.1 304 Not Modified\r\n"}


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


class Waiting(Protocol):
    """A request that is being answered. When it told that it has no answer, it is the application to give it."""

    def go_on(self) -> None:
        """Tell so now."""
        ...

    def leave(self) -> None:
        """The answer is not wanted any more."""
        ...

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer."""
        ...


class AtOnceHttp(BoundedHttp):
    """One connection."""

    _writing = False
    # A request that is answered before the parser has seen it: its head, who waits for its answer, who goes on with it.
    _asked = b""
    _waiting: Waiting | None = None
    _resumed: Waiting | None = None
    _answered = 0.0
    _standing: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._waiting is not None:
            self._waiting.go_on()  # more has come: the parser has to see both in order
        elif self._is_free() and self._begin(data):
            return
        super().data_received(data)

    def _is_free(self) -> bool:
        """Whether nothing is under way on this connection: no part of a head or a body, no answer."""
        if self._head or self.flow.write_paused or self.transport.is_closing():
            return False
        return self.cycle is None or self.cycle.response_complete

    def _begin(self, data: bytes) -> bool:
        """Begin to answer without the parser, if these bytes are a request of the kind that can be."""
        begin = getattr(self.app, "begin", None)
        if begin is None:
            return False
        answer, waiting = begin(data, self.client, self._tell)
        if answer is not None:
            self._write_answer(answer)
        elif waiting is not None:
            self._waiting, self._asked = waiting, data
        else:
            return False
        self._stop()
        return True

    def _tell(self, answer: Ready | None) -> None:
        """What `begin` promised: the answer, or None for the ordinary way."""
        waiting, asked = self._waiting, self._asked
        self._waiting, self._asked = None, b""
        if answer is not None:
            if not self.transport.is_closing():
                self._write_answer(answer)
            return
        self._resumed = waiting
        super().data_received(asked)
        if self._resumed is not None:  # the parser refused what it was thought to take
            self._resumed.leave()
            self._resumed = None

    def _write_answer(self, answer: Ready) -> None:
        self.transport.write(b"".join((_STATUS[200], self._default_headers(), answer.head, b"\r\n", answer.body)))
        self.server_state.total_requests += 1
        self._answered = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Called by the loop. Answers that the parser did not see have not set this timer anew: do so now."""
        left = self.timeout_keep_alive - (0 if self._waiting is not None else self.loop.time() - self._answered)
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Called by uvicorn, which waits for what the ordinary way answers."""
        if self._waiting is not None:
            self._waiting.go_on()
        super().shutdown()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Called by uvicorn when a request's turn has come. What is kept is written at once: no task, no waiting."""
        if self._resumed is not None:
            resumed, self._resumed = self._resumed, None
            super()._start_asgi_task(cycle, resumed)
            return
        # Requests sent in one go wait their turn, and so does one whose client does not read: else their answers would pile up here.
        ready = None if self._writing or self.flow.write_paused else getattr(app, "ready", None)
        if ready is not None and (found := ready(cycle.scope)) is not None:
            self._write_at_once(cycle, *found)
            return
        super()._start_asgi_task(cycle, app)

    def _write_at_once(self, cycle: RequestResponseCycle, status: int, answer: Ready) -> None:
        self._writing = True
        try:
            self._write(cycle, status, answer)
        finally:
            self._writing = False

    def _write(self, cycle: RequestResponseCycle, status: int, answer: Ready) -> None:
        body = b"" if cycle.scope["method"] == "HEAD" else answer.body
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        self.transport.write(b"".join((_STATUS[status], self._default_headers(), answer.head, close, b"\r\n", body)))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _default_headers(self) -> bytes:
        """What uvicorn gives every answer: the date, which it makes anew each second."""
        given = self.server_state.default_headers
        if given is not self._standing[0]:
            AtOnceHttp._standing = given, b"".join([b"%s: %s\r\n" % one for one in given])
        return self._standing[1]

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        super().connection_lost(exc)
        if self._waiting is not None:
            self._waiting.leave()
            self._waiting = None
