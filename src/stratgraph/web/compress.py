"""Compression of answers: zstd, br or gzip, whichever the client likes best. Imports werkzeug's Accept parser and the compressors.

Each encoding of a representation has an ETag of its own (RFC 9110, section 8.8.3.3): the tag of the plain one with the encoding's name.
What carries a Content-Range or an encoding already (dumps) passes as it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Protocol

import brotli
import zstandard
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.http import parse_accept_header

_Headers = tuple[tuple[bytes, bytes], ...]
SMALLEST: Final = 1024
_LEVELS: Final = {"zstd": 3, "br": 4, "gzip": 5}
_GZIP_WINDOW: Final = 31
_COMPRESSIBLE: Final = re.compile(r"text/|application/(.+\+)?(json|xml|n-triples|n-quads|trig|sparql-query|javascript)\b|image/svg\+xml")
_TAG: Final = re.compile(r'(W/)?"([^"]*)"')


class Compressor(Protocol):
    """Takes a body piece by piece."""

    def compress(self, data: bytes) -> bytes:
        """What is ready of it."""
        ...

    def flush(self) -> bytes:
        """The rest, at the end."""
        ...


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Compressor(quality=_LEVELS["br"])

    def compress(self, data: bytes) -> bytes:
        return bytes(self._inner.process(data))

    def flush(self) -> bytes:
        return bytes(self._inner.finish())


_COMPRESSORS: Final[dict[str, Callable[[], Compressor]]] = {
    "zstd": lambda: zstandard.ZstdCompressor(level=_LEVELS["zstd"]).compressobj(),
    "br": _Brotli,
    "gzip": lambda: zlib.compressobj(_LEVELS["gzip"], zlib.DEFLATED, _GZIP_WINDOW),
}


@lru_cache(256)
def _choose(accept: str) -> str | None:
    header = parse_accept_header(accept)
    best = max(_COMPRESSORS, key=lambda name: float(header.quality(name)))  # of equals the first
    return best if header.quality(best) > 0 else None


def choose_encoding(accept: str | None) -> str | None:
    """The encoding that an Accept-Encoding header prefers of ours; None: as it is. No header, or a very long one, asks for nothing."""
    return _choose(accept) if accept and len(accept) <= 200 else None


class Compress:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its validators without the encoding's name; compress the answer where that pays."""
        encoding = choose_encoding(Headers(scope=scope).get("accept-encoding")) if scope["type"] == "http" else None
        if encoding is None or scope["path"].startswith("/dumps/"):
            await self.app(scope, receive, send)
            return
        packer = _Packer(send, encoding, Headers(scope=scope).get("if-none-match", ""), head=scope["method"] == "HEAD")
        await self.app({**scope, "headers": _plain_validators(scope, encoding)}, receive, packer)


def _plain_validators(scope: Scope, encoding: str) -> list[tuple[bytes, bytes]]:
    suffix = f'-{encoding}"'.encode()
    return [(name, value.replace(suffix, b'"') if name == b"if-none-match" else value) for name, value in scope["headers"]]


def compress_whole(headers: _Headers, body: bytes, encoding: str) -> tuple[_Headers, bytes]:
    """Headers and body of a whole answer, compressed where that pays."""
    packer = _Packer(_nowhere, encoding, "", head=False)
    head = packer.start({"type": "http.response.start", "status": 200, "headers": headers})["headers"]
    if packer.compressor is None:
        return tuple(head), body
    body = packer.compressor.compress(body) + packer.compressor.flush()
    return (*head, (b"content-length", b"%d" % len(body))), body


async def _nowhere(message: Message) -> None:
    del message


class _Packer:
    """A `send` that compresses."""

    def __init__(self, send: Send, encoding: str, validators: str, head: bool) -> None:
        self._send, self._encoding, self._validators, self._head = send, encoding, validators, head
        self.compressor: Compressor | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = self.start(message)
        elif message["type"] == "http.response.body" and self.compressor is not None and not self._head:
            more = message.get("more_body", False)
            body = self.compressor.compress(message.get("body", b"")) + (b"" if more else self.compressor.flush())
            if more and not body:
                return
            message = {**message, "body": body}
        await self._send(message)

    def start(self, message: Message) -> Message:
        """The head, changed for what is to come."""
        message = {**message, "headers": list(message["headers"])}
        headers = MutableHeaders(scope=message)
        if not _COMPRESSIBLE.match(headers.get("content-type", "")) and message["status"] != 304:
            return message
        headers.add_vary_header("Accept-Encoding")
        if message["status"] == 304:
            self._tag(headers, only_if_named=True)
        elif "content-encoding" not in headers and int(headers.get("content-length", SMALLEST)) >= SMALLEST:
            self.compressor = _COMPRESSORS[self._encoding]()
            headers["Content-Encoding"] = self._encoding
            del headers["content-length"]
            self._tag(headers)
        return message

    def _tag(self, headers: MutableHeaders, only_if_named: bool = False) -> None:
        if tag := _TAG.fullmatch(headers.get("etag", "")):
            encoded = f'{tag[1] or ""}"{tag[2]}-{self._encoding}"'
            if not only_if_named or encoded in self._validators:
                headers["ETag"] = encoded
