"""The fast engine: shapes become functions over dictionaries once, and are then run over the graph. Imports rdflib, the
store's constraint graph and this package.

It knows the part of SHACL that our shapes use. A construct it does not know is a SourceError that names it, so that nothing
passes because nobody looked; `reference` (pyshacl) knows all of SHACL, and the tests hold the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rdflib import OWL, RDF, RDFS, SH, BNode, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.indexed import IndexedGraph
from stratgraph.validate import constraints
from stratgraph.validate.constraints import Constraint
from stratgraph.validate.data import Data, Path, alternative, optional, repeat, sequence, step
from stratgraph.validate.report import shorten
from stratgraph.validate.shapes import TARGETS, Breach, Shapes
from stratgraph.validate.sparql import Queries

_PATHS: Final = (SH.inversePath, SH.oneOrMorePath, SH.zeroOrMorePath, SH.zeroOrOnePath, SH.alternativePath)
# What an engine may pass over: names, messages, prefixes of queries (which `sparql` reads).
_ABOUT: Final = (SH.message, SH.severity, SH.path, SH.declare, SH.prefix, SH.namespace, SH.prefixes, SH.select, SH.name, SH.description)
_COUNTS: Final[Mapping[Node, Callable[[int], Constraint]]] = {SH.minCount: constraints.min_count, SH.maxCount: constraints.max_count}
_LENGTHS: Final[Mapping[Node, Callable[[int], Constraint]]] = {SH.minLength: constraints.min_length, SH.maxLength: constraints.max_length}
_REFERRING: Final = (SH.node, SH["not"], SH["or"], SH["and"], SH.xone)
_PAIRS: Final[Mapping[Node, bool]] = {SH.lessThan: False, SH.lessThanOrEquals: True}
_QUALIFIED: Final = (SH.qualifiedValueShape, SH.qualifiedMinCount, SH.qualifiedMaxCount)
_VALUES: Final = (SH["class"], SH.datatype, SH.nodeKind, SH.pattern, SH.languageIn, SH.minInclusive, SH.hasValue, SH.uniqueLang)
_PROPERTY_ONLY: Final = (*_COUNTS, *_PAIRS, *_QUALIFIED, SH.uniqueLang)
_KNOWN: Final = frozenset(
    (*TARGETS, *_PATHS, *_ABOUT, *_COUNTS, *_LENGTHS, *_REFERRING, *_PAIRS, *_QUALIFIED, *_VALUES, SH.property, SH.sparql)
)
Against = Callable[[Node, Iterable[Node]], list[Node]]


@dataclass
class _Shape:
    """A shape as functions. Filled in after it is made, since shapes refer to each other."""

    node: Node
    path_node: Node | None
    path: Path | None
    severity: Node
    checks: list[Constraint] = field(default_factory=list)
    pairs: list[Against] = field(default_factory=list)
    properties: list[_Shape] = field(default_factory=list)
    queries: list[Node] = field(default_factory=list)

    def conforms(self, focus: Node) -> bool:
        """Whether a node keeps the shape."""
        values = (focus,) if self.path is None else self.path(focus)
        return (
            not any(check(values) for check in self.checks)
            and not any(pair(focus, values) for pair in self.pairs)
            and all(one.conforms(value) for one in self.properties for value in values)
        )

    def breaches(self, focus: Node) -> Iterator[Breach]:
        """What of the shape a node breaks."""
        values = (focus,) if self.path is None else self.path(focus)
        for check in self.checks:
            for value in check(values):
                yield Breach(focus, self.node, None, value, self.path_node, self.severity)
        for pair in self.pairs:
            for value in pair(focus, values):
                yield Breach(focus, self.node, None, value, self.path_node, self.severity)
        for one in self.properties:
            for value in values:
                yield from one.breaches(value)


def core_breaches(graph: IndexedGraph, shapes: Shapes) -> Iterator[Breach]:
    """What breaks the SHACL shapes but for their SPARQL, unordered. Raises SourceError for shapes it cannot use or does not know."""
    compiler = _Compiler(Data(graph), shapes)
    for shape in compiler.targeted():
        for focus in compiler.focus_nodes(shape.node):
            yield from shape.breaches(focus)


def query_breaches(graph: IndexedGraph, shapes: Shapes) -> Iterator[Breach]:
    """What breaks the SPARQL of the shapes, unordered. Raises as `core_breaches` does."""
    compiler = _Compiler(Data(graph), shapes)
    queries = Queries(graph, shapes)
    for shape in compiler.targeted():
        for focus in compiler.focus_nodes(shape.node) if shape.queries else ():
            for constraint in shape.queries:
                for value, path in queries.offenders(constraint, focus):
                    yield Breach(focus, shape.node, constraint, value, path, shape.severity)


class _Compiler:
    """Makes each shape once."""

    def __init__(self, data: Data, shapes: Shapes) -> None:
        self._data = data
        self._shapes = shapes
        self._graph = shapes.graph
        self._made: dict[Node, _Shape] = {}
        self._making: list[Node] = []

    def targeted(self) -> list[_Shape]:
        """All shapes that have a target. Raises SourceError, also for constructs in shapes that nothing reaches."""
        self._refuse_unknown()
        nodes = {node for kind in (SH.NodeShape, SH.PropertyShape) for node in self._graph.subjects(RDF.type, kind)}
        targeted = {node for target in TARGETS for node in self._graph.subjects(target)}
        made = {node: self.shape(node) for node in sorted(nodes | targeted, key=str)}
        return [shape for node, shape in made.items() if node in targeted]

    def focus_nodes(self, node: Node) -> set[Node]:
        """What a shape targets."""
        found: set[Node] = set(self._graph.objects(node, SH.targetNode))
        for kind in self._graph.objects(node, SH.targetClass):
            found |= self._data.instances(kind)
        for predicate in self._graph.objects(node, SH.targetSubjectsOf):
            found.update(self._data.objects(predicate))
        for predicate in self._graph.objects(node, SH.targetObjectsOf):
            found.update(self._data.subjects(predicate))
        return found

    def shape(self, node: Node) -> _Shape:
        """The shape as functions, made once. Raises SourceError."""
        if node in self._made:
            return self._made[node]
        if node in self._making:
            raise self._unusable(node, "refers to itself")
        if (node, None, None) not in self._graph:
            raise self._unusable(node, "is referred to but not declared")
        self._making.append(node)
        path = self._one(node, SH.path)
        walked = None if path is None else self._path(node, path)
        made = _Shape(node, path, walked, self._one(node, SH.severity) or SH.Violation)
        self._fill(made)
        self._making.pop()
        self._made[node] = made
        return made

    def _fill(self, made: _Shape) -> None:
        node = made.node
        if made.path is None:
            for predicate in _PROPERTY_ONLY:
                if (node, predicate, None) in self._graph:
                    raise self._unusable(node, f"has {shorten(str(predicate))} without sh:path")
        elif (node, SH.sparql, None) in self._graph:
            raise self._unusable(node, "has sh:sparql on a property shape, which only pyshacl knows")
        for predicate, value in sorted(self._graph.predicate_objects(node)):
            made.checks += self._checks(node, predicate, value)
            if predicate in _PAIRS:
                made.pairs.append(self._pair(value, _PAIRS[predicate]))
            elif predicate == SH.property:
                made.properties.append(self._property(node, value))
            elif predicate == SH.sparql:
                made.queries.append(value)

    def _checks(self, node: Node, predicate: Node, value: Node) -> list[Constraint]:
        if predicate in _COUNTS or predicate in _LENGTHS:
            return [{**_COUNTS, **_LENGTHS}[predicate](self._number(node, value))]
        if predicate in _REFERRING:
            return [self._referring(node, predicate, value)]
        if predicate == SH.qualifiedValueShape:
            bounds = [self._one(node, one) for one in _QUALIFIED[1:]]
            least, most = (None if one is None else self._number(node, one) for one in bounds)
            return [constraints.qualified(self.shape(value).conforms, least, most)]
        return [self._value_check(node, predicate, value)] if predicate in _VALUES else []

    def _referring(self, node: Node, predicate: Node, value: Node) -> Constraint:
        if predicate == SH.node:
            return constraints.each(self.shape(value).conforms)
        if predicate == SH["not"]:
            kept = self.shape(value).conforms
            return constraints.each(lambda one: not kept(one))
        members = [self.shape(one).conforms for one in self._list(node, value)]
        if predicate == SH["or"]:
            return constraints.each(lambda one: any(holds(one) for holds in members))
        if predicate == SH["and"]:
            return constraints.each(lambda one: all(holds(one) for holds in members))
        return constraints.each(lambda one: sum(holds(one) for holds in members) == 1)

    def _value_check(self, node: Node, predicate: Node, value: Node) -> Constraint:
        try:
            if predicate == SH["class"]:
                return constraints.of_class(self._data.instances(value))
            if predicate == SH.languageIn:
                return constraints.language_in(frozenset(str(one).lower() for one in self._list(node, value)))
            if predicate == SH.minInclusive and isinstance(value, Literal) and value.value is not None:
                return constraints.at_least_value(value)
            if predicate == SH.uniqueLang and isinstance(value, Literal) and isinstance(value.value, bool):
                return constraints.unique_language() if value.value else constraints.min_count(0)
            makers: dict[Node, Callable[[], Constraint]] = {
                SH.datatype: lambda: constraints.datatype(value),
                SH.nodeKind: lambda: constraints.node_kind(value),
                SH.pattern: lambda: constraints.pattern(str(value)),
                SH.hasValue: lambda: constraints.has_value(value),
            }
            return makers[predicate]()
        except (KeyError, re.error) as error:
            raise self._unusable(node, f"has {shorten(str(predicate))} {value}, which is none") from error

    def _pair(self, predicate: Node, or_equals: bool) -> Against:
        others = self._data.objects(predicate)

        def offenders(focus: Node, values: Iterable[Node]) -> list[Node]:
            bounds = others.get(focus, ())
            return [one for one in values if not all(constraints.precedes(one, bound, or_equals) for bound in bounds)]

        return offenders

    def _property(self, node: Node, value: Node) -> _Shape:
        made = self.shape(value)
        if made.path is None:
            raise self._unusable(node, f"has sh:property {shorten(str(value))}, which has no sh:path")
        return made

    def _path(self, node: Node, path: Node) -> Path:
        if isinstance(path, URIRef):
            return step(self._data, path)
        inner = {mark: value for mark in _PATHS if (value := self._one(path, mark)) is not None}
        if not inner:
            return sequence([self._path(node, one) for one in self._list(node, path)])
        [(mark, value)] = inner.items()
        if mark == SH.alternativePath:
            return alternative([self._path(node, one) for one in self._list(node, value)])
        if mark == SH.inversePath:
            if not isinstance(value, URIRef):
                raise self._unusable(node, "has an inverse of more than one property, which only pyshacl knows")
            return step(self._data, value, inverse=True)
        walked = self._path(node, value)
        return optional(walked) if mark == SH.zeroOrOnePath else repeat(walked, 1 if mark == SH.oneOrMorePath else 0)

    def _refuse_unknown(self) -> None:
        for node, predicate, value in sorted(self._graph):
            if str(predicate).startswith(str(SH)) and predicate not in _KNOWN:
                raise self._unusable(node, f"uses {shorten(str(predicate))}, which only pyshacl knows (STRATGRAPH_VALIDATOR)")
            if predicate == RDF.type and value in (RDFS.Class, OWL.Class):
                raise self._unusable(node, "is a class and a shape at once, which only pyshacl knows (STRATGRAPH_VALIDATOR)")

    def _one(self, node: Node, predicate: URIRef) -> Node | None:
        values = list(self._graph.objects(node, predicate))
        if len(values) > 1:
            raise self._unusable(node, f"has {shorten(str(predicate))} more than once")
        return values[0] if values else None

    def _number(self, node: Node, value: Node) -> int:
        if isinstance(value, Literal) and type(value.value) is int and value.value >= 0:
            return int(value.value)
        raise self._unusable(node, f"has “{value}” where a whole number belongs")

    def _list(self, node: Node, head: Node) -> list[Node]:
        members = list(Collection(self._graph, head)) if isinstance(head, BNode | URIRef) else []
        if not members:
            raise self._unusable(node, "has no list where one belongs")
        return members

    def _unusable(self, node: Node, fault: str) -> SourceError:
        return SourceError(f"the shapes cannot be run: {shorten(str(node))} {fault}", self._shapes.folder)
