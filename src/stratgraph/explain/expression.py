"""Anonymous classes and property chains in words: what a proof shows instead of a blank node. Imports rdflib only.

The notation is OWL 2 Manchester Syntax (W3C Note, 2012): `(Measure and (hasThreatResponse some ThreatResponse))`; a property chain is
written `A o B`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rdflib import OWL, RDF, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

_FILLERS: Final = ((OWL.someValuesFrom, "some"), (OWL.allValuesFrom, "only"), (OWL.hasValue, "value"))
_JOINED: Final = ((OWL.intersectionOf, " and "), (OWL.unionOf, " or "), (OWL.oneOf, ", "))
# Statements that only spell out an anonymous class or a list; the expression says the same.
STRUCTURE: Final = frozenset(
    {RDF.first, RDF.rest, OWL.onProperty, OWL.members, OWL.complementOf, *(one for one, _ in _FILLERS), *(one for one, _ in _JOINED)}
)


def expression(node: Node, graph: Graph, prefixes: Mapping[str, str]) -> str:
    """A blank node of the ontology in Manchester Syntax, names shortened by `prefixes`; a list is a property chain."""

    def show(one: Node) -> str:
        if isinstance(one, URIRef):
            return _short(str(one), prefixes)
        return str(one.n3()) if isinstance(one, Literal) else expression(one, graph, prefixes)

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
    excluded = graph.value(node, OWL.complementOf)
    return f"(not {show(excluded)})" if excluded is not None else "(anonymous)"


def _named(node: Node | None, show: Callable[[Node], str]) -> str:
    return "?" if node is None else show(node)


def _short(iri: str, prefixes: Mapping[str, str]) -> str:
    for prefix, namespace in prefixes.items():
        if iri.startswith(namespace) and "/" not in iri.removeprefix(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return f"<{iri}>"
