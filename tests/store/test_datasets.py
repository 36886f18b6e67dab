"""Which graphs a query sees: levels, FROM, the protocol's parameters."""

from __future__ import annotations

import pytest

from stratgraph.errors import QueryError
from stratgraph.vocab import INFERRED_GRAPH, METADATA_GRAPH, ONTOLOGY_GRAPH

from .conftest import ASSERTED_GRAPHS, DISTINCT, DOCUMENT_A, DOCUMENT_B, THEMES, Harness

_VISIBLE = {
    "asserted": ASSERTED_GRAPHS,
    "curated": sorted([*ASSERTED_GRAPHS, THEMES]),
    "full": sorted([*ASSERTED_GRAPHS, THEMES, INFERRED_GRAPH]),
}
_BOTH = f"FROM <{DOCUMENT_A}> FROM <{DOCUMENT_B}>"


@pytest.mark.parametrize("level", list(DISTINCT))
def test_levels_are_cumulative_and_count_no_triple_twice(harness: Harness, level: str) -> None:
    """A level is the set of the triples of its graphs."""
    assert harness.count(level=level) == DISTINCT[level]


@pytest.mark.parametrize("level", list(_VISIBLE))
def test_graph_sees_the_graphs_of_the_level(harness: Harness, level: str) -> None:
    """GRAPH ?g ranges over the level's graphs, and over no hidden one."""
    rows = harness.ask("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", solutions="csv", level=level)
    assert rows.decode().split() == ["g", *_VISIBLE[level]]
    assert harness.store.graph_names(level) == tuple(_VISIBLE[level])


def test_unknown_level(harness: Harness) -> None:
    """An unknown level is an error that says which there are."""
    with pytest.raises(QueryError, match="asserted, curated, full"):
        harness.ask("ASK {}", level="none")
    with pytest.raises(QueryError, match="asserted, curated, full"):
        harness.store.graph_names("none")


def test_from_counts_no_triple_twice(harness: Harness) -> None:
    """FROM of two graphs that share a triple has 6 + 2 − 1 triples; asked again, the same."""
    assert harness.count(dataset=_BOTH) == 7
    assert harness.count(dataset=_BOTH) == 7
    assert harness.count(dataset=f"FROM <{DOCUMENT_B}> {_BOTH}") == 7


def test_from_beats_the_level(harness: Harness) -> None:
    """FROM sees a graph that is not of the level, and nothing else; GRAPH then sees nothing."""
    assert harness.count(dataset=f"FROM <{INFERRED_GRAPH}>", level="asserted") == 2
    assert harness.count("GRAPH ?g { ?s ?p ?o }", dataset=_BOTH) == 0


def test_from_named_alone(harness: Harness) -> None:
    """FROM NAMED without FROM has an empty default graph and the named ones (SPARQL 1.1 Query, 13.2)."""
    assert harness.count(dataset=f"FROM NAMED <{DOCUMENT_B}>") == 0
    assert harness.count("GRAPH ?g { ?s ?p ?o }", dataset=f"FROM NAMED <{DOCUMENT_B}>") == 2


def test_from_is_resolved_by_the_prologue(harness: Harness) -> None:
    """FROM may use prefixes and relative IRIs, also where comments and strings mention others."""
    base, _, name = DOCUMENT_A.rpartition("/")
    query = f"""PREFIX d: <{base}/> # FROM <urn:not>
        BASE <{base}/> SELECT ?s FROM d:b FROM <{name}> FROM NAMED <../ontology> {{ ?s ?p ?o FILTER(?s != "FROM <urn:not>") }}"""
    assert len(harness.ask(query, solutions="csv").split()) == 1 + 7


@pytest.mark.parametrize("dataset", ["FROM <urn:none>", "FROM <file:///etc/passwd>", f"FROM NAMED <{DOCUMENT_A}>"])
def test_unknown_graph_is_empty(harness: Harness, dataset: str) -> None:
    """A graph that is not there is empty; nothing is fetched or read."""
    assert harness.count(dataset=dataset) == 0


def test_protocol_beats_from(harness: Harness) -> None:
    """The protocol's dataset replaces the query's (SPARQL 1.1 Protocol, 2.1.4)."""
    assert harness.count(dataset=_BOTH, default_graphs=(DOCUMENT_B,)) == 2
    assert harness.count(default_graphs=(DOCUMENT_A, DOCUMENT_B), level="asserted") == 7
    assert harness.count("GRAPH ?g { ?s ?p ?o }", default_graphs=(DOCUMENT_A,)) == 0
    assert harness.count("GRAPH ?g { ?s ?p ?o }", named_graphs=(DOCUMENT_A, METADATA_GRAPH)) == 7
    assert harness.count(named_graphs=(DOCUMENT_A,)) == 0
    assert harness.count(default_graphs=("urn:none",)) == 0


def test_dataset_that_is_a_level(harness: Harness) -> None:
    """All graphs of a level, listed, are that level."""
    assert harness.count(default_graphs=tuple(_VISIBLE["full"])) == DISTINCT["full"]


def test_invalid_graph_name(harness: Harness) -> None:
    """A dataset parameter that is no absolute IRI is an error."""
    with pytest.raises(QueryError, match="not an absolute IRI"):
        harness.count(default_graphs=("no iri",))


def test_hidden_graphs_cannot_be_seen(harness: Harness) -> None:
    """Only the graphs of the file are ever visible, whatever the query."""
    rows = harness.ask("SELECT DISTINCT ?g { { GRAPH ?g {} } UNION { GRAPH ?g { ?s ?p ?o } } }", solutions="csv").decode().split()[1:]
    assert sorted(rows) == _VISIBLE["full"]
    assert ONTOLOGY_GRAPH in rows
