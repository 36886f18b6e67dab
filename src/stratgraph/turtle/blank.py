"""Which blank nodes can be nested in brackets, and which are lists. Imports rdflib and places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from rdflib.namespace import RDF
from rdflib.term import BNode, Node

from stratgraph.places import Triple

About = dict[Node, dict[Node, list[Node]]]


def describe_subjects(triples: Iterable[Triple]) -> About:
    """Triples as subject → predicate → objects."""
    about: About = {}
    for subject, predicate, value in triples:
        about.setdefault(subject, {}).setdefault(predicate, []).append(value)
    return about


def find_shared(triples: Collection[Triple]) -> set[BNode]:
    """The blank nodes that brackets cannot write: referenced twice or more, on a cycle, or hanging on one."""
    references = Counter(value for _, _, value in triples if isinstance(value, BNode))
    children: dict[Node, list[BNode]] = {}
    for subject, _, value in triples:
        if isinstance(value, BNode):
            children.setdefault(subject, []).append(value)
    reached: set[Node] = set()
    waiting = [subject for subject in children if not isinstance(subject, BNode) or not references[subject]]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += children.get(node, ())
    return {node for node, count in references.items() if count > 1 or node not in reached}


def list_items(about: About, head: BNode) -> list[Node] | None:
    """The items of the well-formed RDF list that begins at `head`, or None where it is not one that ( … ) can write."""
    items: list[Node] = []
    cell: Node = head
    while cell != RDF.nil:
        described = about.get(cell, {})
        if not isinstance(cell, BNode) or described.keys() != {RDF.first, RDF.rest}:
            return None
        firsts, rests = described[RDF.first], described[RDF.rest]
        if len(firsts) != 1 or len(rests) != 1:
            return None
        items.append(firsts[0])
        cell = rests[0]
    return items
