"""Which values literals have: the datatype rules of OWL 2 RL. Imports rdflib's terms only.

Sources: W3C, OWL 2 Profiles, section 4.3, table 8 (dt-type2, dt-not-type, dt-diff) and XML Schema 1.1 part 2 for the value spaces. A
plain literal is an xsd:string (RDF 1.1). Of a literal whose datatype is not listed here, nothing is concluded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from rdflib import RDF, RDFS, XSD, Literal, URIRef

from stratgraph.infer.terms import Terms

_TEXT: Final = "text"
# Looking a name up in rdflib's namespaces takes longer than what is done with it below.
_STRING: Final = XSD.string
_LANG_STRING: Final = RDF.langString
_UNKNOWN: Final = frozenset({RDF.PlainLiteral, RDFS.Literal})
# Integer datatypes with the least and greatest value of each.
_BOUNDS: Final[dict[URIRef, tuple[int | None, int | None]]] = {
    XSD.integer: (None, None),
    XSD.nonNegativeInteger: (0, None),
    XSD.positiveInteger: (1, None),
    XSD.nonPositiveInteger: (None, 0),
    XSD.negativeInteger: (None, -1),
    XSD.long: (-(2**63), 2**63 - 1),
    XSD.int: (-(2**31), 2**31 - 1),
    XSD.short: (-(2**15), 2**15 - 1),
    XSD.byte: (-(2**7), 2**7 - 1),
    XSD.unsignedLong: (0, 2**64 - 1),
    XSD.unsignedInt: (0, 2**32 - 1),
    XSD.unsignedShort: (0, 2**16 - 1),
    XSD.unsignedByte: (0, 2**8 - 1),
}
_DECIMAL: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_NAME: Final = r"[^\W\d][\w.\-:]*"
# Kinds of text with the pattern of each.
_TEXTS: Final[dict[URIRef, re.Pattern[str] | None]] = {
    XSD.string: None,
    XSD.normalizedString: re.compile(r"[^\t\r\n]*"),
    XSD.token: re.compile(r"(?:[^\t\r\n ]+(?: [^\t\r\n ]+)*)?"),
    XSD.language: re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*"),
    XSD.Name: re.compile(rf"(?:{_NAME}|[_:][\w.\-:]*)"),
    XSD.NCName: re.compile(r"[^\W\d][\w.\-]*"),
    XSD.NMTOKEN: re.compile(r"[\w.\-:]+"),
}
# Datatypes whose values are like those of no other.
_ALONE: Final = frozenset(
    {XSD.boolean, XSD.float, XSD.double, XSD.hexBinary, XSD.base64Binary, XSD.anyURI, XSD.date, XSD.time, RDF.XMLLiteral, RDF.HTML}
)
_MOMENTS: Final = frozenset({XSD.dateTime, XSD.dateTimeStamp})
_TAGGED: Final = frozenset({RDF.langString, RDF.PlainLiteral})
DATATYPES: Final = frozenset({*_BOUNDS, *_TEXTS, *_ALONE, *_MOMENTS, *_TAGGED, XSD.decimal, RDFS.Literal})


class Values:
    """The literals among terms, asked for their values by number."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._kinds: dict[URIRef, list[int]] = {}
        self._members: list[tuple[int, list[int]]] | None = None
        for one in terms.literals():
            kind = _kind(terms.nodes[one])
            if kind is not None:
                self._kinds.setdefault(kind, []).append(one)

    def equal_to(self, number: int) -> Iterator[int]:
        """The literals whose value is that integer."""
        for kind in _BOUNDS:
            for one in self._kinds.get(kind, ()):
                literal = self.terms.nodes[one]
                if isinstance(literal, Literal) and literal.value == number:
                    yield one

    def of_datatypes(self) -> Iterable[tuple[int, list[int]]]:
        """Each datatype that something speaks of, with the literals whose value it contains."""
        if self._members is None:
            named = sorted(self.terms.numbers[one] for one in DATATYPES if one in self.terms.numbers)
            self._members = [(one, list(self._contained(self.terms.nodes[one]))) for one in named]
        return self._members

    def ill_typed(self) -> Iterator[int]:
        """The literals that are not in the lexical space of their own datatype."""
        for kind, members in self._kinds.items():
            if kind not in (XSD.string, RDF.langString, RDFS.Literal):
                yield from (one for one in members if not _is_well_formed(self.terms.nodes[one], kind))

    def is_outside(self, number: int, datatype: int) -> bool:
        """True where the literal's value is known not to be of the datatype."""
        literal, target = self.terms.nodes[number], self.terms.nodes[datatype]
        kind = _kind(literal)
        return kind is not None and isinstance(target, URIRef) and not _contains(target, kind, literal)

    def differ(self, one: int, other: int) -> bool:
        """True where both are literals and their values are known to be two."""
        left, right = self.terms.nodes[one], self.terms.nodes[other]
        if not isinstance(left, Literal) or not isinstance(right, Literal) or left == right:
            return False
        kinds = _kind(left), _kind(right)
        if kinds[0] is None or kinds[1] is None or left.value is None or right.value is None:
            return False
        families = {_family(one) for one in kinds if one is not None}
        return len(families) > 1 or left.value != right.value or left.language != right.language

    def _contained(self, datatype: object) -> Iterator[int]:
        assert isinstance(datatype, URIRef)
        for kind, members in self._kinds.items():
            if datatype in (kind, RDFS.Literal) or (datatype == XSD.string and kind in _TEXTS):
                yield from members
            elif _family(kind) == _family(datatype):
                yield from (one for one in members if _contains(datatype, kind, self.terms.nodes[one]))


def _kind(literal: object) -> URIRef | None:
    """The datatype of a literal; None where nothing is known of it."""
    if not isinstance(literal, Literal):
        return None
    datatype = literal.datatype or (_LANG_STRING if literal.language else _STRING)
    return datatype if datatype in DATATYPES and datatype not in _UNKNOWN else None


def _family(datatype: URIRef) -> str:
    """Datatypes of different families share no value."""
    if datatype in _BOUNDS or datatype == XSD.decimal:
        return "number"
    if datatype in _TEXTS or datatype in _TAGGED:
        return _TEXT
    return "moment" if datatype in _MOMENTS else str(datatype)


def _contains(datatype: URIRef, kind: URIRef, literal: object) -> bool:
    """Is the value of a literal of that kind in the datatype's value space?"""
    if datatype in (kind, RDFS.Literal):
        return True
    if _family(datatype) != _family(kind) or not isinstance(literal, Literal):
        return False
    if datatype in _BOUNDS:
        return _is_between(literal.value, *_BOUNDS[datatype])
    if datatype in _TEXTS:
        pattern = _TEXTS[datatype]
        return kind not in _TAGGED and (pattern is None or pattern.fullmatch(str(literal)) is not None)
    if datatype == XSD.dateTimeStamp:
        return re.search(r"(?:Z|[+-]\d\d:\d\d)$", str(literal)) is not None
    return datatype != RDF.langString


def _is_between(value: object, least: int | None, greatest: int | None) -> bool:
    if not isinstance(value, int | Decimal) or value != int(value):
        return False
    return (least is None or value >= least) and (greatest is None or value <= greatest)


def _is_well_formed(literal: object, kind: URIRef) -> bool:
    assert isinstance(literal, Literal)
    if literal.ill_typed:
        return False
    if kind in _BOUNDS:
        return _is_between(literal.value, *_BOUNDS[kind])
    if kind == XSD.dateTimeStamp:
        return re.search(r"(?:Z|[+-]\d\d:\d\d)$", str(literal)) is not None
    if kind == XSD.decimal:
        return _DECIMAL.fullmatch(str(literal)) is not None
    pattern = _TEXTS.get(kind)
    return pattern is None or pattern.fullmatch(str(literal)) is not None
