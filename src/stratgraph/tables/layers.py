"""The graphs of a release by layer, in plain strings: what tables are read from. Imports rdflib's terms, places and vocab.

rdflib compares its terms in Python; a table looks at every statement several times, so each term is turned into an interned
string (an IRI) or a `Text` once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Final, NamedTuple

from rdflib import RDF, Literal
from rdflib.term import Node

from stratgraph.places import Triple
from stratgraph.vocab import CURATED_GRAPHS, DOCUMENT_GRAPHS, INFERRED_GRAPH, ONTOLOGY_GRAPH

LAYERS: Final = ("stated", "curated", "inferred")
_TYPE: Final = str(RDF.type)


class Text(NamedTuple):
    """A literal: what is written, its language (empty: none) and its datatype (an IRI; empty with a language)."""

    value: str
    language: str
    datatype: str


Value = str | Text
Told = Mapping[str, Mapping[str, Sequence[Value]]]
_Statement = tuple[str, str, Value]


@dataclass
class Layers:
    """property → thing → values, for each layer; the document, "reference" or "across" that a thing is told in.

    `tabled` are the things that have a table; whoever makes the tables fills it.
    """

    layers: Mapping[str, Told]
    sources: Mapping[str, str]
    tabled: set[str] = field(default_factory=set)
    _merged: dict[str, Mapping[str, Sequence[Value]]] = field(default_factory=dict)
    _turned: dict[str, dict[Value, list[str]]] = field(default_factory=dict)

    def told(self, predicate: str) -> Mapping[str, Sequence[Value]]:
        """Thing → values of a property, in any layer."""
        if predicate not in self._merged:
            merged: dict[str, list[Value]] = {}
            for layer in self.layers.values():
                for thing, values in layer.get(predicate, {}).items():
                    merged.setdefault(thing, []).extend(values)
            self._merged[predicate] = merged
        return self._merged[predicate]

    def values(self, thing: str, *properties: str) -> Iterator[Value]:
        """The values of some properties of a thing, in any layer."""
        for one in properties:
            yield from self.told(one).get(thing, ())

    def iris(self, thing: str, *properties: str) -> Iterator[str]:
        """Those values that are IRIs."""
        return (one for one in self.values(thing, *properties) if isinstance(one, str))

    def subjects(self, predicate: str, value: Value) -> Sequence[str]:
        """The things with this value of a property."""
        if predicate not in self._turned:
            turned = self._turned[predicate] = dict[Value, list[str]]()
            for thing, values in self.told(predicate).items():
                for one in values:
                    turned.setdefault(one, []).append(thing)
        return self._turned[predicate].get(value, ())

    def is_a(self, thing: str, kind: str) -> bool:
        """Whether a thing is of a class, said or inferred."""
        return kind in self.values(thing, _TYPE)


def layer_of(graph: str) -> str | None:
    """The layer of a named graph; None for the ontology, which speaks of terms and not of things."""
    if graph == ONTOLOGY_GRAPH:
        return None
    return "inferred" if graph == INFERRED_GRAPH else "curated" if graph.startswith(CURATED_GRAPHS) else "stated"


def read_layers(graphs: Mapping[str, frozenset[Triple]]) -> Layers:
    """Named graphs by layer; a statement that stands in several layers belongs to the first."""
    layers: dict[str, set[_Statement]] = {layer: set() for layer in LAYERS}
    sources: dict[str, str] = {}
    for iri in sorted(graphs):
        layer = layer_of(iri)
        if layer is None:
            continue
        statements = {(intern(str(subject)), intern(str(predicate)), _value(value)) for subject, predicate, value in graphs[iri]}
        layers[layer] |= statements
        if layer != "inferred":
            key = iri.removeprefix(DOCUMENT_GRAPHS).removeprefix(CURATED_GRAPHS).rpartition("/")[2]
            sources.update((subject, key) for subject, predicate, _ in statements if predicate == _TYPE or subject not in sources)
    layers["curated"] -= layers["stated"]
    layers["inferred"] -= layers["stated"] | layers["curated"]
    return Layers({layer: _by_property(statements) for layer, statements in layers.items()}, sources)


def _value(node: Node) -> Value:
    if isinstance(node, Literal):
        return Text(str(node), node.language or "", "" if node.language else str(node.datatype or ""))
    return intern(str(node))


def _by_property(statements: set[_Statement]) -> Told:
    found: dict[str, dict[str, list[Value]]] = {}
    for subject, predicate, value in statements:
        found.setdefault(predicate, {}).setdefault(subject, []).append(value)
    return found
