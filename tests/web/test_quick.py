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
from stratgraph.web.heads import read_head
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
        while numbers[-1].encode() not in got:
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
        head = b"GET /sparql?%b HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n" % line
        _, waiting = quick.begin(head, ("a", 1), lambda answer: told.append(answer or waiting))
        for one in begun:
            one.come()

    asyncio.run(run())
    return begun, site, told


_HEAD = "GET {target} HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n{more}\r\n"


def _said(number: int) -> str:
    return f"/sparql?query=SELECT+({number}+AS+?n)+%7B%7D"


@pytest.mark.parametrize(
    "raw",
    [
        "GET /sparql HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.0\r\nHost: a\r\n\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\n",
        "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\n\r\nGET",
        "GET /sparql?query=ASK %7B%7D HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /sparql?query=ASK%7B%7D#a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /sparql?query=ASK%7B%7D&a=b HTTP/1.1\r\nHost: a\r\n\r\n",
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="Connection: close\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="Content-Length: 3\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="Transfer-Encoding: chunked\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="Accept: text/html\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="If-None-Match: *\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="Range: bytes=0-3\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="Upgrade: websocket\r\nConnection: upgrade\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="Bad Name: x\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="X-A: \0\r\n"),
        _HEAD.format(target="/sparql?query=ASK%7B%7D", more="X-Long: " + "a" * 4096 + "\r\n"),
    ],
)
def test_what_is_not_plainly_a_query_is_left_to_the_parser(raw: str) -> None:
    """Another method, version, path or field, a head in parts or with more behind it, headers that ask for more or are ambiguous."""
    assert read_head(raw.encode()) is None


def test_a_plain_head_says_how_its_answer_is_wanted() -> None:
    """Formats, encoding and the client behind a proxy are read; the line's bytes are the key's."""
    found = read_head(_HEAD.format(target=_said(1), more="accept-encoding: br\r\nX-FORWARDED-FOR: 192.0.2.1\r\n").encode())
    assert found is not None
    query_string, manner = found
    assert (read_query(query_string), manner.encoding, manner.forwarded) == ("SELECT (1 AS ?n) {}", "br", "192.0.2.1")
    assert manner.wanted.names[0] == "csv"
    assert manner.key == (b"", b"text/csv", b"", "br")


def test_a_body_that_looks_like_a_request_is_none(client: httpx.Client) -> None:
    """What belongs to a body whose request has been answered already (413) is not read as the next request."""
    host, port = client.base_url.host, client.base_url.port or 80
    smuggled = _HEAD.format(target=_said(time.time_ns()), more="").encode()
    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 9999999999\r\n\r\n"
        )
        got = connection.recv(65536)
        assert got.startswith(b"HTTP/1.1 413")
        try:
            connection.sendall(smuggled)
            connection.settimeout(1.0)
            while part := connection.recv(65536):
                got += part
        except (TimeoutError, ConnectionError):
            pass
    assert got.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_a_request_that_comes_while_another_waits_is_answered_after_it(pause: float, client: httpx.Client) -> None:
    """The first takes longer than the second, which comes in bytes of its own before the first is answered."""
    host, port = client.base_url.host, client.base_url.port or 80
    some = "{ SELECT * { ?%s ?%s ?%s } LIMIT 600 }"
    slow = f"SELECT (COUNT(*) AS ?n) ({time.time_ns()} AS ?x) {{ {some % ('a', 'b', 'c')} {some % ('d', 'e', 'f')} }}"
    first = _HEAD.format(target=f"/sparql?query={quote(slow)}", more="")
    mark = time.time_ns()
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(first.encode())
        time.sleep(pause)
        connection.sendall(_HEAD.format(target=_said(mark), more="Connection: close\r\n").encode())
        got = b""
        while part := connection.recv(65536):
            got += part
    assert got.count(b"HTTP/1.1 ") == 2
    assert got.rstrip().endswith(str(mark).encode())


def test_a_client_that_leaves_while_it_waits_gives_its_place_back(client: httpx.Client) -> None:
    """More clients leave a long query than there are places: the next is answered, and soon."""
    host, port = client.base_url.host, client.base_url.port or 80
    for number in range(12):
        slow = f"SELECT (COUNT(*) AS ?n) ({time.time_ns()}{number} AS ?x) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}"
        with socket.create_connection((host, port), timeout=20) as connection:
            connection.sendall(_HEAD.format(target=f"/sparql?query={quote(slow)}", more="").encode())
            time.sleep(0.02)
    found = client.get(_said(time.time_ns()), headers={"Accept": "text/csv"}, timeout=20)
    assert found.status_code == 200
