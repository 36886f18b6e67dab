"""The commonest request, a GET of /sparql with a query and nothing else, without a task of its own. Imports this package's parts.

What the framework, the layers and a task take together is several times what a worker takes for a lookup. So the query is handed over
as soon as the request's head is there, and if the whole answer is there soon, it is written as kept answers are. Everything else (a
request with more to it, an error, a long answer, a client that left) goes the ordinary way, which takes over the query begun here: so
every rule stands in one place, and this module has only to know what it need not look at.
"""

from __future__ import annotations

import asyncio
import binascii
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from stratgraph.errors import StratgraphError
from stratgraph.formats import Format
from stratgraph.store.interface import Begun, QueryRequest, WholeAnswer
from stratgraph.web.compress import compress_whole
from stratgraph.web.heads import Manner, read_head
from stratgraph.web.kept import Header, Kept, KeptAnswer, Key, to_head
from stratgraph.web.protocol import ProtocolRequest
from stratgraph.web.responses import tag_of_text
from stratgraph.web.shell import RAW_HEADERS
from stratgraph.web.site import Site
from stratgraph.web.sparql import FORMATS_BY_NAME, BegunAnswer, Wanted, answer_headers, manner_of, query_request

# Seconds for which a request waits here.
_SOON: Final = 0.25
_FIELD: Final = b"query="
Peer = tuple[str, int] | None
Tell = Callable[[KeptAnswer | None], None]


def read_query(query_string: bytes) -> str | None:
    """The query of `query=…`, if there is nothing else and it is well-formed, else None (or UnicodeDecodeError)."""
    if not query_string.startswith(_FIELD) or b"&" in query_string or not query_string.isascii():
        return None
    # Percent-escapes are those of quoted-printable with another sign; that decoder is quick. It leaves what is no escape.
    escaped = query_string[len(_FIELD) :].replace(b"+", b" ").replace(b"=", b"%3D").replace(b"%", b"=")
    query = binascii.a2b_qp(escaped)
    if len(query) != len(escaped) - 2 * escaped.count(b"=") or b"\0" in query:
        return None
    return query.decode()


class _Plain:
    """What all plain queries of one release share: by the formats' names the request without its query, and the manner for its tag."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._known: dict[tuple[str | None, ...], tuple[QueryRequest, str]] = {}

    def of(self, wanted: Wanted) -> tuple[QueryRequest, str]:
        """Request and manner."""
        if (found := self._known.get(wanted.names)) is None:
            asked = ProtocolRequest("")
            found = self._known[wanted.names] = query_request(self.site, asked, wanted.names), manner_of(asked, wanted)
        return found


@dataclass(slots=True)
class _Request:
    """What is known of a request when its query is begun."""

    site: Site
    key: Key | None
    tag: str
    address: str
    encoding: str | None


class Quick:
    """Takes requests ahead of `app`, the ordinary way; what may be kept goes into `kept`."""

    def __init__(self, app: ASGIApp, kept: Kept, site: Callable[[], Site]) -> None:
        self._app, self._kept, self._site = app, kept, site
        # One timer serves all who wait, since all wait equally long.
        self._queue: deque[Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._plain: _Plain | None = None

    def begin(self, head: bytes, client: Peer, tell: Tell) -> tuple[KeptAnswer | None, Waiting | None]:
        """Begin to answer the request whose head this is: the answer, if it is kept, or what waits for it. Neither: not this way.

        `tell` gets the whole answer later, or None: the waiting one is then the application that answers the request.
        """
        read = read_head(head)
        if read is None:
            return None, None
        query_string, manner = read
        key = self._kept.key_of_query(query_string, manner.key)
        if key is not None and (kept := self._kept.answers.find(key)) is not None:
            return kept, None
        try:
            query = read_query(query_string)
            if not query or query.isspace():
                return None, None
            request, begun = self._ask(query, manner, key, client)
        except (StratgraphError, UnicodeDecodeError):  # the ordinary way says what is wrong
            return None, None
        waiting = Waiting(self._app, self._kept, request, begun, tell)
        self._await(waiting)
        return None, waiting

    def _ask(self, query: str, manner: Manner, key: Key | None, client: Peer) -> tuple[_Request, Begun]:
        site = self._site()
        if self._plain is None or self._plain.site is not site:
            self._plain = _Plain(site)
        like, tail = self._plain.of(manner.wanted)
        address = site.clients.take_place(client, manner.forwarded)
        try:
            begun = site.store.begin(like.asking(query))
        except BaseException:
            site.clients.release(address)
            raise
        site.hold()
        return _Request(site, key, tag_of_text(site.release.id, f"{query}\x1f{tail}"), address, manner.encoding), begun

    def _await(self, waiting: Waiting) -> None:
        self._queue.append(waiting)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(waiting.until, self._hurry)

    def _hurry(self) -> None:
        """Whoever has waited long enough goes on by the ordinary way."""
        loop = asyncio.get_running_loop()
        self._timer = None
        try:
            while self._queue and (self._queue[0].over or self._queue[0].until <= loop.time()):
                self._queue.popleft().go_on()
        finally:
            if self._queue:
                self._timer = loop.call_at(self._queue[0].until, self._hurry)


class Waiting:
    """A request whose query runs. After `tell(None)` it is the application that goes on from here, if it is not left."""

    __slots__ = ("_app", "_begun", "_kept", "_request", "_tell", "over", "until")

    def __init__(self, app: ASGIApp, kept: Kept, request: _Request, begun: Begun, tell: Tell) -> None:
        self._app, self._kept, self._request, self._begun, self._tell = app, kept, request, begun, tell
        self.over = False
        self.until = asyncio.get_running_loop().time() + _SOON
        begun.listen(self._hear)

    def go_on(self) -> None:
        """Go the ordinary way from here."""
        if not self.over:
            self.over = True
            self._begun.listen(_nothing)
            self._tell(None)

    def leave(self) -> None:
        """Nobody wants the answer any more: the client left, or could not be told."""
        self.over = True
        self._begun.leave()
        self._request.site.clients.release(self._request.address)
        self._request.site.let_go()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, by the query that has been begun."""
        site = self._request.site
        begun = BegunAnswer(self._begun, self._request.address)
        scope.setdefault("state", {}).update(site=site, begun=begun)
        try:
            await self._app(scope, receive, send)
        finally:
            site.let_go()
            if begun.take() is not None:
                self._begun.leave()
                site.clients.release(self._request.address)

    def _hear(self) -> None:
        if self._begun.waiting or self.over:
            return
        whole = self._begun.whole()
        if whole is None:
            self.go_on()
            return
        self.over = True
        self._begun.listen(_nothing)
        request = self._request
        request.site.clients.release(request.address)
        request.site.let_go()
        answer = _make(request, whole)
        if request.key is not None and not whole.volatile:
            self._kept.answers.keep(request.key, answer)
        self._tell(answer)


def _nothing() -> None:
    pass


def _make(request: _Request, whole: WholeAnswer) -> KeptAnswer:
    headers, head = _headers(request.site.release.id, FORMATS_BY_NAME[whole.format], whole.volatile)
    tag = request.tag.encode("latin-1")
    if request.encoding is None:
        told = b"" if whole.volatile else b"etag: %b\r\n" % tag
        return KeptAnswer(b"%b%bcontent-length: %d\r\n" % (head, told, len(whole.body)), tag, whole.body)
    own = ((b"etag", tag), (b"content-length", b"%d" % len(whole.body)))[whole.volatile :]
    packed, body = compress_whole((*headers, *own), whole.body, request.encoding)
    return KeptAnswer(to_head(packed), dict(packed).get(b"etag", b""), body)


@lru_cache(64)
def _headers(release: str, kind: Format, volatile: bool) -> tuple[tuple[Header, ...], bytes]:
    """All headers but ETag and length, which every answer has its own of, and the same as they stand in HTTP/1.1."""
    told = {**answer_headers(release, "", volatile), "Content-Type": kind.content_type}
    raw = ((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items() if name != "ETag")
    headers = (*raw, *RAW_HEADERS)
    return headers, to_head(headers)
