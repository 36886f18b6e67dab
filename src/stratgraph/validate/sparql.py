"""The SPARQL constraints of shapes: what they may say, and their offenders. Imports rdflib and the store's constraint graph.

`$this` is bound before a query is run; where SHACL forbids a construct for that reason (MINUS, VALUES, SERVICE, binding
`$this` again), so do we: https://www.w3.org/TR/shacl/#pre-binding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from rdflib import OWL, RDF, RDFS, SH, BNode, Literal, URIRef
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.indexed import IndexedGraph
from stratgraph.store.constraints import ConstraintGraph
from stratgraph.store.interface import Term
from stratgraph.validate.report import shorten
from stratgraph.validate.shapes import Shapes

_ASIDE: Final = re.compile(r"""<[^<>"{}|^`\\\s]*>|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\#[^\n]*""")
_FORBIDDEN: Final = re.compile(r"(?<![\w:?$-])(?:MINUS|VALUES|SERVICE)\b|\bAS\s+[?$]this\b", re.IGNORECASE)
_ALWAYS: Final = {"rdf": str(RDF), "rdfs": str(RDFS), "owl": str(OWL)}
_TO_ESCAPE: Final = re.compile(r'["\\\n\r]')
# What N-Triples cannot hold as it stands.
_ESCAPES: Final = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\r"): "\\r"}


class Queries:
    """The constraints of some shapes over some triples; the triples are handed over when the first query is run."""

    def __init__(self, triples: IndexedGraph, shapes: Shapes) -> None:
        self._triples = triples
        self._shapes = shapes
        self._texts: dict[Node, tuple[str, dict[str, str]]] = {}

    def offenders(self, constraint: Node, focus: Node) -> Iterator[tuple[Node, Node | None]]:
        """The values for which the constraint fails of a focus node, the focus itself where it names none; and the path it binds, if any.

        Raises SourceError where the query is wrong or may not be used in a shape.
        """
        text, prefixes = self._text(constraint)
        try:
            for row in self._graph.rows(text, prefixes, _term(focus)):
                path = row.get("path")
                value = _node(row["value"]) if "value" in row else focus
                yield value, URIRef(path.value) if path is not None and path.kind == "iri" else None
        except SourceError as error:
            raise self._unusable(constraint, error.message) from error

    def _text(self, constraint: Node) -> tuple[str, dict[str, str]]:
        if constraint not in self._texts:
            selects = list(self._shapes.graph.objects(constraint, SH.select))
            if len(selects) != 1:
                raise self._unusable(constraint, "needs one sh:select")
            text = str(selects[0])
            if found := _FORBIDDEN.search(_ASIDE.sub(" ", text)):
                raise self._unusable(constraint, f"uses {found[0]}, which SHACL forbids where $this is bound beforehand")
            self._texts[constraint] = (text, _ALWAYS | dict(self._prefixes(constraint)))
        return self._texts[constraint]

    def _prefixes(self, constraint: Node) -> Iterator[tuple[str, str]]:
        graph = self._shapes.graph
        for ontology in graph.objects(constraint, SH.prefixes):
            for declared in graph.objects(ontology, SH.declare):
                for prefix in graph.objects(declared, SH.prefix):
                    yield from ((str(prefix), str(namespace)) for namespace in graph.objects(declared, SH.namespace))

    @cached_property
    def _graph(self) -> ConstraintGraph:
        return ConstraintGraph("".join(_lines(self._triples)).encode())

    def _unusable(self, constraint: Node, fault: str) -> SourceError:
        return SourceError(f"the shapes cannot be run: {shorten(str(constraint))}: {fault}", self._shapes.folder)


def _lines(graph: IndexedGraph) -> Iterator[str]:
    for predicate, values in graph.by_predicate.items():
        for subject, objects in values.items():
            # A literal as subject, which inference can give, is nothing that a query can ask for.
            if not isinstance(subject, Literal):
                begin = f"{_ntriples(subject)} <{predicate}> "
                for value in objects:
                    yield f"{begin}{_ntriples(value)} .\n"


def _ntriples(node: Node) -> str:
    if isinstance(node, URIRef):
        return f"<{node}>"
    if isinstance(node, Literal):
        mark = f"@{node.language}" if node.language else f"^^<{node.datatype}>" if node.datatype else ""
        text = node.translate(_ESCAPES) if _TO_ESCAPE.search(node) else str(node)
        return f'"{text}"{mark}'
    return f"_:{node}"


def _term(node: Node) -> Term:
    if isinstance(node, Literal):
        return Term("literal", str(node), node.language, str(node.datatype) if node.datatype else None)
    return Term("blank" if isinstance(node, BNode) else "iri", str(node))


def _node(term: Term) -> Node:
    if term.kind == "literal":
        datatype = None if term.language or term.datatype == _STRING else term.datatype
        return Literal(term.value, lang=term.language, datatype=URIRef(datatype) if datatype else None)
    return BNode(term.value) if term.kind == "blank" else URIRef(term.value)


_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
