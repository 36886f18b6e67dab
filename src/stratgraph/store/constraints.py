"""SPARQL constraints over triples in memory, for validation. Imports pyoxigraph and the store's values.

The queries are those of our own shapes, so they run in this process, unlike the public's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from stratgraph.errors import SourceError
from stratgraph.store.interface import Term
from stratgraph.store.rdf import term_of


class ConstraintGraph:
    """A graph that SELECT queries can be put to, each about one focus node."""

    def __init__(self, ntriples: bytes) -> None:
        self._store = ox.Store()
        self._store.bulk_extend(ox.parse(ntriples, ox.RdfFormat.N_TRIPLES, lenient=True))

    def rows(self, select: str, prefixes: Mapping[str, str], this: Term) -> Iterator[Mapping[str, Term]]:
        """The solutions of a query with `$this` bound beforehand: variable → term. Raises SourceError for a bad query."""
        bound: ox.NamedNode | ox.BlankNode | ox.Literal
        if this.kind == "iri":
            bound = ox.NamedNode(this.value)
        elif this.kind == "blank":
            bound = ox.BlankNode(this.value)
        else:
            bound = ox.Literal(
                this.value, language=this.language, datatype=None if this.language or not this.datatype else ox.NamedNode(this.datatype)
            )
        try:
            found = self._store.query(select, prefixes=dict(prefixes), substitutions={ox.Variable("this"): bound})
        except SyntaxError as error:
            raise SourceError(f"a constraint is not SPARQL: {error.msg}", "SPARQL") from error
        if not isinstance(found, ox.QuerySolutions):
            raise SourceError("a constraint is not a SELECT query", "SPARQL")
        names = [one.value for one in found.variables]
        for row in found:
            yield {name: term_of(term) for name, term in zip(names, row, strict=True) if term is not None}
