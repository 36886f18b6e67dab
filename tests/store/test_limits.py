"""Limits of rows, parts of answers, and the list of servers that SERVICE may ask."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratgraph.errors import AnswerTooLarge, QueryError, QueryTimeout, ServiceRefused
from stratgraph.settings import Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.interface import QueryRequest
from stratgraph.store.rdf import RDF_FORMATS, SOLUTION_FORMATS
from stratgraph.store.rows import ROW_ENDS, RowLimit

from .conftest import Harness

_FORMATS = ["json", "xml", "csv", "tsv"]
_ALL = "SELECT ?s ?o { ?s ?p ?o }"
# Texts made of what ends rows, quotes and escapes.
_PIECES = st.sampled_from(["},{", '"', "\\", "{}", "\r\n", "\n", "<result>", "</result>", "x", ",", "攻"])
_TEXTS = st.lists(_PIECES, max_size=12).map("".join)
_ROWS = st.lists(st.tuples(st.none() | _TEXTS, st.none() | _TEXTS), max_size=12)


def _answer(rows: list[tuple[str | None, str | None]], name: str) -> bytes:
    values = " ".join("(" + " ".join("UNDEF" if one is None else str(ox.Literal(one)) for one in row) + ")" for row in rows)
    found = ox.Store().query(f"SELECT ?x ?y {{ VALUES (?x ?y) {{ {values} }} }}")
    assert isinstance(found, ox.QuerySolutions)
    return found.serialize(format=SOLUTION_FORMATS[name]) or b""


@pytest.mark.parametrize("name", _FORMATS)
@given(rows=_ROWS, sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_rows_are_counted_exactly(name: str, rows: list[tuple[str | None, str | None]], sizes: list[int]) -> None:
    """However the bytes are cut into pieces and whatever texts hold: as many rows as allowed pass, one more does not."""
    content = _answer(rows, name)
    for limit, passes in ((max(1, len(rows)), True), (max(1, len(rows) - 1), len(rows) <= 1)):
        counted = RowLimit(name, limit)
        position, turn = 0, 0
        try:
            while position < len(content):
                size = sizes[turn % len(sizes)]
                counted.take(content[position : position + size])
                position, turn = position + size, turn + 1
        except AnswerTooLarge as error:
            assert (error.limit, error.unit) == (limit, "rows")
            assert not passes
        else:
            # What is too small for so many rows is not looked at, and what may be the first half of a mark waits.
            assert passes or len(content) < 40


@pytest.mark.parametrize("name", _FORMATS)
@given(rows=_ROWS)
def test_an_answer_is_cut_behind_a_row(name: str, rows: list[tuple[str | None, str | None]]) -> None:
    """What ends at a row's end is the beginning of the answer with fewer rows."""
    content = _answer(rows, name)
    shorter = {_answer(rows[:count], name) for count in range(len(rows) + 1)}
    for length in range(len(content)):
        end = ROW_ENDS[name](content[:length])
        closing = {"json": b"]}}", "xml": b"</results></sparql>"}.get(name, b"")
        assert end == 0 or content[:end] + closing in shorter


@pytest.mark.parametrize("name", _FORMATS)
def test_one_row_too_many_is_refused(unguarded: Harness, name: str) -> None:
    """5,000 rows pass a limit of 5,000 and not one of 4,999; nothing of a refused answer looks whole."""
    assert unguarded.ask(_ALL, solutions=name, answer_rows=5000)
    with pytest.raises(AnswerTooLarge, match="4999 rows"):
        unguarded.ask(_ALL, solutions=name, answer_rows=4999)


@pytest.mark.parametrize("name", _FORMATS)
def test_a_part_has_the_rows_that_are_allowed(unguarded: Harness, name: str) -> None:
    """With leave for a part, the answer has exactly as many rows as allowed, is valid, and says that it is a part."""
    request = QueryRequest(_ALL, solutions=name, answer_rows=1234, partial_bytes=2**24)
    answer = unguarded.run(unguarded.store.query(request))
    content = unguarded.run(_read(answer.body))
    assert not answer.complete
    rows = {
        "json": lambda: len(json.loads(content)["results"]["bindings"]) if json.loads(content)["complete"] is False else -1,
        "xml": lambda: len(ET.fromstring(content).findall(".//{*}result")),  # our own answer
        "csv": lambda: content.count(b"\r\n") - 1,
        "tsv": lambda: content.count(b"\n") - 1,
    }
    assert rows[name]() == 1234
    if name in ("xml", "tsv"):
        assert len(list(ox.parse_query_results(content, SOLUTION_FORMATS[name]))) == 1234  # type: ignore[arg-type]
    whole = unguarded.run(unguarded.store.query(QueryRequest(_ALL, solutions=name, partial_bytes=2**24)))
    assert whole.complete


@pytest.mark.parametrize("name", ["turtle", "ntriples", "trig", "nquads"])
def test_a_part_of_a_graph_parses(unguarded: Harness, name: str) -> None:
    """A graph is cut behind a statement, and a comment says that it is a part."""
    request = QueryRequest("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", graph=name, partial_bytes=100_000)
    answer = unguarded.run(unguarded.store.query(request))
    content = unguarded.run(_read(answer.body))
    assert not answer.complete
    assert content.endswith(b"# incomplete: a limit of this server was met\n")
    assert 0 < len(list(ox.parse(content, RDF_FORMATS[name]))) < 5000


def test_time_ends_a_part_too(unguarded: Harness) -> None:
    """What is there when time is over is given; where nothing is, the error is told."""
    endless = "SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f }"
    part = unguarded.run(unguarded.store.query(QueryRequest(endless, timeout=0.7, partial_bytes=2**30)))
    assert not part.complete
    assert json.loads(unguarded.run(_read(part.body)))["results"]["bindings"]
    with pytest.raises(QueryTimeout):
        unguarded.ask("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", timeout=0.5, partial_bytes=2**24)


async def _read(body: object) -> bytes:
    return b"".join([chunk async for chunk in body])  # type: ignore[attr-defined]


class _Handler(http.server.BaseHTTPRequestHandler):
    """An endpoint with one answer; `/elsewhere` redirects to the address in `target`."""

    target = ""
    heard: list[str] = []  # noqa: RUF012 (reset by the fixture)

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._reply()

    def _reply(self) -> None:
        type(self).heard.append(self.path)
        if self.path.startswith("/elsewhere"):
            self.send_response(302)
            self.send_header("Location", self.target)
            self.end_headers()
            return
        body = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"from afar"}}]}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not told."""


def _listen(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[http.server.HTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class _Canary(_Handler):
    heard: list[str] = []  # noqa: RUF012


@pytest.fixture
def afar() -> Iterator[str]:
    """The address of an endpoint on loopback."""
    _Handler.heard = []
    for server in _listen(_Handler):
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def canary() -> Iterator[str]:
    """The address of a server that nothing may reach."""
    _Canary.heard = []
    for server in _listen(_Canary):
        yield f"http://127.0.0.1:{server.server_port}"
    assert _Canary.heard == []


@pytest.fixture
def linked(runner: asyncio.Runner, graph_file: Path, afar: str, canary: str) -> Iterator[Harness]:
    """A store whose queries may ask one endpoint, and one that redirects to the canary."""
    _Handler.target = f"{canary}/redirected"
    store = runner.run(EmbeddedStore.open(graph_file, Settings(service_allow=f"{afar}/sparql, {afar}/elsewhere")))
    yield Harness(runner, store)
    runner.run(store.close())


def test_service_asks_what_is_listed(linked: Harness, afar: str) -> None:
    """A listed IRI is asked; the answer depends on another server, and so is never kept."""
    answer = linked.run(linked.store.query(QueryRequest(f"SELECT ?x {{ SERVICE <{afar}/sparql> {{ ?s ?p ?x }} }}", solutions="csv")))
    assert linked.run(_read(answer.body)) == b"x\r\nfrom afar\r\n"
    assert answer.volatile
    assert _Handler.heard
    assert b"from afar" in linked.ask(f"SELECT ?x {{ SERVICE SILENT <{afar}/sparql> {{ ?s ?p ?x }} }}")


_ELSEWHERE = [
    "SELECT * {{ SERVICE <{canary}/sparql> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{afar}/sparql/../other> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{afar}/sparql?x=1> {{ ?s ?p ?o }} }}",
    "SELECT * {{ VALUES ?g {{ <{canary}/> }} SERVICE ?g {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{afar}/sparql> {{ ?s ?p ?o }} SERVICE <{canary}/> {{ ?s ?p ?o }} }}",
    "PREFIX e: <{canary}/> SELECT * {{ SERVICE e:x {{ ?s ?p ?o }} }}",
    "BASE <{canary}/> SELECT * {{ SERVICE <sparql> {{ ?s ?p ?o }} }}",
    "PREFIX : <{canary}/> SELECT * {{ SERVICE:x {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?a ?b 1SERVICE<{canary}/>{{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE #\n<{canary}/> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE #<{afar}/sparql>\n<{canary}/> {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p 'SERVICE <{afar}/sparql>' . sErViCe SILENT <{canary}/> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{afar}/sparql\\u002f> {{ ?s ?p ?o }} }}",
    "SELECT * {{ S\\u0045RVICE <{canary}/> {{ ?s ?p ?o }} }}",
    "SELECT * FROM <{canary}/> FROM NAMED <{canary}/> {{ ?s ?p ?o GRAPH <{canary}/> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{afar}/elsewhere> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{afar}/elsewhere> {{ ?s ?p ?o }} }}",
]


@pytest.mark.parametrize("template", _ELSEWHERE)
def test_service_reaches_nothing_else(linked: Harness, afar: str, canary: str, template: str) -> None:
    """What is not listed, letter by letter, is not asked, however it is written; a redirect is not followed."""
    try:
        linked.ask(template.format(afar=afar, canary=canary), timeout=5)
    except QueryError:
        return
    assert "FROM" in template or "/elsewhere" in template


def test_the_letters_elsewhere_are_refused_where_a_network_is(linked: Harness) -> None:
    """No telling of strings from clauses stands between a query and the network."""
    with pytest.raises(ServiceRefused, match="no other"):
        linked.ask("ASK { ?s ?p 'a service' }")
    assert b"false" in linked.ask("ASK { ?s ?p 'a \\u0073ervice' }")
