"""Clients that others wrote, as their users call them: SPARQLWrapper, rdflib's SPARQLStore, curl, Comunica."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, GET, JSON, JSONLD, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, URLENCODED, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from .conftest import DATA, Server

COMMENT = URIRef("https://w3id.org/stratgraph/id/comment/2022/18")
LABEL = URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")
NAMES = f"SELECT ?name {{ <{COMMENT}> <{LABEL}> ?name }} ORDER BY LANG(?name)"
COMUNICA = "@comunica/query-sparql@5.4.1"


@pytest.mark.parametrize("method", [GET, POST])
@pytest.mark.parametrize("how", [URLENCODED, POSTDIRECTLY])
def test_sparqlwrapper_gets_rows_in_every_format(server: Server, method: str, how: str) -> None:
    """JSON, XML, CSV and TSV, by GET and POST, as a form and directly."""
    wrapper = SPARQLWrapper(f"{server.base}/sparql")
    wrapper.setMethod(method)
    wrapper.setRequestMethod(how)
    wrapper.setQuery(NAMES)
    names: dict[str, Any] = {}
    for form in (JSON, XML, CSV, TSV):
        wrapper.setReturnFormat(form)
        names[form] = wrapper.queryAndConvert()
    rows = [row["name"] for row in names[JSON]["results"]["bindings"]]
    assert [row["xml:lang"] for row in rows] == ["en", "ja"]
    assert [node.nodeValue for one in names[XML].getElementsByTagName("literal") for node in one.childNodes] == [r["value"] for r in rows]
    assert names[CSV].decode().splitlines()[0] == "name"
    assert names[TSV].decode().splitlines()[0] == "?name"


def test_sparqlwrapper_gets_graphs_and_errors(server: Server) -> None:
    """CONSTRUCT comes as a graph in each RDF format; a wrong query is the exception that it has for that."""
    wrapper = SPARQLWrapper(f"{server.base}/sparql")
    wrapper.setQuery(f"CONSTRUCT WHERE {{ <{COMMENT}> <{LABEL}> ?name }}")
    for form in (TURTLE, RDFXML, JSONLD):
        wrapper.setReturnFormat(form)
        found: Any = wrapper.queryAndConvert()
        graph = found if isinstance(found, Graph) else Graph().parse(data=found)
        assert len(graph) == 2
    wrapper.setReturnFormat(JSON)
    wrapper.setQuery("ASK {")
    with pytest.raises(QueryBadFormed):
        wrapper.query()


def test_rdflib_reads_the_endpoint_as_a_store(server: Server) -> None:
    """A graph of rdflib over the endpoint: triples, values, queries, named graphs."""
    graph = Graph(SPARQLStore(f"{server.base}/sparql", returnFormat="json"))
    assert {name.language for name in graph.objects(COMMENT, LABEL) if isinstance(name, Literal)} == {"ja", "en"}
    assert len(list(graph.query(NAMES))) == 2
    one = Graph(SPARQLStore(f"{server.base}/sparql", context_aware=True), URIRef(DATA[1]))
    assert list(one.subjects()) == [URIRef(DATA[1])]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_curl_as_the_documentation_writes_it(server: Server) -> None:
    """Form, direct POST, GET by -G, compressed, and the error's status."""

    def curl(*given: str) -> str:
        command = ["curl", "--silent", "--show-error", "--max-time", "30", *given, f"{server.base}/sparql"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    forms = [
        curl("--data-urlencode", f"query={NAMES}", "--header", "Accept: text/csv"),
        curl("--get", "--data-urlencode", f"query={NAMES}", "--header", "Accept: text/csv"),
        curl("--header", "Content-Type: application/sparql-query", "--data-binary", NAMES, "--header", "Accept: text/csv"),
        curl("--compressed", "--get", "--data-urlencode", f"query={NAMES}", "--data", "format=csv"),
        curl(
            "--request",
            "QUERY",
            "--header",
            "Content-Type: application/sparql-query",
            "--data-binary",
            NAMES,
            "--header",
            "Accept: text/csv",
        ),
    ]
    assert len(set(forms)) == 1
    assert forms[0].splitlines()[0] == "name"
    assert curl("--get", "--data-urlencode", "query=ASK {", "--output", "/dev/null", "--write-out", "%{http_code}") == "400"


@pytest.mark.long
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")
def test_comunica_queries_the_endpoint(server: Server, tmp_path: Path) -> None:
    """Comunica finds out by itself that this is an endpoint, and gets rows, a truth value and triples."""
    # Comunica takes undici 8, which needs Node 22; with 7 it runs on older ones too.
    (tmp_path / "package.json").write_text('{"overrides": {"undici": "^7.10.0"}}', encoding="utf-8")
    subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", COMUNICA], cwd=tmp_path, check=True, timeout=300)
    for query, expected in ((NAMES, 2), (f"CONSTRUCT WHERE {{ <{COMMENT}> <{LABEL}> ?name }}", 2)):
        command = ["npx", "comunica-sparql", f"{server.base}/sparql", query, "-t", "application/sparql-results+json"]
        if query.startswith("CONSTRUCT"):
            command[-1] = "application/n-triples"
        told = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=120).stdout
        found = json.loads(told)["results"]["bindings"] if query == NAMES else told.strip().splitlines()
        assert len(found) == expected
