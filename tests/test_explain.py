"""Reasons: expressions in words, terms as people give them, proofs kept and read back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef

from stratgraph.errors import BadParameter, InputError
from stratgraph.explain import parse_term, proofs_graph, read_proofs, statement_iri, write_proofs
from stratgraph.expression import expression
from stratgraph.infer import infer, load_rules
from stratgraph.load import load_prefixes, load_product
from stratgraph.places import Triple
from stratgraph.release import Release
from stratgraph.settings import Layout
from stratgraph.vocab import RULE, SG

PREFIXES = {"sg": str(SG), "ex": "http://example.org/"}
ONTOLOGY = """
@prefix : <https://w3id.org/stratgraph/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:a rdfs:range [ owl:onProperty :role ; owl:hasValue "x"@en ] .
:b rdfs:range [ owl:intersectionOf ( :Measure [ owl:onProperty :dueBy ; owl:someValuesFrom :Deadline ] ) ] .
:c rdfs:range [ owl:unionOf ( :One <http://example.org/d/Two> ) ] .
:d rdfs:range [ owl:onProperty :p ; owl:allValuesFrom [ owl:complementOf :One ] ] .
:f rdfs:range [ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :One ] .
:g rdfs:range [ owl:onProperty :p ; owl:cardinality 2 ] .
:e owl:propertyChainAxiom ( :one :two ) .
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("f", "(sg:p max 1 sg:One)"),
        ("g", "(sg:p exactly 2)"),
        ("a", '(sg:role value "x"@en)'),
        ("b", "(sg:Measure and (sg:dueBy some sg:Deadline))"),
        ("c", "(sg:One or <http://example.org/d/Two>)"),
        ("d", "(sg:p only (not sg:One))"),
        ("e", "sg:one o sg:two"),
    ],
)
def test_anonymous_classes_and_chains_are_told_in_manchester_syntax(name: str, words: str) -> None:
    """OWL 2 Manchester Syntax, nested; a property chain with `o`."""
    graph = Graph().parse(data=ONTOLOGY, format="turtle")
    node = graph.value(SG[name], RDFS.range) or graph.value(SG[name], OWL.propertyChainAxiom)
    assert node is not None
    assert expression(node, graph, PREFIXES) == words


@pytest.mark.parametrize(
    ("name", "text", "term"),
    [
        ("s", "https://w3id.org/stratgraph/id/body/nisc", "<https://w3id.org/stratgraph/id/body/nisc>"),
        ("s", "<urn:a>", "<urn:a>"),
        ("s", "recommendation/2015/2-4", "<https://w3id.org/stratgraph/id/recommendation/2015/2-4>"),
        ("o", "vocab/theme/iot", "<https://w3id.org/stratgraph/vocab/theme/iot>"),
        ("p", " sg:reflectedIn ", "<https://w3id.org/stratgraph/ontology#reflectedIn>"),
        ("o", '"2-4"', '"2-4"'),
        ("o", '"二の四"@ja', '"二の四"@ja'),
        ("o", '"37"^^<http://www.w3.org/2001/XMLSchema#integer>', '"37"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ],
)
def test_terms_are_taken_as_people_give_them(name: str, text: str, term: str) -> None:
    """Bare IRI, N-Triples term, prefixed name, path of a thing."""
    assert parse_term(name, text, PREFIXES) == term


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s", '"a literal"'),
        ("o", '"open'),
        ("o", '"\\uZZZZ"'),
        ("o", '"x" } ; DROP ALL #'),
        ("s", "x> } ; DROP ALL #"),
        ("p", ""),
        ("s", "< a>"),
        ("o", "Ünrat und Leere"),
    ],
)
def test_what_is_no_term_is_refused_by_name(name: str, text: str) -> None:
    """The parameter is named, and what is allowed is told; nothing of the text can reach a query."""
    with pytest.raises(BadParameter) as caught:
        parse_term(name, text, PREFIXES)
    assert caught.value.parameter == name
    assert caught.value.allowed


@dataclass(frozen=True)
class Proof:
    """A proof made by hand."""

    triple: Triple
    rule: str | None = None
    premises: tuple[Proof, ...] = ()

    def steps(self) -> Iterator[Proof]:
        """All steps."""
        for premise in self.premises:
            yield from premise.steps()
        yield self


def test_proofs_are_kept_in_a_stable_order_and_read_back(tmp_path: Path) -> None:
    """Blank nodes become expressions; what only spells them out is left away; a second writing gives the same bytes."""
    a, b, c = URIRef("urn:a"), URIRef("urn:b"), URIRef("urn:c")
    written = []
    for _ in range(2):
        node = BNode()
        graph = Graph().add((node, OWL.onProperty, SG.role)).add((node, OWL.hasValue, c))
        typed = Proof((a, RDF.type, node), "prp-rng", (Proof((SG.lead, RDFS.range, node)), Proof((b, SG.lead, a))))
        proof = Proof((a, SG.role, c), "cls-hv1", (Proof((node, OWL.hasValue, c)), Proof((node, OWL.onProperty, SG.role)), typed))
        path = tmp_path / "proofs.jsonl"
        assert write_proofs(path, [proof, typed], graph, PREFIXES) == 2
        written.append(path.read_bytes())
    assert written[0] == written[1]
    kept = read_proofs(path)
    step = kept["<urn:a>", f"<{SG.role}>", "<urn:c>"]
    anonymous = ("<urn:a>", f"<{RDF.type}>", "_:(sg:role value <urn:c>)")
    assert (step.rule, step.premises) == ("cls-hv1", (anonymous,))
    assert kept[anonymous].premises[1] == ("<urn:b>", f"<{SG.lead}>", "<urn:a>")


def test_no_proofs_are_none_and_broken_ones_are_told(tmp_path: Path) -> None:
    """An engine may keep none; a file that is something else is an error that says what to run."""
    assert read_proofs(tmp_path / "proofs.jsonl") == {}
    (tmp_path / "proofs.jsonl").write_text("no json\n", encoding="utf-8")
    with pytest.raises(InputError, match="stratgraph build --force"):
        read_proofs(tmp_path / "proofs.jsonl")


def test_every_rule_has_its_sentence(release: Release, layout: Layout) -> None:
    """Every rule that a proof of this release uses, and every rule file, is a concept with words of its own in both languages."""
    used = {step.rule for step in read_proofs(release.proofs).values()} | {path.stem for path in layout.rules.glob("*.rq")}
    assert len(used) > 12
    rules = Graph().parse(layout.data / "reference" / "rules.ttl")
    for name in used | {str(one) for one in rules.objects(None, SKOS.notation)}:
        assert (RULE[name], SKOS.notation, Literal(name)) in rules, name
        for predicate in (SKOS.prefLabel, SKOS.definition):
            assert sorted(one.language or "" for one in rules.objects(RULE[name], predicate) if isinstance(one, Literal)) == ["en", "ja"]


def test_heights_are_those_of_the_reasoner(layout: Layout, release: Release) -> None:
    """A statement's height in the proofs graph is that of the proof of least height, which leaves out no more than spelling."""
    sources = load_product(layout)
    inference = infer(sources.triples(), load_rules(layout.rules))
    heights = {
        (one.subject.value, one.predicate): one.object.value
        for one in proofs_graph(read_proofs(release.proofs), sources.graphs)
        if one.predicate == f"{SG}proofHeight"
    }
    for triple in inference.triples:
        subject, predicate, value = (str(term.n3()) for term in triple)
        assert heights[statement_iri((subject, predicate, value)), f"{SG}proofHeight"] == str(inference.proof(triple).height), triple


def test_every_inferred_triple_is_explained(release: Release, layout: Layout) -> None:
    """Each line of the inferred graph has its step, and every step rests on steps or on what is asserted."""
    assert load_prefixes(layout)
    proofs = read_proofs(release.proofs)
    asserted: set[str] = set()
    inferred: set[str] = set()
    for line in release.graph_file.read_text(encoding="utf-8").split("\n"):
        triple, _, graph = line.removesuffix(" .").rpartition(" ")
        if graph.endswith("/graph/proofs>"):
            continue
        (inferred if graph.endswith("/graph/inferred>") else asserted).add(triple)
    heads = {" ".join(one) for one in proofs}
    assert len(inferred) > 2000
    assert inferred - heads == set()
    for step in proofs.values():
        for premise in step.premises:
            text = " ".join(premise)
            assert text in heads or text in asserted or "_:" in text or text.startswith('"'), text
