"""One request to one worker, seen from the server. Imports errors and frames.

An exchange ends exactly once: by the worker's END or ERROR frame, by its time limit, by the caller who leaves it, or by the
worker's death. `on_end` is then called with whether the worker may take another request.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from stratgraph.errors import AnswerTooLarge, QueryTimeout, StoreUnavailable, StratgraphError
from stratgraph.store import frames
from stratgraph.store.interface import Answer
from stratgraph.store.rows import CLOSINGS

# Bytes of an answer that may wait here for a slow client before the worker has to wait as well.
_HIGH: Final = 4 * 2**20


def _nothing(_reusable: bool) -> None:
    pass


# A few headers come all the time. Whoever gets one changes nothing in it.
_header: Final = lru_cache(64)(frames.decode_json)


class Exchange:
    """Frames come in by `take`, are read by `header` and `chunk`, or by `whole`. `heard` is called when some have come."""

    def __init__(self, transport: asyncio.Transport, on_end: Callable[[bool], None]) -> None:
        self.heard: Callable[[], None] | None = None
        self._transport = transport
        self._on_end = on_end
        self._began = asyncio.get_running_loop().time()
        self._timer: asyncio.TimerHandle | None = None
        self._header: dict[str, Any] | None = None
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._error: StratgraphError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.ended = False

    def hold_to(self, seconds: float) -> None:
        """End with QueryTimeout if it has not ended so many seconds after it began."""
        if not self.ended:
            self._timer = asyncio.get_running_loop().call_at(self._began + seconds, self._expire, seconds)

    def take(self, kind: int, payload: bytes) -> None:
        """A frame from the worker; `wake` follows when all that came with it have been taken."""
        if self.ended:
            return
        if kind == frames.BODY:
            self._chunks.append(payload)
            self._size += len(payload)
            if self._size > _HIGH and not self._paused:
                self._transport.pause_reading()
                self._paused = True
        elif kind == frames.HEADER:
            self._header = _header(payload)
        elif kind == frames.ERROR:
            told = frames.decode_json(payload)
            self._error = frames.decode_error(told)
            self._end(reusable=not told["retire"])
        else:
            self._end(reusable=payload == frames.END_REUSABLE or not frames.decode_json(payload)["retire"])

    def fail(self, error: StratgraphError) -> None:
        """End with an error: the worker died, or is to be killed."""
        if not self.ended:
            self._error = error
            self._end(reusable=False)
            self.wake()

    def leave(self) -> None:
        """The caller wants no more: end unless ended, forget what is buffered."""
        self._chunks.clear()
        self.fail(StoreUnavailable("The answer was closed by its reader."))

    async def header(self) -> dict[str, Any]:
        """Wait for the first frame. Raises the answer's error if there is one."""
        while self._header is None and self._error is None:
            await self._wait()
        if self._header is None and self._error is not None:
            raise self._error
        return self._header or {}

    async def chunk(self) -> bytes | None:
        """The next piece of the body, None at its end. Raises the error that broke the answer off."""
        while not self._chunks and not self.ended:
            await self._wait()
        if self._chunks:
            chunk = self._chunks.popleft()
            self._size -= len(chunk)
            if self._paused and self._size < _HIGH // 2:
                self._paused = False
                self._transport.resume_reading()
            return chunk
        if self._error is not None:
            raise self._error
        return None

    def whole(self) -> tuple[dict[str, Any], bytes] | None:
        """Header and body, if all of the answer is there and it ended well. They are given once."""
        if not self.ended or self._error is not None or self._header is None:
            return None
        body = self._chunks.popleft() if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        return self._header, body

    @property
    def begun(self) -> bool:
        """Whether anything of the answer has come."""
        return self._header is not None or self.ended

    @property
    def complete(self) -> bool:
        """Whether it has ended well and everything has been read."""
        return self.ended and self._error is None and not self._chunks

    def _expire(self, seconds: float) -> None:
        self._chunks.clear()
        self.fail(QueryTimeout(seconds))

    def _end(self, reusable: bool) -> None:
        self.ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self._paused and reusable:
            self._transport.resume_reading()
        self._paused = False
        # What is over holds on to nobody: else request and exchange would hold each other until the collector of cycles comes, which
        # takes the longer the more of them there are, and nothing is answered meanwhile.
        on_end, self._on_end = self._on_end, _nothing
        on_end(reusable)

    def wake(self) -> None:
        """Tell whoever waits that there is news."""
        if (heard := self.heard) is not None:
            if self.ended:
                self.heard = None
            heard()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter


class Body(AsyncIterator[bytes]):
    """An answer's body. Whoever drops it, closes it: no worker goes on for an answer that nobody reads."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()

    @property
    def complete(self) -> bool:
        """Whether all of it has been read, and it ended well."""
        return self._exchange.complete

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._exchange.chunk()
        except asyncio.CancelledError:
            self._exchange.leave()
            raise
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """Stop the answer, if it is not yet complete."""
        self._exchange.leave()

    def __del__(self) -> None:
        if not self._exchange.ended and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._exchange.leave)


class Part(AsyncIterator[bytes]):
    """A body that is all here."""

    complete = True

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content

    async def __anext__(self) -> bytes:
        content, self._content = self._content, None
        if content is None:
            raise StopAsyncIteration
        return content


async def collect_part(exchange: Exchange, header: Mapping[str, Any], most: int) -> Answer:
    """The whole answer, or where a limit is met before its end, what is there of it: whole rows, closed validly and marked.

    `most` is in bytes. Raises the limit's error where not one row is there.
    """
    body = bytearray()
    met: StratgraphError | None = None
    try:
        while (chunk := await exchange.chunk()) is not None:
            if len(body) + len(chunk) > most:
                met = AnswerTooLarge(most)
                break
            body += chunk
    except (AnswerTooLarge, QueryTimeout) as error:
        met = error
    finally:
        exchange.leave()
    if met is not None:
        if not body:
            raise met
        body += CLOSINGS[header["format"]]
    return Answer(header["kind"], header["format"], Part(bytes(body)), header["volatile"], met is None)
