"""The closure: each axiom and rule by a case, noise left out, contradictions told."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.compare import to_canonical_graph

from stratgraph.errors import InferenceError, SourceError
from stratgraph.infer import ENGINES, infer, is_noise, load_rules
from stratgraph.places import Triple
from stratgraph.settings import Layout
from stratgraph.vocab import SG

CASES = sorted((Path(__file__).parent / "cases" / "infer").iterdir())
EXAMPLE = URIRef("http://example.org/a")


@pytest.fixture(scope="session")
def ontology(layout: Layout) -> Graph:
    """The ontology's triples."""
    graph = Graph()
    for path in sorted(layout.ontology.glob("*.ttl")):
        graph.parse(path)
    return graph


def read(case: Path, name: str) -> Graph:
    """A file of a case, its example things moved to a namespace of the case's own."""
    path = case / f"{name}.ttl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return Graph().parse(data=text.replace("http://example.org/", f"http://example.org/{case.name}/"), format="turtle")


@pytest.fixture(scope="session", params=ENGINES)
def inferred(request: pytest.FixtureRequest, ontology: Graph, layout: Layout) -> frozenset[Triple]:
    """What follows from all cases together: they share no things, so one closure serves them all."""
    graph = Graph()
    for triple in (*ontology, *(triple for case in CASES for triple in read(case, "in"))):
        graph.add(triple)
    return infer(graph, load_rules(layout.rules), engine=request.param).triples


@pytest.mark.xdist_group("closure")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_what_it_says(case: Path, inferred: frozenset[Triple]) -> None:
    """All of out.ttl follows, nothing of it was given, and nothing of not.ttl follows."""
    given, expected, refused = read(case, "in"), read(case, "out"), read(case, "not")
    assert len(expected) > 0
    assert set(expected) & set(given) == set()
    assert set(expected) - inferred == set()
    assert set(refused) & (inferred | set(given)) == set()


def test_there_are_cases() -> None:
    """The folder is found and holds a case for each axiom and rule (test_ontology holds them to the list)."""
    assert len(CASES) >= 20


@pytest.mark.parametrize(
    "triple",
    [
        (Literal("x"), RDF.type, EXAMPLE),
        (EXAMPLE, RDF.type, BNode()),
        (BNode(), RDF.type, EXAMPLE),
        (EXAMPLE, OWL.sameAs, EXAMPLE),
        (EXAMPLE, RDFS.subClassOf, EXAMPLE),
        (EXAMPLE, RDF.type, OWL.Thing),
        (EXAMPLE, RDFS.subClassOf, OWL.Thing),
        (OWL.Nothing, RDFS.subClassOf, EXAMPLE),
        (RDF.type, RDF.type, RDF.Property),
    ],
)
def test_noise_is_recognised(triple: Triple) -> None:
    """Each kind of decision 3."""
    assert is_noise(triple)


@pytest.mark.parametrize("triple", [(EXAMPLE, RDF.type, SG.Measure), (EXAMPLE, OWL.sameAs, URIRef("http://example.org/b"))])
def test_what_tells_something_is_kept(triple: Triple) -> None:
    """A type of ours and an identity of two names are no noise."""
    assert not is_noise(triple)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_contradiction_stops_the_closure(engine: str, ontology: Graph) -> None:
    """One thing in two disjoint classes is refused by either engine."""
    graph = Graph()
    for triple in ontology:
        graph.add(triple)
    graph.add((EXAMPLE, RDF.type, SG.Recommendation))
    graph.add((EXAMPLE, RDF.type, SG.PublicComment))
    with pytest.raises(InferenceError, match="contradicts itself"):
        infer(graph, (), engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_rules_and_closure_feed_each_other(engine: str, tmp_path: Path) -> None:
    """A rule's conclusion is closed again: rule → subclass → rule."""
    (tmp_path / "one.rq").write_text("CONSTRUCT { ?x a <urn:B> } WHERE { ?x a <urn:A> }", encoding="utf-8")
    (tmp_path / "two.rq").write_text("CONSTRUCT { ?x a <urn:D> } WHERE { ?x a <urn:C> }", encoding="utf-8")
    graph = Graph().parse(data="<urn:x> a <urn:A> . <urn:B> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:C> .", format="turtle")
    inferred = infer(graph, load_rules(tmp_path), engine=engine).triples
    assert {str(value) for subject, _, value in inferred if subject == URIRef("urn:x")} == {"urn:B", "urn:C", "urn:D"}


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o }", "CONSTRUCT {"])
def test_a_rule_must_be_a_construct_query(tmp_path: Path, text: str) -> None:
    """Anything else is refused, with the file's name."""
    (tmp_path / "odd.rq").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"odd\.rq"):
        load_rules(tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rule_that_makes_new_nodes_forever_is_stopped(engine: str, tmp_path: Path) -> None:
    """A rule that never reaches a fixpoint ends as an error, not as an endless build."""
    (tmp_path / "more.rq").write_text(
        "CONSTRUCT { ?y a <urn:A> } WHERE { ?x a <urn:A> BIND(IRI(CONCAT(STR(?x), 'x')) AS ?y) }", encoding="utf-8"
    )
    graph = Graph().parse(data="<urn:x> a <urn:A> .", format="turtle")
    with pytest.raises(InferenceError, match="no fixpoint"):
        infer(graph, load_rules(tmp_path), engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_input_is_left_as_it_was(engine: str) -> None:
    """The closure works on a copy."""
    graph = Graph().parse(data="<urn:x> a <urn:A> .", format="turtle")
    before = to_canonical_graph(graph)
    infer(graph, (), engine=engine)
    assert set(to_canonical_graph(graph)) == set(before)
