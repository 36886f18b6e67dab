"""In which order things stand in a Turtle file. Imports rdflib's terms and namespaces only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import BNode, Literal, Node

_DIGITS: Final = re.compile(r"([0-9]+)")

# ontology.md and architecture.md: header; classes; object, datatype, annotation properties; individuals.
_SUBJECT_RANKS: Final = {
    OWL.Ontology: 0,
    OWL.Class: 1,
    RDFS.Class: 1,
    OWL.ObjectProperty: 2,
    OWL.DatatypeProperty: 3,
    OWL.AnnotationProperty: 4,
    RDF.Property: 5,
}
_INDIVIDUAL: Final = 6
_ANONYMOUS: Final = 7

_FIRST_PREDICATES: Final = (
    RDF.type,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    SKOS.prefLabel,
    SKOS.altLabel,
    RDFS.label,
    SKOS.definition,
    SKOS.scopeNote,
    SKOS.example,
)
_PREDICATE_RANKS: Final = {predicate: rank for rank, predicate in enumerate(_FIRST_PREDICATES)}
_LANGUAGES: Final = {"ja": 0, "en": 1}

NaturalKey = tuple[tuple[str | int, ...], str]


def natural_key(text: str) -> NaturalKey:
    """Sorts runs of digits as numbers: 2-4 before 2-10. The text itself decides between equals such as 1 and 01."""
    parts = _DIGITS.split(text)
    # Python refuses to turn very long digit runs into numbers; nothing that long is one.
    return tuple(int(part) if index % 2 and len(part) < 100 else _padded(part, index) for index, part in enumerate(parts)), text


def _padded(part: str, index: int) -> str | int:
    return 10**100 if index % 2 else part


def subject_rank(subject: Node, types: Iterable[Node]) -> int:
    """The group a subject belongs to: header, classes, properties by kind, individuals, anonymous ones."""
    if isinstance(subject, BNode):
        return _ANONYMOUS
    return min((_SUBJECT_RANKS.get(one, _INDIVIDUAL) for one in types), default=_INDIVIDUAL)  # type: ignore[call-overload]


def predicate_key(predicate: Node, written: str) -> tuple[int, NaturalKey]:
    """Type, superclass, labels and definition first, the rest by the way they are written."""
    return _PREDICATE_RANKS.get(predicate, len(_FIRST_PREDICATES)), natural_key(written)  # type: ignore[call-overload]


def object_key(value: Node, written: str) -> tuple[int, str, NaturalKey]:
    """IRIs, then literals (@ja, @en, other languages, none), then blank nodes; each group in natural order."""
    if isinstance(value, BNode):
        return 9, "", natural_key(written)
    if not isinstance(value, Literal):
        return 0, "", natural_key(written)
    language = value.language
    rank = 4 if language is None else 1 + _LANGUAGES.get(language, 2)
    return rank, language or "", natural_key(written)
