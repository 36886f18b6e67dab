"""What one client and one request body may take. Imports this package's errors.

A client is an address; X-Forwarded-For counts only from proxies that the settings trust.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import Request

from stratgraph.web.errors import RequestError

_BODY_SECONDS: Final = 30.0


def client_address(peer: str, forwarded: str | None, trusted: frozenset[str]) -> str:
    """The client's address: the last address in X-Forwarded-For that is no trusted proxy, if the peer is one; else the peer."""
    if peer not in trusted:
        return peer
    hops = [part.strip() for part in (forwarded or "").split(",") if part.strip()]
    return next((hop for hop in reversed(hops) if hop not in trusted), peer)


class Clients:
    """Counts the queries each client has running or waiting. `limit` 0 means none."""

    def __init__(self, limit: int, trusted_proxies: str) -> None:
        self.limit = limit
        self.trusted = frozenset(part.strip() for part in trusted_proxies.split(",") if part.strip())
        self._running: Counter[str] = Counter()

    @contextmanager
    def query_of(self, request: Request) -> Iterator[None]:
        """Hold a place for a query. Raises RequestError (429) where the client has too many already."""
        address = self.take(request)
        try:
            yield
        finally:
            self.release(address)

    def take(self, request: Request) -> str:
        """Take a place; give the address back to `release`. Raises RequestError (429)."""
        return self.take_place(request.client, request.headers.get("x-forwarded-for"))

    def take_place(self, peer: tuple[str, int] | None, forwarded: str | None) -> str:
        """As `take`, by the peer's host and port and what X-Forwarded-For says."""
        address = client_address(peer[0] if peer else "", forwarded, self.trusted)
        if self.limit and self._running[address] >= self.limit:
            message = f"You have {self.limit} queries running or waiting, as many as one client may have. Try again when one has ended."
            raise RequestError(429, message, {"Retry-After": "5"})
        self._running[address] += 1
        return address

    def release(self, address: str) -> None:
        """Give a place back."""
        self._running[address] -= 1
        if self._running[address] <= 0:
            del self._running[address]


async def read_body(request: Request, limit: int) -> bytes:
    """The request's body. Raises RequestError: 413 past `limit` bytes (by its head before a byte is read), 408 when too slow."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await _collect(request, limit)
    except TimeoutError:
        raise RequestError(408, f"The request's body did not arrive within {_BODY_SECONDS:g} s.", {"Connection": "close"}) from None


async def _collect(request: Request, limit: int) -> bytes:
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise RequestError(400, "The request ended before its body did.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(limit: int) -> RequestError:
    return RequestError(413, f"The request's body is larger than {limit} bytes, the limit.")
