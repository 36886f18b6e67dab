"""Terms as integers. Imports rdflib's terms only.

Blank nodes come first, then IRIs, then literals, each sorted by text: so a term's kind is a comparison of integers, and
comparing integers orders terms the same way in every run (blank nodes aside, which have no name of their own).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from stratgraph.infer.clause import Fact
from stratgraph.places import Triple


@dataclass(frozen=True)
class Terms:
    """`nodes[i]` has the number `i`, and `numbers` leads back; IRIs start at `first_iri`, literals at `first_literal`."""

    nodes: Sequence[Node]
    numbers: dict[Node, int]
    first_iri: int
    first_literal: int

    def encode(self, triple: Triple) -> Fact:
        """The triple in numbers; every term must be known."""
        numbers = self.numbers
        subject, predicate, value = triple
        return (numbers[subject], numbers[predicate], numbers[value])

    def decode(self, fact: Fact) -> Triple:
        """The triple of a fact."""
        nodes = self.nodes
        subject, predicate, value = fact
        return (nodes[subject], nodes[predicate], nodes[value])

    def is_predicate(self, number: int) -> bool:
        """False for a literal, which cannot stand as predicate even between rules."""
        return number < self.first_literal

    def iris(self) -> range:
        """The numbers of all IRIs."""
        return range(self.first_iri, self.first_literal)

    def literals(self) -> range:
        """The numbers of all literals."""
        return range(self.first_literal, len(self.nodes))


def collect(triples: Iterable[Triple], more: Iterable[Node]) -> tuple[Terms, list[Fact]]:
    """The terms of the triples and `more`, and the triples in numbers."""
    # Terms are hashed and compared in Python, which is slow: each occurrence is looked up once, and numbers are put in order afterwards.
    met: dict[Node, int] = {}
    first_met = met.setdefault
    raw = [(first_met(one, len(met)), first_met(two, len(met)), first_met(three, len(met))) for one, two, three in triples]
    for node in more:
        first_met(node, len(met))
    blank = sorted((one for one in met if isinstance(one, BNode)), key=str)
    iris = sorted((one for one in met if isinstance(one, URIRef)), key=str)
    literals = sorted((one for one in met if isinstance(one, Literal)), key=_literal_order)
    nodes: list[Node] = [*blank, *iris, *literals]
    place = [0] * len(met)
    for number, node in enumerate(nodes):
        place[met[node]] = number
        met[node] = number
    return Terms(nodes, met, len(blank), len(blank) + len(iris)), [(place[one], place[two], place[three]) for one, two, three in raw]


def _literal_order(literal: Literal) -> tuple[str, str, str]:
    return (str(literal), str(literal.datatype or ""), literal.language or "")
