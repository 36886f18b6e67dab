"""The triples that are validated, as the compiled shapes look at them: plain dictionaries. Imports rdflib's terms only.

A path of SHACL becomes a function from a node to its value nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from rdflib import RDF, RDFS
from rdflib.term import Node

from stratgraph.places import Triple

_NOTHING: Final[Mapping[Node, Sequence[Node]]] = {}
Path = Callable[[Node], Collection[Node]]


class Data:
    """Triples by predicate. `wanted` are the predicates that anyone will ask for; the rest is left out."""

    def __init__(self, triples: Iterable[Triple], wanted: frozenset[Node]) -> None:
        self._objects: dict[Node, dict[Node, list[Node]]] = {}
        self._subjects: dict[Node, dict[Node, list[Node]]] = {}
        self._instances: dict[Node, frozenset[Node]] = {}
        kept = wanted | {RDF.type, RDFS.subClassOf}
        for subject, predicate, value in triples:
            if predicate in kept:
                self._objects.setdefault(predicate, {}).setdefault(subject, []).append(value)

    def objects(self, predicate: Node) -> Mapping[Node, Sequence[Node]]:
        """Subject → values of a predicate."""
        return self._objects.get(predicate, _NOTHING)

    def subjects(self, predicate: Node) -> Mapping[Node, Sequence[Node]]:
        """Value → subjects of a predicate."""
        if predicate not in self._subjects:
            turned: dict[Node, list[Node]] = {}
            for subject, values in self.objects(predicate).items():
                for value in values:
                    turned.setdefault(value, []).append(subject)
            self._subjects[predicate] = turned
        return self._subjects[predicate]

    def instances(self, kind: Node) -> frozenset[Node]:
        """Everything of a class or one below it, in the sense of SHACL: by rdf:type and rdfs:subClassOf alone."""
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
