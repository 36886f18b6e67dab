"""Anonymous classes and property chains in words: what proofs show instead of a blank node. Imports rdflib and places.

The notation is OWL 2 Manchester Syntax (W3C Note, 2012): `(Measure and (hasThreatResponse some ThreatResponse))`; a property chain is
written `A o B`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rdflib import OWL, RDF, BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from stratgraph.places import Triple

_FILLERS: Final = ((OWL.someValuesFrom, "some"), (OWL.allValuesFrom, "only"), (OWL.hasValue, "value"))
_JOINED: Final = ((OWL.intersectionOf, " and "), (OWL.unionOf, " or "), (OWL.oneOf, ", "))
_COUNTS: Final = (
    (OWL.minCardinality, "min"),
    (OWL.maxCardinality, "max"),
    (OWL.cardinality, "exactly"),
    (OWL.minQualifiedCardinality, "min"),
    (OWL.maxQualifiedCardinality, "max"),
    (OWL.qualifiedCardinality, "exactly"),
)
_SPELLING: Final = frozenset(
    {RDF.first, RDF.rest, OWL.onProperty, OWL.onClass, OWL.members, OWL.distinctMembers, OWL.complementOf}
    | {one for one, _ in (*_FILLERS, *_JOINED, *_COUNTS)}
)


def is_structure(triple: Triple) -> bool:
    """Whether a triple only spells out an anonymous class or a list, so that its expression says the same."""
    return isinstance(triple[0], BNode) and triple[1] in _SPELLING


def expression(node: Node, graph: Graph, prefixes: Mapping[str, str]) -> str:
    """A blank node of the ontology in Manchester Syntax, names shortened by `prefixes`; a list is a property chain."""

    def show(one: Node) -> str:
        return shown(one, graph, prefixes)

    if (node, RDF.first, None) in graph:
        return " o ".join(show(one) for one in Collection(graph, node))
    for predicate, word in _FILLERS:
        value = graph.value(node, predicate)
        if value is not None:
            return f"({_named(graph.value(node, OWL.onProperty), show)} {word} {show(value)})"
    for predicate, word in _JOINED:
        members = graph.value(node, predicate)
        if members is not None:
            return f"({word.join(show(one) for one in Collection(graph, members))})"
    return _counted(node, graph, show) or _listed(node, graph, show)


def _counted(node: Node, graph: Graph, show: Callable[[Node], str]) -> str:
    """A cardinality restriction; empty for anything else."""
    for predicate, word in _COUNTS:
        number = graph.value(node, predicate)
        if number is not None:
            kind = graph.value(node, OWL.onClass)
            return f"({_named(graph.value(node, OWL.onProperty), show)} {word} {number}{f' {show(kind)}' if kind is not None else ''})"
    return ""


def _listed(node: Node, graph: Graph, show: Callable[[Node], str]) -> str:
    """A complement, or an axiom over several (all disjoint, all different)."""
    excluded = graph.value(node, OWL.complementOf)
    if excluded is not None:
        return f"(not {show(excluded)})"
    members = graph.value(node, OWL.members) or graph.value(node, OWL.distinctMembers)
    return f"({', '.join(show(one) for one in Collection(graph, members))})" if members is not None else "(anonymous)"


def _named(node: Node | None, show: Callable[[Node], str]) -> str:
    return "?" if node is None else show(node)


def shown(node: Node, graph: Graph, prefixes: Mapping[str, str]) -> str:
    """Any term for people: an IRI shortened by `prefixes`, a literal in N-Triples, a blank node as its expression in `graph`."""
    if isinstance(node, URIRef):
        return _short(str(node), prefixes)
    return expression(node, graph, prefixes) if isinstance(node, BNode) else str(node.n3())


def _short(iri: str, prefixes: Mapping[str, str]) -> str:
    for prefix, namespace in prefixes.items():
        if iri.startswith(namespace) and "/" not in iri.removeprefix(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return f"<{iri}>"
