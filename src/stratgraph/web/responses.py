"""Cacheable representations: ETag, 304, Vary, language; and the stream that breaks off instead of lying. Imports errors.

An ETag is the release id and what was asked; the graph never changes within a release, so a tag can be compared before any work.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Final, TypeVar

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from stratgraph.errors import StratgraphError

LOG: Final = logging.getLogger("stratgraph.web")
# Seconds in which most answers are there: only then is it looked whether the client still is.
MOMENT: Final = 0.02
VARY: Final = "Accept, Accept-Language"
T = TypeVar("T")


class ClientGone(Exception):
    """The client closed the connection before there was an answer."""


def entity_tag(release: str, *parts: object) -> str:
    """A strong ETag for the representation that these parts name, in this release."""
    return tag_of_text(release, "\x1f".join(map(repr, parts)))


def tag_of_text(release: str, text: str) -> str:
    """As `entity_tag`, by a text that no two representations share."""
    return f'"{release}-{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]}"'


def is_current(request: Request, tag: str) -> bool:
    """Whether the client's If-None-Match names this tag, or any."""
    given = request.headers.get("if-none-match", "")
    tags = {part.strip().removeprefix("W/") for part in given.split(",")}
    return tag in tags or "*" in tags


def cache_headers(tag: str, language: str | None = None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headers every representation carries; caches may keep it but ask whether the release has changed."""
    headers = {"ETag": tag, "Vary": VARY, "Cache-Control": "public, no-cache"}
    if language:
        headers["Content-Language"] = language
    return {**headers, **(extra or {})}


def not_modified(headers: Mapping[str, str]) -> Response:
    """304 with the headers that the full answer would have carried."""
    return Response(status_code=304, headers=dict(headers))


async def unless_gone(request: Request, work: Awaitable[T]) -> T:
    """The result of `work`, unless the client hangs up first: then the work is cancelled and ClientGone raised.

    Call it after the request's body is read: from then on the only message to come is the disconnect. Whether the client is there
    is looked at only when the work takes a moment: most answers are there before that.
    """
    watch = _Watch(request)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.gone:
            raise ClientGone from None
        raise
    finally:
        watch.stop()


class _Watch:
    """Cancels the task that made it when the client hangs up."""

    def __init__(self, request: Request) -> None:
        self.gone = False
        self._request = request
        self._task = asyncio.current_task()
        self._watching: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(MOMENT, self._start)

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def _start(self) -> None:
        self._watching = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        await _disconnect(self._request)
        self.gone = True
        if self._task is not None:
            self._task.cancel()


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class CheckedStream(Response):
    """A streamed answer. Where its source fails after the first bytes, the connection is broken off; nothing is appended.

    `first` holds the chunks read so far (an error among them has already become a problem document).
    """

    def __init__(self, first: bytes, rest: AsyncIterator[bytes], headers: Mapping[str, str], content_type: str) -> None:
        self.first, self.rest = first, rest
        super().__init__(None, 200, {**headers, "Content-Type": content_type})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the chunks until they end, fail, or the client hangs up; the source is closed in any case."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        gone = asyncio.ensure_future(_disconnect(Request(scope, receive)))
        sending = asyncio.ensure_future(self._send(send))
        try:
            await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                await sending
        except StratgraphError as error:
            # Returning without a last chunk makes the server close the connection: the client sees a broken transfer.
            LOG.warning("answer broken off: %s", error)
        finally:
            for one in (gone, sending):
                one.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)
            await close_stream(self.rest)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.body", "body": self.first, "more_body": True})
        async for chunk in self.rest:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def close_stream(stream: AsyncIterator[bytes]) -> None:
    """Close an async generator, which frees the worker behind it."""
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()


async def first_chunk(stream: AsyncIterator[bytes]) -> bytes:
    """The first chunk, empty where there is none. Raises what the source raises, so that an early failure still has a status."""
    return await anext(stream, b"")
