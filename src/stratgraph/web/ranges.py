"""Parts of a file: what a Range header asks for, and a response that sends it piece by piece. Imports this package's errors.

Source: RFC 9110, section 14. Several ranges at once are answered by the whole (section 14.2 allows it), so that no request costs more than
the file; a unit we do not know, or a header that is none, is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import anyio
from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from stratgraph.web.errors import RequestError

_PIECE: Final = 256 * 1024
_RANGES: Final = re.compile(r"bytes=([\d\s,-]{1,2000})", re.IGNORECASE)
_RANGE: Final = re.compile(r"(\d{1,18})?-(\d{1,18})?")


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The part that a Range header asks of `size` bytes, as start and end (exclusive); None: the whole.

    Raises RequestError (416) where the header is right but nothing of what it asks for is there.
    """
    found = _RANGES.fullmatch((header or "").strip())
    parts = [one.strip() for one in found[1].split(",") if one.strip()] if found else []
    asked = [_span(part, size) for part in parts]
    if not asked or None in asked:
        return None
    there = [one for one in asked if one is not None and one[0] < one[1]]
    if not there:
        raise RequestError(416, f"The file has {size} bytes; no part that was asked for lies within.", {"Content-Range": f"bytes */{size}"})
    return there[0] if len(asked) == 1 else None


def _span(part: str, size: int) -> tuple[int, int] | None:
    """A part within the file, empty where it lies outside; None where it is none."""
    found = _RANGE.fullmatch(part)
    if found is None or part == "-":
        return None
    first, last = (int(one) if one else None for one in found.groups())
    if first is None:
        return max(0, size - (last or 0)), size
    if last is not None and last < first:
        return None
    return min(first, size), size if last is None else min(last + 1, size)


class FileBody(Response):
    """A file, or the part of it that the request's Range (and If-Range) asks for. Memory does not grow with the file.

    `tag` is the file's strong ETag, `headers` what the answer carries beside ranges and length. Raises RequestError (416), OSError.
    """

    def __init__(self, request: Request, path: Path, tag: str, headers: Mapping[str, str]) -> None:
        size = path.stat().st_size
        condition = request.headers.get("if-range")
        self._head = getattr(request.state, "head", False)  # RFC 9110: Range is defined for GET only
        asked = None if self._head or condition not in (None, tag) else parse_range(request.headers.get("range"), size)
        self._path, (self._start, self._end) = path, asked or (0, size)
        told = {"Accept-Ranges": "bytes", "Content-Length": str(self._end - self._start), **headers}
        if asked:
            told["Content-Range"] = f"bytes {self._start}-{self._end - 1}/{size}"
        super().__init__(None, 206 if asked else 200, told)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send the head and, where it is not HEAD, the bytes as fast as the client takes them."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        left = 0 if self._head else self._end - self._start
        if left:
            # Opened and closed here, not in a thread: who is cancelled on the way there would leave the file open.
            with self._path.open("rb") as opened:
                opened.seek(self._start)
                file = anyio.wrap_file(opened)
                while left and (piece := await file.read(min(_PIECE, left))):
                    left -= len(piece)
                    await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
        else:
            await send({"type": "http.response.body", "body": b""})
