"""What each constraint of SHACL Core asks of value nodes, as functions. Imports rdflib's terms only.

Each maker takes the constraint's parameter and gives a function from value nodes to those that break it; a breach that is
about all of them together gives None in their place. Definitions: https://www.w3.org/TR/shacl/#core-components; where the
recommendation leaves room (text against numbers, say), pyshacl's reading is followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, time
from typing import Final

from rdflib import RDF, SH, XSD, BNode, Literal, URIRef
from rdflib.term import Node

Values = Collection[Node]
Offenders = Sequence[Node | None]
Constraint = Callable[[Values], Offenders]
Conforms = Callable[[Node], bool]

_FINE: Final[Offenders] = ()
_ALL: Final[Offenders] = (None,)
_KINDS: Final[dict[Node, tuple[type, ...]]] = {
    SH.IRI: (URIRef,),
    SH.BlankNode: (BNode,),
    SH.Literal: (Literal,),
    SH.BlankNodeOrIRI: (BNode, URIRef),
    SH.BlankNodeOrLiteral: (BNode, Literal),
    SH.IRIOrLiteral: (URIRef, Literal),
}


def each(holds: Conforms) -> Constraint:
    """Something that must hold of every value node."""
    return lambda values: [one for one in values if not holds(one)]


def min_count(count: int) -> Constraint:
    """At least so many value nodes."""
    return lambda values: _FINE if len(values) >= count else _ALL


def max_count(count: int) -> Constraint:
    """At most so many value nodes."""
    return lambda values: _FINE if len(values) <= count else _ALL


def qualified(holds: Conforms, at_least: int | None, at_most: int | None) -> Constraint:
    """A number of value nodes that conform to a shape."""
    least, most = at_least or 0, float("inf") if at_most is None else at_most
    return lambda values: _FINE if least <= sum(map(holds, values)) <= most else _ALL


def has_value(wanted: Node) -> Constraint:
    """One value node is this term."""
    return lambda values: _FINE if wanted in values else _ALL


def unique_language() -> Constraint:
    """No language tag stands twice."""

    def check(values: Values) -> Offenders:
        tags = [one.language.lower() for one in values if isinstance(one, Literal) and one.language]
        return _FINE if len(tags) == len(set(tags)) else _ALL

    return check


def of_class(instances: frozenset[Node]) -> Constraint:
    """Value nodes are among the instances of a class; a literal never is."""
    return each(lambda node: node in instances and not isinstance(node, Literal))


def datatype(wanted: Node) -> Constraint:
    """Value nodes are literals of a datatype, and well-formed."""

    def holds(node: Node) -> bool:
        if not isinstance(node, Literal):
            return False
        own = RDF.langString if node.language else node.datatype or XSD.string
        return own == wanted and node.ill_typed is not True

    return each(holds)


def node_kind(wanted: Node) -> Constraint:
    """Value nodes are IRIs, blank nodes or literals. Raises KeyError for an unknown kind."""
    kinds = _KINDS[wanted]
    return each(lambda node: isinstance(node, kinds))


def pattern(text: str) -> Constraint:
    """Value nodes as text match a regular expression; blank nodes never do. Raises re.error."""
    search = re.compile(text).search
    return each(lambda node: not isinstance(node, BNode) and search(str(node)) is not None)


def min_length(count: int) -> Constraint:
    """Value nodes as text have at least so many characters; blank nodes have none."""
    return each(lambda node: count == 0 or (not isinstance(node, BNode) and len(str(node)) >= count))


def max_length(count: int) -> Constraint:
    """Value nodes as text have at most so many characters; a blank node has no text, so it breaks this."""
    return each(lambda node: not isinstance(node, BNode) and len(str(node)) <= count)


def language_in(ranges: frozenset[str]) -> Constraint:
    """Value nodes carry a tag within one of the language ranges: `ja` holds `ja-hira` too."""

    def holds(node: Node) -> bool:
        if not isinstance(node, Literal) or not node.language:
            return False
        tag = node.language.lower()
        return tag in ranges or tag.split("-")[0] in ranges or "*" in ranges

    return each(holds)


def at_least_value(bound: Literal) -> Constraint:
    """Value nodes are literals not below a bound."""

    def holds(node: Node) -> bool:
        if not isinstance(node, Literal) or isinstance(node.value, str) != isinstance(bound.value, str):
            return False
        try:
            if node.eq(bound):
                return True
            if isinstance(node.value, datetime | time):
                return bool(node.value > bound.value)
            return bool(node > bound)
        except (TypeError, NotImplementedError):
            return False

    return each(holds)


def precedes(node: Node, other: Node, or_equals: bool) -> bool:
    """Whether a value comes before another; text is compared with text only, and a blank node with nothing.

    What is ill-typed has no place in any order; that it is ill-typed is for sh:datatype to tell, so it passes here.
    """
    left, right = _comparable(node), _comparable(other)
    if any(isinstance(one, Literal) and one.ill_typed for one in (left, right)):
        return True
    if left is None or right is None or isinstance(left, Literal) != isinstance(right, Literal):
        return False
    return bool(left <= right if or_equals else left < right)


def _comparable(node: Node) -> str | Literal | None:
    if isinstance(node, URIRef):
        return str(node)
    if isinstance(node, Literal):
        return node.value if isinstance(node.value, str) else node
    return None
