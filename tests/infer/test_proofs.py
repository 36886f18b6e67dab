"""Every inferred triple of our graph has a proof, and each of its steps is what its rule allows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef

from stratgraph.errors import InferenceError
from stratgraph.infer import Contradiction, Inference, Proof, infer, load_rules
from stratgraph.load import Sources, load_product
from stratgraph.places import Triple
from stratgraph.settings import Layout
from stratgraph.vocab import SG
from tests.infer.verifier import Verifier

A, B, C, D = (URIRef(f"urn:{one}") for one in "ABCD")
P, Q = (URIRef(f"urn:{one}") for one in "pq")
X, Y, Z = (URIRef(f"urn:{one}") for one in "xyz")


@pytest.fixture(scope="module")
def sources(layout: Layout) -> Sources:
    """Everything that is encoded."""
    return load_product(layout)


@pytest.fixture(scope="module")
def inference(layout: Layout, sources: Sources) -> Inference:
    """What follows from it."""
    return infer(sources.triples(), load_rules(layout.rules))


def test_every_proof_of_our_graph_holds(layout: Layout, sources: Sources, inference: Inference) -> None:
    """Each step of each inferred triple is an instance of its named rule, and each leaf is asserted."""
    verifier = Verifier(sources.triples(), load_rules(layout.rules), inference.triples)
    assert len(inference.triples) > 2000
    problems = [problem for triple in sorted(inference.triples) for problem in verifier.problems(inference.proof(triple))]
    assert problems[:10] == []


def test_a_proof_does_not_depend_on_the_order_of_the_input(layout: Layout, sources: Sources, inference: Inference) -> None:
    """The same graph in another order gives the same proofs, step by step."""
    shuffled = sorted(sources.triples())
    random.Random(1).shuffle(shuffled)
    again = infer(shuffled, load_rules(layout.rules))
    assert again == inference
    assert [triple for triple in again.triples if again.proof(triple) != inference.proof(triple)] == []


def test_an_asserted_triple_is_its_own_proof(inference: Inference, sources: Sources) -> None:
    """Nothing is needed to prove what is encoded."""
    triple = min(sources.triples())
    assert inference.proof(triple) == Proof(triple, None, (), 0)


def test_what_does_not_hold_has_no_proof(inference: Inference) -> None:
    """A triple that is neither asserted nor inferred, or names what nobody knows, raises KeyError."""
    with pytest.raises(KeyError):
        inference.proof((SG.Measure, RDFS.subClassOf, SG.Recommendation))
    with pytest.raises(KeyError):
        inference.proof((X, P, Y))


def test_the_reference_engine_keeps_no_proofs() -> None:
    """It says so, and which setting gives them."""
    inferred = infer([(A, RDFS.subClassOf, B), (X, RDF.type, A)], (), engine="owlrl")
    with pytest.raises(InferenceError, match="reasoner=compiled"):
        inferred.proof((X, RDF.type, B))


def test_the_proof_is_the_lowest() -> None:
    """Of a long and a short way to one triple, the short one is given, though the long one is found by a rule that comes first."""
    triples: list[Triple] = [
        *((A, RDFS.subClassOf, B), (B, RDFS.subClassOf, C), (X, RDF.type, A)),
        *((P, RDFS.domain, C), (X, P, Y)),
    ]
    proof = infer(triples, ()).proof((X, RDF.type, C))
    assert (proof.rule, proof.height) == ("prp-dom", 1)
    assert [step.triple for step in proof.premises] == [(P, RDFS.domain, C), (X, P, Y)]


def test_a_rule_that_runs_last_can_give_the_lowest_proof(tmp_path: Path) -> None:
    """Heights count premises, not the round in which an engine came to a rule; what a rule concludes is closed again."""
    (tmp_path / "last.rq").write_text("CONSTRUCT { ?x a <urn:C> } WHERE { ?x a <urn:A> FILTER NOT EXISTS { ?x <urn:p> ?y } }")
    triples: list[Triple] = [(A, RDFS.subClassOf, B), (B, RDFS.subClassOf, C), (C, RDFS.subClassOf, D), (X, RDF.type, A)]
    inferred = infer(triples, load_rules(tmp_path))
    proof = inferred.proof((X, RDF.type, C))
    assert (proof.rule, proof.height, [one.triple for one in proof.premises]) == ("last", 1, [(X, RDF.type, A)])
    assert inferred.proof((X, RDF.type, D)).height == 2


@pytest.mark.parametrize(
    ("condition", "premises"),
    [
        ("?x a <urn:A> . ?x ^<urn:p>/<urn:q> ?z", [(X, RDF.type, A), (Y, P, X), (Y, Q, Z)]),
        ("{ ?x a <urn:B> } UNION { ?x a <urn:A> }", [(X, RDF.type, A)]),
        ("?x a <urn:A> BIND (1 AS ?one)", [(X, RDF.type, A)]),
        ("?x a <urn:A> OPTIONAL { ?x <urn:r> ?y }", [(X, RDF.type, A)]),
        ("?x a <urn:A> . ?y (<urn:p>|<urn:q>) ?x FILTER (STR(?x) = 'urn:x')", [(X, RDF.type, A), (Y, P, X)]),
        ("?x a <urn:A> . ?y <urn:p> ?x ; <urn:q> ?z FILTER (?x != ?z)", [(X, RDF.type, A), (Y, P, X), (Y, Q, Z)]),
        ("?x a <urn:A> MINUS { ?x a <urn:B> }", [(X, RDF.type, A)]),
        ("?x ?any <urn:A> FILTER (STRENDS(STR(?any), 'type'))", [(X, RDF.type, A)]),
    ],
)
def test_a_rule_gives_the_triples_that_it_matched(tmp_path: Path, condition: str, premises: list[Triple]) -> None:
    """Whether a rule runs as clauses or by rdflib: paths are written out, the alternative that held is told; owlrl concludes the same."""
    (tmp_path / "rule.rq").write_text(f"CONSTRUCT {{ ?x a <urn:C> }} WHERE {{ {condition} }}")
    triples: list[Triple] = [(X, RDF.type, A), (Y, P, X), (Y, Q, Z)]
    inferred = infer(triples, load_rules(tmp_path))
    assert inferred.triples == infer(triples, load_rules(tmp_path), engine="owlrl").triples == {(X, RDF.type, C)}
    proof = inferred.proof((X, RDF.type, C))
    assert (proof.rule, [one.triple for one in proof.premises]) == ("rule", premises)


def test_a_contradiction_comes_with_its_proof() -> None:
    """The rule, and down to what is asserted."""
    triples: list[Triple] = [(A, OWL.disjointWith, B), (C, RDFS.subClassOf, A), (X, RDF.type, C), (X, RDF.type, B)]
    with pytest.raises(InferenceError, match="cax-dw") as caught:
        infer(triples, ())
    (one,) = caught.value.contradictions
    assert isinstance(one, Contradiction)
    assert one.rule == "cax-dw"
    assert set(one.leaves()) == set(triples)


def test_a_contradiction_tells_anonymous_classes_in_words() -> None:
    """Manchester syntax for a blank node, names by prefixes, and no line for what only spells the class out."""
    data = """
    @prefix : <urn:t:> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    [] owl:intersectionOf ( :Measure [ a owl:Restriction ; owl:onProperty :hasRelated ; owl:someValuesFrom :Assignment ] ) ;
      rdfs:subClassOf :Shared .
    :a a :Measure ; :hasRelated :b . :b a :Assignment . [] a owl:AllDisjointClasses ; owl:members ( :Shared :Measure ) .
    """
    with pytest.raises(InferenceError) as caught:
        infer(Graph().parse(data=data, format="turtle"), (), prefixes={"t": "urn:t:", "rdfs": str(RDFS)})
    told = str(caught.value)
    assert "(t:Measure and (t:hasRelated some t:Assignment)) rdfs:subClassOf t:Shared  [asserted]" in told
    assert "t:a <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> (t:hasRelated some t:Assignment)  [cls-svf1]" in told
    assert "(t:Shared, t:Measure)" in told
    assert "_:" not in told
    assert "rdf-syntax-ns#first" not in told
    assert "onProperty" not in told


def contradicting(*turtle: str) -> list[str]:
    """The rules that refuse a graph."""
    prefixes = "@prefix : <urn:> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
    prefixes += "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    with pytest.raises(InferenceError) as caught:
        infer(Graph().parse(data=prefixes + " . ".join(turtle) + " .", format="turtle"), ())
    return sorted({one.rule for one in caught.value.contradictions if isinstance(one, Contradiction)})


@pytest.mark.parametrize(
    ("turtle", "rule"),
    [
        (":x owl:sameAs :y . :y owl:differentFrom :x", "eq-diff1"),
        (":x owl:differentFrom :x", "eq-diff1"),
        ("[] a owl:AllDifferent ; owl:members ( :x :y :z ) . :y owl:sameAs :z", "eq-diff2"),
        ("[] a owl:AllDifferent ; owl:distinctMembers ( :x :y ) . :x owl:sameAs :y", "eq-diff3"),
        (":p a owl:IrreflexiveProperty . :x :p :x", "prp-irp"),
        (":p a owl:AsymmetricProperty . :x :p :y . :y :p :x", "prp-asyp"),
        (":p owl:propertyDisjointWith :q . :x :p :y ; :q :y", "prp-pdw"),
        ("[] a owl:AllDisjointProperties ; owl:members ( :p :q ) . :x :p :y ; :q :y", "prp-adp"),
        ("[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetIndividual :y . :x :p :y", "prp-npa1"),
        ("[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetValue 1 . :x :p 1", "prp-npa2"),
        (":x a owl:Nothing", "cls-nothing2"),
        (":A owl:complementOf :B . :x a :A , :B", "cls-com"),
        (":N owl:maxCardinality 0 ; owl:onProperty :p . :x a :N ; :p :y", "cls-maxc1"),
        (":N owl:maxQualifiedCardinality 0 ; owl:onProperty :p ; owl:onClass :A . :x a :N ; :p :y . :y a :A", "cls-maxqc1"),
        (":N owl:maxQualifiedCardinality 0 ; owl:onProperty :p ; owl:onClass owl:Thing . :x a :N ; :p :y", "cls-maxqc2"),
        (":A owl:disjointWith :B . :x a :A , :B", "cax-dw"),
        ("[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :x a :B , :C", "cax-adc"),
        (":p rdfs:range xsd:integer . :x :p 'one'", "dt-not-type"),
        (":p rdfs:range xsd:nonNegativeInteger . :x :p -1", "dt-not-type"),
        (":x :p '2099-02-30'^^xsd:date", "dt-not-type"),
        (":p a owl:FunctionalProperty . :x :p 1 , 2", "dt-diff"),
    ],
)  # fmt: skip
def test_each_contradiction_of_the_standard_is_found(turtle: str, rule: str) -> None:
    """The smallest graph that each rule of OWL 2 RL refuses (Profiles, section 4.3, the rules that conclude false)."""
    assert rule in contradicting(turtle)


def test_keys_make_the_same_what_shares_all_of_them() -> None:
    """prp-key needs every key to agree (owlrl forgets the last)."""
    data = """@prefix : <urn:> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        :A owl:hasKey ( :p :q ) . :x a :A ; :p 1 ; :q 2 . :y a :A ; :p 1 ; :q 2 . :z a :A ; :p 1 ; :q 3 ."""
    inferred = infer(Graph().parse(data=data, format="turtle"), ())
    assert {(s, o) for s, p, o in inferred.triples if p == OWL.sameAs} == {(X, Y), (Y, X)}
    assert inferred.proof((X, OWL.sameAs, Y)).rule == "prp-key"


@pytest.mark.parametrize(
    ("datatype", "value"),
    [("nonNegativeInteger", Literal(1)), ("decimal", Literal(1)), ("string", Literal("x")), ("byte", Literal(-128))],
)
def test_a_literal_is_of_every_datatype_that_contains_its_value(datatype: str, value: Literal) -> None:
    """dt-type2 goes by values: 1 written as an integer is a nonNegativeInteger too, and plain text is a string."""
    data = f"""@prefix : <urn:> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        :A owl:onProperty :p ; owl:someValuesFrom xsd:{datatype} ."""
    graph = Graph().parse(data=data, format="turtle")
    graph.add((X, P, value))
    proof = infer(graph, ()).proof((X, RDF.type, A))
    assert (proof.rule, proof.height) == ("cls-svf1", 1)
    assert [step.rule for step in proof.premises] == [None, None, None, "dt-type2"]
