"""A request on its way: in the queue for a worker, then in an exchange with one. Imports errors, formats and the store's exchange.

Nobody need wait for it: `heard` is called when there is news, and `whole` gives the answer if all of it has come. Whoever has to
wait for more, does so by `opened`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from stratgraph.errors import NotAcceptable, StoreUnavailable, StratgraphError
from stratgraph.formats import offered
from stratgraph.store import frames
from stratgraph.store.exchange import Body, Exchange, collect_part
from stratgraph.store.interface import Answer, QueryRequest, WholeAnswer
from stratgraph.store.rows import CLOSINGS

if TYPE_CHECKING:
    from stratgraph.store.pool import Worker


class Asked:
    """A request, as a frame. It stands in `queue` until it is given a worker, which `release(worker, reusable)` gets back."""

    def __init__(self, frame: bytes, timeout: float, queue: deque[Asked], release: Callable[[Worker, bool], None]) -> None:
        self.heard: Callable[[], None] | None = None
        self._frame = frame
        self._timeout = timeout
        self._queue = queue
        self._release = release
        self._exchange: Exchange | None = None
        self._error: StratgraphError | None = None
        self._left = False

    def give(self, worker: Worker) -> bool:
        """A worker is free: send the request. False if nobody wants the answer any more."""
        if self._left or self._error is not None:
            return False
        self._exchange = worker.begin(self._frame, lambda reusable: self._release(worker, reusable))
        self._exchange.heard = self._hear
        self._hear()
        return True

    def refuse(self, error: StratgraphError) -> None:
        """No worker will be given."""
        if self in self._queue:
            self._queue.remove(self)
        if self._exchange is None and self._error is None:
            self._error = error
            self._hear()

    def leave(self) -> None:
        """The answer is not wanted any more: its worker is replaced if it is still at it."""
        self._left = True
        self.heard = None
        if self in self._queue:
            self._queue.remove(self)
        if self._exchange is not None:
            self._exchange.leave()

    @property
    def waiting(self) -> bool:
        """Whether there is no news of an answer yet."""
        return self._error is None and (self._exchange is None or not self._exchange.begun)

    def whole(self) -> tuple[dict[str, Any], bytes] | None:
        """Header and body, if all of the answer is there and it ended well. They are given once."""
        return self._exchange.whole() if self._exchange is not None else None

    async def opened(self) -> tuple[Exchange, dict[str, Any]]:
        """Wait for a worker, and for the answer's header. From now on the time limit holds.

        Raises the answer's error if there is one, StoreUnavailable where no worker became free in time.
        """
        try:
            if self._exchange is None and self._error is None:
                await self._worker_given()
            self.heard = None
            if self._exchange is None:
                raise self._error or StoreUnavailable("The server is closing.")
            self._exchange.hold_to(self._timeout)
            return self._exchange, await self._exchange.header()
        except NotAcceptable as error:
            raise NotAcceptable([one.media_type for one in offered(*error.offered)]) from None
        except asyncio.CancelledError:
            self.leave()
            raise

    async def _worker_given(self) -> None:
        loop = asyncio.get_running_loop()
        given: asyncio.Future[None] = loop.create_future()
        self.heard = lambda: None if given.done() else given.set_result(None)
        full = StoreUnavailable("No worker became free in time. Try again in a few seconds.")
        timer = loop.call_later(self._timeout, self.refuse, full)
        try:
            await given
        finally:
            timer.cancel()

    def _hear(self) -> None:
        if self.heard is not None:
            self.heard()


class BegunQuery:
    """A query on its way (`interface.Begun`)."""

    def __init__(self, asked: Asked, partial_bytes: int | None) -> None:
        self._asked = asked
        self._partial_bytes = partial_bytes

    def listen(self, heard: Callable[[], None]) -> None:
        """Have `heard` called when there is news."""
        self._asked.heard = heard

    @property
    def waiting(self) -> bool:
        """Whether there is no news of an answer yet."""
        return self._asked.waiting

    def whole(self) -> WholeAnswer | None:
        """The answer, if all of it is there and it ended well. It is given once."""
        if (found := self._asked.whole()) is None:
            return None
        header, body = found
        return WholeAnswer(header["kind"], header["format"], body, header["volatile"])

    async def answer(self) -> Answer:
        """Wait for the answer's beginning. Raises what Store.query raises."""
        exchange, header = await self._asked.opened()
        if self._partial_bytes is not None and header["format"] in CLOSINGS:
            return await collect_part(exchange, header, self._partial_bytes)
        return Answer(header["kind"], header["format"], Body(exchange), header["volatile"])

    def leave(self) -> None:
        """The answer is not wanted any more."""
        self._asked.leave()


def encode_query(request: QueryRequest) -> bytes:
    """The frame that asks a worker for a query's answer."""
    rest = {key: value for key, value in vars(request).items() if key not in ("query", "timeout")}
    plain = request.default_graphs is None and request.named_graphs is None
    payload = b'{"query":%s,%s' % (frames.to_json(request.query), (_rest_kept if plain else _rest)(*rest.items()))
    return frames.encode(frames.REQUEST, payload)


def _rest(*members: tuple[str, Any]) -> bytes:
    return frames.to_json(dict(members))[1:]


# The same formats and limits are asked for all the time.
_rest_kept: Final = lru_cache(64)(_rest)
