"""Limits at the endpoint: rows, parts, downloads that take their time, and what the service tells of them."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from rdflib import Graph, URIRef

from stratgraph.release import Release
from stratgraph.settings import Layout, Settings

from .conftest import Server, run

ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
pytestmark = pytest.mark.xdist_group("limits")
SGF = "https://w3id.org/stratgraph/function#"


@pytest.fixture(scope="module")
def narrow(light: Release, layout: Layout) -> Iterator[Server]:
    """A server that gives a thousand rows, lets a query run a second, and names one server that SERVICE may ask."""
    settings = replace(Settings(), answer_rows=1000, query_timeout=1.0, service_allow="http://127.0.0.1:9/sparql")
    yield from run(light, layout, settings)


@pytest.fixture
def asked(narrow: Server) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=narrow.base, timeout=60, headers={"Accept": "*/*"}) as found:
        yield found


def test_too_many_rows_are_refused_or_broken_off(asked: httpx.Client) -> None:
    """One row too many is a problem document, or after the first bytes a broken transfer; as many as allowed pass."""
    with contextlib.suppress(httpx.RemoteProtocolError):
        response = asked.get("/sparql", params={"query": f"{ALL} LIMIT 1001", "format": "csv"})
        assert (response.status_code, response.json()["limit"], response.json()["unit"]) == (400, 1000, "rows")
    assert asked.get("/sparql", params={"query": f"{ALL} LIMIT 1000", "format": "csv"}).text.count("\n") >= 1001


@pytest.mark.parametrize("name", ["json", "csv", "tsv", "xml"])
def test_a_part_is_marked_and_never_kept(asked: httpx.Client, name: str) -> None:
    """`partial=allow` gives the rows that are allowed, says so in a header and forbids keeping it; a whole answer is told as whole."""
    part = asked.get("/sparql", params={"query": ALL, "format": name, "partial": "allow"})
    assert (part.status_code, part.headers["stratgraph-complete"], part.headers["cache-control"]) == (200, "false", "no-store")
    if name == "json":
        assert (len(part.json()["results"]["bindings"]), part.json()["complete"]) == (1000, False)
    whole = asked.get("/sparql", params={"query": f"{ALL} LIMIT 10", "format": name, "partial": "allow"})
    assert (whole.headers["stratgraph-complete"], "public" in whole.headers["cache-control"]) == ("true", True)
    assert asked.get("/sparql", params={"query": ALL, "partial": "some"}).status_code == 422


def test_the_service_tells_its_limits(asked: httpx.Client) -> None:
    """What this server was told to hold stands in its service description, in every format that parses."""
    for kind in ("text/turtle", "application/ld+json", "application/rdf+xml"):
        response = asked.get("/sparql", headers={"Accept": kind})
        graph = Graph().parse(data=response.text, format=kind)
        service = URIRef("https://w3id.org/stratgraph/sparql#service")
        told = {name: str(graph.value(service, URIRef(SGF + name))) for name in ("answerRows", "seconds", "queue")}
        assert (int(told["answerRows"]), float(told["seconds"]), int(told["queue"])) == (1000, 1.0, 64)
        assert graph.value(service, URIRef(f"{SGF}serviceAllowed")) == URIRef("http://127.0.0.1:9/sparql")


def test_a_download_is_not_cut_by_the_query_timeout(narrow: Server) -> None:
    """A client that takes longer over a dump than any query may run gets all of it."""
    size = (narrow.release.dumps / "stratgraph-full.nq").stat().st_size
    with socket.create_connection((narrow.host, narrow.port), timeout=30) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(b"GET /dumps/stratgraph-full.nq HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
        received = bytearray(connection.recv(1024))
        time.sleep(2.5)
        while part := connection.recv(2**20):
            received += part
    assert len(received.partition(b"\r\n\r\n")[2]) == size
