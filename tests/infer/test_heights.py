"""Proofs are of least height: against rounds that apply every rule of the standard to everything, which nobody would use for work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from hypothesis import HealthCheck, given, settings
from rdflib import OWL, RDF, XSD, Literal
from rdflib.term import Node

from stratgraph.infer import infer
from stratgraph.places import Triple
from tests.infer.generated import plain_graphs
from tests.infer.verifier import Bindings, Pattern, is_of, standard

By = Mapping[Node, Sequence[Triple]]


def least_heights(triples: frozenset[Triple]) -> dict[Triple, int]:
    """The number of the first round in which each triple follows; x sameAs x left out."""
    literals = {value for _, _, value in triples if isinstance(value, Literal)}
    typed = {(one, RDF.type, datatype) for one in literals for datatype in (XSD.integer, XSD.decimal, XSD.string) if is_of(one, datatype)}
    heights: dict[Triple, int] = dict.fromkeys((*triples, *typed), 0)
    for number in range(1, 50):
        by: defaultdict[Node, list[Triple]] = defaultdict(list)
        for triple in heights:
            by[triple[1]].append(triple)
        found = {
            triple
            for rules in standard().values()
            for patterns, conclusion in rules
            for triple in concluded(patterns, conclusion, by)
            if triple not in heights and not isinstance(triple[1], Literal) and not (triple[1] == OWL.sameAs and triple[0] == triple[2])
        }
        if not found:
            return heights
        heights.update(dict.fromkeys(found, number))
    raise AssertionError("no fixpoint")


def concluded(patterns: Sequence[Pattern], conclusion: Pattern, by: By) -> Iterator[Triple]:
    """What a rule gives."""
    for bindings in matches(patterns, {}, by):
        subject, predicate, value = (bound(term, bindings) for term in conclusion)
        assert subject is not None
        assert predicate is not None
        assert value is not None
        yield subject, predicate, value


def bound(term: Node | str, bindings: Bindings) -> Node | None:
    """What a term of a pattern stands for; None for an open variable."""
    return term if isinstance(term, Node) else bindings.get(str(term))


def matches(patterns: Sequence[Pattern], bindings: Bindings, by: By) -> Iterator[Bindings]:
    """The ways to match all patterns."""
    if not patterns:
        yield bindings
        return
    wanted = [bound(term, bindings) for term in patterns[0]]
    predicate = wanted[1]
    for triple in by.get(predicate, ()) if predicate is not None else [one for some in by.values() for one in some]:
        if all(term is None or term == value for term, value in zip(wanted, triple, strict=True)):
            new = {str(name): value for name, known, value in zip(patterns[0], wanted, triple, strict=True) if known is None}
            if all(bound(name, {**bindings, **new}) == value for name, value in zip(patterns[0], triple, strict=True)):
                yield from matches(patterns[1:], {**bindings, **new}, by)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plain_graphs())
def test_every_proof_is_of_least_height(triples: frozenset[Triple]) -> None:
    """The height of each inferred triple's proof is the first round in which the triple follows."""
    inference, heights = infer(triples, ()), least_heights(triples)
    assert {triple: inference.proof(triple).height for triple in inference.triples} == {
        triple: heights[triple] for triple in inference.triples
    }
