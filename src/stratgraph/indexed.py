"""Triples in memory, found by property: what validation and the checks of evidence read. Imports rdflib's terms and places.

An rdflib Graph does the same and more; where all of the data is read anew at every save, its generality costs most of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, Protocol

from rdflib import RDF
from rdflib.term import Node

from stratgraph.places import Triple

_NOTHING: Final[Mapping[Node, Sequence[Node]]] = {}


class ReadableGraph(Protocol):
    """What readers ask of a graph, be it an IndexedGraph or one of rdflib's; None stands for any term."""

    def objects(self, subject: Node | None = None, predicate: Node | None = None, /) -> Iterable[Node]:
        """The values of a property of a thing."""

    def subjects(self, predicate: Node | None = None, value: Node | None = None, /) -> Iterable[Node]:
        """The things with a value of a property."""

    def subject_objects(self, predicate: Node | None = None, /) -> Iterable[tuple[Node, Node]]:
        """All pairs that a property links."""


class IndexedGraph:
    """Distinct triples as dictionaries; it is never changed. Of triples given twice, both are kept: hand over a set."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.by_predicate: dict[Node, dict[Node, list[Node]]] = {}
        self._subjects: dict[Node, dict[Node, list[Node]]] = {}
        found = self.by_predicate
        for subject, predicate, value in triples:
            values = found.get(predicate)
            if values is None:
                values = found[predicate] = {}
            if subject in values:
                values[subject].append(value)
            else:
                values[subject] = [value]

    def __iter__(self) -> Iterator[Triple]:
        for predicate, values in self.by_predicate.items():
            for subject, objects in values.items():
                for value in objects:
                    yield subject, predicate, value

    def objects_of(self, predicate: Node) -> Mapping[Node, Sequence[Node]]:
        """Subject → values of a property."""
        return self.by_predicate.get(predicate, _NOTHING)

    def subjects_of(self, predicate: Node) -> Mapping[Node, Sequence[Node]]:
        """Value → subjects of a property."""
        if predicate not in self._subjects:
            turned: dict[Node, list[Node]] = {}
            for subject, values in self.objects_of(predicate).items():
                for value in values:
                    turned.setdefault(value, []).append(subject)
            self._subjects[predicate] = turned
        return self._subjects[predicate]

    @cached_property
    def described(self) -> frozenset[Node]:
        """Everything that is the subject of a triple."""
        return frozenset(subject for values in self.by_predicate.values() for subject in values)

    def objects(self, subject: Node | None = None, predicate: Node | None = None, /) -> Iterable[Node]:
        """The values of a property; each once for each thing that has it where `subject` is None."""
        if predicate is not None and subject is not None:
            return self.objects_of(predicate).get(subject, ())
        chosen = [self.objects_of(predicate)] if predicate is not None else self.by_predicate.values()
        if subject is None:
            return [value for values in chosen for each in values.values() for value in each]
        return [value for values in chosen for value in values.get(subject, ())]

    def subjects(self, predicate: Node | None = None, value: Node | None = None, /) -> Iterable[Node]:
        """The things with this value of a property, or with any where `value` is None."""
        if predicate is None:
            return [subject for subject, _ in self.subject_predicates(value)]
        return self.objects_of(predicate) if value is None else self.subjects_of(predicate).get(value, ())

    def subject_objects(self, predicate: Node | None = None, /) -> Iterator[tuple[Node, Node]]:
        """All pairs that a property, or any, links."""
        for values in [self.objects_of(predicate)] if predicate is not None else self.by_predicate.values():
            for subject, objects in values.items():
                for value in objects:
                    yield subject, value

    def subject_predicates(self, value: Node | None) -> Iterator[tuple[Node, Node]]:
        """What has this value, and as which property; where `value` is None, all that has any."""
        for predicate, values in self.by_predicate.items():
            for subject, objects in values.items():
                if value is None or value in objects:
                    yield subject, predicate

    def has(self, subject: Node, predicate: Node, value: Node) -> bool:
        """Whether this triple is here."""
        return value in self.objects_of(predicate).get(subject, ())

    def value(self, subject: Node, predicate: Node) -> Node | None:
        """The least value of a property, None where there is none."""
        return min(self.objects_of(predicate).get(subject, ()), key=str, default=None)

    def above(self, node: Node, predicate: Node) -> frozenset[Node]:
        """The term and all that is reached from it by one property, over and over."""
        step, found, waiting = self.objects_of(predicate), {node}, [node]
        while waiting:
            fresh = [value for value in step.get(waiting.pop(), ()) if value not in found]
            found.update(fresh)
            waiting += fresh
        return frozenset(found)

    def items(self, head: Node) -> list[Node]:
        """The members of an RDF list, as far as it goes."""
        found: list[Node] = []
        seen: set[Node] = set()
        while head != RDF.nil and head not in seen:
            seen.add(head)
            found += self.objects_of(RDF.first).get(head, ())
            rest = self.value(head, RDF.rest)
            if rest is None:
                break
            head = rest
        return found
