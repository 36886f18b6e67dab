"""The compiled engine gives what owlrl gives: on our graph and on generated ontologies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import RDFS

from stratgraph.errors import InferenceError
from stratgraph.infer import Contradiction, Inference, infer, load_rules
from stratgraph.places import Triple
from stratgraph.settings import Layout
from tests.infer.generated import graphs, odd_graphs
from tests.infer.verifier import Verifier
from tests.parts import EXTENTS, of_documents

# Contradictions that owlrl does not look for, or not everywhere (docs/decisions/0005-compiled-closure.md).
ONLY_OURS = frozenset({"eq-diff2", "eq-diff3", "prp-adp", "dt-diff", "dt-not-type"})


@pytest.mark.parametrize("keys", EXTENTS)
def test_our_graph_gives_the_same_triples(keys: tuple[str, ...], layout: Layout) -> None:
    """What follows from what is encoded, with all rules, is the same set of triples under both engines."""
    triples, rules = of_documents(keys), load_rules(layout.rules)
    compiled, reference = infer(triples, rules).triples, infer(triples, rules, engine="owlrl").triples
    assert len(reference) > 2000
    assert compiled - reference == frozenset()
    assert reference - compiled == frozenset()


def outcome(triples: frozenset[Triple], engine: str) -> Inference | InferenceError:
    """What an engine says of a graph."""
    try:
        return infer(triples, (), engine=engine)
    except InferenceError as error:
        return error


def forgotten(triples: frozenset[Triple], inference: Inference) -> Iterator[Triple]:
    """The triples x subClassOf x and p subPropertyOf p where they follow by a cycle: owlrl sets them for what is declared only."""
    for term in {term for triple in triples for term in triple}:
        for predicate in (RDFS.subClassOf, RDFS.subPropertyOf):
            with suppress(KeyError):
                yield inference.proof((term, predicate, term)).triple


def differences(triples: frozenset[Triple]) -> set[object]:
    """What one engine says of a graph and the other does not, documented exceptions aside, and steps of proofs that do not hold."""
    compiled, reference = outcome(triples, "compiled"), outcome(triples, "owlrl")
    if isinstance(compiled, InferenceError):
        rules = {one.rule for one in compiled.contradictions if isinstance(one, Contradiction)}
        found = isinstance(reference, InferenceError) or (rules and rules <= ONLY_OURS)
        return set() if found else {"owlrl finds no contradiction", *rules}
    if isinstance(reference, Inference) and compiled.triples != reference.triples:
        reference = outcome(triples.union(forgotten(triples, compiled)), "owlrl")
    if isinstance(reference, InferenceError):
        return {str(reference)}
    verifier = Verifier(triples, (), compiled.triples)
    wrong = {problem for triple in compiled.triples for problem in verifier.problems(compiled.proof(triple))}
    return {*(compiled.triples ^ reference.triples), *wrong}


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_generated_ontologies_give_the_same_triples(triples: frozenset[Triple]) -> None:
    """Either both engines find a contradiction, or both infer the same triples, and each step of each proof holds."""
    assert differences(triples) == set()


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(odd_graphs())
def test_axioms_about_the_words_of_rdfs_give_the_same_triples(triples: frozenset[Triple]) -> None:
    """An ontology may speak of rdf:type and rdfs:subClassOf as of any property."""
    assert differences(triples) == set()


@pytest.mark.long
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_many_generated_ontologies_give_the_same_triples(triples: frozenset[Triple]) -> None:
    """The same on many more, other ones in each run."""
    assert differences(triples) == set()
