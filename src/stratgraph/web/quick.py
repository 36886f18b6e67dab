"""The commonest request, a GET of /sparql with a query and nothing else, without a task of its own. Imports this package's parts.

What the framework, the layers and a task take together is several times what a worker takes for a lookup. So the query is handed over
as soon as the request's head is read, and if the whole answer is there soon, it is written as kept answers are. Everything else (a
request with more to it, an error, a long answer, a client that left) goes the ordinary way, which takes over the query begun here: so
every rule stands in one place, and this module has only to know what it need not look at.
"""

from __future__ import annotations

import asyncio
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from stratgraph.errors import StratgraphError
from stratgraph.formats import Format
from stratgraph.store.interface import Begun, WholeAnswer
from stratgraph.web.compress import choose_encoding, compress_whole
from stratgraph.web.kept import Header, Kept, KeptAnswer, Key, to_head
from stratgraph.web.protocol import ProtocolRequest
from stratgraph.web.shell import RAW_HEADERS
from stratgraph.web.site import Site
from stratgraph.web.sparql import FORMATS_BY_NAME, BegunAnswer, Wanted, answer_headers, choose_formats, is_sheet, query_request, tag_of

# Seconds for which a request waits here.
_SOON: Final = 0.25
_FIELD: Final = b"query="
# What these ask for is more than the answer.
_MORE: Final = frozenset({b"if-none-match", b"content-length", b"expect", b"upgrade"})
Peer = tuple[str, int] | None
Tell = Callable[[KeptAnswer | None, ASGIApp | None], None]


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

    def begin(self, scope: Scope, tell: Tell) -> Callable[[], None] | None:
        """Begin to answer. None: not this way. Later `tell` gets the whole answer, or an application that goes on from here.

        Call what is returned when there is a reason to go on that way now: the client left.
        """
        if scope["method"] != "GET" or scope["path"] != "/sparql":
            return None
        asked, key = self._kept.looked_up(scope)
        if asked is None or not _MORE.isdisjoint(asked):
            return None
        try:
            query = read_query(scope["query_string"])
            wanted = choose_formats(_text(asked.get(b"accept")), None)
            if not query or query.isspace() or wanted.page or is_sheet(wanted.solutions):
                return None
            return self._begin(asked, key, ProtocolRequest(query), wanted, (scope["client"], tell))
        except (StratgraphError, UnicodeDecodeError):  # the ordinary way says what is wrong
            return None

    def _begin(
        self, asked: dict[bytes, bytes], key: Key | None, read: ProtocolRequest, wanted: Wanted, arrived: tuple[Peer, Tell]
    ) -> Callable[[], None]:
        peer, tell = arrived
        site = self._site()
        address = site.clients.take_place(peer, _text(asked.get(b"x-forwarded-for")))
        try:
            begun = site.store.begin(query_request(site, read, wanted.names))
        except BaseException:
            site.clients.release(address)
            raise
        site.hold()
        encoding = choose_encoding(_text(asked.get(b"accept-encoding")))
        request = _Request(site, key, tag_of(site, read, wanted), address, encoding)
        return _Waiting(self._app, self._kept, request, begun, tell).start()


class _Waiting:
    """A request whose query runs."""

    def __init__(self, app: ASGIApp, kept: Kept, request: _Request, begun: Begun, tell: Tell) -> None:
        self._app, self._kept, self._request, self._begun, self._tell = app, kept, request, begun, tell
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> Callable[[], None]:
        """Wait for news, for a while. Gives how to end the waiting."""
        self._timer = asyncio.get_running_loop().call_later(_SOON, self._go_on)
        self._begun.listen(self._hear)
        return self._go_on

    def _hear(self) -> None:
        if self._begun.waiting or self._timer is None:
            return
        whole = self._begun.whole()
        if whole is None:
            self._go_on()
            return
        self._timer.cancel()
        self._timer = None
        site = self._request.site
        site.clients.release(self._request.address)
        site.let_go()
        answer = _make(self._request, whole)
        if self._request.key is not None and not whole.volatile:
            self._kept.answers.keep(self._request.key, answer)
        self._tell(answer, None)

    def _go_on(self) -> None:
        """The ordinary way from here."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._begun.listen(_nothing)
        self._tell(None, self._resume)

    async def _resume(self, scope: Scope, receive: Receive, send: Send) -> None:
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


def _nothing() -> None:
    pass


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value is not None else None


def _make(request: _Request, whole: WholeAnswer) -> KeptAnswer:
    headers, head = _headers(request.site.release.id, FORMATS_BY_NAME[whole.format], whole.volatile)
    tag = request.tag.encode("latin-1")
    own: tuple[Header, ...] = ((b"content-length", b"%d" % len(whole.body)),)
    if not whole.volatile:
        own = ((b"etag", tag), *own)
    if request.encoding is None:
        return KeptAnswer((*headers, *own), tag, whole.body, head + to_head(own))
    packed, body = compress_whole((*headers, *own), whole.body, request.encoding)
    return KeptAnswer(packed, dict(packed).get(b"etag", b""), body)


@lru_cache(64)
def _headers(release: str, kind: Format, volatile: bool) -> tuple[tuple[Header, ...], bytes]:
    """All headers but ETag and length, which every answer has its own of, and the same as they stand in HTTP/1.1."""
    told = {**answer_headers(release, "", volatile), "Content-Type": kind.content_type}
    raw = ((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items() if name != "ETag")
    headers = (*raw, *RAW_HEADERS)
    return headers, to_head(headers)
