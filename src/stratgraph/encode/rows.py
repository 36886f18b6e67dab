"""The rows of a table as anchored Turtle, by a mapping. Imports errors, evidence, places, turtle and vocab.

Every statement rests on the cells it is made from. A cell that cannot be read (an unknown body, no date, two numbers) is told with
its row and column; nothing is left out silently, and all faults are told at once.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rdflib import DCTERMS, RDF, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from stratgraph.encode.mapping import Column, TableMapping, Thing
from stratgraph.encode.names import Names, key_path
from stratgraph.encode.tables import Cell, Row, Table
from stratgraph.errors import InputError, NotConforming
from stratgraph.evidence import AnchorCues, anchor_graph, figures
from stratgraph.places import Triple
from stratgraph.turtle import format_graph
from stratgraph.vocab import ID, SCHEMA, SG, VOCAB

_APPROXIMATE: Final = re.compile("約|およそ|おおむね|概ね|程度|前後|目途|目処|頃")
_SEPARATOR: Final = re.compile(r"\s*(?:[、,，；;]|及び)\s*")
_AMOUNT: Final = re.compile(r"[\d,.十百千万億兆〇零一二三四五六七八九\s]|約|およそ|程度")
_TYPED: Final = re.compile(r"(?P<text>.+)\^\^(?P<type>[A-Za-z]+)")
_DATE_TYPES: Final = {"day": (XSD.date, 3), "month": (XSD.gYearMonth, 2), "year": (XSD.gYear, 1)}
_ROLES: Final = {
    "lead": (SG.hasLeadAssignment, "主担当", "lead"),
    "related": (SG.hasRelatedAssignment, "関係府省庁", "related body"),
    "implementing": (SG.hasImplementingAssignment, "実施機関", "implementing body"),
    "named": (SG.hasNamedAssignment, "名の挙がる機関", "named body"),
}


@dataclass(frozen=True)
class ImportedTable:
    """`files` maps a path under data/ttl to its Turtle; `rows` and `statements` count."""

    files: Mapping[str, str]
    rows: int
    statements: int


def import_table(mapping: TableMapping, table: Table, names: Names, prefixes: Mapping[str, str]) -> ImportedTable:
    """The Turtle of a table. Raises InputError where mapping and table do not fit together, NotConforming with all faults of cells."""
    _check_columns(mapping, table)
    importer = _Importer(mapping, table, names, prefixes)
    for row in table.rows:
        importer.add_row(row)
    if importer.faults:
        raise NotConforming(f"The table has {len(importer.faults)} cells that cannot be read; nothing was written.", importer.faults)
    importer.add_documents()
    files = {
        f"{folder}/{mapping.document}/{name}.ttl": format_graph(triples, prefixes, str(ID), f"# {mapping.title['en']}")
        for (folder, name), triples in sorted(importer.graphs.items())
    }
    return ImportedTable(files, len(table.rows), sum(map(len, importer.graphs.values())))


def _check_columns(mapping: TableMapping, table: Table) -> None:
    heads = {head.value for head in table.heads}
    used = {mapping.key, *(name for thing in mapping.things for name in thing.columns), *(one.when for one in mapping.things if one.when)}
    used |= {one.column for one in mapping.cites}
    missing, unused = sorted(used - heads), sorted(heads - used - set(mapping.ignore))
    if missing:
        raise InputError(f"The mapping names the column “{missing[0]}”, which the table lacks. It has {', '.join(sorted(heads))}.")
    if unused:
        raise InputError(f"The mapping says nothing of the column “{unused[0]}”. Map it, or name it under “ignore”.")


class _Importer:
    def __init__(self, mapping: TableMapping, table: Table, names: Names, prefixes: Mapping[str, str]) -> None:
        self.mapping, self.table, self.names, self.prefixes = mapping, table, names, prefixes
        self.key = mapping.document
        self.iri = ID[f"document/{self.key}"]
        self.graphs: dict[tuple[str, str], set[Triple]] = {}
        self.faults: list[str] = []
        self.rows: dict[str, int] = {}

    def add_row(self, row: Row) -> None:
        """Everything a row says; its faults are kept."""
        try:
            path = key_path(row.value(self.mapping.key))
        except InputError as error:
            self.fault(row, self.mapping.key, error)
            return
        if path in self.rows:
            self.fault(row, self.mapping.key, f"“{row.value(self.mapping.key)}” names row {self.rows[path]} too. A key names one row.")
            return
        self.rows[path] = row.number
        for number, thing in enumerate(self.mapping.things):
            if thing.when is None or row.value(thing.when):
                try:
                    _RowThing(self, thing, row, path).add(number == 0)
                except InputError as error:
                    self.fault(row, thing.when or self.mapping.key, error)

    def add(self, file: str, *triples: Triple, folder: str = "document") -> None:
        """Put statements into a file."""
        self.graphs.setdefault((folder, file), set()).update(triples)

    def anchored(self, row: Row, column: str) -> Iterator[URIRef]:
        """The anchors of a cell, which are stated too."""
        key = row.value(self.mapping.key)
        cues = AnchorCues(self.mapping.title["ja"], f"{key}の行、「{column}」欄", f"row {key}, column {column}")
        yield from self._anchors(row.cells[column], cues)

    def _anchors(self, cell: Cell, cues: AnchorCues) -> Iterator[URIRef]:
        for span in cell.spans:
            triples = anchor_graph(self.key, self.table.text, span, cues)
            self.add("anchors", *triples)
            anchor = triples[0][0]
            assert isinstance(anchor, URIRef)
            yield anchor

    def fault(self, row: Row, column: str, error: object) -> None:
        """Keep what is wrong with a cell."""
        self.faults.append(f"row {row.number}, column {column}: {error}")

    def property(self, name: str) -> URIRef:
        """A property or class by its name: without prefix, one of ours."""
        prefix, colon, local = name.partition(":")
        if not colon:
            return SG[name]
        if prefix not in self.prefixes:
            raise InputError(f"“{name}” has a prefix that the project does not know; there are {', '.join(sorted(self.prefixes))}.")
        return URIRef(self.prefixes[prefix] + local)

    def add_documents(self) -> None:
        """The document, its source text, how much of it is encoded, and the documents that it cites."""
        self._add_document()
        for cited in self.mapping.cites:
            iri, head = ID[f"document/{cited.document}"], next(one for one in self.table.heads if one.value == cited.column)
            anchors = self._anchors(head, AnchorCues(self.mapping.title["ja"], "表の見出し", "head of the table"))
            self.add(
                "document",
                (iri, RDF.type, SG.PolicyDocument),
                (iri, DCTERMS.type, VOCAB[f"document-kind/{cited.kind}"]),
                (iri, SG.inCorpus, Literal("false", datatype=XSD.boolean)),
                *((iri, SG.evidence, anchor) for anchor in anchors),
            )
            labels = ((iri, SKOS.prefLabel, Literal(text, lang=language)) for language, text in cited.title.items())
            self.add("document", *labels, folder="curated")

    def _add_document(self) -> None:
        content, source, statement = self.table.text.encode("utf-8"), ID[f"source-text/{self.key}"], ID[f"completeness/{self.key}"]
        heads = [
            one
            for head in self.table.heads
            for one in self._anchors(head, AnchorCues(self.mapping.title["ja"], "表の見出し", "head of the table"))
        ]
        left_out = any(row.value(name) for row in self.table.rows for name in self.mapping.ignore)
        self.add(
            "document",
            (self.iri, RDF.type, SG.PolicyDocument),
            (self.iri, DCTERMS.type, VOCAB[f"document-kind/{self.mapping.kind}"]),
            (self.iri, SG.inCorpus, Literal("true", datatype=XSD.boolean)),
            (self.iri, SG.hasSourceText, source),
            *((self.iri, SG.evidence, head) for head in heads),
            (source, RDF.type, SG.SourceText),
            (source, SG.sourceTextOf, self.iri),
            (source, SG.sha256, Literal(hashlib.sha256(content).hexdigest())),
            (source, SG.characterCount, _integer(len(self.table.text))),
            (source, SG.byteSize, _integer(len(content))),
            (statement, RDF.type, SG.CompletenessStatement),
            (statement, SG.completenessOf, self.iri),
            (statement, SG.completeness, VOCAB[f"completeness/{'partial' if left_out else 'complete'}"]),
        )
        for language in ("ja", "en"):
            told = {"ja": ("原文の表", "記述の範囲"), "en": ("the table as text", "how much is encoded")}[language]
            self.add(
                "document",
                (self.iri, SKOS.prefLabel, Literal(self.mapping.title[language], lang=language)),
                (self.iri, SG.summary, Literal(self.mapping.summary[language], lang=language)),
                (source, SKOS.prefLabel, Literal(told[0], lang=language)),
                (statement, SKOS.prefLabel, Literal(told[1], lang=language)),
                (statement, SG.editorialNote, Literal(self.mapping.note[language], lang=language)),
                folder="curated",
            )


class _RowThing:
    """One thing of one row."""

    def __init__(self, importer: _Importer, thing: Thing, row: Row, path: str) -> None:
        self.importer, self.thing, self.row, self.path = importer, thing, row, path
        self.name = self._path(thing.iri)
        self.iri = ID[self.name]
        self.status = "explicit"

    def add(self, is_first: bool) -> None:
        out, row = self.importer, self.row
        said = list(self._fixed())
        if is_first:
            said.append((self.iri, SG.ordinal, _integer(row.number - 1)))
        used = {out.mapping.key, *([self.thing.when] if self.thing.when else [])}
        for name, column in self.thing.columns.items():
            if row.value(name):
                used.add(name)
                try:
                    said += self._column(name, column)
                except InputError as error:
                    out.fault(row, name, error)
            elif column.required:
                out.fault(row, name, "The cell is empty, but the mapping requires it.")
        said += [(self.iri, SG.evidence, anchor) for name in sorted(used) for anchor in out.anchored(row, name)]
        out.add(self.thing.file, *said, (self.iri, SG.assertionStatus, VOCAB[f"assertion-status/{self.status}"]))
        for language, text in self.thing.label.items():
            out.add("labels", (self.iri, SKOS.prefLabel, Literal(self._filled(text), lang=language)), folder="curated")

    def _fixed(self) -> Iterator[Triple]:
        out = self.importer
        yield self.iri, RDF.type, out.property(self.thing.kind)
        for name, value in self.thing.properties.items():
            yield self.iri, out.property(name), self._term(value)
        if self.thing.link:
            name, pointing = self.thing.link
            yield ID[self._path(pointing)], out.property(name), self.iri

    def _term(self, value: str) -> Node:
        if value.startswith("<") and value.endswith(">"):
            return ID[self._path(value[1:-1])]
        if found := _TYPED.fullmatch(value):
            return Literal(found["text"], datatype=XSD[found["type"]])
        return self.importer.property(value) if value.partition(":")[0] in self.importer.prefixes else Literal(value)

    def _path(self, template: str) -> str:
        """A path of an IRI, with the row's key and cells filled in."""
        for name, cell in self.row.cells.items():
            if f"{{{name}}}" in template:
                template = template.replace(f"{{{name}}}", key_path(cell.value))
        return template.replace("{key}", self.path)

    def _filled(self, text: str) -> str:
        for name, cell in self.row.cells.items():
            text = text.replace(f"{{{name}}}", cell.value)
        return text.replace("{key}", self.row.value(self.importer.mapping.key))

    def _column(self, name: str, column: Column) -> Sequence[Triple]:
        made = {
            "text": self._text, "language": self._text, "bodies": self._bodies, "concept": self._concept, "amount": self._amount,
            "date": self._date, "number": self._number, "thing": self._thing,
        }  # fmt: skip
        return list(made[column.kind](column, name))

    def _said(self, column: Column, value: Node) -> Triple:
        assert column.property is not None
        return self.iri, self.importer.property(column.property), value

    def _text(self, column: Column, name: str) -> Iterator[Triple]:
        yield self._said(column, Literal(self.row.value(name), lang=column.argument or None))

    def _thing(self, column: Column, name: str) -> Iterator[Triple]:
        for value in _SEPARATOR.split(self.row.value(name)):
            yield self._said(column, ID[self._path(column.argument.replace("{value}", key_path(value)))])

    def _concept(self, column: Column, name: str) -> Iterator[Triple]:
        value = self.row.value(name)
        known = column.concepts.get(value)
        yield self._said(column, VOCAB[f"{column.argument}/{known}"] if known else self.importer.names.concept(column.argument, value))

    def _number(self, column: Column, name: str) -> Iterator[Triple]:
        number = _only_number(self.row.value(name))
        yield self._said(column, Literal(number, datatype=XSD.decimal if "." in number else XSD.integer))

    def _amount(self, column: Column, name: str) -> Iterator[Triple]:
        printed = self.row.value(name)
        number, unit = _only_number(printed), _AMOUNT.sub("", printed)
        if unit not in ("", column.argument, _AMOUNT.sub("", column.argument)):
            raise InputError(f"“{printed}” is in {unit}, but the mapping says {column.argument}.")
        if _APPROXIMATE.search(printed):
            self.status = "approximate"
        yield self.iri, SCHEMA.value, Literal(number, datatype=XSD.decimal if "." in number else XSD.integer)
        yield self.iri, SCHEMA.unitText, Literal(column.argument)
        yield self.iri, SG.printedForm, Literal(printed)

    def _date(self, column: Column, name: str) -> Iterator[Triple]:
        printed, (datatype, parts) = self.row.value(name), _DATE_TYPES[column.argument]
        days = _days(printed, column.argument, parts)
        if len(days) != 1:
            raise InputError(f"“{printed}” must name one {column.argument}, in either reckoning of years, but names {len(days)}.")
        value = "-".join(f"{part:02}" for part in next(iter(days)))
        if _APPROXIMATE.search(printed):
            self.status = "approximate"
        elif value not in unicodedata.normalize("NFKC", printed):
            self.status = "normalised"
        if value != printed:
            yield self.iri, SG.printedForm, Literal(printed)
        yield self._said(column, Literal(value, datatype=datatype))

    def _bodies(self, column: Column, name: str) -> Iterator[Triple]:
        out, (linking, japanese, english) = self.importer, _ROLES[column.argument]
        for body in out.names.bodies(self.row.value(name)):
            link = ID[f"assignment/{self.name.partition('/')[2]}/{column.argument}/{str(body).rpartition('/')[2]}"]
            key = self.row.value(out.mapping.key)
            out.add(
                "assignments",
                (link, RDF.type, SG.Assignment),
                (link, SG.assignee, body),
                (link, SG.assertionStatus, VOCAB["assertion-status/explicit"]),
                *((link, SG.evidence, anchor) for anchor in out.anchored(self.row, name)),
            )
            labels = (
                ("ja", f"{key}の{japanese}：{out.names.label(body, 'ja')}"),
                ("en", f"{out.names.label(body, 'en')}: {english} for {key}"),
            )
            out.add("labels", *((link, SKOS.prefLabel, Literal(text, lang=language)) for language, text in labels), folder="curated")
            yield self.iri, linking, link


def _days(printed: str, kind: str, parts: int) -> set[tuple[int | None, ...]]:
    """The days (months, years) that a cell names; the end of a period (2099年度末) is a day."""
    found = figures(printed, printed=True)
    if kind == "year":
        return {(int(number),) for number in found.numbers if len(number) == 4}
    named = {day[:parts] for day in (found.dates or found.ends) if None not in day[:parts]}
    return {tuple(day) for day in named}


def _only_number(printed: str) -> str:
    numbers = figures(printed).numbers
    if len(numbers) != 1:
        raise InputError(f"“{printed}” must hold one number, but holds {len(numbers)}.")
    return next(iter(numbers))


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=XSD.integer)
