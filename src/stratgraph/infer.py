"""The third stage: the OWL 2 RL closure and the rules beyond it, run to one fixpoint.

The one importer of owlrl, which is the reference engine (rules of OWL 2 Profiles, section 4.3). What owlrl adds that says
nothing about our things is noise and is left out; docs/decisions/0003-inference-noise.md lists it with reasons.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query

from stratgraph.errors import InferenceError, SourceError
from stratgraph.places import Triple

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import owlrl

_ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
_REFLEXIVE = frozenset({OWL.sameAs, OWL.equivalentClass, OWL.equivalentProperty, RDFS.subClassOf, RDFS.subPropertyOf})
_LOGICAL = (str(RDF), str(RDFS), str(OWL), str(XSD))
# Everything is one of these; saying so of each thing tells nobody anything.
_UNIVERSAL = frozenset({OWL.Thing, RDFS.Resource, RDFS.Literal})
_MOST_ROUNDS = 20


@dataclass(frozen=True)
class Rule:
    """A SPARQL CONSTRUCT rule; `name` is its file's stem, `query` the parsed text."""

    name: str
    query: Query


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules of a folder (`*.rq`), by name. Raises SourceError for a file that is not a CONSTRUCT query."""
    rules = []
    for path in sorted(folder.glob("*.rq")):
        try:
            query = prepareQuery(path.read_text(encoding="utf-8"))
        except Exception as error:  # rdflib raises pyparsing's and its own errors alike
            raise SourceError(f"not a SPARQL query: {error}", str(path)) from error
        if query.algebra.name != "ConstructQuery":
            raise SourceError("a rule must be a CONSTRUCT query", str(path))
        rules.append(Rule(path.stem, query))
    return tuple(rules)


def infer(encoded: Graph, rules: Sequence[Rule], progress: Callable[[str], None] = lambda _: None) -> frozenset[Triple]:
    """The triples that follow from `encoded` and are not in it, noise left out.

    Raises InferenceError where the closure contradicts itself; the message holds owlrl's account of it.
    """
    closed = Graph()
    for triple in encoded:
        closed.add(triple)
    for number in range(1, _MOST_ROUNDS + 1):
        progress(f"closure, round {number}: {len(closed)} triples")
        _close(closed)
        concluded = _conclusions(closed, rules)
        if not concluded:
            known = set(encoded)
            return frozenset(triple for triple in closed if triple not in known and not is_noise(triple))
        for triple in concluded:
            closed.add(triple)
    raise InferenceError(f"The rules reached no fixpoint in {_MOST_ROUNDS} rounds; does one create new nodes?")


def _close(graph: Graph) -> None:
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    contradictions = sorted({str(message) for message in graph.objects(None, _ERROR)})
    if contradictions:
        raise InferenceError("The graph contradicts itself:\n" + "\n".join(f"  {one}" for one in contradictions))


def _conclusions(graph: Graph, rules: Iterable[Rule]) -> set[Triple]:
    found: set[Triple] = set()
    for rule in rules:
        for row in graph.query(rule.query):
            if isinstance(row, tuple) and len(row) == 3 and row not in graph:
                found.add((row[0], row[1], row[2]))
    return found


def is_noise(triple: Triple) -> bool:
    """True for what a closure adds without saying anything about our things."""
    subject, predicate, value = triple
    if isinstance(subject, Literal | BNode) or isinstance(value, BNode):
        return True
    if predicate in _REFLEXIVE and subject == value:
        return True
    if value in _UNIVERSAL or OWL.Nothing in (subject, value):
        return True
    return str(subject).startswith(_LOGICAL)
