"""The triples that are validated, as the compiled shapes look at them. Imports rdflib's terms and `indexed`.

A path of SHACL becomes a function from a node to its value nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from rdflib import RDF, RDFS
from rdflib.term import Node

from stratgraph.indexed import IndexedGraph

Path = Callable[[Node], Collection[Node]]


class Data:
    """The graph, and what is of which class in the sense of SHACL."""

    def __init__(self, graph: IndexedGraph) -> None:
        self.objects = graph.objects_of
        self.subjects = graph.subjects_of
        self._instances: dict[Node, frozenset[Node]] = {}

    def instances(self, kind: Node) -> frozenset[Node]:
        """Everything of a class or one below it: by rdf:type and rdfs:subClassOf alone."""
        if kind not in self._instances:
            below = repeat(step(self, RDFS.subClassOf, inverse=True), at_least=0)(kind)
            typed = self.subjects(RDF.type)
            self._instances[kind] = frozenset(one for each in below for one in typed.get(each, ()))
        return self._instances[kind]


def step(data: Data, predicate: Node, inverse: bool = False) -> Path:
    """One property, forwards or backwards."""
    found = data.subjects(predicate) if inverse else data.objects(predicate)
    return lambda node: found.get(node, ())


def sequence(steps: Sequence[Path]) -> Path:
    """One path after another."""

    def values(node: Node) -> Collection[Node]:
        reached: Collection[Node] = (node,)
        for one in steps:
            reached = {value for each in reached for value in one(each)}
        return reached

    return values


def alternative(paths: Sequence[Path]) -> Path:
    """Any of several paths."""
    return lambda node: {value for one in paths for value in one(node)}


def repeat(path: Path, at_least: int) -> Path:
    """A path any number of times, `at_least` 0 (the node itself is reached too) or 1."""

    def values(node: Node) -> Collection[Node]:
        reached: set[Node] = set() if at_least else {node}
        waiting = [node]
        visited = {node}
        while waiting:
            for value in path(waiting.pop()):
                reached.add(value)
                if value not in visited:
                    visited.add(value)
                    waiting.append(value)
        return reached

    return values


def optional(path: Path) -> Path:
    """A path once or not at all."""
    return lambda node: {node, *path(node)}
