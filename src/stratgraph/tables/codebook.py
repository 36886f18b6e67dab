"""What each column of the tables is: three tables more, from the ontology, the vocabularies and the double entry.

    codebook    table and column → type, definition, layer, how it was coded, how far two readers agreed
    values      the concepts of the columns of codes
    agreement   by kind of coding and document

Imports rdflib's terms and vocab.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rdflib import OWL, RDF, RDFS, SKOS, Literal

from stratgraph.indexed import IndexedGraph
from stratgraph.places import Triple
from stratgraph.tables.agreement import Agreement
from stratgraph.tables.collect import Column, Table
from stratgraph.tables.kinds import CLASS_LABELS
from stratgraph.tables.texts import HOW_CODED, MADE, PROPERTIES, READINGS, TABLES, Text
from stratgraph.vocab import ONTOLOGY_GRAPH, REFERENCE_GRAPH, SG, VOCAB

_NUMBERS: Final = {"rows": "integer", "filled": "integer", "claims": "integer", "alike": "integer", "share": "number", "value": "number"}
_TOLD_APART: Final = tuple(map(str, (RDF.type, SKOS.prefLabel, SG.summary, SG.editorialNote)))
_LAYER_NAMES: Final[Mapping[str, Text]] = {"curated": ("解釈", "curated"), "inferred": ("推論", "inferred")}


class Codebook:
    """The words for tables and columns. `graphs` are the named graphs of the release's levels."""

    def __init__(self, graphs: Mapping[str, frozenset[Triple]], agreement: Sequence[Agreement]) -> None:
        self._terms = IndexedGraph(graphs.get(ONTOLOGY_GRAPH, frozenset()))
        self._concepts = IndexedGraph(graphs.get(REFERENCE_GRAPH, frozenset()))
        self._agreement = agreement
        self._named = {str(subject): subject for subject in (*self._terms.described, *self._concepts.described)}

    def table(self, table: Table) -> tuple[Text, Text]:
        """Title and definition of a table, each in Japanese and English."""
        if table.kind is None:
            return TABLES[table.name]
        label = _pair(self._terms, self._named.get(table.kind), RDFS.label) or next(
            (text for kind, text in CLASS_LABELS.items() if str(kind) == table.kind), (table.name, table.name)
        )
        return label, _pair(self._terms, self._named.get(table.kind), SKOS.definition) or label

    def column(self, column: Column) -> tuple[Text, Text]:
        """Title and definition of a column, each in Japanese and English."""
        if column.predicate is None or column.predicate in _TOLD_APART:
            return MADE[column.name]
        title, definition = PROPERTIES.get(column.predicate) or self._term(column)
        told = [_LAYER_NAMES[column.layer]] if column.layer in _LAYER_NAMES else []
        told += [(column.language, column.language)] if column.language else []
        marks = ("、".join(one[0] for one in told), ", ".join(one[1] for one in told))
        return (f"{title[0]}（{marks[0]}）", f"{title[1]} ({marks[1]})") if told else title, definition

    def _term(self, column: Column) -> tuple[Text, Text]:
        node = self._named.get(column.predicate or "")
        name = column.name.replace("_", " ")
        title = _pair(self._terms, node, RDFS.label) or (name, name)
        return title, _pair(self._terms, node, SKOS.definition) or title

    def tables(self, tables: Sequence[Table]) -> tuple[Table, ...]:
        """The codebook of these tables, the values of their codes, and the agreement of the two readings."""
        schemes = sorted({column.scheme for table in tables for column in table.columns if column.scheme})
        entries = (self._entry(table, column) for table in tables for column in table.columns)
        values = (one for scheme in schemes for one in self._values(scheme))
        agreement = (_shared(one) | {"kind": one.kind, "document": one.document} for one in self._agreement)
        return (
            _told("codebook", _CODEBOOK, entries, ("table", "variable")),
            _told("values", _VALUES, values, ("scheme", "code")),
            _told("agreement", _AGREEMENT, agreement, ("kind", "document")),
        )

    def _entry(self, table: Table, column: Column) -> dict[str, str]:
        title, definition = self.column(column)
        scope = _pair(self._terms, self._named.get(column.predicate or ""), SKOS.scopeNote) or ("", "")
        how = HOW_CODED[column.layer]
        reading = READINGS.get(column.predicate or "", "")
        shared = next((_shared(one) for one in self._agreement if (one.kind, one.document) == (reading, "")), {})
        return shared | {
            "table": table.name,
            "variable": column.name,
            "title_ja": title[0],
            "title_en": title[1],
            "definition_ja": definition[0],
            "definition_en": definition[1],
            "type": column.type,
            "scheme": column.scheme or "",
            "multiple": str(column.multiple).lower(),
            "separator": repr(column.separator).strip("'") if column.multiple else "",
            "layer": column.layer,
            "property": column.predicate or "",
            "rule": self._rule(column),
            "rows": str(len(table.rows)),
            "filled": str(sum(column.name in row for row in table.rows)),
            "how_coded_ja": how[0] + scope[0],
            "how_coded_en": " ".join(one for one in (how[1], scope[1]) if one),
            "reading": reading if shared else "",
        }

    def _rule(self, column: Column) -> str:
        """The property chains that lead to an inferred column, by the names of their properties."""
        node = self._named.get(column.predicate or "")
        if column.layer != "inferred" or node is None:
            return ""
        chains = (self._terms.items(head) for head in self._terms.objects_of(OWL.propertyChainAxiom).get(node, ()))
        return "; ".join(sorted(" o ".join(str(one).rpartition("#")[2] for one in chain) for chain in chains))

    def _values(self, scheme: str) -> Iterator[dict[str, str]]:
        start = f"{VOCAB}{scheme}/"
        for iri in sorted(one for one in self._named if one.startswith(start)):
            node = self._named[iri]
            label, definition = (_pair(self._concepts, node, told) or ("", "") for told in (SKOS.prefLabel, SKOS.definition))
            yield {
                "scheme": scheme,
                "code": iri.removeprefix(start),
                "iri": iri,
                "label_ja": label[0],
                "label_en": label[1],
                "definition_ja": definition[0],
                "definition_en": definition[1],
            }


_CODEBOOK: Final = [
    "table",
    "variable",
    "title_ja",
    "title_en",
    "definition_ja",
    "definition_en",
    "type",
    "scheme",
    "multiple",
    "separator",
    "layer",
    "property",
    "rule",
    "rows",
    "filled",
    "how_coded_ja",
    "how_coded_en",
    "reading",
    "claims",
    "alike",
    "share",
    "measure",
    "value",
]
_VALUES: Final = ["scheme", "code", "iri", "label_ja", "label_en", "definition_ja", "definition_en"]
_AGREEMENT: Final = ["kind", "document", "claims", "alike", "share", "measure", "value"]


def _pair(graph: IndexedGraph, node: object, told: object) -> Text | None:
    """The Japanese and English values of a property; None where either is missing."""
    found = {one.language: str(one) for one in graph.objects_of(told).get(node, ()) if isinstance(one, Literal)}  # type: ignore[arg-type, call-overload]
    return (found["ja"], found["en"]) if {"ja", "en"} <= found.keys() else None


def _shared(one: Agreement) -> dict[str, str]:
    share = f"{one.alike / one.claims:.4f}" if one.claims else ""
    return {"claims": str(one.claims), "alike": str(one.alike), "share": share, "measure": one.measure, "value": one.value}


def _told(name: str, columns: Sequence[str], rows: Iterator[dict[str, str]], key: tuple[str, ...]) -> Table:
    told = tuple({column: (row[column],) for column in columns if row.get(column)} for row in rows)
    kinds = {"multiple": "boolean", "iri": "iri", **_NUMBERS}
    return Table(name, None, tuple(Column(one, kinds.get(one, "string"), False, "made") for one in columns), told, key)
