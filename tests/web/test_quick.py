"""Requests answered without a task: the same answers as by the ordinary way, whatever is asked; and what is asked is read the same."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratgraph.store.interface import Answer, QueryRequest, WholeAnswer
from stratgraph.web.errors import RequestError
from stratgraph.web.kept import Kept, KeptAnswer, KeptAnswers
from stratgraph.web.protocol import parse_fields
from stratgraph.web.quick import Quick, read_query

_QUERIES = (
    "SELECT ?s { ?s a ?c } ORDER BY ?s LIMIT 3",
    "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 3000",
    "SELECT (RAND() AS ?r) {} LIMIT 0",
    "ASK { ?s ?p '施策=100%+' }",
    "CONSTRUCT { ?s a ?c } WHERE { { SELECT * { ?s a ?c } ORDER BY ?s LIMIT 2 } }",
    "PREFIX sg: <https://w3id.org/stratgraph/ontology#> SELECT ?g { GRAPH ?g { ?s a sg:Theme } } ORDER BY ?g ?s LIMIT 2",
    "SELECT ?x { ?x",
    "SELECT (<http://example.org/none>(1) AS ?x) {}",
    "INSERT DATA { <a:a> <a:b> <a:c> }",
    "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    " ",
    "SELECT * {}\0",
)


@pytest.mark.parametrize(
    ("accept", "encoding"), [("*/*", "identity"), ("text/csv;q=0.5, text/turtle", "gzip"), ("application/sparql-results+xml", "br")]
)
@pytest.mark.parametrize("query", _QUERIES)
def test_the_quick_way_says_what_the_ordinary_way_says(query: str, accept: str, encoding: str, client: httpx.Client) -> None:
    """Status, headers and body are those of the same request with a field more, which goes the ordinary way."""
    headers = {"Accept": accept, "Accept-Encoding": encoding}
    quick = client.get(f"/sparql?query={quote(query)}", headers=headers)
    ordinary = client.get(f"/sparql?query={quote(query)}&lang=en", headers=headers)
    assert quick.status_code == ordinary.status_code
    assert quick.content == ordinary.content
    assert _told(quick) == _told(ordinary)
    assert client.get(f"/sparql?query={quote(query)}", headers=headers).content == quick.content


def _told(response: httpx.Response) -> dict[str, str]:
    passing = {"date", "content-length", "transfer-encoding"}  # what is compressed while it is sent has no length
    return {name: value for name, value in response.headers.items() if name not in passing}


@given(st.text(st.sampled_from("ab =+&%;#0Af施\n\0"), max_size=20) | st.text(max_size=20), st.booleans())
def test_a_query_is_read_as_the_protocol_reads_it(text: str, escaped: bool) -> None:
    """What is read from a query string is its one field `query`; what is not read is left to the protocol."""
    raw = b"query=" + (quote(text, safe="").encode() if escaped else text.encode("utf-8", "surrogatepass"))
    try:
        found = read_query(raw)
    except UnicodeDecodeError:
        found = None
    if found is not None:
        assert [("query", found)] == parse_fields(raw)
    elif escaped and "\0" not in text:
        with pytest.raises(RequestError):
            parse_fields(raw)


def test_requests_sent_in_one_go_are_answered_in_order(client: httpx.Client) -> None:
    """Three requests in the same bytes on one connection."""
    host, port = client.base_url.host, client.base_url.port or 80
    numbers = [f"{time.time_ns()}{one}" for one in range(3)]
    asked = "".join(f"GET /sparql?query=SELECT+({n}+AS+?n)+%7B%7D HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n\r\n" for n in numbers)
    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall(asked.encode())
        got = b""
        while got.count(b"HTTP/1.1 200") < 3 or not got.endswith(b"\r\n"):
            part = connection.recv(65536)
            assert part
            got += part
    places = [got.find(number.encode()) for number in numbers]
    assert -1 not in places
    assert places == sorted(places)


class _Begun:
    """A query that has been answered, or failed."""

    def __init__(self, whole: WholeAnswer | None) -> None:
        self._whole = whole
        self.waiting = True
        self.left = False
        self.heard: Callable[[], None] = lambda: None

    def listen(self, heard: Callable[[], None]) -> None:
        """Keep it."""
        self.heard = heard

    def come(self) -> None:
        """There is news."""
        self.waiting = False
        self.heard()

    def whole(self) -> WholeAnswer | None:
        """What was prepared."""
        return self._whole

    async def answer(self) -> Answer:
        """Not asked for here."""
        raise NotImplementedError

    def leave(self) -> None:
        """Remember it."""
        self.left = True


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        (b"query=ASK%20%7B%7D", True),
        (b"query=ASK%20%7B%7D&timeout=1", False),
        (b"query=%zz", False),
        (b"query=%FF", False),
        (b"query=%20", False),
        (b"", False),
    ],
)
def test_only_a_plain_query_goes_the_quick_way(line: bytes, taken: bool) -> None:
    """Everything else is left to the ordinary way, and nothing has been begun for it."""
    begun, _, told = _ask(line, WholeAnswer("boolean", "json", b"{}"))
    assert [isinstance(one, KeptAnswer) for one in told] == [True] * taken
    assert len(begun) == taken


def test_what_is_not_answered_at_once_is_left_when_nobody_takes_it() -> None:
    """The ordinary way gets the query that was begun; if it ends without having taken it, the query ends and the place is given back."""
    begun, site, told = _ask(b"query=ASK%20%7B%7D", None)
    assert site.clients.running == 1

    async def nothing(*_: Any) -> None: ...

    asyncio.run(told[0]({"type": "http"}, nothing, nothing))
    assert begun[0].left
    assert (site.clients.running, site.held) == (0, 0)


class _Clients:
    def __init__(self) -> None:
        self.running = 0

    def take_place(self, peer: Any, forwarded: str | None) -> str:
        self.running += 1
        return f"{peer}{forwarded}"

    def release(self, address: str) -> None:
        assert address
        self.running -= 1


class _Site:
    """As much of a site as is looked at."""

    def __init__(self, begun: list[_Begun], whole: WholeAnswer | None) -> None:
        self.clients, self.held, self._begun, self._whole = _Clients(), 0, begun, whole
        self.store = self.release = self.settings = self
        self.id, self.query_timeout, self.response_bytes, self.answer_rows, self.partial_bytes = "r", 1.0, 1, 1, 1

    def begin(self, request: QueryRequest) -> _Begun:
        """A store's."""
        assert request.query
        self._begun.append(_Begun(self._whole))
        return self._begun[-1]

    def hold(self) -> None:
        """Count."""
        self.held += 1

    def let_go(self) -> None:
        """Count."""
        self.held -= 1


def _ask(line: bytes, whole: WholeAnswer | None) -> tuple[list[_Begun], _Site, list[Any]]:

    begun: list[_Begun] = []
    told: list[Any] = []
    site: Any = _Site(begun, whole)

    async def ordinary(*_: Any) -> None: ...

    async def run() -> None:
        quick = Quick(ordinary, Kept(ordinary, KeptAnswers(1000), lambda: "r"), lambda: site)
        headers = [(b"host", b"a"), (b"accept", b"*/*")]
        scope = {"type": "http", "method": "GET", "path": "/sparql", "query_string": line, "headers": headers, "client": ("a", 1)}
        quick.begin(scope, lambda answer, app: told.append(answer or app))
        for one in begun:
            one.come()

    asyncio.run(run())
    return begun, site, told
