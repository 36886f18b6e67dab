"""Answers that are kept: the same request to the same release gets the same bytes, without asking anybody. Imports this package's compress.

A release never changes, so an answer that says it may be cached (`public`, with an ETag) holds until the next release. What is kept is
bounded in bytes; the least lately used goes first. A request is the same if path, query string, body and all that answers vary by are.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stratgraph.web.compress import choose_encoding

Header = tuple[bytes, bytes]
# Method, path, Content-Type, query string, Accept, Accept-Language, encoding, body.
Key = tuple[str, str, bytes, bytes, bytes, bytes, str | None, bytes]
# Content-Type, Accept, Accept-Language, encoding.
KeyParts = tuple[bytes, bytes, bytes, str | None]
# One answer may take this share of all that is kept.
_SHARE: Final = 8
_LONGEST_BODY: Final = 64 * 1024
_SOON: Final = 1.0
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "QUERY"})
# With these a request asks for a part, or says what is not in its key.
NOT_ALONE: Final = frozenset({b"range", b"if-range", b"authorization", b"content-encoding", b"transfer-encoding"})


class KeptAnswer:
    """A whole answer: status 200, its headers as they stand in HTTP/1.1, its body. As few objects as can be: there are many."""

    __slots__ = ("body", "head", "tag")

    def __init__(self, head: bytes, tag: bytes, body: bytes) -> None:
        self.head, self.tag, self.body = head, tag, body

    @property
    def headers(self) -> list[Header]:
        """The headers, by name in lower case."""
        pairs = (line.partition(b": ") for line in self.head.split(b"\r\n")[:-1])
        return [(name, value) for name, _, value in pairs]

    def unchanged(self) -> KeptAnswer:
        """The answer to who has it already: 304."""
        headers = (one for one in self.headers if one[0] not in (b"content-length", b"content-type", b"content-encoding"))
        return KeptAnswer(to_head(headers), self.tag, b"")


def to_head(headers: Iterable[Header]) -> bytes:
    """Headers as they stand in HTTP/1.1."""
    return b"".join([b"%s: %s\r\n" % one for one in headers])


class KeptAnswers:
    """The answers of one release, the least lately used first. `size` is in bytes; 0 keeps nothing."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.release = ""
        self.taken = 0
        self._answers: OrderedDict[Key, KeptAnswer] = OrderedDict()

    def use(self, release: str) -> None:
        """From now on, answers of this release; those of another are dropped."""
        if release != self.release:
            self.release, self.taken = release, 0
            self._answers.clear()

    def find(self, key: Key) -> KeptAnswer | None:
        """The answer to a request, if it is kept."""
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def keep(self, key: Key, answer: KeptAnswer) -> None:
        """Keep an answer, unless it is too large or another release's (its ETag tells)."""
        cost = len(answer.body) + len(key[3]) + len(key[7])
        if cost > self.size // _SHARE or not answer.tag.startswith(b'"' + self.release.encode() + b"-"):
            return
        if (old := self._answers.pop(key, None)) is not None:
            self.taken -= len(old.body) + len(key[3]) + len(key[7])
        self._answers[key] = answer
        self.taken += cost
        while self.taken > self.size:
            gone, dropped = self._answers.popitem(last=False)
            self.taken -= len(dropped.body) + len(gone[3]) + len(gone[7])


class Kept:
    """Wraps the application: kept answers are served ahead of everything else. `release` tells which release is served now."""

    def __init__(self, app: ASGIApp, answers: KeptAnswers, release: Callable[[], str]) -> None:
        self.app, self.answers, self.release = app, answers, release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or pass on and keep what comes."""
        if scope["type"] != "http" or scope["method"] not in _METHODS:
            await self.app(scope, receive, send)
            return
        body = b""
        if scope["method"] in ("POST", "QUERY"):
            first = await _first(scope, receive)
            receive = receive if first is None else _Replay(first, receive)
            body = b"" if first is None or first.get("more_body", False) else first.get("body", b"")
            if not body or len(body) > _LONGEST_BODY:
                await self.app(scope, receive, send)
                return
        key = self._key(scope, body)
        if key is None:
            await self.app(scope, receive, send)
        elif (kept := self.answers.find(key)) is not None:
            status, answer = _for(kept, scope)
            await send({"type": "http.response.start", "status": status, "headers": answer.headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})
        elif scope["method"] == "HEAD":
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, _Recorder(send, self.answers, key))

    def ready(self, scope: Scope) -> tuple[int, KeptAnswer] | None:
        """Status and answer to a request without a body, if they are kept: for who can write them without being asked to wait."""
        if scope["method"] not in ("GET", "HEAD"):
            return None
        key = self._key(scope, b"")
        kept = self.answers.find(key) if key is not None else None
        return None if kept is None else _for(kept, scope)

    def key_of_query(self, query_string: bytes, parts: KeyParts) -> Key | None:
        """By what the answer to a GET of /sparql with these parts of a key is kept; None where nothing is."""
        if not self.answers.size:
            return None
        self.answers.use(self.release())
        content_type, accept, language, encoding = parts
        return ("GET", "/sparql", content_type, query_string, accept, language, encoding, b"")

    def _key(self, scope: Scope, body: bytes) -> Key | None:
        """What the answer to a request depends on; None where that cannot be told, or nothing is kept.

        Each header has to stand there once, Host among them, and none may ask for anything out of the ordinary.
        """
        asked = dict(scope["headers"])
        if b"host" not in asked or len(asked) < len(scope["headers"]) or not NOT_ALONE.isdisjoint(asked):
            return None
        if not self.answers.size or scope["path"].startswith("/dumps/"):
            return None
        self.answers.use(self.release())
        content_type, accept, language, encoding = key_parts(asked)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        return (method, scope["path"], content_type, scope["query_string"], accept, language, encoding, body)


async def _first(scope: Scope, receive: Receive) -> Message | None:
    """The first piece of a short body, if it is there soon: for one that is long or slow the application has its limits."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if not length.isdigit() or int(length) > _LONGEST_BODY:
        return None
    try:
        async with asyncio.timeout(_SOON):
            return await receive()
    except TimeoutError:
        return None


def _for(kept: KeptAnswer, scope: Scope) -> tuple[int, KeptAnswer]:
    """The status and the answer for one request: 304 where it names the tag."""
    validators = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
    if validators and kept.tag in (one.strip().removeprefix(b"W/") for one in validators.split(b",")):
        return 304, kept.unchanged()
    return 200, kept


def key_parts(headers: Mapping[bytes, bytes]) -> KeyParts:
    """What of a key is said by headers."""
    encoding = choose_encoding(headers.get(b"accept-encoding", b"").decode("latin-1"))
    return headers.get(b"content-type", b""), headers.get(b"accept", b""), headers.get(b"accept-language", b""), encoding


class _Recorder:
    """A `send` that passes everything on, and keeps it when the whole answer has come by and may be kept."""

    def __init__(self, send: Send, answers: KeptAnswers, key: Key) -> None:
        self._send, self._answers, self._key = send, answers, key
        self._headers: tuple[Header, ...] = ()
        self._tag = b""
        self._body: bytearray | None = None

    async def __call__(self, message: Message) -> None:
        await self._send(message)  # first: what the server refuses to send is not kept
        if message["type"] == "http.response.start":
            self._begin(message)
        elif message["type"] == "http.response.body" and self._body is not None:
            self._body += message.get("body", b"")
            if len(self._body) > self._answers.size // _SHARE:
                self._body = None
            elif not message.get("more_body", False):
                self._end(self._body)

    def _begin(self, message: Message) -> None:
        headers = {name.lower(): value for name, value in message["headers"]}
        if message["status"] == 200 and b"public" in headers.get(b"cache-control", b"") and b"etag" in headers:
            self._headers = tuple((name.lower(), value) for name, value in message["headers"])
            self._tag, self._body = headers[b"etag"], bytearray()

    def _end(self, body: bytearray) -> None:
        # Streamed or compressed when it was made, it has a length now.
        length = (b"content-length", str(len(body)).encode())
        headers = (*(one for one in self._headers if one[0] != b"content-length"), length)
        self._answers.keep(self._key, KeptAnswer(to_head(headers), self._tag, bytes(body)))
        self._body = None


class _Replay:
    """A `receive` whose first message has been read, and is given once more."""

    def __init__(self, first: Message, receive: Receive) -> None:
        self._first: Message | None = first
        self._receive = receive

    async def __call__(self) -> Message:
        first, self._first = self._first, None
        return first if first is not None else await self._receive()
