"""RDF as bytes: canonical N-Quads, dumps, statements. Imports pyoxigraph and the store's values.

Everything here is deterministic: the same input gives the same bytes, whatever its order. Literals keep their written form (the
engine's store would rewrite some numbers, so dumps are made from parsed N-Quads, never from a store); only language tags are
lower-cased, by the engine's parser.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Final

import pyoxigraph as ox

from stratgraph.errors import NotAcceptable, SourceError
from stratgraph.store.interface import Statement, Term

RDF_FORMATS: Final[Mapping[str, ox.RdfFormat]] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}
SOLUTION_FORMATS: Final[Mapping[str, ox.QueryResultsFormat]] = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}

_RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_XSD_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"


def canonical_nquads(nquads: bytes) -> bytes:
    """The dataset with canonical blank node labels (RDFC-1.0), one sorted line per quad.

    Two inputs that differ in order, repetition and blank node labels only give the same bytes. Raises SourceError.
    """
    dataset = ox.Dataset(_parse(nquads))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(lines.splitlines(keepends=True)))


def dump(nquads: bytes, format_name: str, graphs: Collection[str] | None = None, prefixes: Mapping[str, str] | None = None) -> bytes:
    """The quads of `graphs` (IRIs; None: all) in one of the formats of `RDF_FORMATS`. For more than one, see `Dumps`.

    Raises SourceError for bad N-Quads, NotAcceptable for an unknown format.
    """
    return Dumps(nquads, graphs, prefixes).in_format(format_name)


class Dumps:
    """The quads of `graphs` (IRIs; None: all), read and sorted once, to be written in several formats.

    Turtle, N-Triples and RDF/XML merge the graphs into one set of triples; the others keep them apart. `prefixes` maps prefix →
    namespace, for the formats that have prefixes. Raises SourceError for bad N-Quads.
    """

    def __init__(self, nquads: bytes, graphs: Collection[str] | None = None, prefixes: Mapping[str, str] | None = None) -> None:
        self._quads = sorted(set(_parse(nquads)), key=_order)
        self._prefixes = prefixes or {}
        if graphs is not None:
            self._quads = self.of(graphs)._quads

    def of(self, graphs: Collection[str]) -> Dumps:
        """Those of some graphs only."""
        part = Dumps(b"", prefixes=self._prefixes)
        numbers = sorted(number for iri in set(graphs) for number in self._numbers.get(iri, ()))
        part._quads = [self._quads[number] for number in numbers]
        return part

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        """Graph → the places of its quads, since most parts are small and all are taken from one whole."""
        found: dict[str, list[int]] = {}
        for number, one in enumerate(self._quads):
            found.setdefault(_graph_iri(one), []).append(number)
        return found

    def in_format(self, name: str) -> bytes:
        """All of them in one of the formats of `RDF_FORMATS`. Raises NotAcceptable for an unknown one."""
        if name not in RDF_FORMATS:
            raise NotAcceptable(tuple(RDF_FORMATS))
        statements = self._by_graph if name in ("jsonld", "trig", "nquads") else self._merged
        return ox.serialize(statements, format=RDF_FORMATS[name], prefixes=self._used) or b""

    @cached_property
    def _by_graph(self) -> list[ox.Quad]:
        return sorted(self._quads, key=lambda one: str(one.graph_name))

    @cached_property
    def _merged(self) -> list[ox.Triple]:
        return list(dict.fromkeys(one.triple for one in self._quads))

    @cached_property
    def _used(self) -> dict[str, str]:
        return _used(self._quads, self._prefixes)


def nquads(statements: Iterable[Statement]) -> bytes:
    """Statements as sorted N-Quads, each once: the quickest way from values to bytes. Blank nodes keep their labels."""
    lines = ox.serialize((_quad(one) for one in statements), format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(set(lines.splitlines(keepends=True))))


def serialize_statements(statements: Iterable[Statement], format_name: str, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Statements in one of the formats of `RDF_FORMATS`, sorted; TriG and N-Quads keep the graphs apart, JSON-LD does not.

    Raises NotAcceptable for an unknown format.
    """
    return Written(statements, prefixes).in_format(format_name)


class Written:
    """Statements, turned into the engine's values and sorted once, to be written in several formats as `serialize_statements` does."""

    def __init__(self, statements: Iterable[Statement], prefixes: Mapping[str, str] | None = None) -> None:
        self._quads = {_quad(one) for one in statements}
        self._prefixes = prefixes or {}

    def in_format(self, name: str) -> bytes:
        """All of them in one of the formats of `RDF_FORMATS`. Raises NotAcceptable for an unknown one."""
        if name not in RDF_FORMATS:
            raise NotAcceptable(tuple(RDF_FORMATS))
        statements = self._by_graph if name in ("trig", "nquads") else self._merged
        return ox.serialize(statements, format=RDF_FORMATS[name], prefixes=self._used) or b""

    @cached_property
    def _by_graph(self) -> list[ox.Quad]:
        return sorted(self._quads, key=lambda one: (str(one.graph_name), *_order(one)))

    @cached_property
    def _merged(self) -> list[ox.Triple]:
        return sorted({one.triple for one in self._quads}, key=_order)

    @cached_property
    def _used(self) -> dict[str, str]:
        return _used(self._merged, self._prefixes)


def parse_statements(nquads: bytes) -> list[Statement]:
    """The statements of N-Quads or N-Triples. Raises SourceError."""
    return [statement_of(one) for one in _parse(nquads)]


def statement_of(quad: ox.Quad) -> Statement:
    """A quad of the engine as a value. Raises SourceError for a triple term, which the product has none of."""
    return Statement(term_of(quad.subject), quad.predicate.value, term_of(quad.object), _graph_iri(quad))


def _parse(content: bytes, kind: ox.RdfFormat = ox.RdfFormat.N_QUADS) -> list[ox.Quad]:
    try:
        return list(ox.parse(content, kind))
    except SyntaxError as error:
        raise SourceError(str(error.msg or error), kind.name, error.lineno) from error


def _used(statements: Sequence[ox.Quad] | Sequence[ox.Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    """The prefixes that shorten some IRI of the statements; a head of thirty unused ones hides a small document."""
    subjects = {one.subject for one in statements}
    predicates = {one.predicate for one in statements}
    objects = {one.object for one in statements}
    names = {term.value for terms in (subjects, predicates, objects) for term in terms if isinstance(term, ox.NamedNode)}
    names |= {term.datatype.value for term in objects if isinstance(term, ox.Literal)}
    namespaces = set(map(_namespace, names))
    return {prefix: namespace for prefix, namespace in prefixes.items() if namespace in namespaces}


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _order(one: ox.Quad | ox.Triple) -> tuple[str, bool, str, str]:
    # rdf:type first, as people write it; blank nodes after IRIs (`_` > `<`).
    return str(one.subject), one.predicate.value != _RDF_TYPE, one.predicate.value, str(one.object)


def _graph_iri(quad: ox.Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""


def term_of(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Term:
    """A term of the engine as a value. Raises SourceError for a triple term."""
    if isinstance(term, ox.NamedNode):
        return Term("iri", term.value)
    if isinstance(term, ox.BlankNode):
        return Term("blank", term.value)
    if isinstance(term, ox.Literal):
        return Term("literal", term.value, term.language, term.datatype.value)
    raise SourceError("a triple term, which the product has none of", "N-Quads")


# The engine checks an IRI each time it is made into a node; the same properties, kinds and graphs come all the time.
_named: Final = lru_cache(4096)(ox.NamedNode)


def _node(term: Term) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(term.value) if term.kind == "blank" else _named(term.value)


def _quad(one: Statement) -> ox.Quad:
    value: ox.NamedNode | ox.BlankNode | ox.Literal
    if one.object.kind != "literal":
        value = _node(one.object)
    elif one.object.language:
        value = ox.Literal(one.object.value, language=one.object.language)
    else:
        value = ox.Literal(one.object.value, datatype=_named(one.object.datatype or _XSD_STRING))
    return ox.Quad(_node(one.subject), _named(one.predicate), value, _named(one.graph) if one.graph else ox.DefaultGraph())


def read_statements(content: bytes, format_name: str = "nquads") -> list[Statement]:
    """RDF in one of the formats of `RDF_FORMATS` as values, in their order. Raises SourceError."""
    return [statement_of(one) for one in _parse(content, RDF_FORMATS[format_name])]
