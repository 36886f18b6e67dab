"""Hostile queries against workers without precheck: each ends, harms nothing else, and the next query works at once."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from stratgraph.errors import QueryError, QueryTimeout, QueryTooComplex, ServiceRefused, StoreUnavailable
from stratgraph.store.interface import QueryRequest

from .conftest import Harness

# Not closed: the parser then doubles its time with every level, and holds the interpreter's lock meanwhile.
_LADDER = f"ASK {{ FILTER({'!(' * 30}1"
_REPLACES = f"ASK {{ FILTER({'REPLACE(' * 40}1"
_DEEP = f"ASK {{ FILTER({'STR(' * 60_000}1{')' * 60_000}) }}"
_CROSS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
_BOMB = "SELECT (GROUP_CONCAT(?c; separator='####################') AS ?x) { ?a ?b ?c . ?d ?e ?f }"
_STEPS = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
_DOUBLING = f"SELECT ?z {{ BIND('0123456789' AS ?x0) {_STEPS} BIND(STRLEN(?x40) AS ?z) }}"


def assert_well(harness: Harness) -> None:
    """The store answers at once."""
    start = time.perf_counter()
    assert harness.count() == 5000
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("query", [_LADDER, _REPLACES, f"{_CROSS} ORDER BY ?a", _CROSS.replace("*", "(COUNT(*) AS ?n)")])
def test_time_limit_ends_the_process(unguarded: Harness, query: str) -> None:
    """A query past its limit is ended: in time, with its process, and the limit is told. Memory may run out first."""
    pids = unguarded.pids()
    start = time.perf_counter()
    with pytest.raises((QueryTimeout, QueryTooComplex)) as caught:
        unguarded.ask(query, timeout=0.5)
    assert time.perf_counter() - start < 3
    assert not isinstance(caught.value, QueryTimeout) or caught.value.seconds == 0.5
    assert_well(unguarded)
    (gone,) = pids - unguarded.pids()
    with pytest.raises(ProcessLookupError):
        os.kill(gone, 0)


@pytest.mark.parametrize("query", [_DEEP, _BOMB, _DOUBLING])
@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are Linux's")
def test_stack_and_memory(unguarded: Harness, query: str) -> None:
    """Deep nesting and memory bombs end as too complex, not as a crash of anything else."""
    with pytest.raises(QueryTooComplex):
        unguarded.ask(query, timeout=20)
    assert_well(unguarded)


def test_nesting_that_a_thread_can_hold(unguarded: Harness) -> None:
    """5,000 levels, which kill a process by its usual stack, are answered on the worker's own, or refused; nothing falls."""
    nested = f"ASK {{ FILTER({'STR(' * 5000}1{')' * 5000} = '1') }}"
    try:
        assert b"true" in unguarded.ask(nested, timeout=20)
    except QueryTooComplex:
        assert_well(unguarded)


@pytest.mark.parametrize("query", [_LADDER, _REPLACES, _DEEP])
def test_precheck_refuses_cheap_killers(harness: Harness, query: str) -> None:
    """With the precheck on they are refused in milliseconds, and no worker is lost."""
    before = harness.pids()
    start = time.perf_counter()
    with pytest.raises(QueryTooComplex):
        harness.ask(query)
    assert time.perf_counter() - start < 1
    assert harness.pids() == before


def test_body_over_the_query_limit(harness: Harness) -> None:
    """A query of more bytes than allowed is refused."""
    with pytest.raises(QueryTooComplex, match="bytes"):
        harness.ask(f"ASK {{}} #{'x' * 2**20}")


class Canary:
    """Listens on loopback and counts connections."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            asked = connection.recv(4096)
            connection.close()
            if asked == b"end":
                return
            self.connections += 1

    def close(self) -> None:
        """End it; it must have heard only this."""
        with socket.create_connection(("127.0.0.1", self.port)) as end:
            end.sendall(b"end")
        self._thread.join()
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """A loopback server that no query may reach."""
    one = Canary()
    yield one
    one.close()


_SERVICES = [
    "SELECT * {{ SERVICE <{iri}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{iri}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ sErViCe<{iri}>{{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICESILENT<{iri}>{{ ?s ?p ?o }} }}",
    "SELECT * {{ OPTIONAL {{ SERVICE <{iri}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ VALUES ?g {{ <{iri}> }} SERVICE ?g {{ ?s ?p ?o }} }}",
    "PREFIX e: <{iri}> SELECT * {{ SERVICE e: {{ ?s ?p ?o }} }}",
    "PREFIX : <{iri}> SELECT * {{ SERVICE:x {{ ?s ?p ?o }} }}",
    "BASE <{iri}> SELECT * {{ SERVICE <> {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?a ?b 1SERVICE<{iri}>{{ ?s ?p ?o }} }}",
    "SELECT * {{ ?a ?b trueSERVICE<{iri}>{{ ?s ?p ?o }} }}",
    "SELECT * {{ ?a ?b 'x'SERVICE<{iri}>{{ ?s ?p ?o }} }}",
    "SELECT * {{ {{}}SERVICE#\n<{iri}>{{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p ?o FILTER EXISTS {{ SERVICE <{iri}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ {{ SELECT * {{ SERVICE <{iri}> {{ ?s ?p ?o }} }} }} }}",
    "SELECT * {{ ?a ?b '#' . SERVICE <{iri}> {{ ?s ?p ?o }} }}",
    'SELECT * {{ ?a ?b """\\"""" . SERVICE <{iri}> {{ ?s ?p ?o }} }}',
    "SELECT * {{ FILTER(?a<?b) SERVICE <{iri}> {{ ?s ?p ?o }} FILTER(?c>?d) }}",
    "SELECT * {{ S\\u0045RVICE <{iri}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ \\U00000053ERVICE <{iri}> {{ ?s ?p ?o }} }}",
    "CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE <{iri}> {{ ?s ?p ?o }} }}",
]


@pytest.mark.parametrize("template", _SERVICES)
def test_service_is_refused(harness: Harness, canary: Canary, template: str) -> None:
    """SERVICE is refused before the engine sees it, however it is spelt."""
    with pytest.raises(ServiceRefused):
        harness.ask(template.format(iri=f"http://127.0.0.1:{canary.port}/"))
    assert canary.connections == 0


def test_service_reaches_nothing_past_the_precheck(unguarded: Harness, canary: Canary) -> None:
    """A worker has no network: whatever becomes of a SERVICE that reaches the engine, no request leaves."""
    for template in [*_SERVICES, "SELECT * FROM <{iri}> {{ ?s ?p ?o }}", "SELECT * FROM NAMED <{iri}> {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"]:
        try:
            unguarded.ask(template.format(iri=f"http://127.0.0.1:{canary.port}/"), timeout=5)
        except (QueryError, StoreUnavailable):
            continue
    assert canary.connections == 0
    assert_well(unguarded)


def test_service_named_where_it_is_harmless(harness: Harness) -> None:
    """The word in strings, comments, IRIs, variables and a prefix's name is no SERVICE."""
    query = """PREFIX service: <http://example.org/service#> # SERVICE <http://127.0.0.1/> {}
        SELECT ?service FROM service:g { GRAPH service:g { ?service service:of "SERVICE <x> {" , '''SERVICE''' , <http://SERVICE/> } }"""
    assert harness.ask(query, solutions="csv") == b"service\r\n"


def test_query_request_is_not_changed(unguarded: Harness) -> None:
    """A worker that failed on one request answers the same store's next one with a fresh dataset."""
    with pytest.raises(QueryError):
        unguarded.run(unguarded.fetch(QueryRequest("SELECT * {", solutions="csv")))
    assert_well(unguarded)
