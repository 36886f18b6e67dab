"""Heads of plain requests for a query's answer, read once for all that say the same beside the query. Imports httptools.

A program sends the same headers with every request. So the server's parser reads a set of headers once; a request with the same
bytes behind its first line means the same. What is not plainly such a request is not read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httptools

from stratgraph.errors import NotAcceptable
from stratgraph.web.kept import NOT_ALONE, Header, KeyParts, key_parts
from stratgraph.web.sparql import Wanted, choose_formats, is_sheet

# One query and nothing else; what is left out of the ranges is `&` and `#`.
_LINE: Final = re.compile(rb"""GET /sparql\?(query=[!-"$%'-~]+) HTTP/1\.1\r\n""")
_END: Final = b"\r\n\r\n"
_LONGEST: Final = 4096
# What these ask for is more than the answer.
_MORE: Final = frozenset({b"if-none-match", b"content-length", b"expect", b"upgrade"}) | NOT_ALONE


@dataclass(frozen=True, slots=True)
class Manner:
    """What headers say of how an answer is wanted; `forwarded` is X-Forwarded-For, `key` the parts of a key of `Kept`."""

    wanted: Wanted
    encoding: str | None
    forwarded: str | None
    key: KeyParts


def read_head(data: bytes) -> tuple[bytes, Manner] | None:
    """Query string and manner of a request whose head these bytes are, the whole of it and nothing more; None if it is not so plain."""
    if (line := _LINE.match(data)) is None:
        return None
    headers = data[line.end() :]
    if len(headers) > _LONGEST or headers.find(_END) != len(headers) - len(_END):
        return None
    manner = _read_headers(headers)
    return None if manner is None else (line[1], manner)


@lru_cache(256)
def _read_headers(lines: bytes) -> Manner | None:
    found = _Headers()
    found.parser = parser = httptools.HttpRequestParser(found)
    try:
        parser.feed_data(b"GET / HTTP/1.1\r\n" + lines)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    headers = dict(found.headers)
    if not found.complete or not found.stays or len(headers) < len(found.headers):
        return None
    if b"host" not in headers or not _MORE.isdisjoint(headers):
        return None
    try:
        wanted = choose_formats(_text(headers.get(b"accept")), None)
    except NotAcceptable:  # the ordinary way says what is offered
        return None
    if wanted.page or is_sheet(wanted.solutions):
        return None
    parts = key_parts(headers)
    return Manner(wanted, parts[-1], _text(headers.get(b"x-forwarded-for")), parts)


class _Headers:
    """Takes what the parser finds; `stays`: whether the connection is to be kept."""

    def __init__(self) -> None:
        self.parser: httptools.HttpRequestParser | None = None
        self.headers: list[Header] = []
        self.complete = self.stays = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Called by the parser, which forgets with the message what it has said of the connection."""
        self.stays = self.parser is not None and self.parser.should_keep_alive()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self.complete = True


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value is not None else None
