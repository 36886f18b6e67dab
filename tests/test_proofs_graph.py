"""Proofs from SPARQL: every inferred triple has its proof in the proofs graph, and it is the one that `/why` tells."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from stratgraph.explain import proofs_graph, read_proofs, statement_iri, told
from stratgraph.explain.kept import Proofs, Step
from stratgraph.release import Release
from stratgraph.settings import Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.interface import QueryRequest, Statement
from stratgraph.store.results import Row, collect, select
from stratgraph.vocab import INFERRED_GRAPH, ONTOLOGY_GRAPH, PROOF, PROOFS_GRAPH, RULE, SG

PREFIXES = f"""
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX sg: <{SG}>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
pytestmark = pytest.mark.xdist_group("proofs graph")
DERIVED = "http://www.w3.org/ns/prov#wasDerivedFrom"
ROOTS = f"""
  GRAPH <{INFERRED_GRAPH}> {{ ?s ?p ?o }}
  GRAPH <{PROOFS_GRAPH}> {{ ?root rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; sg:appliedRule ?rule ; prov:wasDerivedFrom+ ?leaf .
    FILTER NOT EXISTS {{ ?leaf prov:wasDerivedFrom ?below }} }}
"""
EXPRESSION = f'FILTER (!STRSTARTS(STR(?s), "{PROOF}expression/") && !STRSTARTS(STR(?o), "{PROOF}expression/"))'


@dataclass(frozen=True)
class Running:
    """A store of the release and the loop that it lives in."""

    runner: asyncio.Runner
    store: EmbeddedStore

    def ask(self, *queries: str, level: str = "full") -> list[list[Row]]:
        """The rows of each query."""
        return [self.runner.run(select(self.store, PREFIXES + query, level, 60.0))[1] for query in queries]


@pytest.fixture(scope="module")
def running(release: Release) -> Iterator[Running]:
    """One store for all these tests: to open it takes longer than any of them."""
    with asyncio.Runner() as runner:
        store = runner.run(EmbeddedStore.open(release.graph_file, replace(Settings(), workers=1)))
        yield Running(runner, store)
        runner.run(store.close())


def test_every_inferred_triple_is_proven_from_what_is_asserted(release: Release, running: Running) -> None:
    """For each there is a statement, whose transitive premises end where a graph states them, and nowhere else."""
    inferred, proven, unstated, false = running.ask(
        f"SELECT DISTINCT ?s ?p ?o {{ GRAPH <{INFERRED_GRAPH}> {{ ?s ?p ?o }} }}",
        f"SELECT DISTINCT ?s ?p ?o {{ {ROOTS} }}",
        f"SELECT ?leaf {{ {ROOTS} FILTER NOT EXISTS {{ GRAPH <{PROOFS_GRAPH}> {{ ?leaf dcterms:isPartOf ?graph }} }} }}",
        f"""SELECT ?leaf {{
              GRAPH <{PROOFS_GRAPH}> {{ ?leaf rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; dcterms:isPartOf ?graph }}
              {EXPRESSION} FILTER (NOT EXISTS {{ GRAPH ?graph {{ ?s ?p ?o }} }} || ?graph = <{INFERRED_GRAPH}>) }}""",
    )
    assert len(inferred) == release.triples["inferred"] > 2000
    assert {tuple(row.values()) for row in proven} == {tuple(row.values()) for row in inferred}
    assert (unstated, false) == ([], [])


def test_the_graph_holds_the_proofs_that_why_tells(release: Release, running: Running) -> None:
    """Rule, premises and height of each step, and each step only once; heights fall on the way down, so every way ends."""
    proofs = read_proofs(release.proofs)
    (rows,) = running.ask(
        f"""SELECT ?statement ?rule ?height ?premise ?below {{ GRAPH <{PROOFS_GRAPH}> {{
              ?statement sg:appliedRule ?rule ; sg:proofHeight ?height . OPTIONAL {{ ?statement prov:wasDerivedFrom ?premise .
              ?premise sg:proofHeight ?below }} }} }}"""
    )
    assert all(int(row["below"].value) < int(row["height"].value) for row in rows if "below" in row)
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        found[row["statement"].value].add((row["rule"].value, row["premise"].value if "premise" in row else ""))
    expected = {statement_iri(triple): steps_of(step) for triple, step in proofs.items()}
    assert len(expected) == len(proofs)
    assert found == expected


def steps_of(step: Step) -> set[tuple[str, str]]:
    """The rule with each premise."""
    return {(f"{RULE}{step.rule}", statement_iri(premise)) for premise in step.premises} or {(f"{RULE}{step.rule}", "")}


def test_the_documented_query_leads_to_the_text(running: Running) -> None:
    """docs/http.md: from an inferred triple to rule, asserted triples and the cell that prints "No.6参照" (characters 5767 to 5773)."""
    page = (Path(__file__).parent.parent / "docs" / "http.md").read_text(encoding="utf-8")
    (rows,) = running.ask(page.partition("```sparql\n")[2].partition("```")[0].partition("\n\n")[2])
    places = {(row["p"].value.removeprefix(str(SG)), int(row["start"].value), int(row["end"].value)) for row in rows if "start" in row}
    assert ("seeResponse", 5767, 5773) in places
    assert all("one after the other" in row["sentence"].value for row in rows)


@pytest.mark.parametrize(
    ("pattern", "level", "dataset", "seen"),
    [
        ("?s sg:appliedRule ?o", "full", "", False),
        (f"GRAPH <{PROOFS_GRAPH}> {{ ?s sg:appliedRule ?o }}", "full", "", True),
        ("GRAPH ?g { ?s sg:appliedRule ?o }", "full", "", True),
        ("GRAPH ?g { ?s sg:appliedRule ?o }", "curated", "", False),
        ("?s sg:appliedRule ?o", "asserted", f"FROM <{PROOFS_GRAPH}>", True),
        ("GRAPH ?g { ?s sg:appliedRule ?o }", "asserted", f"FROM NAMED <{PROOFS_GRAPH}>", True),
    ],
)
def test_proofs_are_asked_for_by_name(running: Running, pattern: str, level: str, dataset: str, seen: bool) -> None:
    """In no level's default graph; among the named graphs of `full`, whose inferences they prove; by FROM and FROM NAMED always."""
    ((row,),) = running.ask(f"SELECT (COUNT(*) AS ?n) {dataset} {{ {pattern} }}", level=level)
    assert (int(row["n"].value) > 0) == seen


def test_proofs_are_no_part_of_the_dumps_of_levels(release: Release) -> None:
    """They have a dump of their own, and count in no level."""
    for level in ("asserted", "curated", "inferred", "full"):
        assert PROOFS_GRAPH.encode() not in (release.dumps / f"stratgraph-{level}.nq").read_bytes()
    lines = (release.dumps / "stratgraph-proofs.nq").read_bytes().splitlines()
    assert len(lines) == release.graphs[PROOFS_GRAPH]
    assert all(line.endswith(f"<{PROOFS_GRAPH}> .".encode()) for line in lines)
    assert release.graph_file.read_bytes().splitlines() == sorted(release.graph_file.read_bytes().splitlines())


def test_the_service_describes_the_graph(release: Release, running: Running) -> None:
    """Its name and size stand in the service description."""
    (rows,) = running.ask(
        f"""SELECT ?size {{ ?named <http://www.w3.org/ns/sparql-service-description#name> <{PROOFS_GRAPH}> .
              <{PROOFS_GRAPH}> <http://rdfs.org/ns/void#triples> ?size }}"""
    )
    assert [int(row["size"].value) for row in rows] == [release.graphs[PROOFS_GRAPH]]


def by_predicate(statements: Sequence[Statement], predicate: str) -> set[str]:
    """The values that a predicate has."""
    return {one.object.value for one in statements if one.predicate == predicate}


def test_two_anonymous_classes_have_two_iris() -> None:
    """An anonymous class is named by its expression, which labels it; a triple of the ontology is stated there."""
    a = ("<urn:a>", "<urn:type>", "_:(p some C)")
    b = ("<urn:a>", "<urn:type>", "_:(p some D)")
    proofs: Proofs = {a: Step(a, "cls-svf1", (b,))}
    statements = list(proofs_graph(proofs, {}))
    classes = by_predicate(statements, "http://www.w3.org/1999/02/22-rdf-syntax-ns#object")
    assert len(classes) == 2
    assert all(one.startswith(f"{PROOF}expression/") for one in classes)
    assert by_predicate(statements, "http://www.w3.org/2000/01/rdf-schema#label") == {"(p some C)", "(p some D)"}
    assert by_predicate(statements, "http://purl.org/dc/terms/isPartOf") == {ONTOLOGY_GRAPH}
    assert by_predicate(statements, DERIVED) == {statement_iri(b)}


def test_a_statement_is_described_though_no_level_speaks_of_it(release: Release, running: Running) -> None:
    """Its IRI leads to what the proofs graph says; the things it is about are not described by their proofs."""
    iri = statement_iri(next(iter(read_proofs(release.proofs))))
    statement, rule = (running.runner.run(running.store.describe(one)) for one in (iri, f"{RULE}prp-spo2"))
    assert {one.graph for one in statement.outgoing} == {PROOFS_GRAPH}
    assert PROOFS_GRAPH not in {one.graph for one in (*rule.outgoing, *rule.incoming)}
    request = QueryRequest(f"ASK {{ GRAPH <{PROOFS_GRAPH}> {{ <{iri}> ?p ?o }} }}")
    assert b"true" in running.runner.run(collect(running.store, request))


def test_asserted_statements_tell_their_graphs() -> None:
    """Height 0, no rule, no premise, one dcterms:isPartOf for each graph."""
    statements = list(told(("<urn:a>", "<urn:p>", '"x"@en'), None, 0, ("urn:g", "urn:h")))
    assert by_predicate(statements, "http://purl.org/dc/terms/isPartOf") == {"urn:g", "urn:h"}
    assert by_predicate(statements, f"{SG}proofHeight") == {"0"}
    assert by_predicate(statements, f"{SG}appliedRule") == by_predicate(statements, DERIVED) == set()
    values = [one.object for one in statements if one.predicate.endswith("#object")]
    assert [(one.value, one.language) for one in values] == [("x", "en")]
