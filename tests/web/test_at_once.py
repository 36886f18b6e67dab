"""A connection whose answers go out at once, without the server around it: when it is closed, and what becomes of who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from stratgraph.web.at_once import AtOnceHttp

_IDLE = 0.2
_PLAIN = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclass
class _Answer:
    head: bytes = b"content-length: 2\r\n"
    body: bytes = b"ok"


@dataclass
class _Waiting:
    """Who waits for an answer, and in place of whom the application answers 204."""

    tell: Callable[[_Answer | None], None]
    left: bool = False

    def go_on(self) -> None:
        """As the ordinary way wants it."""
        self.tell(None)

    def leave(self) -> None:
        """Remember it."""
        self.left = True

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        """Answer."""
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@dataclass
class _App:
    """Every request waits until the test says what comes of it."""

    waiting: list[_Waiting] = field(default_factory=list)

    def begin(self, head: bytes, _client: Any, tell: Callable[[_Answer | None], None]) -> tuple[None, _Waiting | None]:
        """Take plain requests only."""
        if head != _PLAIN:
            return None, None
        self.waiting.append(_Waiting(tell))
        return None, self.waiting[-1]

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        """The ordinary way for others."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


class _Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        """Keep it."""
        self.written += bytes(data)

    def is_closing(self) -> bool:
        """Whether `close` was called."""
        return self.closed

    def close(self) -> None:
        """Remember it."""
        self.closed = True

    def pause_reading(self) -> None:
        """Nothing comes by itself."""

    def resume_reading(self) -> None:
        """Nothing comes by itself."""


def _connect() -> tuple[AtOnceHttp, _App, _Transport]:
    app, transport = _App(), _Transport()
    config = uvicorn.Config(app, proxy_headers=False, access_log=False, log_level="warning")
    connection = AtOnceHttp(config, ServerState(), {})
    connection.timeout_keep_alive = _IDLE  # type: ignore[assignment] # of a second, for a test
    connection.connection_made(transport)
    return connection, app, transport


def test_a_connection_is_closed_when_it_has_been_idle_and_not_before() -> None:
    """Three requests, each before the time is over, and one that waits longer than that: closed only when nothing comes any more."""

    async def run() -> None:
        connection, app, transport = _connect()
        for pause in (0.6, 0.6, 0.6, 2.5):
            connection.data_received(_PLAIN)
            await asyncio.sleep(_IDLE * pause)
            app.waiting[-1].tell(_Answer())
        assert transport.written.count(b"HTTP/1.1 200 OK\r\n") == 4
        assert not transport.is_closing()
        await asyncio.sleep(_IDLE * 2.5)
        assert transport.is_closing()

    asyncio.run(run())


def test_a_server_that_ends_waits_for_who_waits() -> None:
    """A request under way goes on by the ordinary way, which uvicorn waits for; then its connection is closed."""

    async def run() -> None:
        connection, app, transport = _connect()
        connection.data_received(_PLAIN)
        connection.shutdown()
        assert not transport.is_closing()
        await asyncio.gather(*connection.tasks)
        assert transport.written.startswith(b"HTTP/1.1 204 ")
        assert transport.is_closing()
        assert not app.waiting[0].left

    asyncio.run(run())


def test_who_leaves_is_left() -> None:
    """The client closes the connection: the query is not wanted any more."""

    async def run() -> None:
        connection, app, transport = _connect()
        connection.data_received(_PLAIN)
        connection.connection_lost(None)
        assert app.waiting[0].left
        assert transport.written == b""

    asyncio.run(run())


def test_what_comes_while_one_waits_is_answered_after_it() -> None:
    """Both go through the parser then, in the order in which they came."""

    async def run() -> None:
        connection, _, transport = _connect()
        connection.data_received(_PLAIN)
        connection.data_received(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(0.01)
        assert transport.written.index(b"HTTP/1.1 204 ") < transport.written.index(b"HTTP/1.1 200 ")

    asyncio.run(run())
